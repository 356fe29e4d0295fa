"""Builds the comparison of places on the indicators of a process (S000-056)."""

from __future__ import annotations

from ganzhi.catalogue.derive.coverage import measured_by
from ganzhi.catalogue.model.indicators import LAYERS
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.build.cells.cut import cut_places
from ganzhi.measure.build.journeys.shared import named, process_of
from ganzhi.measure.build.readings import Board, subject_of
from ganzhi.measure.build.scope import Reader, scope_of
from ganzhi.measure.score import limits_for
from ganzhi.measure.units import children_of
from ganzhi.measure.views.journeys.benchmark import BenchmarkBlock, BenchmarkPage, BenchmarkRow
from ganzhi.measure.views.parts import Reading, Scope
from ganzhi.measure.views.query import PageQuery
from ganzhi.numerics.ranking import behind, ranks


def benchmark_page(reader: Reader, code: str, query: PageQuery, layer: str = "") -> BenchmarkPage:
    """The direct children of a place, ranked on every indicator of a process and layer that has a direction.

    layer: KPI where it has any, by default, else the first layer that has.
    """
    catalogue = reader.workplace.catalogue
    process_of(catalogue, code)
    by_layer = _judged(catalogue, code)
    shown = layer or ("KPI" if by_layer.get("KPI") else next((name for name in LAYERS if by_layer.get(name)), "KPI"))
    codes = by_layer.get(shown, ())
    feeds = tuple({feed for c in codes if (feed := catalogue.indicators[c].feed) is not None})
    scope = scope_of(reader, query, feeds=feeds)
    places = children_of(catalogue, scope.unit)
    board = Board(reader, codes, basis=scope.basis)
    if places:
        board.ask(scope.unit, [scope.period], children=True)
    return BenchmarkPage(
        scope=scope,
        process=named(catalogue.processes, code),
        layers=tuple((name, len(by_layer.get(name, ()))) for name in LAYERS),
        layer=shown,
        places=len(places),
        blocks=tuple(_block(reader, board, scope, c, places) for c in codes) if len(places) > 1 else (),
    )


def _judged(catalogue: Catalogue, process: str) -> dict[str, tuple[str, ...]]:
    """Live indicators of a process with a direction, by layer."""
    found: dict[str, list[str]] = {}
    for code in measured_by(catalogue)[process]:
        indicator = catalogue.indicators[code]
        if indicator.direction is not None and indicator.state == "live" and not indicator.retired:
            found.setdefault(indicator.layer, []).append(code)
    return {name: tuple(codes) for name, codes in found.items()}


def _block(reader: Reader, board: Board, scope: Scope, code: str, places: tuple[str, ...]) -> BenchmarkBlock:
    catalogue = reader.workplace.catalogue
    indicator = catalogue.indicator(code)
    direction = indicator.direction or "higher"
    readings = cut_places([board.reading(code, unit, scope.period) for unit in places], reader.viewer)
    values = [_comparable(reading) for reading in readings]
    placed = ranks(values, direction)
    known = [value for value in values if value is not None]
    best = (max(known) if direction == "higher" else min(known)) if known else None
    limits = limits_for(indicator, "management" if scope.period.grain.minutes is None else "operations")
    target = None if limits is None else float(limits.target)
    rows = [
        BenchmarkRow(
            unit=unit,
            name=catalogue.units[unit].name,
            reading=reading,
            rank=rank,
            behind_best=None if value is None or best is None else behind(value, best, direction),
            behind_target=None if value is None or target is None else behind(value, target, direction),
        )
        for unit, reading, value, rank in zip(places, readings, values, placed, strict=True)
    ]
    rows.sort(key=lambda row: (row.rank is None, row.rank or 0, row.unit))
    return BenchmarkBlock(subject_of(catalogue, code, scope.period.grain), tuple(rows))


def _comparable(reading: Reading) -> float | None:
    """The value of a place that may be ranked: known, and of a sample that is large enough."""
    return reading.value if reading.enough else None
