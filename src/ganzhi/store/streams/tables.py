"""Tables of streams and of counts per minute."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from ganzhi.store.models import STRICT, Base


class StreamRow(Base):
    """A stream as it stood when it was last heard of; see `streams.StreamState`."""

    __tablename__ = "streams"
    __table_args__ = (
        sa.CheckConstraint("state IN ('running', 'waiting', 'stopped')", name="ck_streams_state"),
        sa.CheckConstraint("lag >= 0", name="ck_streams_lag"),
        STRICT,
    )
    stream: Mapped[str] = mapped_column(primary_key=True)
    feed: Mapped[str]
    mapping: Mapped[str]
    state: Mapped[str]
    said: Mapped[str]
    lag: Mapped[int | None]
    heard_until: Mapped[datetime | None]
    at: Mapped[datetime]


class OffsetRow(Base):
    """Up to where a part of a stream has been counted: the next offset to read."""

    __tablename__ = "stream_offsets"
    __table_args__ = (sa.CheckConstraint("next_offset >= 0", name="ck_stream_offsets_next"), STRICT)
    stream: Mapped[str] = mapped_column(primary_key=True)
    part: Mapped[str] = mapped_column(primary_key=True)
    next: Mapped[int] = mapped_column("next_offset", key="next")
    commit: Mapped[int] = mapped_column(
        "commit_number", sa.ForeignKey("commits.number", name="fk_stream_offsets_commit"), key="commit"
    )


class BatchRow(Base):
    """From where the lines of a load came that a stream brought: runs of (first line, part, first offset, lines)."""

    __tablename__ = "stream_batches"
    __table_args__ = (STRICT,)
    load_id: Mapped[str] = mapped_column(sa.ForeignKey("loads.id", name="fk_stream_batches_load"), primary_key=True)
    stream: Mapped[str]
    origins: Mapped[Mapping[str, object]]


class MinuteHeadRow(Base):
    """What the counts of a feed stand for. mark: of how they are counted; empty when rows changed without them.
    since: the first instant they cover."""

    __tablename__ = "minute_heads"
    __table_args__ = (STRICT,)
    feed: Mapped[str] = mapped_column(primary_key=True)
    mark: Mapped[str]
    since: Mapped[datetime]


class MinuteRow(Base):
    """A measure of a feed in one minute, of a unit with all below it and a slice. minute: since 1970 in UTC.
    value: whole numbers as they are, decimals in billionths."""

    __tablename__ = "minute_counts"
    __table_args__ = (sa.Index("ix_minute_counts_commit", "feed", "commit"), STRICT)
    feed: Mapped[str] = mapped_column(primary_key=True)
    minute: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    measure: Mapped[str] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(primary_key=True)
    slice: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int]
    commit: Mapped[int] = mapped_column("commit_number", key="commit")
