"""The four-layer tree (S000-046): what supports what, with weights and risks."""

from __future__ import annotations

from dataclasses import dataclass

from ganzhi.catalogue.derive.coverage import StateCounts
from ganzhi.catalogue.model.framework import LifecycleState
from ganzhi.measure.views.journeys.parts import Filter, Named


@dataclass(frozen=True, slots=True)
class Node:
    """An indicator under one of its parents. weight: its share of the parent's score; points: of a risk.

    also: the other parents it stands under. below: different indicators below it, by layer from the
    top, as layer and number. hit: whether it passes the filters itself.
    """

    code: str
    indicator: Named
    layer: str
    state: LifecycleState
    dimension: str
    weight: float | None
    points: float | None
    also: tuple[Named, ...]
    below: tuple[tuple[str, int], ...]
    children: tuple[Node, ...]
    hit: bool


@dataclass(frozen=True, slots=True)
class TreePage:
    """The tree under its filters. levels: how far it is unfolded. alone: indicators of lower layers without a parent.

    layers: indicators by layer and state, those that stand in the tree; nodes: places in it.
    """

    roots: tuple[Node, ...]
    alone: tuple[tuple[str, tuple[Named, ...]], ...]
    layers: tuple[tuple[str, StateCounts], ...]
    nodes: int
    levels: int
    filters: tuple[Filter, ...]
    catalogue_version: str
