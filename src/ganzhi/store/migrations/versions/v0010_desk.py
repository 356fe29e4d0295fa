"""Acts at the handler's desk."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ganzhi.store.columns import Instant, Json, Whole, Words

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the table."""
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
        sa.CheckConstraint("about IN ('ticket', 'problem')", name="ck_desk_acts_about"),
        sa.CheckConstraint("(act = 'undo') = (undoes IS NOT NULL)", name="ck_desk_acts_undoes"),
        sa.PrimaryKeyConstraint("about", "subject", "number"),
        sqlite_strict=True,
    )
    op.create_index("ix_desk_acts_at", "desk_acts", ["about", "at"])
