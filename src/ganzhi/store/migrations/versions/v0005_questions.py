"""Saved questions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ganzhi.store.columns import Instant, Whole, Words

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "questions",
        sa.Column("id", Words(), nullable=False),
        sa.Column("name", Words(), nullable=False),
        sa.Column("owner", Words(), nullable=False),
        sa.Column("shared", Words(), nullable=False),
        sa.Column("unit", Words(), nullable=False),
        sa.Column("content", Words(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("deleted_at", Instant()),
        sa.Column("version", Whole(), nullable=False),
        sa.CheckConstraint("shared IN ('nobody', 'unit', 'everybody')", name="ck_questions_shared"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
    )
    op.create_index("ix_questions_owner", "questions", ["owner"], unique=False)
