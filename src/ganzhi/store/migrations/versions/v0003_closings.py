"""Closed periods: what was reported, by whom and when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ganzhi.store.columns import Day, Instant, Whole, Words

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "closings",
        sa.Column("grain", Words(), nullable=False),
        sa.Column("first_day", Day(), nullable=False),
        sa.Column("edition", Whole(), nullable=False),
        sa.Column("commit_number", Whole(), nullable=False),
        sa.Column("seen", Whole(), nullable=False),
        sa.Column("mark", Words(), nullable=False),
        sa.Column("catalogue_version", Words(), nullable=False),
        sa.Column("actor", Words(), nullable=False),
        sa.Column("note", Words(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=False),
        sa.CheckConstraint("edition >= 1", name="ck_closings_edition"),
        sa.ForeignKeyConstraint(["commit_number"], ["commits.number"], name="fk_closings_commit"),
        sa.PrimaryKeyConstraint("grain", "first_day", "edition"),
        sqlite_strict=True,
    )
