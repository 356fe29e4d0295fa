"""Process benchmarking: the places below a unit, compared on the indicators of a process (S000-056)."""

from __future__ import annotations

from dataclasses import dataclass

from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.views.journeys.parts import Named
from ganzhi.measure.views.parts import Reading, Scope, Subject


@dataclass(frozen=True, slots=True)
class BenchmarkRow:
    """One place. rank: 1 for the best; None when its value is unknown or its sample too small.

    behind_best, behind_target: distance on the bad side in the indicator's unit, below 0 when it is
    beyond the target; None without rank or target.
    """

    unit: str
    name: Text
    reading: Reading
    rank: int | None
    behind_best: float | None
    behind_target: float | None


@dataclass(frozen=True, slots=True)
class BenchmarkBlock:
    """One indicator over the places, best first, places without rank last."""

    subject: Subject
    rows: tuple[BenchmarkRow, ...]


@dataclass(frozen=True, slots=True)
class BenchmarkPage:
    """layers: how many indicators with a direction each layer has. layer: the one that is shown. places: how many
    places there are to compare; with fewer than two there is nothing to rank."""

    scope: Scope
    process: Named
    layers: tuple[tuple[str, int], ...]
    layer: str
    places: int
    blocks: tuple[BenchmarkBlock, ...]
