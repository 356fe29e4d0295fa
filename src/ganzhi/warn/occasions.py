"""The catalogue's calendar by day: what kind of day one is, and how far it lies from Spring Festival.

Days off and worked days come from the catalogue alone; in a year without an arrangement there are weekends and
Spring Festival only.
"""

from __future__ import annotations

from bisect import bisect_left
from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final, Literal

from ganzhi.catalogue.model.warning import Occasion, OccasionKind
from ganzhi.catalogue.model.whole import Catalogue

DayClass = Literal["work", "weekend", "holiday", "festival", "made_up"]
"""`made_up`: a weekend day that is worked for a holiday. `festival`: the days off round Spring Festival."""

NEAR = 30
"""Days from Spring Festival within which the distance is told."""
MARKED: Final[tuple[OccasionKind, ...]] = ("campaign", "release", "assurance")
"""Dated occasions of the operator's own making."""


@dataclass(frozen=True, slots=True)
class Days:
    """The calendar. off, worked: arranged days; new_years: first days of lunar years; billing, plan: days of the
    month; marked: further dated occasions (campaigns, releases, assurance) by day; special: their kinds by day."""

    off: frozenset[date]
    worked: frozenset[date]
    new_years: tuple[date, ...]
    billing: frozenset[int]
    plan: frozenset[int]
    marked: dict[date, tuple[str, ...]]
    special: Mapping[date, frozenset[OccasionKind]] = field(default_factory=dict)

    def class_of(self, day: date) -> DayClass:
        """What kind of day it is."""
        offset = self.festival_offset(day)
        if offset is not None and -1 <= offset <= 5 and day not in self.worked:
            return "festival"
        if day in self.off:
            return "holiday"
        if day in self.worked:
            return "made_up"
        return "weekend" if day.weekday() >= 5 else "work"

    def festival_offset(self, day: date) -> int | None:
        """Days after the nearest first day of a lunar year, negative before it; None when it is further than `NEAR`."""
        place = bisect_left(self.new_years, day)
        near = ((day - each).days for each in self.new_years[max(0, place - 1) : place + 1])
        nearest = min(near, key=abs, default=None)
        return nearest if nearest is not None and abs(nearest) <= NEAR else None

    def is_monthly(self, day: date, which: Literal["billing", "plan"]) -> bool:
        """Whether bills go out or plans take effect; a day of the month that a month lacks is its last."""
        last = monthrange(day.year, day.month)[1]
        days = self.billing if which == "billing" else self.plan
        return day.day in days or (day.day == last and any(each > last for each in days))


def days_of(catalogue: Catalogue, unit: str | None = None, product: str | None = None) -> Days:
    """The calendar as it holds for a unit and a product: the occasions of all, of it and of the units above it. Units
    and products that nothing else is declared for share one calendar."""
    path = _path(catalogue, unit)
    codes = tuple(
        code
        for code, each in catalogue.occasions.items()
        if (not each.units or not path.isdisjoint(each.units)) and (not each.products or product in each.products)
    )
    key = ("warn_days", "|".join(codes))
    if key not in catalogue.computed:
        catalogue.computed[key] = _read({code: catalogue.occasions[code] for code in codes})
    found: Days = catalogue.computed[key]
    return found


def _path(catalogue: Catalogue, unit: str | None) -> set[str]:
    """A unit and those above it."""
    found: set[str] = set()
    while unit is not None and unit not in found:
        found.add(unit)
        unit = catalogue.units[unit].parent if unit in catalogue.units else None
    return found


def calendars_of(catalogue: Catalogue) -> Callable[[str, Mapping[str, str]], Days]:
    """The calendar of a unit and slice; only a slice by product has products of its own."""
    if not any(each.units or each.products for each in catalogue.occasions.values()):
        everywhere = days_of(catalogue)
        return lambda unit, cut: everywhere
    return lambda unit, cut: days_of(catalogue, unit, cut.get("product"))


def _read(occasions: dict[str, Occasion]) -> Days:
    def dated(kind: OccasionKind) -> frozenset[date]:
        return frozenset(day for each in occasions.values() if each.kind == kind for day in _spread(each))

    def monthly(kind: OccasionKind) -> frozenset[int]:
        return frozenset(each.monthly for each in occasions.values() if each.kind == kind and each.monthly is not None)

    marked: dict[date, tuple[str, ...]] = {}
    special: dict[date, frozenset[OccasionKind]] = {}
    for code, each in occasions.items():
        if each.kind in MARKED:
            for day in _spread(each):
                marked[day] = (*marked.get(day, ()), code)
                special[day] = special.get(day, frozenset()) | {each.kind}
    return Days(
        dated("holiday"),
        dated("workday"),
        tuple(sorted(dated("new_year"))),
        monthly("billing"),
        monthly("plan"),
        marked,
        special,
    )


def _spread(occasion: Occasion) -> Iterator[date]:
    for span in occasion.days:
        for number in range(((span.last or span.first) - span.first).days + 1):
            yield span.first + timedelta(days=number)
