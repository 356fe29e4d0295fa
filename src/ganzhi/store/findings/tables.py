"""Tables of findings. Of history, evidence and feedback no row is ever changed or removed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from ganzhi.store.models import STRICT, Base

NOT_CLOSED = "state <> 'closed'"


class FindingRow(Base):
    """A finding as it stands; see `records.Finding`. Of one rule, unit and slice only one is not closed."""

    __tablename__ = "findings"
    __table_args__ = (
        sa.CheckConstraint(
            "state IN ('raised', 'published', 'acknowledged', 'analysing', 'measured', 'checking', 'closed',"
            " 'merged', 'suppressed', 'withheld')",
            name="ck_findings_state",
        ),
        sa.CheckConstraint("grade BETWEEN 0 AND 4 AND highest BETWEEN 1 AND 4", name="ck_findings_grades"),
        sa.CheckConstraint("(state = 'merged') <= (parent IS NOT NULL)", name="ck_findings_parent"),
        sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="ck_findings_closed"),
        sa.Index(
            "uq_findings_open",
            "rule",
            "unit",
            "slice",
            unique=True,
            sqlite_where=sa.text(NOT_CLOSED),
            postgresql_where=sa.text(NOT_CLOSED),
        ),
        sa.Index("ix_findings_series", "rule", "unit", "slice", "raised_at"),
        sa.Index("ix_findings_closed", "closed_at"),
        sa.Index("ix_findings_parent", "parent"),
        STRICT,
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    rule: Mapped[str]
    indicator: Mapped[str]
    unit: Mapped[str]
    slice: Mapped[str]
    first_period: Mapped[str]
    last_period: Mapped[str]
    grade: Mapped[int]
    highest: Mapped[int]
    told: Mapped[int]
    state: Mapped[str]
    owner: Mapped[str]
    parent: Mapped[str | None] = mapped_column(sa.ForeignKey("findings.id", name="fk_findings_parent"))
    due: Mapped[datetime | None]
    remind_at: Mapped[datetime | None]
    escalations: Mapped[int]
    raised_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    catalogue_version: Mapped[str]
    version: Mapped[int]


class FindingActRow(Base):
    """A line of a finding's history; see `records.Entry`."""

    __tablename__ = "finding_acts"
    __table_args__ = (STRICT,)
    finding: Mapped[str] = mapped_column(sa.ForeignKey("findings.id", name="fk_finding_acts_finding"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str]
    act: Mapped[str]
    before: Mapped[str]
    after: Mapped[str]
    grade: Mapped[int]
    reason: Mapped[str]
    detail: Mapped[Mapping[str, object]]


class EvidenceRow(Base):
    """What an evaluation said about a finding's subject in one period; see `records.Evidence`."""

    __tablename__ = "finding_evidence"
    __table_args__ = (sa.Index("ix_finding_evidence_period", "finding", "period"), STRICT)
    finding: Mapped[str] = mapped_column(
        sa.ForeignKey("findings.id", name="fk_finding_evidence_finding"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    period: Mapped[str]
    grade: Mapped[int]
    content: Mapped[Mapping[str, object]]


class SampleRow(Base):
    """A drawn sample and the causes that were found in it; see `records.Sample`."""

    __tablename__ = "finding_samples"
    __table_args__ = (sa.Index("ix_finding_samples_finding", "finding"), STRICT)
    id: Mapped[str] = mapped_column(primary_key=True)
    finding: Mapped[str] = mapped_column(sa.ForeignKey("findings.id", name="fk_finding_samples_finding"))
    period: Mapped[str]
    seed: Mapped[str]
    population: Mapped[int]
    drawn: Mapped[Mapping[str, object]]
    causes: Mapped[Mapping[str, object]]
    drawn_at: Mapped[datetime]
    version: Mapped[int]


class FeedbackRow(Base):
    """A feedback form that was handed in (S003-018); see `records.Feedback`."""

    __tablename__ = "finding_feedback"
    __table_args__ = (
        sa.CheckConstraint("phenomenon <> '' AND analysis <> '' AND measures <> ''", name="ck_finding_feedback_whole"),
        STRICT,
    )
    finding: Mapped[str] = mapped_column(
        sa.ForeignKey("findings.id", name="fk_finding_feedback_finding"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    by: Mapped[str]
    phenomenon: Mapped[str]
    analysis: Mapped[str]
    measures: Mapped[str]


class SilenceRow(Base):
    """A silence or a maintenance window; see `records.Silence`."""

    __tablename__ = "silences"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('silence', 'maintenance')", name="ck_silences_kind"),
        sa.CheckConstraint("reason <> '' AND owner <> ''", name="ck_silences_reason"),
        sa.Index("ix_silences_ends", "ends_at"),
        STRICT,
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    rule: Mapped[str]
    unit: Mapped[str]
    slice: Mapped[str]
    owner: Mapped[str]
    reason: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    made_at: Mapped[datetime]
    version: Mapped[int]


class ThresholdRow(Base):
    """A version of a rule's thresholds; see `records.Threshold`."""

    __tablename__ = "thresholds"
    __table_args__ = (
        sa.CheckConstraint("state IN ('proposed', 'approved', 'rejected')", name="ck_thresholds_state"),
        sa.CheckConstraint("(state = 'proposed') = (decided_by IS NULL)", name="ck_thresholds_decided"),
        sa.UniqueConstraint("rule", "number", name="uq_thresholds_number"),
        STRICT,
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    rule: Mapped[str]
    number: Mapped[int]
    content: Mapped[Mapping[str, object]]
    state: Mapped[str]
    proposed_by: Mapped[str]
    reason: Mapped[str]
    source: Mapped[str]
    made_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    note: Mapped[str]
    version: Mapped[int]
