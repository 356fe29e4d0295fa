"""The service-quality matrix (S001-004 to S001-006) and indicators by type and layer (S000-048)."""

from __future__ import annotations

from dataclasses import dataclass

from ganzhi.catalogue.derive.coverage import StateCounts
from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.views.journeys.parts import Named


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """KQI of a commercial process and a dimension. arrived: how many of them have data.

    weight: of the row's index, the share these KQI hold; points: the most their risks take off; None without an index.
    """

    dimension: str
    counts: StateCounts
    arrived: int
    weight: float | None
    points: float | None


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A commercial process. owner: the specialty that answers for it (S000-032). index: its KEI."""

    commercial_process: Named
    owner: Text
    processes: int
    index: Named | None
    cells: tuple[MatrixCell, ...]
    counts: StateCounts
    arrived: int


@dataclass(frozen=True, slots=True)
class TypeRow:
    """Indicators of a type, per layer from the top."""

    type: str
    counts: tuple[tuple[str, int], ...]
    total: int


@dataclass(frozen=True, slots=True)
class MatrixPage:
    """Matrix, its totals per dimension and in all, and types by layers with totals per layer."""

    rows: tuple[MatrixRow, ...]
    totals: tuple[MatrixCell, ...]
    counts: StateCounts
    arrived: int
    types: tuple[TypeRow, ...]
    layers: tuple[tuple[str, int], ...]
    catalogue_version: str
