"""Numbers that must not be shown because periods add up: six shown days and their week would tell the seventh.

Let some children of a unit be withheld in a period, at least two of them. Then there is a midnight, the period's own
border, at which the same children are withheld in every period that begins or ends there. Whoever moves an event of one
of these children from the day before that midnight to the day after it, and an event of another the other way, changes
no number that is shown: sums over the children are as they were, and every period that holds only one of the two days
is withheld for both. So no withheld number follows from those that are shown, by days, weeks, months, quarters and
years, and sums to date, together. Which border is a period's own depends on the calendar and on whether anything is
known of the day behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from ganzhi.base.periods import Grain, Period, period_of_day

Out = Mapping[str, frozenset[str]]
"""Per indicator, the units that are withheld among their siblings."""

GRAINS: Final = (Grain.DAY, Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR)
"""Grains whose periods are held against each other."""
_SINCE: Final[Mapping[str, Grain]] = {
    "month_todate": Grain.MONTH,
    "quarter_todate": Grain.QUARTER,
    "year_todate": Grain.YEAR,
}
_DAY: Final = timedelta(days=1)


def borders_of(period: Period, basis: str = "period") -> tuple[date, date]:
    """The midnights at which a period, or a sum to date, begins and ends, as the days that they open."""
    first, end = period.first_day, period.last_day + _DAY
    if basis == "period":
        return first, end
    coarse = period.grain.rank >= Grain.MONTH.rank
    root = _SINCE.get(basis, Grain.YEAR if coarse else Grain.MONTH)
    since = period_of_day(root, period.last_day, period.zone).first_day
    return min(since, first) if coarse else since, end


def periods_at(border: date, zone: ZoneInfo) -> Iterator[Period]:
    """The periods that begin or end there."""
    for grain in GRAINS:
        for day in (border - _DAY, border):
            period = period_of_day(grain, day, zone)
            if border in borders_of(period):
                yield period


def own_border(period: Period, known: Callable[[date], bool]) -> date:
    """The border of a period at which its withheld children are withheld in all periods: the one at which fewer longer
    periods begin, so that few are taken with it, else the earlier. known: whether anything is of a day."""
    start, end = borders_of(period)
    beyond = {start: start - _DAY, end: end}

    def parted(border: date) -> int:
        here = period.first_day if border == start else period.last_day
        around = (grain for grain in GRAINS if grain.rank > period.grain.rank)
        return sum(
            period_of_day(grain, here, period.zone) != period_of_day(grain, beyond[border], period.zone)
            for grain in around
        )

    order = sorted((start, end), key=parted)
    return next((border for border in order if known(beyond[border])), order[0])


def joined(*tables: Out) -> Out:
    """What one of several tables withholds."""
    found: dict[str, frozenset[str]] = {}
    for table in tables:
        for code, units in table.items():
            found[code] = found.get(code, frozenset()) | units
    return found


def out_at(
    border: date, zone: ZoneInfo, own: Callable[[Period], Out], known: Callable[[str, Collection[str], date], bool]
) -> Out:
    """What is withheld in every period that begins or ends at a border. own: what a period's own numbers withhold;
    known: whether anything of an indicator is known of some units on a day."""
    found: list[Out] = []
    for period in periods_at(border, zone):
        for code, units in own(period).items():
            if own_border(period, lambda day, code=code, units=units: known(code, units, day)) == border:  # type: ignore[misc]
                found.append({code: units})
    return joined(*found)
