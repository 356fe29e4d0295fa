"""Counts per minute, kept in step with the rows by the very commit that changes these.

They are derived: any commit that changes rows of a feed without saying what that does to its counts leaves them
marked as behind, and whoever needs them counts the rows again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from ganzhi.store.database import Database
from ganzhi.store.streams.tables import MinuteHeadRow, MinuteRow

BEHIND: Final = ""
"""Mark of counts that are behind the rows."""
_BATCH: Final = 20_000


@dataclass(frozen=True, slots=True)
class Count:
    """What a minute gained (in a change) or has (when read). slice: JSON of dimension to value, `{}` for all."""

    minute: int
    measure: str
    unit: str
    slice: str
    value: int


@dataclass(frozen=True, slots=True)
class Counted:
    """What a commit does to a feed's counts. mark: how they were counted. whole: these are all since `since`, in
    place of what was there; else they are added, where the counts that are there carry the same mark."""

    feed: str
    mark: str
    counts: tuple[Count, ...]
    whole: bool = False
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class MinuteHead:
    """mark: of how the counts are made, `BEHIND` when they are behind. since: first instant they cover."""

    mark: str
    since: datetime


class Minutes:
    """The counts per minute of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def head(self, feed: str) -> MinuteHead | None:
        """What the counts of a feed stand for; None when there were never any."""
        with self._database.read() as connection:
            return _head(connection, feed)

    def read(self, feed: str, after_commit: int, since_minute: int = 0) -> tuple[MinuteHead | None, int, list[Count]]:
        """Head, number of the last commit that touched a count, and the counts changed by commits after one."""
        row = MinuteRow
        query = (
            sa.select(row.minute, row.measure, row.unit, row.slice, row.value)
            .where(row.feed == feed, row.commit > after_commit, row.minute >= since_minute)
            .order_by(row.minute)
        )
        last = sa.select(sa.func.max(row.commit)).where(row.feed == feed)
        with self._database.read() as connection:
            head = _head(connection, feed)
            number = connection.scalar(last) or 0
            found = [Count(*each) for each in connection.execute(query)] if number > after_commit else []
        return head, number, found

    def drop_before(self, feed: str, since: datetime) -> int:
        """Forget the counts of minutes before an instant; how many there were."""
        minute = int(since.timestamp()) // 60
        with self._database.write() as connection:
            gone = connection.execute(
                sa.delete(MinuteRow).where(MinuteRow.feed == feed, MinuteRow.minute < minute)
            ).rowcount
            connection.execute(
                sa.update(MinuteHeadRow)
                .where(MinuteHeadRow.feed == feed, MinuteHeadRow.since < since)
                .values(since=since)
            )
        return gone


def _head(connection: sa.Connection, feed: str) -> MinuteHead | None:
    query = sa.select(MinuteHeadRow.mark, MinuteHeadRow.since).where(MinuteHeadRow.feed == feed)
    found = connection.execute(query).one_or_none()
    return None if found is None else MinuteHead(found.mark, found.since)


def count_in(
    connection: sa.Connection, database: Database, counted: Counted | None, feeds: Collection[str], number: int
) -> None:
    """Keep counts in step within a commit's transaction. feeds: those whose rows the commit changes."""
    behind = set(feeds) - ({counted.feed} if counted is not None else set())
    if counted is not None:
        head = _head(connection, counted.feed)
        if counted.whole:
            _replace(connection, database, counted)
            _add(connection, database, counted.feed, counted.counts, number)
        elif head is not None and head.mark == counted.mark:
            first = int(head.since.timestamp()) // 60
            fresh = [each for each in counted.counts if each.minute >= first]
            _add(connection, database, counted.feed, fresh, number)
        else:
            behind.add(counted.feed)
    if behind:
        late = (MinuteHeadRow.feed.in_(sorted(behind)), MinuteHeadRow.mark != BEHIND)
        connection.execute(sa.update(MinuteHeadRow).where(*late).values(mark=BEHIND))


def _replace(connection: sa.Connection, database: Database, counted: Counted) -> None:
    assert counted.since is not None
    connection.execute(sa.delete(MinuteRow).where(MinuteRow.feed == counted.feed))
    values = {"mark": counted.mark, "since": counted.since}
    row = database.upsert(MinuteHeadRow).values(feed=counted.feed, **values)
    connection.execute(row.on_conflict_do_update(index_elements=["feed"], set_=values))


def _add(connection: sa.Connection, database: Database, feed: str, counts: Sequence[Count], number: int) -> None:
    row = database.upsert(MinuteRow)
    merged = row.on_conflict_do_update(
        index_elements=["feed", "minute", "measure", "unit", "slice"],
        set_={"value": MinuteRow.value + row.excluded.value, "commit": row.excluded.commit},
    )
    for start in range(0, len(counts), _BATCH):
        rows = [
            {
                "feed": feed,
                "minute": each.minute,
                "measure": each.measure,
                "unit": each.unit,
                "slice": each.slice,
                "value": each.value,
                "commit": number,
            }
            for each in counts[start : start + _BATCH]
        ]
        connection.execute(merged, rows)
