"""What a free question would read, from the manifest alone, and the refusal of what is too much.

Nothing is opened: the manifest knows how many rows each file of each day holds. What is refused comes with
what would make it cheaper: the days, up to the last one asked for, that stay within the limit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta

from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.plan import plan_feed
from ganzhi.measure.states.live import live_feeds, marked_days
from ganzhi.measure.views.ask.answers import Cost
from ganzhi.measure.views.ask.question import Question
from ganzhi.store.manifest import Snapshot
from ganzhi.warehouse.workplace import Workplace

MOST_DAYS = 3_700


def span_of(question: Question, latest: date, default_days: int) -> tuple[date, date]:
    """First and last day of a question; by default the days up to the latest.

    Raises: InputError ASK005 for what is no day, a first after the last, or more than `MOST_DAYS`.
    """
    last = (
        _day(question.last, "to")
        if question.last
        else max(latest, _day(question.first, "from") if question.first else latest)
    )
    first = _day(question.first, "from") if question.first else last - timedelta(days=default_days - 1)
    if first > last:
        raise InputError(Issue("ASK005", "from", params={"value": first.isoformat(), "most": str(MOST_DAYS)}))
    if (last - first).days >= MOST_DAYS:
        raise InputError(Issue("ASK005", "from", params={"value": first.isoformat(), "most": str(MOST_DAYS)}))
    return first, last


def _day(text: str, parameter: str) -> date:
    try:
        day = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        day = None
    if day is None or not 1990 <= day.year <= 2200:
        raise InputError(Issue("ASK005", parameter, params={"value": text[:40], "most": str(MOST_DAYS)}))
    return day


def rows_cost(workplace: Workplace, snapshot: Snapshot, feed: str, first: date, last: date, most: int) -> Cost:
    """What a question over the rows of a feed reads.

    Raises: InputError ASK001 above `most` rows.
    """
    if feed in live_feeds(workplace.catalogue):
        by_day = {day: rows for day, rows in marked_days(workplace, feed).items() if first <= day <= last}
    else:
        by_day = _by_day(snapshot, (f"rows/{feed}",), lambda day: first <= day <= last)
    return _within(by_day, last, most)


def states_cost(
    catalogue: Catalogue, snapshot: Snapshot, feeds: Iterable[str], level: str, first: date, last: date, most: int
) -> Cost:
    """What a question over the states of some feeds reads. level: `fine` or `day`.

    Raises: InputError ASK001 above `most` rows.
    """
    tables = [table for feed in feeds for table in plan_feed(catalogue, feed).tables_of(level)]
    return _within(_by_day(snapshot, tables, lambda day: first <= day <= last), last, most)


def _by_day(snapshot: Snapshot, tables: Iterable[str], asked: Callable[[date], bool]) -> dict[date, int]:
    found: dict[date, int] = {}
    for table in tables:
        for file in snapshot.table(table):
            day = date.fromisoformat(file.partition)
            if asked(day):
                found[day] = found.get(day, 0) + file.rows
    return found


def _within(by_day: Mapping[date, int], last: date, most: int) -> Cost:
    rows = sum(by_day.values())
    if rows <= most:
        return Cost(rows, len(by_day), most)
    reached, since = 0, None
    for day in sorted(by_day, reverse=True):
        reached += by_day[day]
        if reached > most:
            break
        since = day
    params = {
        "rows": f"{rows:,}",
        "most": f"{most:,}",
        "since": since.isoformat() if since else "–",
        "last": last.isoformat(),
    }
    raise InputError(Issue("ASK001", "from", params=params))
