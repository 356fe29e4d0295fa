"""An indicator cut by a dimension or over the direct child units."""

from __future__ import annotations

from dataclasses import replace

from ganzhi.base.periods import Period
from ganzhi.catalogue.model.data import Dimension
from ganzhi.catalogue.model.indicators import Indicator
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.build.cells.cut import cut_breakdown
from ganzhi.measure.build.definitions import both
from ganzhi.measure.build.readings import UNKNOWN, Board, change_between, reading_of
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.observation import ObserveRequest
from ganzhi.measure.observe import observe
from ganzhi.measure.views.indicator import Breakdown, BreakdownRow
from ganzhi.measure.views.parts import Reading, Scope

ORDERED_GROUPS = frozenset({"time"})
ROWS_AT_MOST = 60
"""Rows a breakdown shows; what is cut is the least of them and is said on the page by the counts."""


def dimensions_of(catalogue: Catalogue, indicator: Indicator) -> tuple[tuple[str, Text], ...]:
    """The dimensions an indicator may be cut by, with their names."""
    return tuple((name, catalogue.dimensions[name].name) for name in indicator.by if name in catalogue.dimensions)


def is_ordered(dimension: Dimension, values: list[str]) -> bool:
    """Whether values keep their order (hours, bands) instead of being sorted by size."""
    return dimension.group in ORDERED_GROUPS or (bool(dimension.values) and all(v[:1].isdigit() for v in values if v))


def breakdown(reader: Reader, code: str, scope: Scope, compared: Period, dimension: str) -> Breakdown:
    """The indicator by a dimension, now and in the period it is compared with."""
    catalogue = reader.workplace.catalogue
    indicator = catalogue.indicator(code)
    declared = catalogue.dimensions[dimension]
    now = _by(reader, code, scope, scope.period, dimension)
    before = _by(reader, code, scope, compared, dimension)
    total = sum(r.numerator or 0 for r in now.values()) if indicator.measure in ("count", "sum") else None
    rows = []
    for key, reading in now.items():
        earlier = before.get(key)
        rows.append(
            BreakdownRow(
                key=key,
                name=declared.values.get(key) or (Text(zh=key, en=key) if key else both("views.unknown_value")),
                reading=reading,
                before=earlier,
                change=change_between(reading, earlier, compared.key, indicator),
                share=(reading.numerator or 0) / total if total else None,
            )
        )
    ordered = is_ordered(declared, list(now))
    rows.sort(key=(lambda r: _numeric(r.key)) if ordered else (lambda r: _worst_first(r.reading, indicator)))
    found = Breakdown(dimension, declared.name, ordered, tuple(rows))
    seen = cut_breakdown(found, reader.viewer)
    return replace(seen, rows=seen.rows[:ROWS_AT_MOST])


def _by(reader: Reader, code: str, scope: Scope, period: Period, dimension: str) -> dict[str, Reading]:
    request = ObserveRequest(
        codes=(code,),
        unit=scope.unit,
        grain=period.grain,
        first=period.first_day,
        last=period.last_day,
        by=(dimension,),
        basis=scope.basis,
        stale="show",
    )
    indicator = reader.workplace.catalogue.indicator(code)
    return {
        each.slice[dimension]: reading_of(each, indicator)
        for each in observe(reader.workplace, reader.states, request)
        if each.period.key == period.key
    }


def _numeric(key: str) -> tuple[float, str]:
    digits = ""
    for character in key:
        if not character.isdigit():
            break
        digits += character
    return (float(digits) if digits else 1e9, key)


def _worst_first(reading: Reading, indicator: Indicator) -> tuple[bool, float]:
    """Unknown and too small samples last; without a direction the largest first."""
    value = reading.value
    if value is None:
        return (True, 0.0)
    return (
        not reading.enough and indicator.direction is not None,
        value if indicator.direction == "higher" else -value,
    )


def peers(reader: Reader, board: Board, code: str, scope: Scope, compared: Period) -> Breakdown | None:
    """The indicator over the direct child units of the place, worst first; None without children."""
    catalogue = reader.workplace.catalogue
    indicator = catalogue.indicator(code)
    children = {unit: each.name for unit, each in reader.ground.children(scope.unit).items()}
    if not children:
        return None
    rows = []
    for unit, name in children.items():
        now, before = board.reading(code, unit, scope.period), board.reading(code, unit, compared)
        earlier = None if before is UNKNOWN else before
        rows.append(BreakdownRow(unit, name, now, earlier, change_between(now, earlier, compared.key, indicator), None))
    rows.sort(key=lambda r: _worst_first(r.reading, indicator))
    return cut_breakdown(Breakdown("unit", both("views.units_below"), False, tuple(rows)), reader.viewer)
