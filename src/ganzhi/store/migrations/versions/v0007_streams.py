"""Streams with their offsets and batches; counts per minute."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ganzhi.store.columns import Instant, Json, Whole, Words

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the tables."""
    _streams()
    _minutes()


def _streams() -> None:
    op.create_table(
        "streams",
        sa.Column("stream", Words(), nullable=False),
        sa.Column("feed", Words(), nullable=False),
        sa.Column("mapping", Words(), nullable=False),
        sa.Column("state", Words(), nullable=False),
        sa.Column("said", Words(), nullable=False),
        sa.Column("lag", Whole()),
        sa.Column("heard_until", Instant()),
        sa.Column("at", Instant(), nullable=False),
        sa.CheckConstraint("state IN ('running', 'waiting', 'stopped')", name="ck_streams_state"),
        sa.CheckConstraint("lag >= 0", name="ck_streams_lag"),
        sa.PrimaryKeyConstraint("stream"),
        sqlite_strict=True,
    )
    op.create_table(
        "stream_offsets",
        sa.Column("stream", Words(), nullable=False),
        sa.Column("part", Words(), nullable=False),
        sa.Column("next_offset", Whole(), nullable=False),
        sa.Column("commit_number", Whole(), nullable=False),
        sa.CheckConstraint("next_offset >= 0", name="ck_stream_offsets_next"),
        sa.ForeignKeyConstraint(["commit_number"], ["commits.number"], name="fk_stream_offsets_commit"),
        sa.PrimaryKeyConstraint("stream", "part"),
        sqlite_strict=True,
    )
    op.create_table(
        "stream_batches",
        sa.Column("load_id", Words(), nullable=False),
        sa.Column("stream", Words(), nullable=False),
        sa.Column("origins", Json(), nullable=False),
        sa.ForeignKeyConstraint(["load_id"], ["loads.id"], name="fk_stream_batches_load"),
        sa.PrimaryKeyConstraint("load_id"),
        sqlite_strict=True,
    )


def _minutes() -> None:
    op.create_table(
        "minute_heads",
        sa.Column("feed", Words(), nullable=False),
        sa.Column("mark", Words(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("feed"),
        sqlite_strict=True,
    )
    op.create_table(
        "minute_counts",
        sa.Column("feed", Words(), nullable=False),
        sa.Column("minute", Whole(), nullable=False),
        sa.Column("measure", Words(), nullable=False),
        sa.Column("unit", Words(), nullable=False),
        sa.Column("slice", Words(), nullable=False),
        sa.Column("value", Whole(), nullable=False),
        sa.Column("commit_number", Whole(), nullable=False),
        sa.PrimaryKeyConstraint("feed", "minute", "measure", "unit", "slice"),
        sqlite_strict=True,
    )
    op.create_index("ix_minute_counts_commit", "minute_counts", ["feed", "commit_number"])
