"""Indicators by hour of the day (S004-004)."""

from __future__ import annotations

from ganzhi.catalogue.model.indicators import Topic
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.build.cells.above import withheld_in
from ganzhi.measure.build.cells.cut import cut_intervals
from ganzhi.measure.build.readings import UNKNOWN, reading_of, subject_of
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.observation import ObserveRequest
from ganzhi.measure.observe import observe
from ganzhi.measure.views.overview import IntervalRow, IntervalTable
from ganzhi.measure.views.parts import Reading, Scope


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


def _none_of(catalogue: Catalogue, code: str) -> Reading:
    """The reading of an hour in which nothing happened although data arrived: a count of zero, any
    other measure unknown."""
    if catalogue.indicator(code).count is None:
        return UNKNOWN
    return Reading(0, 0, None, 0, 1.0, None, enough=False)
