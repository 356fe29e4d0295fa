"""What a closing keeps beside the numbers: the states they were formed from, so that parts of them can be asked later.

Owns that slices and values to date of a closed period are neither published nor lost. Nothing is copied: one small file
says what was known of each day and names the state files as its inputs, and what a live file names is not swept.
Whole months stand for their days, so a year rests on twelve files of a feed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from typing import Final

import pyarrow as pa

from ganzhi.base.periods import Grain, Period
from ganzhi.compile.plan import FeedPlan, plan_feed
from ganzhi.measure.calendar import covered_by, last_of_month
from ganzhi.measure.known import Known
from ganzhi.measure.publish.ask import open_days
from ganzhi.measure.publish.staleness import Ground
from ganzhi.measure.states.staleness import lacks_table
from ganzhi.store.manifest import NewFile, Snapshot
from ganzhi.warehouse.workplace import Workplace

DAYS_SCHEMA: Final = pa.schema(
    [
        ("period", pa.date32()),
        ("feed", pa.string()),
        ("day", pa.date32()),
        ("share", pa.float64()),
        ("lacks", pa.string()),
        ("edition", pa.int32()),
    ]
)
"""What was known of a feed: of a day its completeness, or a measure that the day's states did not hold."""


def days_name(grain: Grain) -> str:
    """Manifest table of what was known of the days of closed periods.

    >>> days_name(Grain.WEEK_SAT)
    'reported_days/week_sat'
    """
    return f"reported_days/{grain.value.replace('-', '_')}"


def kept_from(period: Period) -> date:
    """The first day whose states a closing keeps: of a month and longer periods that of the year, for values to date."""
    return covered_by(period, "todate").first_day if period.grain.rank >= Grain.MONTH.rank else period.first_day


def keep(workplace: Workplace, snapshot: Snapshot, ground: Ground, period: Period, edition: int) -> Iterator[NewFile]:
    """The file that says what was known of a period that is being closed, and names the states it rests on."""
    first, last = kept_from(period), period.last_day
    uneven = [feed for feed in ground.known if any(file.rows for file in snapshot.table(lacks_table(feed)))]
    rows: list[dict[str, object]] = []
    states: set[int] = set()
    with open_days(workplace, snapshot, uneven) as reading:
        for feed in sorted(ground.known):
            plan = plan_feed(workplace.catalogue, feed)
            what_is_known = reading.known(workplace, plan) if feed in uneven else ground.known[feed]
            rows += _rows(feed, what_is_known, first, last)
            states.update(_states(snapshot, plan, what_is_known, first, last))
        closing = {"period": period.first_day, "edition": edition}
        table = pa.Table.from_pylist([{**row, **closing} for row in rows], schema=DAYS_SCHEMA)
        reading.session.register("keeping", table)
        yield from workplace.files.write_parts(
            reading.session,
            "select * from keeping",
            days_name(period.grain),
            {period.first_day.isoformat(): tuple(sorted(states))},
            part="period",
            order_by=("feed", "day", "lacks"),
        )


def _rows(feed: str, what_is_known: Known, first: date, last: date) -> Iterator[dict[str, object]]:
    for day, share in sorted(what_is_known.completeness.items()):
        if first <= day <= last:
            yield {"feed": feed, "day": day, "share": share, "lacks": None}
            for name in sorted(what_is_known.lacking.get(day, ())):
                yield {"feed": feed, "day": day, "share": None, "lacks": name}


def _states(snapshot: Snapshot, plan: FeedPlan, what_is_known: Known, first: date, last: date) -> Iterator[int]:
    """Files of the states of whole months, and of the days outside of them."""
    uneven = {day.replace(day=1) for day in what_is_known.lacking}
    whole = {m for m in what_is_known.months - uneven if first <= m and last_of_month(m) <= last}
    days = {day for day in what_is_known.usable if first <= day <= last and day.replace(day=1) not in whole}
    yield from _files(snapshot, plan, "month", whole)
    for level in ("day", "total"):
        yield from _files(snapshot, plan, level, days)


def _files(snapshot: Snapshot, plan: FeedPlan, level: str, days: Collection[date]) -> Iterator[int]:
    wanted = [day.isoformat() for day in days]
    for table in plan.tables_of(level):
        yield from (file.id for file in snapshot.table(table, wanted))
