"""Builds the matrix of commercial processes and dimensions (S001-004) and the counts by type and layer (S000-048)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from ganzhi.catalogue.derive.coverage import StateCounts
from ganzhi.catalogue.model.indicators import LAYERS
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.build.catalogue.reach import has_data, in_use
from ganzhi.measure.build.journeys.shared import by_order, named
from ganzhi.measure.views.catalogue.matrix import MatrixCell, MatrixPage, MatrixRow, TypeRow
from ganzhi.measure.views.journeys.parts import Named

DIMENSIONS = ("perception", "complaint", "operation")
TYPES = ("customer_evaluation", "business_perception", "system_performance")


def matrix_page(catalogue: Catalogue, arrived: Collection[str]) -> MatrixPage:
    """The matrix of KQI and the table of types. arrived: feeds that hold rows."""
    known = {code: has_data(catalogue, code, arrived) for code in in_use(catalogue)}
    rows = tuple(_row(catalogue, code, known) for code, _ in by_order(catalogue.commercial_processes))
    totals = tuple(_total(dimension, [row.cells[place] for row in rows]) for place, dimension in enumerate(DIMENSIONS))
    kinds: Counter[tuple[str, str]] = Counter((each.type, each.layer) for each in in_use(catalogue).values())
    types = tuple(
        TypeRow(name, tuple((layer, kinds[name, layer]) for layer in LAYERS), sum(kinds[name, each] for each in LAYERS))
        for name in TYPES
    )
    return MatrixPage(
        rows=rows,
        totals=totals,
        counts=_summed(total.counts for total in totals),
        arrived=sum(total.arrived for total in totals),
        types=types,
        layers=tuple((layer, sum(kinds[name, layer] for name in TYPES)) for layer in LAYERS),
        catalogue_version=catalogue.version,
    )


def _row(catalogue: Catalogue, code: str, known: Mapping[str, bool]) -> MatrixRow:
    index = _index(catalogue, code)
    cells = tuple(_cell(catalogue, code, dimension, index, known) for dimension in DIMENSIONS)
    return MatrixRow(
        commercial_process=named(catalogue.commercial_processes, code),
        owner=catalogue.commercial_processes[code].owner,
        processes=sum(each.commercial_process == code for each in catalogue.processes.values()),
        index=index,
        cells=cells,
        counts=_summed(cell.counts for cell in cells),
        arrived=sum(cell.arrived for cell in cells),
    )


def _index(catalogue: Catalogue, row: str) -> Named | None:
    """The KEI of a row that most of its KQI support."""
    votes = Counter(
        by.parent
        for each in in_use(catalogue).values()
        if each.commercial_process == row and each.layer == "KQI"
        for by in each.supports
        if catalogue.indicators[by.parent].layer == "KEI" and catalogue.indicators[by.parent].commercial_process == row
    )
    return named(catalogue.indicators, votes.most_common(1)[0][0]) if votes else None


def _cell(catalogue: Catalogue, row: str, dimension: str, index: Named | None, known: Mapping[str, bool]) -> MatrixCell:
    mine = {
        code: each
        for code, each in in_use(catalogue).items()
        if (each.commercial_process, each.dimension, each.layer) == (row, dimension, "KQI")
    }
    weight = points = None
    if index is not None:
        of_dimension = {c for c, each in in_use(catalogue).items() if each.dimension == dimension}
        weight = _exact(w for c, w in catalogue.children(index.code).items() if c in of_dimension)
        points = _exact(p for c, p in catalogue.risks(index.code).items() if c in of_dimension)
    counts = StateCounts.of(each.state for each in mine.values())
    return MatrixCell(dimension, counts, sum(known[code] for code in mine), weight, points)


def _total(dimension: str, cells: Collection[MatrixCell]) -> MatrixCell:
    return MatrixCell(
        dimension, _summed(cell.counts for cell in cells), sum(cell.arrived for cell in cells), None, None
    )


def _summed(counts: Iterable[StateCounts]) -> StateCounts:
    given = list(counts)
    return StateCounts(
        sum(each.planned for each in given), sum(each.designed for each in given), sum(each.live for each in given)
    )


def _exact(shares: Iterable[float]) -> float:
    """The sum of declared decimals without the noise of adding floats."""
    return round(sum(shares), 9)
