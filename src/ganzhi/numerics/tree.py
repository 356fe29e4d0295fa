"""Scores of a whole tree for many units at once: the arithmetic of `numerics.score` over arrays.

Owns the order in which a tree is worked through and what becomes of a missing child. Each number is
the very float that `score`, `level`, `deduction` and `roll_up` give for that unit alone: the same
operations in the same order, and sums that are rounded once. Refuses a tree that supports itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from ganzhi.numerics.score import (
    SCORE_AT_CHALLENGE,
    SCORE_AT_FLOOR,
    SCORE_AT_TARGET,
    Anchors,
    Level,
    LevelLimits,
)
from ganzhi.numerics.sums import Floats, exact_row_sums

Reason = Literal["scored", "no_data", "no_target", "low_coverage"]
REASONS: Final[tuple[Reason, ...]] = ("scored", "no_data", "no_target", "low_coverage")
LEVELS: Final[tuple[Level | None, ...]] = (None, *Level)
"""What the numbers in `TreeScores.reason` and `TreeScores.level` stand for."""

SCORED, NO_DATA, NO_TARGET, LOW_COVERAGE = range(4)
_AT = (0.0, SCORE_AT_FLOOR, SCORE_AT_TARGET, SCORE_AT_CHALLENGE)

Flags = NDArray[np.bool_]
Codes = NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Leaf:
    """Scored by its own value. anchors, limits: None when it has no targets, and then no score."""

    anchors: Anchors | None
    limits: LevelLimits | None


@dataclass(frozen=True, slots=True)
class Branch:
    """Scored by what supports it: children with weights, and risks with the most they can take off.

    limits: of the levels of its points."""

    children: tuple[tuple[str, float], ...]
    risks: tuple[tuple[str, float], ...]
    least_coverage: float
    limits: LevelLimits


@dataclass(frozen=True, slots=True)
class Edge:
    """A child of a parent. weight: 0 for a risk. at_risk: of a risk, the most it can take off."""

    parent: str
    child: str
    weight: float
    at_risk: float | None


@dataclass(frozen=True)
class Tree:
    """Nodes by code, in the order of the columns of values and scores.

    Raises: ValueError when a branch names a child that is not there, or stands below itself.
    """

    nodes: Mapping[str, Leaf | Branch]

    def __post_init__(self) -> None:
        missing = sorted({each.child for each in self.edges} - self.nodes.keys())
        if missing:
            raise ValueError(f"children that are not in the tree: {missing[:3]}")
        if not self.order and self.nodes:
            raise ValueError("a tree without an order")

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """All edges: parents in column order, of each its children and then its risks, as declared."""
        return tuple(
            edge
            for parent, node in self.nodes.items()
            if isinstance(node, Branch)
            for edge in (
                *(Edge(parent, child, weight, None) for child, weight in node.children),
                *(Edge(parent, child, 0.0, points) for child, points in node.risks),
            )
        )

    @cached_property
    def columns(self) -> Mapping[str, int]:
        """The column of each code."""
        return {code: column for column, code in enumerate(self.nodes)}

    @cached_property
    def first_edge(self) -> Mapping[str, int]:
        """Per branch the place of its first edge."""
        found: dict[str, int] = {}
        for place, edge in enumerate(self.edges):
            found.setdefault(edge.parent, place)
        return found

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Codes, each after everything that it rests on."""
        below: dict[str, list[str]] = {code: [] for code in self.nodes}
        for edge in self.edges:
            below[edge.parent].append(edge.child)
        try:
            return tuple(TopologicalSorter(below).static_order())
        except CycleError as error:
            raise ValueError(f"a tree that supports itself: {' → '.join(error.args[1])}") from None


@dataclass(frozen=True, slots=True)
class TreeScores:
    """Scores, one row per unit and one column per code; contributions, one column per edge.

    points, unclipped: NaN where there is no score. coverage: of a branch, ratio of the weight whose
    children have a score; NaN for leaves. level, reason: indices of LEVELS and REASONS. share: a
    child's weight over the weight present, NaN when it is absent; given: share · child score, or for
    a risk what it takes off, below 0; NaN when unknown. given adds up to the parent's points.
    """

    points: Floats
    unclipped: Floats
    coverage: Floats
    level: Codes
    reason: Codes
    share: Floats
    given: Floats


def score_tree(tree: Tree, values: Floats, small: Flags | None = None) -> TreeScores:
    """All scores of a tree for the values of some units.

    values: units × codes, NaN where unknown; those of branches are not read. small: where a sample
    is too small for a level.
    Raises: ValueError for a value of a scored leaf that is infinite.
    >>> from ganzhi.numerics.score import anchors, level_limits
    >>> at = anchors(floor=80, target=90, challenge=95, direction="higher")
    >>> limits = level_limits(floor=80, target=90, direction="higher")
    >>> points = level_limits(floor=60, target=100, direction="higher")
    >>> leaf = Leaf(at, limits)
    >>> tree = Tree({"a": leaf, "b": leaf, "top": Branch((("a", 3.0), ("b", 1.0)), (), 0.5, points)})
    >>> score_tree(tree, np.array([[90.0, 80.0, np.nan], [np.nan, 80.0, np.nan]])).points[:, 2].tolist()
    [90.0, nan]
    """
    shape, edges = values.shape, (len(values), len(tree.edges))
    if shape[1] != len(tree.nodes):
        raise ValueError(f"{shape[1]} columns for {len(tree.nodes)} codes")
    found = TreeScores(
        points=np.full(shape, np.nan),
        unclipped=np.full(shape, np.nan),
        coverage=np.full(shape, np.nan),
        level=np.zeros(shape, dtype=np.int8),
        reason=np.full(shape, NO_TARGET, dtype=np.int8),
        share=np.full(edges, np.nan),
        given=np.full(edges, np.nan),
    )
    _score_leaves(tree, values, small, found)
    for code in tree.order:
        node = tree.nodes[code]
        if isinstance(node, Branch):
            _roll(tree, code, node, found)
    return found


def _score_leaves(tree: Tree, values: Floats, small: Flags | None, found: TreeScores) -> None:
    """Scores, levels and reasons of all leaves that have targets."""
    leaves = [(c, n) for c, n in tree.nodes.items() if isinstance(n, Leaf) and n.anchors is not None]
    if not leaves:
        return
    at = [tree.columns[code] for code, _ in leaves]
    own = values[:, at]
    if np.isinf(own).any():
        raise ValueError("a score needs a finite value")
    drawn = [node.anchors for _, node in leaves if node.anchors is not None]
    sign = np.array([1.0 if each.direction == "higher" else -1.0 for each in drawn])
    xs = [sign * np.array(x) for x in zip(*((a.zero, a.floor, a.target, a.challenge) for a in drawn), strict=True)]
    x = sign * own
    points = np.where(x <= xs[1], _line(x, xs, 0), np.where(x <= xs[2], _line(x, xs, 1), _line(x, xs, 2)))
    known = ~np.isnan(own)
    found.unclipped[:, at] = points
    found.points[:, at] = np.minimum(np.maximum(points, _AT[0]), _AT[3])
    found.reason[:, at] = np.where(known, SCORED, NO_DATA)
    levels = _levels(own, [node.limits for _, node in leaves])
    found.level[:, at] = levels if small is None else np.where(small[:, at], 0, levels)


def _line(x: Floats, xs: Sequence[Floats], k: int) -> Floats:
    """The k-th of the three lines, drawn on beyond both its ends."""
    return _AT[k] + (_AT[k + 1] - _AT[k]) * ((x - xs[k]) / (xs[k + 1] - xs[k]))


def _levels(values: Floats, limits: Sequence[LevelLimits | None]) -> Codes:
    """Levels of columns of values; 0 where a value is unknown, on target or without limits."""
    sign = np.array([-1.0 if each is not None and each.direction == "lower" else 1.0 for each in limits])
    x = sign * values
    found = np.zeros(values.shape, dtype=np.int8)
    begins = [
        (each.target, each.yellow, each.orange, each.red) if each is not None else (np.nan,) * 4 for each in limits
    ]
    target, *others = (sign * np.array(column) for column in zip(*begins, strict=True))
    found[x < target] = Level.BLUE.rank
    for level, begin in zip((Level.YELLOW, Level.ORANGE, Level.RED), others, strict=True):
        found[x <= begin] = level.rank
    return found


def _roll(tree: Tree, code: str, node: Branch, found: TreeScores) -> None:
    """Score of one branch; everything below it has been scored."""
    column, edge = tree.columns[code], tree.first_edge.get(code, 0)
    risks_at = edge + len(node.children)
    taken = _deductions(tree, node, found)
    found.given[:, risks_at : risks_at + len(node.risks)] = -taken
    # Whether a child has targets at all is the same for every unit.
    takes_part = [
        (place, child, weight)
        for place, (child, weight) in enumerate(node.children, edge)
        if _has_target(tree, child, found)
    ]
    rows = len(found.points)
    if not takes_part:
        found.coverage[:, column] = 0.0
        return
    below = [tree.columns[child] for _, child, _ in takes_part]
    weights = np.array([weight for _, _, weight in takes_part])
    points, unclipped = found.points[:, below], found.unclipped[:, below]
    known = ~np.isnan(points)
    present = exact_row_sums(np.where(known, weights, 0.0))
    total = exact_row_sums(weights[np.newaxis, :])[0]
    anything = present > 0
    coverage = np.where(anything, present / total if total > 0 else 0.0, 0.0)
    over = np.where(anything, present, 1.0)
    share = np.where(known & anything[:, np.newaxis], weights / over[:, np.newaxis], np.nan)
    at = [place for place, _, _ in takes_part]
    found.share[:, at] = share
    found.given[:, at] = share * points
    # A coverage that equals the declared one in decimals may miss it by a rounding of the division.
    enough = anything & ~(coverage < node.least_coverage - 1e-9)
    off = exact_row_sums(np.where(np.isnan(taken), 0.0, taken)) if node.risks else np.zeros(rows)
    mean = exact_row_sums(np.where(known, weights * points, 0.0)) / over
    beyond = exact_row_sums(np.where(known, weights * unclipped, 0.0)) / over
    found.points[:, column] = np.where(enough, np.maximum(mean - off, 0.0), np.nan)
    found.unclipped[:, column] = np.where(enough, beyond - off, np.nan)
    found.coverage[:, column] = coverage
    found.reason[:, column] = np.where(enough, SCORED, np.where(anything, LOW_COVERAGE, NO_DATA))
    found.level[:, column] = _levels(found.points[:, [column]], [node.limits])[:, 0]


def _deductions(tree: Tree, node: Branch, found: TreeScores) -> Floats:
    """Points that risks take off, NaN while unknown."""
    below = [tree.columns[risk] for risk, _ in node.risks]
    most = np.array([points for _, points in node.risks])
    points = found.points[:, below]
    return most * (1 - np.minimum(np.maximum(points, 0.0), SCORE_AT_TARGET) / SCORE_AT_TARGET)


def _has_target(tree: Tree, code: str, found: TreeScores) -> bool:
    return len(found.reason) > 0 and found.reason[0, tree.columns[code]] != NO_TARGET
