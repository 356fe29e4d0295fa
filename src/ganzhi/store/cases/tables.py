"""Tables of the case library. Of versions only the decision changes; of history no row is ever changed or removed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from ganzhi.store.models import STRICT, Base

OF_A_SUBJECT = "subject <> ''"


class CaseRow(Base):
    """A case or a manual; see `records.Entry`. Of one category there is one manual."""

    __tablename__ = "cases"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('case', 'manual')", name="ck_cases_kind"),
        sa.CheckConstraint("state IN ('draft', 'approved', 'retired')", name="ck_cases_state"),
        sa.CheckConstraint("(state = 'approved') <= (in_force IS NOT NULL)", name="ck_cases_in_force"),
        sa.UniqueConstraint("kind", "number", name="uq_cases_number"),
        sa.Index(
            "uq_cases_subject",
            "kind",
            "subject",
            unique=True,
            sqlite_where=sa.text(OF_A_SUBJECT),
            postgresql_where=sa.text(OF_A_SUBJECT),
        ),
        sa.Index("ix_cases_serial", "serial"),
        STRICT,
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    number: Mapped[int]
    subject: Mapped[str]
    state: Mapped[str]
    in_force: Mapped[int | None]
    latest: Mapped[int]
    made_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    serial: Mapped[int]
    version: Mapped[int]


class CaseVersionRow(Base):
    """A version; see `records.Version`. Who wrote it does not approve it, but for one that repeats an approved one."""

    __tablename__ = "case_versions"
    __table_args__ = (
        sa.CheckConstraint(
            "state IN ('proposed', 'approved', 'rejected', 'replaced', 'withdrawn')", name="ck_case_versions_state"
        ),
        sa.CheckConstraint("(state = 'approved') <= (decided_by IS NOT NULL)", name="ck_case_versions_decided"),
        sa.CheckConstraint(
            "NOT (state = 'approved' AND restored_from IS NULL AND decided_by = made_by)",
            name="ck_case_versions_second",
        ),
        STRICT,
    )
    entry: Mapped[str] = mapped_column(sa.ForeignKey("cases.id", name="fk_case_versions_entry"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[Mapping[str, object]]
    state: Mapped[str]
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    reason: Mapped[str]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    note: Mapped[str]
    restored_from: Mapped[int | None]


class CaseActRow(Base):
    """A line of an entry's history; see `records.Done`."""

    __tablename__ = "case_acts"
    __table_args__ = (STRICT,)
    entry: Mapped[str] = mapped_column(sa.ForeignKey("cases.id", name="fk_case_acts_entry"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str]
    act: Mapped[str]
    note: Mapped[str]
    detail: Mapped[Mapping[str, object]]


class CaseUseRow(Base):
    """An entry was shown, opened, used or judged, once for each occasion and person.

    occasion: the ticket, the search or the day. helped: of a judgement 1 or 0, otherwise NULL.
    """

    __tablename__ = "case_uses"
    __table_args__ = (
        sa.CheckConstraint("act IN ('shown', 'opened', 'used', 'judged')", name="ck_case_uses_act"),
        sa.CheckConstraint("(act = 'judged') = (helped IS NOT NULL)", name="ck_case_uses_helped"),
        STRICT,
    )
    entry: Mapped[str] = mapped_column(sa.ForeignKey("cases.id", name="fk_case_uses_entry"), primary_key=True)
    act: Mapped[str] = mapped_column(primary_key=True)
    occasion: Mapped[str] = mapped_column(primary_key=True)
    by: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    helped: Mapped[int | None]


class CaseSearchRow(Base):
    """A search; see `records.Search`."""

    __tablename__ = "case_searches"
    __table_args__ = (sa.Index("ix_case_searches_at", "at"), STRICT)
    id: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    by: Mapped[str]
    text: Mapped[str]
    category: Mapped[str]
    product: Mapped[str]
    found: Mapped[int]
    best: Mapped[str | None]


class CaseRegisterRow(Base):
    """A planned training, a meeting or a request; see `records.Register`."""

    __tablename__ = "case_registers"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('training', 'meeting', 'request')", name="ck_case_registers_kind"),
        sa.UniqueConstraint("kind", "number", name="uq_case_registers_number"),
        STRICT,
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    number: Mapped[int]
    state: Mapped[str]
    due: Mapped[date | None]
    content: Mapped[Mapping[str, object]]
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]
    version: Mapped[int]
