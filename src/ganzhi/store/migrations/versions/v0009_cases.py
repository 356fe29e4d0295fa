"""The case library: cases and manuals with their versions, how they were used, searches, registers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ganzhi.store.columns import Day, Instant, Json, Whole, Words

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the tables."""
    _entries()
    _versions()
    _uses()
    _registers()


def _entries() -> None:
    op.create_table(
        "cases",
        sa.Column("id", Words(), nullable=False),
        sa.Column("kind", Words(), nullable=False),
        sa.Column("number", Whole(), nullable=False),
        sa.Column("subject", Words(), nullable=False),
        sa.Column("state", Words(), nullable=False),
        sa.Column("in_force", Whole(), nullable=True),
        sa.Column("latest", Whole(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("serial", Whole(), nullable=False),
        sa.Column("version", Whole(), nullable=False),
        sa.CheckConstraint("kind IN ('case', 'manual')", name="ck_cases_kind"),
        sa.CheckConstraint("state IN ('draft', 'approved', 'retired')", name="ck_cases_state"),
        sa.CheckConstraint("(state = 'approved') <= (in_force IS NOT NULL)", name="ck_cases_in_force"),
        sa.UniqueConstraint("kind", "number", name="uq_cases_number"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
    )
    op.create_index(
        "uq_cases_subject",
        "cases",
        ["kind", "subject"],
        unique=True,
        sqlite_where=sa.text("subject <> ''"),
        postgresql_where=sa.text("subject <> ''"),
    )
    op.create_index("ix_cases_serial", "cases", ["serial"])


def _versions() -> None:
    op.create_table(
        "case_versions",
        sa.Column("entry", Words(), nullable=False),
        sa.Column("number", Whole(), nullable=False),
        sa.Column("content", Json(), nullable=False),
        sa.Column("state", Words(), nullable=False),
        sa.Column("made_by", Words(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("reason", Words(), nullable=False),
        sa.Column("decided_by", Words(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("note", Words(), nullable=False),
        sa.Column("restored_from", Whole(), nullable=True),
        sa.CheckConstraint(
            "state IN ('proposed', 'approved', 'rejected', 'replaced', 'withdrawn')", name="ck_case_versions_state"
        ),
        sa.CheckConstraint("(state = 'approved') <= (decided_by IS NOT NULL)", name="ck_case_versions_decided"),
        sa.CheckConstraint(
            "NOT (state = 'approved' AND restored_from IS NULL AND decided_by = made_by)",
            name="ck_case_versions_second",
        ),
        sa.ForeignKeyConstraint(["entry"], ["cases.id"], name="fk_case_versions_entry"),
        sa.PrimaryKeyConstraint("entry", "number"),
        sqlite_strict=True,
    )
    op.create_table(
        "case_acts",
        sa.Column("entry", Words(), nullable=False),
        sa.Column("number", Whole(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor", Words(), nullable=False),
        sa.Column("act", Words(), nullable=False),
        sa.Column("note", Words(), nullable=False),
        sa.Column("detail", Json(), nullable=False),
        sa.ForeignKeyConstraint(["entry"], ["cases.id"], name="fk_case_acts_entry"),
        sa.PrimaryKeyConstraint("entry", "number"),
        sqlite_strict=True,
    )


def _uses() -> None:
    op.create_table(
        "case_uses",
        sa.Column("entry", Words(), nullable=False),
        sa.Column("act", Words(), nullable=False),
        sa.Column("occasion", Words(), nullable=False),
        sa.Column("by", Words(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("helped", Whole(), nullable=True),
        sa.CheckConstraint("act IN ('shown', 'opened', 'used', 'judged')", name="ck_case_uses_act"),
        sa.CheckConstraint("(act = 'judged') = (helped IS NOT NULL)", name="ck_case_uses_helped"),
        sa.ForeignKeyConstraint(["entry"], ["cases.id"], name="fk_case_uses_entry"),
        sa.PrimaryKeyConstraint("entry", "act", "occasion", "by"),
        sqlite_strict=True,
    )
    op.create_table(
        "case_searches",
        sa.Column("id", Words(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("by", Words(), nullable=False),
        sa.Column("text", Words(), nullable=False),
        sa.Column("category", Words(), nullable=False),
        sa.Column("product", Words(), nullable=False),
        sa.Column("found", Whole(), nullable=False),
        sa.Column("best", Words(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
    )
    op.create_index("ix_case_searches_at", "case_searches", ["at"])


def _registers() -> None:
    op.create_table(
        "case_registers",
        sa.Column("id", Words(), nullable=False),
        sa.Column("kind", Words(), nullable=False),
        sa.Column("number", Whole(), nullable=False),
        sa.Column("state", Words(), nullable=False),
        sa.Column("due", Day(), nullable=True),
        sa.Column("content", Json(), nullable=False),
        sa.Column("made_by", Words(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("changed_by", Words(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("version", Whole(), nullable=False),
        sa.CheckConstraint("kind IN ('training', 'meeting', 'request')", name="ck_case_registers_kind"),
        sa.UniqueConstraint("kind", "number", name="uq_case_registers_number"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
    )
