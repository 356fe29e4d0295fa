"""Proposals to change the catalogue; author, reason and validity of its versions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ganzhi.store.columns import Day, Instant, Json, Whole, Words

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns, which are unknown for versions remembered before, and the table."""
    op.add_column("catalogues", sa.Column("author", Words(), nullable=True))
    op.add_column("catalogues", sa.Column("reason", Words(), nullable=True))
    op.add_column("catalogues", sa.Column("valid_from", Day(), nullable=True))
    op.add_column("catalogues", sa.Column("superseded_at", Instant(), nullable=True))
    op.create_table(
        "proposals",
        sa.Column("id", Words(), nullable=False),
        sa.Column("base_version", Words(), nullable=False),
        sa.Column("content", Json(), nullable=False),
        sa.Column("author", Words(), nullable=False),
        sa.Column("reason", Words(), nullable=False),
        sa.Column("source", Words(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("state", Words(), nullable=False),
        sa.Column("decided_by", Words(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("note", Words(), nullable=False),
        sa.Column("number", Whole(), nullable=True),
        sa.Column("resulting_version", Words(), nullable=True),
        sa.Column("version", Whole(), nullable=False),
        sa.CheckConstraint("state IN ('proposed', 'approved', 'rejected', 'withdrawn')", name="ck_proposals_state"),
        sa.CheckConstraint("(state = 'proposed') = (decided_at IS NULL)", name="ck_proposals_decided"),
        sa.CheckConstraint("(state = 'approved') = (number IS NOT NULL)", name="ck_proposals_number"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number", name="uq_proposals_number"),
        sqlite_strict=True,
    )
    op.create_index("ix_proposals_state", "proposals", ["state", "created_at"], unique=False)
