"""Counts of complaints as analyses need them: of a span of days, cut or not, and as courses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from ganzhi.base.messages import say
from ganzhi.base.periods import Grain, Period, period_of_day, periods_between
from ganzhi.catalogue.model.parts import Text
from ganzhi.complaints.analysis.cube import Keys, held_for
from ganzhi.measure.build.overview import periods_back
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.observation import ObserveRequest
from ganzhi.measure.observe import observe

WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class Compared:
    """A day's count beside others. None where nothing is known of the other. month: from the first of the month to the
    day; month_before: the same days of the month before, for a longer month all its days."""

    value: int | None
    before: int | None
    week: int | None
    month: int | None
    month_before: int | None


def by_period(
    reader: Reader,
    code: str,
    unit: str,
    first: Period,
    last: Period,
    by: tuple[str, ...] = (),
    *,
    children: bool = False,
) -> dict[tuple[Keys, Period], int]:
    """Counts of an indicator by values of dimensions and period; with `children` by unit below first.
    Nothing where the indicator is not declared or cannot be cut so."""
    indicator = reader.workplace.catalogue.indicators.get(code)
    if indicator is None or not set(by) <= set(indicator.by):
        return {}
    periods = tuple(periods_between(first.grain, first.first_day, last.last_day, first.zone))
    for held in held_for(reader):
        if held.unit == unit and held.holds(code, by, periods, children=children):
            lines = held.sums(code, by, children=children)
            return {(keys, each): line[each] for keys, line in lines.items() for each in periods if each in line}
    request = ObserveRequest(
        codes=(code,), unit=unit, grain=first.grain, first=first.first_day, last=last.last_day, by=by,
        children=children, stale="show",
    )  # fmt: skip
    found = {}
    for each in observe(reader.workplace, reader.states, request):
        if each.value is not None:
            keys = tuple(each.slice.get(name, "") for name in by)
            found[((each.unit, *keys) if children else keys), each.period] = int(each.value)
    return found


def of_period(
    reader: Reader, code: str, unit: str, period: Period, by: tuple[str, ...] = (), *, children: bool = False
) -> dict[Keys, int]:
    """The same of one period."""
    found = by_period(reader, code, unit, period, period, by, children=children)
    return {keys: number for (keys, each), number in found.items() if each == period}


def daily(
    reader: Reader, code: str, unit: str, first: date, last: date, by: tuple[str, ...] = ()
) -> Mapping[Keys, dict[date, int]]:
    """Counts by values and day; days of which nothing is known are absent."""
    zone = reader.workplace.zone
    found: dict[Keys, dict[date, int]] = {}
    begin, end = period_of_day(Grain.DAY, first, zone), period_of_day(Grain.DAY, last, zone)
    for (keys, each), number in by_period(reader, code, unit, begin, end, by).items():
        found.setdefault(keys, {})[each.first_day] = number
    return found


def compared(course: Mapping[date, int], day: date, known: frozenset[date]) -> Compared:
    """A day beside the day and the week before and its month beside the month before. known: days of which anything is
    known; on those a count that is absent is none.

    >>> days = {date(2026, 3, 1): 2, date(2026, 3, 2): 3, date(2026, 2, 1): 4}
    >>> compared(days, date(2026, 3, 2), frozenset((*days, date(2026, 2, 2))))
    Compared(value=3, before=2, week=None, month=5, month_before=4)
    """

    def at(which: date) -> int | None:
        return course.get(which, 0) if which in known else None

    start = day.replace(day=1)
    earlier = (start - timedelta(days=1)).replace(day=1)
    last = min(earlier + timedelta(days=day.day - 1), start - timedelta(days=1))
    return Compared(
        value=at(day),
        before=at(day - timedelta(days=1)),
        week=at(day - timedelta(days=WEEK)),
        month=_whole(course, start, day, known),
        month_before=_whole(course, earlier, last, known),
    )


def _whole(course: Mapping[date, int], first: date, last: date, known: frozenset[date]) -> int | None:
    """The sum of days; None unless all are known."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return sum(course.get(each, 0) for each in days) if all(each in known for each in days) else None


def changed(now: float | None, before: float | None) -> float | None:
    """A change as a ratio of what was before; None where there was nothing.

    >>> changed(12, 10), changed(3, 0), changed(None, 4)
    (0.2, None, None)
    """
    return None if now is None or not before else round((now - before) / before, 6)


def value_name(reader: Reader, dimension: str, key: str) -> Text:
    """How a value of a dimension is shown: as the dimension, its entry or the code list of the complaints' column names it.
    The empty value is that of records that name none."""
    catalogue = reader.workplace.catalogue
    if not key:
        return Text(zh=say("zh", "creport.unnamed"), en=say("en", "creport.unnamed"))
    if dimension == "unit" and key in catalogue.units:
        return catalogue.units[key].name
    declared = catalogue.dimensions.get(dimension)
    named = None if declared is None else declared.values.get(key)
    if named is not None:
        return named
    entries = {
        "product": catalogue.products,
        "process": catalogue.processes,
        "commercial_process": catalogue.commercial_processes,
        "channel": catalogue.channels,
        "system": catalogue.systems,
    }.get(dimension, {})
    if key in entries:
        found: Text = getattr(entries[key], "name")  # noqa: B009 - entries of several kinds, all of which have one
        return found
    return _listed(reader, dimension, key) or Text(zh=key, en=key)


def _listed(reader: Reader, dimension: str, key: str) -> Text | None:
    catalogue = reader.workplace.catalogue
    feed = catalogue.feeds.get("complaints")
    column = None if feed is None else feed.columns.get(dimension.removeprefix("complaint_"))
    lists = [column.allowed] if column is not None and column.allowed is not None else []
    lists += [code for code in catalogue.code_lists if dimension == "business" and "business" in code]
    for code in lists:
        for entry in catalogue.code_lists[code].entries if code in catalogue.code_lists else ():
            if key in (entry.to, entry.code) and entry.name is not None:
                return entry.name
    return None


def days_back(reader: Reader, day: date, count: int) -> tuple[Period, ...]:
    """`count` days that end with this one, oldest first."""
    return periods_back(period_of_day(Grain.DAY, day, reader.workplace.zone), count)
