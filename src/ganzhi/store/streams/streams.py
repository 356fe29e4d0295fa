"""How far streams were read, and from where the lines of a batch came.

An offset moves in the transaction that makes its rows count, and only from where it stood: whoever read the same
messages from somewhere else is refused, so no message counts twice, whatever was killed and whoever took over.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from ganzhi.base.errors import EngineError, Issue
from ganzhi.store.database import Database
from ganzhi.store.streams.tables import BatchRow, OffsetRow, StreamRow

Standing = Literal["running", "waiting", "stopped"]
_BATCH = 5_000


class StreamMovedError(EngineError):
    """Somebody else read on from where this batch begins; take the offsets again and drop the batch."""


@dataclass(frozen=True, slots=True)
class Move:
    """That a part of a stream has been read on. before: the offset it was read from, None for a part that is new."""

    part: str
    before: int | None
    next: int


@dataclass(frozen=True, slots=True)
class Origin:
    """Lines in a row of a load that came from offsets in a row."""

    line: int
    part: str
    offset: int
    lines: int


@dataclass(frozen=True, slots=True)
class Streamed:
    """What a commit says of a stream besides the rows. origins: in the order of lines."""

    stream: str
    moves: tuple[Move, ...]
    origins: tuple[Origin, ...] = ()


@dataclass(frozen=True, slots=True)
class StreamState:
    """state: `running`, `waiting` for what it reads from (said: why), or `stopped`. lag: messages or files that are
    there and not read yet, None when unknown. heard_until: up to when all that happened is believed to have come; None when unknown."""

    stream: str
    feed: str
    mapping: str
    state: Standing
    said: str
    lag: int | None
    heard_until: datetime | None
    at: datetime


class Streams:
    """The streams of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def offsets(self, stream: str) -> dict[str, int]:
        """Next offset by part."""
        query = sa.select(OffsetRow.part, OffsetRow.next).where(OffsetRow.stream == stream)
        with self._database.read() as connection:
            return {row.part: row.next for row in connection.execute(query)}

    def origins(self, load_ids: Collection[str]) -> dict[str, tuple[Origin, ...]]:
        """From where the lines of loads came; loads that no stream brought are left out."""
        found: dict[str, tuple[Origin, ...]] = {}
        wanted = sorted(set(load_ids))
        with self._database.read() as connection:
            for start in range(0, len(wanted), _BATCH):
                some = BatchRow.load_id.in_(wanted[start : start + _BATCH])
                for row in connection.execute(sa.select(BatchRow.load_id, BatchRow.origins).where(some)):
                    found[row.load_id] = _origins(row.origins)
        return found

    def says(self, state: StreamState) -> None:
        """Note how a stream stands."""
        values = {name: getattr(state, name) for name in StreamState.__slots__}
        row = self._database.upsert(StreamRow).values(**values)
        later = {name: value for name, value in values.items() if name != "stream"}
        with self._database.write() as connection:
            connection.execute(row.on_conflict_do_update(index_elements=["stream"], set_=later))

    def all(self) -> tuple[StreamState, ...]:
        """Every stream that was ever heard of, by name."""
        names = tuple(StreamState.__slots__)
        query = sa.select(*(getattr(StreamRow, name) for name in names)).order_by(StreamRow.stream)
        with self._database.read() as connection:
            return tuple(StreamState(*row) for row in connection.execute(query))


def _origins(found: Mapping[str, object]) -> tuple[Origin, ...]:
    runs = found["runs"]
    assert isinstance(runs, list)
    return tuple(Origin(*run) for run in runs)


def origin_of(origins: Sequence[Origin], line: int) -> str | None:
    """Where a line came from, as `topic[partition]@offset`; None when that is unknown.

    >>> origin_of([Origin(1, "t[0]", 70, 2), Origin(3, "t[1]", 5, 1)], 2)
    't[0]@71'
    """
    for run in origins:
        if run.line <= line < run.line + run.lines:
            return f"{run.part}@{run.offset + line - run.line}"
    return None


def move_in(
    connection: sa.Connection, database: Database, streamed: Streamed, load_id: str | None, number: int
) -> None:
    """Move the offsets of a stream within a commit's transaction.

    Raises: StreamMovedError when one of them is not where the batch was read from.
    """
    for move in streamed.moves:
        at = (OffsetRow.stream == streamed.stream, OffsetRow.part == move.part)
        found = connection.scalar(sa.select(OffsetRow.next).where(*at))
        if found != move.before:
            params = {"part": move.part, "read": str(move.before), "found": str(found)}
            raise StreamMovedError(Issue("STR010", streamed.stream, params=params), retryable=True)
        values = {"stream": streamed.stream, "part": move.part, "next": move.next, "commit": number}
        row = database.upsert(OffsetRow).values(**values)
        connection.execute(
            row.on_conflict_do_update(index_elements=["stream", "part"], set_={"next": move.next, "commit": number})
        )
    if load_id is not None and streamed.origins:
        runs = [[o.line, o.part, o.offset, o.lines] for o in streamed.origins]
        connection.execute(sa.insert(BatchRow).values(load_id=load_id, stream=streamed.stream, origins={"runs": runs}))
