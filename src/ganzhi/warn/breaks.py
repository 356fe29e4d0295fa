"""Where indicators broke, and which releases and campaigns stood near (S000-076). Near is not because: nothing is called a cause.

A break is a lasting change of a daily indicator's level. A release or campaign stands near when the break lies within
a declared window of its first or last day. How much of the span lies that near to any of them is told beside, since in
a busy calendar every day does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from ganzhi.base.errors import EngineError, InputError
from ganzhi.base.periods import Grain
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.build.catalogue.occasions import concerns_unit
from ganzhi.measure.observation import Observation, ObserveRequest
from ganzhi.measure.observe import observe
from ganzhi.measure.open import States
from ganzhi.numerics.alarm.breaks import LEAST_SEGMENT, breaks
from ganzhi.numerics.alarm.discovery import adjusted
from ganzhi.warehouse.workplace import Workplace
from ganzhi.warn.occasions import days_of

DAYS_BACK: Final = 365
RATE: Final = 0.05
"""Of the breaks that are told at most this part may be chance."""
WINDOW_BEFORE: Final = 7
"""Days after a release or campaign began or ended within which a break stands near it."""
WINDOW_AFTER: Final = 2
"""Days before it: the place of a break is known to a day or two."""
KINDS: Final = ("release", "campaign")
MOST_CODES: Final = 60


@dataclass(frozen=True, slots=True)
class Near:
    """A release or campaign near a break. days: from its nearer edge to the break; edge: `first` or `last` day."""

    code: str
    kind: str
    name: Text
    on: date
    edge: str
    days: int


@dataclass(frozen=True, slots=True)
class Broken:
    """A break of an indicator. on: the first day of the new level; before, after: medians on either side. chance: with which values in
    random order split as well; adjusted: among all breaks that were tested together."""

    code: str
    on: date
    before: float
    after: float
    chance: float
    adjusted: float
    near: tuple[Near, ...]


@dataclass(frozen=True, slots=True)
class Breaks:
    """Breaks that are told. tested: series that were long enough; covered: part of the span's days that lie as near
    to some release or campaign as a break has to, to stand near it."""

    first: date
    last: date
    tested: int
    covered: float
    found: tuple[Broken, ...]


def find_breaks(workplace: Workplace, reading: States, codes: Sequence[str], unit: str, last: date) -> Breaks:
    """Breaks of indicators of a unit in the year up to a day."""
    first = last - timedelta(days=DAYS_BACK - 1)
    series = daily_values(workplace, reading, codes, unit, first, last)
    return breaks_of(workplace.catalogue, series, unit, first, last)


def breaks_of(
    catalogue: Catalogue, series: Mapping[str, Sequence[float | None]], unit: str, first: date, last: date
) -> Breaks:
    """Breaks of daily values from `first` to `last`, adjusted together, with what stands near."""
    edges = list(_edges(catalogue, unit, first, last))
    found = []
    tested = empty = 0  # empty: segments that did not break, which are tests as well
    for code, values in series.items():
        if sum(value is not None for value in values) < 2 * LEAST_SEGMENT:
            continue
        tested += 1
        own = breaks(values)
        found += [(code, each) for each in own]
        empty += len(own) + 1
    rates = adjusted([each.chance for _, each in found] + [1.0] * empty)[: len(found)]
    told = [
        Broken(
            code, on, each.before, each.after, each.chance, rate, _named(catalogue, edges, on)
        )
        for (code, each), rate in zip(found, rates, strict=True)
        if rate <= RATE
        for on in (first + timedelta(days=each.place),)
    ]  # fmt: skip
    told.sort(key=lambda each: (each.on, each.code), reverse=True)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    covered = sum(any(True for _ in _near(edges, day)) for day in days) / len(days)
    return Breaks(first, last, tested, covered, tuple(told))


def _named(catalogue: Catalogue, edges: Iterable[tuple[str, str, date]], day: date) -> tuple[Near, ...]:
    found = []
    for code, edge, on in _near(edges, day):
        each = catalogue.occasions[code]
        found.append(Near(code, each.kind, each.name, on, edge, (day - on).days))
    return tuple(sorted(found, key=lambda near: (abs(near.days), near.code)))


def _edges(catalogue: Catalogue, unit: str, first: date, last: date) -> Iterator[tuple[str, str, date]]:
    """First and last days of releases and campaigns that concern a unit, near the span."""
    for code, each in catalogue.occasions.items():
        if each.kind not in KINDS or not concerns_unit(catalogue, each, unit):
            continue
        for span in each.days:
            edges = {"first": span.first, "last": span.last or span.first}
            for edge, on in edges.items():
                single = edge == "last" and on == span.first
                near = first - timedelta(days=WINDOW_BEFORE) <= on <= last + timedelta(days=WINDOW_AFTER)
                if near and not single:
                    yield code, edge, on


def _near(edges: Iterable[tuple[str, str, date]], day: date) -> Iterator[tuple[str, str, date]]:
    for code, edge, on in edges:
        if -WINDOW_AFTER <= (day - on).days <= WINDOW_BEFORE:
            yield code, edge, on


def daily_values(
    workplace: Workplace, reading: States, codes: Sequence[str], unit: str, first: date, last: date
) -> dict[str, list[float | None]]:
    """Daily values of indicators; of one that cannot be read, none. Values of days off stay out: they have a level of their own."""
    calendar = days_of(workplace.catalogue, unit)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    off = {day for day in days if calendar.class_of(day) in ("holiday", "festival", "made_up")}
    found: dict[str, list[float | None]] = {}
    for each in _observed(workplace, reading, codes, unit, first, last):
        values = found.setdefault(each.code, [None] * len(days))
        day = each.period.first_day
        if each.value is not None and each.completeness >= 1.0 and day not in off:
            values[(day - first).days] = float(each.value)
    return {code: found[code] for code in codes if code in found}


def _observed(
    workplace: Workplace, reading: States, codes: Sequence[str], unit: str, first: date, last: date
) -> Iterator[Observation]:
    """Observations of all indicators at once; where one cannot be answered, of each by itself."""
    try:
        yield from observe(workplace, reading, ObserveRequest(tuple(codes), unit, Grain.DAY, first, last, stale="show"))
    except (InputError, EngineError):
        for code in codes if len(codes) > 1 else ():
            yield from _observed(workplace, reading, (code,), unit, first, last)


def watched_codes(catalogue: Catalogue) -> tuple[str, ...]:
    """Indicators that are looked at for breaks: those that warning rules judge, then the others of the upper layers."""
    judged = [rule.indicator for rule in catalogue.warning_rules.values()]
    upper = [code for code, each in catalogue.indicators.items() if each.layer in ("KQI", "KPI")]
    measured = (
        code
        for code in dict.fromkeys((*judged, *upper))
        if (each := catalogue.indicators.get(code)) is not None
        and each.measure is not None
        and each.state == "live"
        and not each.retired
    )
    return tuple(measured)[:MOST_CODES]
