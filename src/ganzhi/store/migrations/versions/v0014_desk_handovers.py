"""Faults at the desk, and files of decisions for the ticket system."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ganzhi.store.columns import Instant, Json, Whole, Words

revision = "0014"
down_revision = "0013"
KINDS = "about IN ('ticket', 'problem', 'fault')"
NAMES = "about, subject, number, at, actor, act, content, undoes"


def upgrade() -> None:
    """Let acts be about faults; add the tables."""
    if op.get_bind().dialect.name == "sqlite":
        _acts_again()
    else:
        op.drop_constraint("ck_desk_acts_about", "desk_acts", type_="check")
        op.create_check_constraint("ck_desk_acts_about", "desk_acts", KINDS)
    op.create_table(
        "desk_handovers",
        sa.Column("number", Whole(), autoincrement=False, nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("made_by", Words(), nullable=False),
        sa.Column("written_at", Instant(), nullable=True),
        sa.Column("sha256", Words(), nullable=True),
        sa.CheckConstraint("(written_at IS NULL) = (sha256 IS NULL)", name="ck_desk_handovers_written"),
        sa.PrimaryKeyConstraint("number"),
        sqlite_strict=True,
    )
    op.create_table(
        "desk_handed",
        sa.Column("about", Words(), nullable=False),
        sa.Column("subject", Words(), nullable=False),
        sa.Column("number", Whole(), autoincrement=False, nullable=False),
        sa.Column("handover", Whole(), nullable=False),
        sa.ForeignKeyConstraint(["handover"], ["desk_handovers.number"], name="fk_desk_handed_handover"),
        sa.ForeignKeyConstraint(
            ["about", "subject", "number"],
            ["desk_acts.about", "desk_acts.subject", "desk_acts.number"],
            name="fk_desk_handed_act",
        ),
        sa.PrimaryKeyConstraint("about", "subject", "number"),
        sqlite_strict=True,
    )
    op.create_index("ix_desk_handed_handover", "desk_handed", ["handover"])


def _acts_again() -> None:
    """SQLite changes no condition of a table: the table is made again with its rows."""
    op.rename_table("desk_acts", "desk_acts_before")
    op.create_table(
        "desk_acts",
        sa.Column("about", Words(), nullable=False),
        sa.Column("subject", Words(), nullable=False),
        sa.Column("number", Whole(), autoincrement=False, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor", Words(), nullable=False),
        sa.Column("act", Words(), nullable=False),
        sa.Column("content", Json(), nullable=False),
        sa.Column("undoes", Whole(), nullable=True),
        sa.CheckConstraint(KINDS, name="ck_desk_acts_about"),
        sa.CheckConstraint("(act = 'undo') = (undoes IS NOT NULL)", name="ck_desk_acts_undoes"),
        sa.PrimaryKeyConstraint("about", "subject", "number"),
        sqlite_strict=True,
    )
    op.execute(f"INSERT INTO desk_acts ({NAMES}) SELECT {NAMES} FROM desk_acts_before")
    op.drop_table("desk_acts_before")
    op.create_index("ix_desk_acts_at", "desk_acts", ["about", "at"])
