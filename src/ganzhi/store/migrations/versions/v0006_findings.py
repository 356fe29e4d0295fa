"""Findings, their history, evidence, samples and feedback; silences; versions of thresholds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ganzhi.store.columns import Instant, Json, Whole, Words

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the tables."""
    _findings()
    _course()
    _work()
    _rules()


def _findings() -> None:
    op.create_table(
        "findings",
        sa.Column("id", Words(), nullable=False),
        sa.Column("kind", Words(), nullable=False),
        sa.Column("rule", Words(), nullable=False),
        sa.Column("indicator", Words(), nullable=False),
        sa.Column("unit", Words(), nullable=False),
        sa.Column("slice", Words(), nullable=False),
        sa.Column("first_period", Words(), nullable=False),
        sa.Column("last_period", Words(), nullable=False),
        sa.Column("grade", Whole(), nullable=False),
        sa.Column("highest", Whole(), nullable=False),
        sa.Column("told", Whole(), nullable=False),
        sa.Column("state", Words(), nullable=False),
        sa.Column("owner", Words(), nullable=False),
        sa.Column("parent", Words()),
        sa.Column("due", Instant()),
        sa.Column("remind_at", Instant()),
        sa.Column("escalations", Whole(), nullable=False),
        sa.Column("raised_at", Instant(), nullable=False),
        sa.Column("closed_at", Instant()),
        sa.Column("catalogue_version", Words(), nullable=False),
        sa.Column("version", Whole(), nullable=False),
        sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="ck_findings_closed"),
        sa.CheckConstraint("grade BETWEEN 0 AND 4 AND highest BETWEEN 1 AND 4", name="ck_findings_grades"),
        sa.CheckConstraint("(state = 'merged') <= (parent IS NOT NULL)", name="ck_findings_parent"),
        sa.CheckConstraint(
            "state IN ('raised', 'published', 'acknowledged', 'analysing', 'measured', 'checking', 'closed', 'merged', 'suppressed', 'withheld')",
            name="ck_findings_state",
        ),
        sa.ForeignKeyConstraint(["parent"], ["findings.id"], name="fk_findings_parent"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
    )
    op.create_index("ix_findings_closed", "findings", ["closed_at"])
    op.create_index("ix_findings_parent", "findings", ["parent"])
    op.create_index("ix_findings_series", "findings", ["rule", "unit", "slice", "raised_at"])
    op.create_index(
        "uq_findings_open",
        "findings",
        ["rule", "unit", "slice"],
        unique=True,
        sqlite_where=sa.text("state <> 'closed'"),
        postgresql_where=sa.text("state <> 'closed'"),
    )


def _course() -> None:
    op.create_table(
        "finding_acts",
        sa.Column("finding", Words(), nullable=False),
        sa.Column("number", Whole(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor", Words(), nullable=False),
        sa.Column("act", Words(), nullable=False),
        sa.Column("before", Words(), nullable=False),
        sa.Column("after", Words(), nullable=False),
        sa.Column("grade", Whole(), nullable=False),
        sa.Column("reason", Words(), nullable=False),
        sa.Column("detail", Json(), nullable=False),
        sa.ForeignKeyConstraint(["finding"], ["findings.id"], name="fk_finding_acts_finding"),
        sa.PrimaryKeyConstraint("finding", "number"),
        sqlite_strict=True,
    )
    op.create_table(
        "finding_evidence",
        sa.Column("finding", Words(), nullable=False),
        sa.Column("number", Whole(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("period", Words(), nullable=False),
        sa.Column("grade", Whole(), nullable=False),
        sa.Column("content", Json(), nullable=False),
        sa.ForeignKeyConstraint(["finding"], ["findings.id"], name="fk_finding_evidence_finding"),
        sa.PrimaryKeyConstraint("finding", "number"),
        sqlite_strict=True,
    )
    op.create_index("ix_finding_evidence_period", "finding_evidence", ["finding", "period"])


def _work() -> None:
    op.create_table(
        "finding_samples",
        sa.Column("id", Words(), nullable=False),
        sa.Column("finding", Words(), nullable=False),
        sa.Column("period", Words(), nullable=False),
        sa.Column("seed", Words(), nullable=False),
        sa.Column("population", Whole(), nullable=False),
        sa.Column("drawn", Json(), nullable=False),
        sa.Column("causes", Json(), nullable=False),
        sa.Column("drawn_at", Instant(), nullable=False),
        sa.Column("version", Whole(), nullable=False),
        sa.ForeignKeyConstraint(["finding"], ["findings.id"], name="fk_finding_samples_finding"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
    )
    op.create_index("ix_finding_samples_finding", "finding_samples", ["finding"])
    op.create_table(
        "finding_feedback",
        sa.Column("finding", Words(), nullable=False),
        sa.Column("number", Whole(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("by", Words(), nullable=False),
        sa.Column("phenomenon", Words(), nullable=False),
        sa.Column("analysis", Words(), nullable=False),
        sa.Column("measures", Words(), nullable=False),
        sa.CheckConstraint("phenomenon <> '' AND analysis <> '' AND measures <> ''", name="ck_finding_feedback_whole"),
        sa.ForeignKeyConstraint(["finding"], ["findings.id"], name="fk_finding_feedback_finding"),
        sa.PrimaryKeyConstraint("finding", "number"),
        sqlite_strict=True,
    )


def _rules() -> None:
    op.create_table(
        "silences",
        sa.Column("id", Words(), nullable=False),
        sa.Column("kind", Words(), nullable=False),
        sa.Column("rule", Words(), nullable=False),
        sa.Column("unit", Words(), nullable=False),
        sa.Column("slice", Words(), nullable=False),
        sa.Column("owner", Words(), nullable=False),
        sa.Column("reason", Words(), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("version", Whole(), nullable=False),
        sa.CheckConstraint("kind IN ('silence', 'maintenance')", name="ck_silences_kind"),
        sa.CheckConstraint("reason <> '' AND owner <> ''", name="ck_silences_reason"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
    )
    op.create_index("ix_silences_ends", "silences", ["ends_at"])
    op.create_table(
        "thresholds",
        sa.Column("id", Words(), nullable=False),
        sa.Column("rule", Words(), nullable=False),
        sa.Column("number", Whole(), nullable=False),
        sa.Column("content", Json(), nullable=False),
        sa.Column("state", Words(), nullable=False),
        sa.Column("proposed_by", Words(), nullable=False),
        sa.Column("reason", Words(), nullable=False),
        sa.Column("source", Words(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("decided_by", Words()),
        sa.Column("decided_at", Instant()),
        sa.Column("note", Words(), nullable=False),
        sa.Column("version", Whole(), nullable=False),
        sa.CheckConstraint("(state = 'proposed') = (decided_by IS NULL)", name="ck_thresholds_decided"),
        sa.CheckConstraint("state IN ('proposed', 'approved', 'rejected')", name="ck_thresholds_state"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("rule", "number", name="uq_thresholds_number"),
        sqlite_strict=True,
    )
