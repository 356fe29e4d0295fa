"""The touchpoint matrix: process by contact step, content or channel, and the pairs behind it."""

from __future__ import annotations

from dataclasses import dataclass

from ganzhi.measure.views.journeys.parts import Coverage, Filter, Named, PairRow, TouchpointRow


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A process with its touchpoints, one cell per column of the matrix; a touchpoint on several
    channels stands in each of their cells."""

    process: Named
    cells: tuple[tuple[TouchpointRow, ...], ...]
    coverage: Coverage


@dataclass(frozen=True, slots=True)
class TouchpointsPage:
    """The matrix under its filters. columns: only those in which something stands. pairs: one page of
    them; touchpoints: all that pass the filters. all_pairs: for files."""

    by: str
    columns: tuple[Named, ...]
    rows: tuple[MatrixRow, ...]
    touchpoints: tuple[TouchpointRow, ...]
    coverage: Coverage
    by_attribute: tuple[tuple[Named, Coverage], ...]
    filters: tuple[Filter, ...]
    cover: str
    pairs: tuple[PairRow, ...]
    all_pairs: tuple[PairRow, ...]
    page: int
    pages: int
    catalogue_version: str
