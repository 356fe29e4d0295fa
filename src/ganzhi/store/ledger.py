"""The load ledger: which files have been loaded, with what outcome, and for which days data arrived.

Rows are written by `Manifest.commit` only, in the transaction that makes the load's files count;
this module owns their shape and reads them. An accepted load that is not a replay is unique by
(feed, mapping, content). Refuses an accepted load whose counts do not balance.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Literal

import sqlalchemy as sa

from ganzhi.base.errors import InternalError
from ganzhi.store.database import Database
from ganzhi.store.models import COUNTED_ONCE, ArrivalRow, LoadRow

LoadState = Literal["accepted", "rejected"]


@dataclass(frozen=True, slots=True)
class LoadRecord:
    """One attempt to load one file.

    content_sha256: of the file's bytes. read … filtered: records, with read = accepted +
    duplicate + replaced + rejected + filtered for an accepted load. replaced: records that
    superseded an older version of their key. blanked, noted: records among these with a value
    made unknown, or a remark. first_day, last_day: local days of event time, None without rows.
    replay_of: the load whose quarantined records were loaded again. report: counts per issue
    code, unknown codes and the like, as JSON values.
    """

    id: str
    feed: str
    mapping: str
    file: str
    content_sha256: str
    state: LoadState
    read: int
    accepted: int
    duplicate: int
    replaced: int
    rejected: int
    filtered: int
    blanked: int
    noted: int
    first_day: date | None
    last_day: date | None
    started_at: datetime
    finished_at: datetime
    catalogue_version: str
    replay_of: str | None = None
    report: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Arrival:
    """Rows of a feed for one local day (and shard, empty when there is none) that a load brought."""

    feed: str
    mapping: str
    day: date
    shard: str
    load_id: str
    rows: int


def add_load(connection: sa.Connection, load: LoadRecord, arrivals: Iterable[Arrival], commit: int) -> None:
    """Write a load and its arrivals in the caller's transaction.

    Raises: InternalError when an accepted load's counts do not balance (P5), or an arrival
    belongs to another load.
    """
    if load.state == "accepted" and load.read != (
        load.accepted + load.duplicate + load.replaced + load.rejected + load.filtered
    ):
        raise InternalError(f"load {load.id}: {load.read} records read, but the verdicts do not add up to that")
    values = {column.name: getattr(load, column.name) for column in fields(load)}
    connection.execute(sa.insert(LoadRow).values(commit=commit, **values))
    rows = [{name: getattr(arrival, name) for name in _ARRIVAL} for arrival in arrivals]
    if any(row["load_id"] != load.id for row in rows):
        raise InternalError(f"an arrival that does not belong to load {load.id}")
    if rows:
        connection.execute(sa.insert(ArrivalRow), rows)


def undo_loads(connection: sa.Connection, loads: Collection[str], report: Mapping[str, object]) -> int:
    """Mark accepted loads as taken back in the caller's transaction: they count no more, so that their files may be loaded
    again. report: what is noted of it. How many were marked."""
    of = sa.and_(LoadRow.id.in_(sorted(loads)), LoadRow.state == "accepted")
    reports = connection.execute(sa.select(LoadRow.id, LoadRow.report).where(of)).all()
    for row in reports:
        values = {"state": "rejected", "report": {**row.report, **report}}
        connection.execute(sa.update(LoadRow).where(LoadRow.id == row.id).values(**values))
    return len(reports)


def counted_load(connection: sa.Connection, feed: str, mapping: str, content_sha256: str) -> str | None:
    """Id of the load by which this content counts already."""
    return connection.scalar(
        sa.select(LoadRow.id).where(
            LoadRow.feed == feed,
            LoadRow.mapping == mapping,
            LoadRow.content_sha256 == content_sha256,
            _COUNTS_ALREADY,
        )
    )


_COUNTS_ALREADY = sa.text(COUNTED_ONCE)  # as text, because SQLite uses a partial index only for its very words
_ARRIVAL = tuple(column.name for column in fields(Arrival))
_LOAD = tuple(getattr(LoadRow, column.name) for column in fields(LoadRecord))


class Ledger:
    """Reads the load ledger of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, feed: str, mapping: str, content_sha256: str) -> LoadRecord | None:
        """The load by which this content counts already, if any."""
        return self._one(
            LoadRow.feed == feed,
            LoadRow.mapping == mapping,
            LoadRow.content_sha256 == content_sha256,
            _COUNTS_ALREADY,
        )

    def load(self, load_id: str) -> LoadRecord | None:
        """A load by its id."""
        return self._one(LoadRow.id == load_id)

    def loads(self, feed: str | None = None, limit: int = 100) -> tuple[LoadRecord, ...]:
        """The latest loads of one feed or of all, newest first."""
        return self._many(*(() if feed is None else (LoadRow.feed == feed,)), limit=limit)

    def of_mappings(self, mappings: Collection[str]) -> tuple[LoadRecord, ...]:
        """All loads by these mappings, newest first."""
        if not mappings:
            return ()
        query = sa.select(*_LOAD).where(LoadRow.mapping.in_(sorted(mappings))).order_by(LoadRow.commit.desc())
        with self._database.read() as connection:
            return tuple(LoadRecord(*row) for row in connection.execute(query))

    def count(self) -> int:
        """How many loads the ledger holds, refused ones too."""
        with self._database.read() as connection:
            return connection.scalar(sa.select(sa.func.count()).select_from(LoadRow)) or 0

    def by_file_name(self, file: str, feed: str | None = None, limit: int = 100) -> tuple[LoadRecord, ...]:
        """The latest loads of files of this name, newest first."""
        return self._many(LoadRow.file == file, *(() if feed is None else (LoadRow.feed == feed,)), limit=limit)

    def arrivals(self, feed: str | None = None, *, after: int = 0, until: int | None = None) -> tuple[Arrival, ...]:
        """What accepted loads brought, by feed, mapping, day, shard and load; of those after one commit, up to another."""
        query = (
            sa.select(*(getattr(ArrivalRow, name) for name in _ARRIVAL))
            .join(LoadRow, LoadRow.id == ArrivalRow.load_id)
            .where(LoadRow.state == "accepted")
        )
        if feed is not None:
            query = query.where(ArrivalRow.feed == feed)
        if after:
            query = query.where(LoadRow.commit > after)
        if until is not None:
            query = query.where(LoadRow.commit <= until)
        with self._database.read() as connection:
            found = [Arrival(*row) for row in connection.execute(query)]
        # Ordered here, because a database orders texts by its own locale.
        return tuple(sorted(found, key=lambda a: (a.feed, a.mapping, a.day, a.shard, a.load_id)))

    def brought_after(self, commit: int, feeds: Collection[str], first: date, last: date) -> tuple[LoadRecord, ...]:
        """Accepted loads after a commit that brought something of these feeds for these days, oldest first."""
        brought = sa.select(ArrivalRow.load_id).where(
            ArrivalRow.feed.in_(sorted(feeds)), ArrivalRow.day >= first, ArrivalRow.day <= last
        )
        query = sa.select(*_LOAD).where(LoadRow.state == "accepted", LoadRow.commit > commit, LoadRow.id.in_(brought))
        with self._database.read() as connection:
            return tuple(LoadRecord(*row) for row in connection.execute(query.order_by(LoadRow.commit)))

    def _one(self, *where: sa.ColumnElement[bool] | sa.TextClause) -> LoadRecord | None:
        with self._database.read() as connection:
            row = connection.execute(sa.select(*_LOAD).where(*where)).one_or_none()
        return None if row is None else LoadRecord(*row)

    def _many(self, *where: sa.ColumnElement[bool], limit: int) -> tuple[LoadRecord, ...]:
        newest = sa.select(*_LOAD).where(*where).order_by(LoadRow.commit.desc()).limit(limit)
        with self._database.read() as connection:
            return tuple(LoadRecord(*row) for row in connection.execute(newest))
