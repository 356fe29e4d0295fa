"""Indicators by hour of the day (S004-004), and by hour and weekday."""

from __future__ import annotations

from ganzhi.access.rights import SMALLEST_CELL
from ganzhi.base.periods import Grain, period_of_day
from ganzhi.catalogue.model.indicators import Topic
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.build.cells.above import withheld_in
from ganzhi.measure.build.cells.cut import cut_intervals
from ganzhi.measure.build.readings import UNKNOWN, reading_of, subject_of
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.observation import ObserveRequest
from ganzhi.measure.observe import observe
from ganzhi.measure.views.indicator import HourHeat
from ganzhi.measure.views.overview import IntervalRow, IntervalTable
from ganzhi.measure.views.parts import Reading, Scope

WEEK = range(1, 8)


def interval_table(reader: Reader, scope: Scope, topic: Topic) -> IntervalTable | None:
    """The topic's `intervals` by hour of day over the period; None when it declares none or nothing arrived."""
    catalogue = reader.workplace.catalogue
    codes = tuple(c for c in topic.intervals if catalogue.indicator(c).measure is not None)
    out = withheld_in(reader, codes, (scope.unit,), (scope.period,), scope.basis)
    codes = tuple(code for code in codes if not any(code == each for each, _, _ in out))
    if not codes or scope.period.grain.minutes is not None:
        return None
    request = ObserveRequest(
        codes=codes,
        unit=scope.unit,
        grain=scope.period.grain,
        first=scope.period.first_day,
        last=scope.period.last_day,
        by=("hour_of_day",),
        basis=scope.basis,
        stale="show",
    )
    found = {
        (each.code, each.slice["hour_of_day"]): reading_of(each, catalogue.indicators[each.code])
        for each in observe(reader.workplace, reader.states, request)
    }
    if not found:
        return None
    table = IntervalTable(
        subjects=tuple(subject_of(catalogue, code, scope.period.grain) for code in codes),
        rows=tuple(
            IntervalRow(str(hour), tuple(found.get((code, str(hour)), _none_of(catalogue, code)) for code in codes))
            for hour in range(24)
        ),
    )
    return cut_intervals(table, reader.viewer)


def hour_heat(reader: Reader, code: str, scope: Scope) -> HourHeat | None:
    """An indicator by hour and weekday over the period, or over the week that holds it; None where nothing arrived.

    Cut in two ways, parts add up along both: a viewer without list depth sees none as soon as one is too small."""
    catalogue, period = reader.workplace.catalogue, scope.period
    if period.grain.rank < Grain.WEEK.rank:
        period = period_of_day(Grain.WEEK, period.first_day, reader.workplace.zone)
    request = ObserveRequest(
        codes=(code,),
        unit=scope.unit,
        grain=period.grain,
        first=period.first_day,
        last=period.last_day,
        by=("hour_of_day", "weekday"),
        basis=scope.basis,
        stale="show",
    )
    observed = observe(reader.workplace, reader.states, request)
    found = {
        (int(each.slice["hour_of_day"]), int(each.slice["weekday"])): reading_of(each, catalogue.indicators[code])
        for each in observed
        if each.period == period
    }
    if not found:
        return None
    days = tuple(catalogue.dimensions["weekday"].values[str(day)] for day in WEEK)
    if not reader.viewer.may("list"):
        few = any(each.n is not None and 0 < each.n < SMALLEST_CELL for each in found.values())
        if few or withheld_in(reader, (code,), (scope.unit,), (period,), scope.basis):
            return HourHeat(period, days, (), withheld=True)
    none = _none_of(catalogue, code)
    hours = tuple(tuple(found.get((hour, day), none) for day in WEEK) for hour in range(24))
    return HourHeat(period, days, hours)


def _none_of(catalogue: Catalogue, code: str) -> Reading:
    """The reading of an hour in which nothing happened although data arrived: a count of zero, any
    other measure unknown."""
    if catalogue.indicator(code).count is None:
        return UNKNOWN
    return Reading(0, 0, None, 0, 1.0, None, enough=False)
