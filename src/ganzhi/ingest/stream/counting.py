"""What a load does to the counts per minute of its feed: fresh rows are added, rows that give way are taken off.

Counts are kept for today and yesterday (`KEPT_DAYS`), the days whose minutes may still matter to a warning. Everything
earlier can be counted from the rows (`recount` does it for what is kept).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import pyarrow as pa

from ganzhi.base.periods import midnight
from ganzhi.catalogue.membership import memberships
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.minutes import MinutePlan, minute_plan, minutes_sql
from ganzhi.ingest.settle import stored_sql
from ganzhi.ingest.shaping.job import Job
from ganzhi.store.columns import json_text
from ganzhi.store.manifest import Change, ConflictError, Snapshot
from ganzhi.store.streams.minutes import Count, Counted
from ganzhi.warehouse.engine import Session
from ganzhi.warehouse.locks import writer_lock
from ganzhi.warehouse.workplace import Workplace

KEPT_DAYS: Final = 2
"""Local days whose counts are kept, today included."""
ATTEMPTS: Final = 5
_MOST: Final = 1 << 62


def kept_since(now: datetime, zone: ZoneInfo) -> datetime:
    """The first instant whose counts are kept."""
    today = now.astimezone(zone).date()
    return midnight(today - timedelta(days=KEPT_DAYS - 1), zone).astimezone(UTC)


def minute_of(instant: datetime) -> int:
    """The minute of an instant, since 1970 in UTC."""
    return int(instant.timestamp()) // 60


def changed_counts(
    workplace: Workplace, session: Session, job: Job, snapshot: Snapshot, *, retired: bool
) -> Counted | None:
    """What the session's `fresh` rows bring and its `going` rows take away; None where nothing is counted.

    retired: whether there are rows in `going`."""
    plan = minute_plan(job.catalogue, job.feed_code)
    if plan is None:
        return None
    since = minute_of(kept_since(job.now, workplace.zone))
    _register_members(session, job.catalogue, plan, workplace.zone)
    counts = list(_counts(session, plan, "fresh", since, 1))
    first_day = kept_since(job.now, workplace.zone).astimezone(workplace.zone).date().isoformat()
    if retired:
        refs = [ref for ref in snapshot.table(f"rows/{job.feed_code}") if ref.partition >= first_day]
        if refs:
            gone = f"(SELECT * FROM {stored_sql(job, workplace.files, refs)} AS s SEMI JOIN going USING (path, row))"
            counts += _counts(session, plan, gone, since, -1)
    return Counted(job.feed_code, plan.mark, tuple(counts))


def recount(workplace: Workplace, feed: str, wait_s: float = 60.0) -> bool:
    """Count the minutes that are kept anew from the rows where they are behind; whether they were."""
    plan = minute_plan(workplace.catalogue, feed)
    if plan is None:
        return False
    head = workplace.store.minutes.head(feed)
    if head is not None and head.mark == plan.mark:
        return False
    with writer_lock(workplace.root, f"feed-{feed}", wait_s, workplace.clock, f"recount {feed}"):
        for attempt in range(ATTEMPTS):
            try:
                _recount(workplace, plan)
                break
            except ConflictError:
                if attempt == ATTEMPTS - 1:
                    raise
    return True


def _recount(workplace: Workplace, plan: MinutePlan) -> None:
    feed = plan.feed.feed
    snapshot = workplace.store.manifest.snapshot()
    since = kept_since(workplace.clock.now(), workplace.zone)
    first_day = since.astimezone(workplace.zone).date().isoformat()
    days = [day for day in snapshot.partitions(f"rows/{feed}") if day >= first_day]
    with workplace.engine.loading_session() as session:
        counts = tuple(count_days(workplace, session, plan, snapshot, days, since))
    counted = Counted(feed, plan.mark, counts, whole=True, since=since)
    change = Change("recount", tables=frozenset({f"rows/{feed}"}), counted=counted)
    workplace.store.manifest.commit(change, expect=snapshot)


def count_days(
    workplace: Workplace, session: Session, plan: MinutePlan, snapshot: Snapshot, days: Iterable[str], since: datetime
) -> Iterable[Count]:
    """The counts of the rows of these days."""
    refs = [ref for day in days for ref in snapshot.table(f"rows/{plan.feed.feed}", [day])]
    if not refs:
        return ()
    job = Job(workplace.catalogue, plan.feed.feed, "", workplace.zone, workplace.clock.now())
    _register_members(session, workplace.catalogue, plan, workplace.zone)
    return _counts(session, plan, stored_sql(job, workplace.files, refs), minute_of(since), 1)


def _counts(session: Session, plan: MinutePlan, rows: str, since: int, sign: int) -> Iterable[Count]:
    found = session.query(minutes_sql(plan, rows, since))
    keys = [found.column(name).to_pylist() for name in ("minute", "unit", "slice")]
    slices: dict[str, str] = {text: _slice(plan, text) for text in set(keys[2])}
    for measure in plan.measures:
        values = found.column(measure.name).to_pylist()
        for minute, unit, cut, value in zip(*keys, values, strict=True):
            if value:
                yield Count(minute, measure.name, unit, slices[cut], sign * value)


def _slice(plan: MinutePlan, text: str) -> str:
    if not text:
        return "{}"
    place, _, value = text.partition(":")
    return json_text({plan.cuts[int(place)]: value})


def _register_members(session: Session, catalogue: Catalogue, plan: MinutePlan, zone: ZoneInfo) -> None:
    session.register("minute_members", _members(catalogue, plan, zone))


def _members(catalogue: Catalogue, plan: MinutePlan, zone: ZoneInfo) -> pa.Table:
    key = ("minute_members", f"{plan.mark}/{zone.key}")
    if key not in catalogue.computed:
        found = [m for each in memberships(catalogue).values() for m in each if m.ancestor in plan.units]
        columns: Mapping[str, Sequence[object]] = {
            "unit": [m.unit for m in found],
            "ancestor": [m.ancestor for m in found],
            "first_minute": [_first(m.first, zone) for m in found],
            "last_minute": [_first(m.last + timedelta(days=1), zone) - 1 for m in found],
        }
        catalogue.computed[key] = pa.table(columns)
    made: pa.Table = catalogue.computed[key]
    return made


def _first(day: date, zone: ZoneInfo) -> int:
    return minute_of(midnight(day, zone))
