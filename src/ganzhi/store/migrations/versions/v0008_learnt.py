"""Learnt models and their uses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ganzhi.store.columns import Instant, Json, Whole, Words

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "learnt_models",
        sa.Column("id", Words(), nullable=False),
        sa.Column("kind", Words(), nullable=False),
        sa.Column("number", Whole(), nullable=False),
        sa.Column("digest", Words(), nullable=False),
        sa.Column("card", Json(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("made_by", Words(), nullable=False),
        sa.UniqueConstraint("kind", "number", name="uq_learnt_models_number"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
    )
    op.create_table(
        "learnt_uses",
        sa.Column("kind", Words(), nullable=False),
        sa.Column("number", Whole(), nullable=False),
        sa.Column("model", Words(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("by", Words(), nullable=False),
        sa.Column("note", Words(), nullable=False),
        sa.ForeignKeyConstraint(["model"], ["learnt_models.id"], name="fk_learnt_uses_model"),
        sa.PrimaryKeyConstraint("kind", "number"),
        sqlite_strict=True,
    )
