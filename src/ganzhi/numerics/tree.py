"""Scores of a whole tree for many units at once: the arithmetic of `numerics.score` over arrays.

Owns the order in which a tree is worked through and what becomes of a missing child. Each number is
the very float that `score`, `level`, `deduction` and `roll_up` give for that unit alone: the same
operations in the same order, and sums that are rounded once. Refuses a tree that supports itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
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
Places = NDArray[np.int64]


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


@dataclass(frozen=True, slots=True)
class _Begins:
    """Where levels begin, per column; multiplied by `sign`, so that less is worse."""

    sign: Floats
    target: Floats
    others: tuple[Floats, ...]


@dataclass(frozen=True, slots=True)
class _Leaves:
    """All leaves that have targets. at: their columns. sign, xs: their anchors, one line after the other."""

    at: Places
    sign: Floats
    xs: tuple[Floats, ...]
    begins: _Begins


@dataclass(frozen=True, slots=True)
class _Rolled:
    """A branch with all that is the same for every unit. below, edges, weights: of the children that have targets at
    all; total: of their weights. risks: columns; risks_at: the edge of the first. most: what each can take off."""

    column: int
    below: Places
    edges: Places
    weights: Floats
    total: float
    risks: Places
    risks_at: int
    most: Floats
    least_coverage: float
    begins: _Begins


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

    @cached_property
    def leaves(self) -> _Leaves | None:
        """The leaves that have targets; None without any."""
        held = [
            (c, n.anchors, n.limits) for c, n in self.nodes.items() if isinstance(n, Leaf) and n.anchors is not None
        ]
        if not held:
            return None
        drawn = [anchors for _, anchors, _ in held]
        sign = np.array([1.0 if each.direction == "higher" else -1.0 for each in drawn])
        xs = tuple(
            sign * np.array(x) for x in zip(*((a.zero, a.floor, a.target, a.challenge) for a in drawn), strict=True)
        )
        return _Leaves(
            _places(self.columns[c] for c, _, _ in held), sign, xs, _begins([limits for _, _, limits in held])
        )

    @cached_property
    def branches(self) -> tuple[_Rolled, ...]:
        """The branches, each after everything that it rests on."""
        judged = {code for code, node in self.nodes.items() if isinstance(node, Leaf) and node.anchors is not None}
        found = []
        for code in self.order:
            node = self.nodes[code]
            if isinstance(node, Branch):
                found.append(self._rolled(code, node, judged))
                if len(found[-1].below):
                    judged.add(code)
        return tuple(found)

    def _rolled(self, code: str, node: Branch, judged: Collection[str]) -> _Rolled:
        first = self.first_edge.get(code, 0)
        held = [
            (place, self.columns[child], weight)
            for place, (child, weight) in enumerate(node.children, first)
            if child in judged
        ]
        weights = np.array([weight for _, _, weight in held], dtype=np.float64)
        return _Rolled(
            column=self.columns[code],
            below=_places(column for _, column, _ in held),
            edges=_places(place for place, _, _ in held),
            weights=weights,
            total=exact_row_sums(weights[np.newaxis, :])[0].item(),
            risks=_places(self.columns[risk] for risk, _ in node.risks),
            risks_at=first + len(node.children),
            most=np.array([points for _, points in node.risks], dtype=np.float64),
            least_coverage=node.least_coverage,
            begins=_begins([node.limits]),
        )


def _places(found: Iterable[int]) -> Places:
    return np.array(list(found), dtype=np.int64)


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
    for branch in tree.branches:
        _roll(branch, found)
    return found


def _score_leaves(tree: Tree, values: Floats, small: Flags | None, found: TreeScores) -> None:
    """Scores, levels and reasons of all leaves that have targets."""
    leaves = tree.leaves
    if leaves is None:
        return
    at, xs = leaves.at, leaves.xs
    own = values[:, at]
    if np.isinf(own).any():
        raise ValueError("a score needs a finite value")
    x = leaves.sign * own
    points = np.where(x <= xs[1], _line(x, xs, 0), np.where(x <= xs[2], _line(x, xs, 1), _line(x, xs, 2)))
    known = ~np.isnan(own)
    found.unclipped[:, at] = points
    found.points[:, at] = np.minimum(np.maximum(points, _AT[0]), _AT[3])
    found.reason[:, at] = np.where(known, SCORED, NO_DATA)
    levels = _levels(own, leaves.begins)
    found.level[:, at] = levels if small is None else np.where(small[:, at], 0, levels)


def _line(x: Floats, xs: Sequence[Floats], k: int) -> Floats:
    """The k-th of the three lines, drawn on beyond both its ends."""
    return _AT[k] + (_AT[k + 1] - _AT[k]) * ((x - xs[k]) / (xs[k + 1] - xs[k]))


def _begins(limits: Sequence[LevelLimits | None]) -> _Begins:
    """Where the levels of columns begin, NaN for those without limits."""
    sign = np.array([-1.0 if each is not None and each.direction == "lower" else 1.0 for each in limits])
    found = [
        (each.target, each.yellow, each.orange, each.red) if each is not None else (np.nan,) * 4 for each in limits
    ]
    target, *others = (sign * np.array(column) for column in zip(*found, strict=True))
    return _Begins(sign, target, tuple(others))


def _levels(values: Floats, begins: _Begins) -> Codes:
    """Levels of columns of values; 0 where a value is unknown, on target or without limits."""
    x = begins.sign * values
    found = np.zeros(values.shape, dtype=np.int8)
    found[x < begins.target] = Level.BLUE.rank
    for level, begin in zip((Level.YELLOW, Level.ORANGE, Level.RED), begins.others, strict=True):
        found[x <= begin] = level.rank
    return found


def _roll(branch: _Rolled, found: TreeScores) -> None:
    """Score of one branch; everything below it has been scored."""
    column, rows = branch.column, len(found.points)
    off = np.zeros(rows)
    if len(branch.risks):
        taken = _deductions(branch, found)
        found.given[:, branch.risks_at : branch.risks_at + len(branch.risks)] = -taken
        off = exact_row_sums(np.where(np.isnan(taken), 0.0, taken))
    if not len(branch.below):
        found.coverage[:, column] = 0.0
        return
    weights, total = branch.weights, branch.total
    points, unclipped = found.points[:, branch.below], found.unclipped[:, branch.below]
    known = ~np.isnan(points)
    present = exact_row_sums(np.where(known, weights, 0.0))
    anything = present > 0
    coverage = np.where(anything, present / total if total > 0 else 0.0, 0.0)
    over = np.where(anything, present, 1.0)
    share = np.where(known & anything[:, np.newaxis], weights / over[:, np.newaxis], np.nan)
    found.share[:, branch.edges] = share
    found.given[:, branch.edges] = share * points
    # A coverage that equals the declared one in decimals may miss it by a rounding of the division.
    enough = anything & ~(coverage < branch.least_coverage - 1e-9)
    mean = exact_row_sums(np.where(known, weights * points, 0.0)) / over
    beyond = exact_row_sums(np.where(known, weights * unclipped, 0.0)) / over
    own = found.points[:, column] = np.where(enough, np.maximum(mean - off, 0.0), np.nan)
    found.unclipped[:, column] = np.where(enough, beyond - off, np.nan)
    found.coverage[:, column] = coverage
    found.reason[:, column] = np.where(enough, SCORED, np.where(anything, LOW_COVERAGE, NO_DATA))
    found.level[:, column] = _levels(own[:, np.newaxis], branch.begins)[:, 0]


def _deductions(branch: _Rolled, found: TreeScores) -> Floats:
    """Points that risks take off, NaN while unknown."""
    points = found.points[:, branch.risks]
    return branch.most * (1 - np.minimum(np.maximum(points, 0.0), SCORE_AT_TARGET) / SCORE_AT_TARGET)
