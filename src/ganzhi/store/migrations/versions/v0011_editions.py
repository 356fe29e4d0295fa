"""Reports as they were produced."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ganzhi.store.columns import Instant, Json, Whole, Words

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "report_editions",
        sa.Column("kind", Words(), nullable=False),
        sa.Column("unit", Words(), nullable=False),
        sa.Column("period", Words(), nullable=False),
        sa.Column("number", Whole(), autoincrement=False, nullable=False),
        sa.Column("seen", Words(), nullable=False),
        sa.Column("content", Json(), nullable=False),
        sa.Column("catalogue_version", Words(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("made_by", Words(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "unit", "period", "number"),
        sqlite_strict=True,
    )
