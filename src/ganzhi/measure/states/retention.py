"""Dropping rows after the time their feed declares (`retention_days`), while all numbers stay.

A day's row files, and rejected rows as old, are retired; the day's states go on without them. Only a day
whose states hold exactly its rows is dropped; another waits for a refresh. From then on the records behind
its numbers are gone, and what is delivered for such a day is refused. Rows of entity feeds stay: of a thing
that lasts, an old version may be the latest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ganzhi.base.failpoint import failpoint
from ganzhi.compile.plan import plan_feed
from ganzhi.measure.refresh import LOCK, fold, measured_feeds
from ganzhi.measure.states.staleness import FeedState, feed_state
from ganzhi.store.manifest import Change, ConflictError, FileRef, NewFile, Snapshot
from ganzhi.warehouse.locks import writer_lock
from ganzhi.warehouse.workplace import Workplace


@dataclass(frozen=True, slots=True)
class FeedExpiry:
    """What was dropped of a feed, or would be: days, rows and bytes; rejected: files of rejected rows.
    waiting: days that are due but whose states are not those of their rows."""

    feed: str
    days: tuple[str, ...]
    rows: int
    bytes: int
    rejected: int
    waiting: tuple[str, ...]


def expire(workplace: Workplace, *, dry: bool = False, wait_s: float = 60.0) -> tuple[FeedExpiry, ...]:
    """Drop what is older than its feed says, feed by feed, each in one commit; dry: only say what that would be.

    Raises: EngineError when another refresh holds the lock for too long.
    """
    if not dry:
        fold(workplace, wait_s)
    found = []
    with writer_lock(workplace.root, LOCK, wait_s, workplace.clock, LOCK):
        for feed in workplace.catalogue.feeds:
            snapshot = workplace.store.manifest.snapshot()
            expiry = _of_feed(workplace, snapshot, feed, dry=dry)
            if expiry.days or expiry.rejected or expiry.waiting:
                found.append(expiry)
    return tuple(found)


def last_day(workplace: Workplace, feed: str) -> date:
    """The last day that is due to be dropped."""
    today = workplace.clock.now().astimezone(workplace.zone).date()
    return today - timedelta(days=workplace.catalogue.feed(feed).retention_days + 1)


def _of_feed(workplace: Workplace, snapshot: Snapshot, feed: str, *, dry: bool) -> FeedExpiry:
    until = last_day(workplace, feed).isoformat()
    rejected = tuple(f for f in snapshot.table(f"quarantine/{feed}") if f.partition <= until)
    days, waiting, state = _due(workplace, snapshot, feed, until)
    rows = [file for day in days for file in snapshot.table(f"rows/{feed}", [day])]
    if not dry and (rows or rejected):
        try:
            _drop(workplace, snapshot, feed, state, days, [*rows, *rejected])
        except ConflictError:  # somebody loads these very days; they are dropped next time
            days, waiting, rows, rejected = (), (*days, *waiting), [], ()
    return FeedExpiry(
        feed, days, sum(f.rows for f in rows), sum(f.bytes for f in rows), len(rejected), tuple(sorted(waiting))
    )


def _due(
    workplace: Workplace, snapshot: Snapshot, feed: str, until: str
) -> tuple[tuple[str, ...], tuple[str, ...], FeedState | None]:
    """Days that can be dropped, days that are due and cannot, and what is computed of the feed."""
    if workplace.catalogue.feed(feed).kind == "entity":
        return (), (), None
    old = tuple(day for day in snapshot.partitions(f"rows/{feed}") if day <= until)
    if not old or feed not in measured_feeds(workplace.catalogue):
        return old, (), None
    state = feed_state(plan_feed(workplace.catalogue, feed), snapshot)
    ready = tuple(day for day in old if state.work(day) == "none" and state.parts(day) == 1)
    return ready, tuple(day for day in old if day not in ready), state


def _drop(
    workplace: Workplace,
    snapshot: Snapshot,
    feed: str,
    state: FeedState | None,
    days: Sequence[str],
    gone: Sequence[FileRef],
) -> None:
    """One commit: the rows go, the states stay as states without rows."""
    states = [] if state is None else [f for day in days for f in (*state.states[day], *state.totals[day])]
    change = Change(
        "expire",
        add=tuple(_without_rows(file) for file in states),
        retire=tuple(file.id for file in (*gone, *states)),
        tables=frozenset({f"rows/{feed}", *(file.table for file in states)}),
    )
    failpoint("retention.before_commit")
    workplace.store.manifest.commit(change, snapshot)


def _without_rows(file: FileRef) -> NewFile:
    return NewFile(file.table, file.partition, file.path, file.sha256, file.rows, file.bytes, plan=file.plan)
