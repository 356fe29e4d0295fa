"""Builds the dynamic brief: the latest day of what is watched, against the same weekday of the weeks before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from ganzhi.base.periods import Grain, period_of_day
from ganzhi.catalogue.model.indicators import Indicator
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.formulas import SCALES
from ganzhi.measure.build.catalogue.reach import has_data
from ganzhi.measure.build.cells.above import withheld_in
from ganzhi.measure.build.readings import better, reading_of, subject_of
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.observation import Observation, ObserveRequest
from ganzhi.measure.observe import observe
from ganzhi.measure.views.panorama.brief import Brief, BriefRow
from ganzhi.measure.views.parts import Scope

WEEKS = 6
"""How many weeks back the same weekday is looked up."""
DAYS_NEEDED = 3
"""Such days that must be known before there is a usual one."""
STALE_AFTER = timedelta(days=7)
"""A feed that stopped so long before the others has no latest day worth telling."""
OF_EACH_TOPIC = 2
SUMMED = frozenset({"count", "sum"})
DIVIDED = frozenset({"ratio", "share_within", "mean", "rate"})


def watched(
    catalogue: Catalogue, topics: Iterable[str], arrived: frozenset[str], most: int = OF_EACH_TOPIC
) -> list[str]:
    """What topics show within the day (S004-004), as far as days of it can be put together: the first of each."""
    found: list[str] = []
    for topic in topics:
        fit = [
            code
            for code in catalogue.topics[topic].intervals
            if catalogue.indicator(code).measure in SUMMED | DIVIDED and has_data(catalogue, code, arrived)
        ]
        found += [code for code in fit[:most] if code not in found]
    return found


def latest_day(reader: Reader, feed: str, until: date) -> date | None:
    """The last day of a feed that arrived up to a day; None where it stopped long before."""
    days = [day for day, share in reader.arrived(feed).items() if share and day <= until]
    last = max(days, default=None)
    return last if last is not None and until - last <= STALE_AFTER else None


def brief(reader: Reader, scope: Scope, codes: Sequence[str]) -> Brief:
    """The latest day of indicators of a unit, up to the end of a period that was asked for."""
    until = scope.data_until
    if scope.period != scope.default_period and until is not None:
        until = min(until, scope.period.last_day)
    if until is None or not codes:
        return Brief((), len(codes), len(codes))
    catalogue = reader.workplace.catalogue
    days = {code: day for code in codes if (day := latest_day(reader, catalogue.indicator(code).feed or "", until))}
    found = _observed(reader, scope.unit, days)
    days = _open_days(reader, scope.unit, days)
    rows = [
        row for code, day in days.items() if (row := brief_row(catalogue, code, day, found.get(code, {}))) is not None
    ]
    rows.sort(key=_most_telling)
    return Brief(tuple(rows), len(codes), len(codes) - len(rows))


def _open_days(reader: Reader, unit: str, days: Mapping[str, date]) -> dict[str, date]:
    """Those of which the viewer may see the day and all it is compared with."""
    told = {day - timedelta(weeks=back) for day in days.values() for back in range(WEEKS + 1)}
    periods = [period_of_day(Grain.DAY, day, reader.workplace.zone) for day in sorted(told)]
    out = {code for code, _, _ in withheld_in(reader, tuple(days), (unit,), periods)}
    return {code: day for code, day in days.items() if code not in out}


def _observed(reader: Reader, unit: str, days: Mapping[str, date]) -> Mapping[str, Mapping[date, Observation]]:
    """What is known of the days, as published where that is what counts now."""
    if not days:
        return {}
    published, zone = reader.states.published, reader.workplace.zone
    if published is not None and published.answers(days, Grain.DAY):
        told = {day - timedelta(weeks=back) for day in days.values() for back in range(WEEKS + 1)}
        periods = {day: period_of_day(Grain.DAY, day, zone) for day in told}
        if all(map(published.covers, periods.values())):
            return {
                code: {
                    day: seen
                    for back in range(WEEKS + 1)
                    if (seen := published.observation(code, unit, periods[day := last - timedelta(weeks=back)]))
                }
                for code, last in days.items()
            }
    request = ObserveRequest(
        codes=tuple(days),
        unit=unit,
        grain=Grain.DAY,
        first=min(days.values()) - timedelta(weeks=WEEKS),
        last=max(days.values()),
        stale="show",
    )
    found: dict[str, dict[date, Observation]] = {}
    for each in observe(reader.workplace, reader.states, request):
        found.setdefault(each.code, {})[each.period.first_day] = each
    return found


def brief_row(catalogue: Catalogue, code: str, day: date, observed: Mapping[date, Observation]) -> BriefRow | None:
    """A day against the same weekday of the weeks before; None where the day or enough such days are unknown."""
    indicator = catalogue.indicator(code)
    now = observed.get(day)
    before = [observed.get(day - timedelta(weeks=back)) for back in range(1, WEEKS + 1)]
    known = [each for each in before if each is not None and each.value is not None and each.completeness >= 1]
    if now is None or now.value is None or len(known) < DAYS_NEEDED:
        return None
    usual = together(indicator, known)
    if usual is None:
        return None
    values = [float(each.value) for each in known if each.value is not None]
    value = float(now.value)
    outside = not min(values) <= value <= max(values)
    return BriefRow(
        subject=subject_of(catalogue, code, Grain.DAY),
        day=day,
        now=reading_of(now, indicator),
        usual=usual,
        low=min(values),
        high=max(values),
        days=len(values),
        outside=outside,
        better=better(value - usual, indicator.direction) if outside else None,
    )


def together(indicator: Indicator, days: Sequence[Observation]) -> float | None:
    """Several days as one: a quotient from their merged parts, a count as its mean; one division, last."""
    above = sum((each.numerator for each in days if each.numerator is not None), start=0)
    if indicator.measure in SUMMED:
        return float(above / len(days)) if isinstance(above, int) else float(above) / len(days)
    below = sum((each.denominator for each in days if each.denominator is not None), start=0)
    if not below:
        return None
    times = 1 if indicator.measure == "mean" else SCALES.get(indicator.unit, 1)
    return float(above * times) / float(below)


def _most_telling(row: BriefRow) -> tuple[int, float]:
    """Outside for the worse, outside, the rest; each by distance from the usual."""
    apart = abs((row.now.value or 0.0) - row.usual) / abs(row.usual) if row.usual else 0.0
    return (0 if row.outside and row.better is False else 1 if row.outside else 2, -apart)
