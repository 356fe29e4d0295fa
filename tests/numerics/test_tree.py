"""The tree over arrays gives, float for float, what the scalar arithmetic gives unit by unit."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganzhi.numerics.score import (
    Anchors,
    Child,
    LevelLimits,
    Risk,
    RollUp,
    Score,
    anchors,
    level,
    level_limits,
    roll_up,
    score,
)
from ganzhi.numerics.sums import FEW_ROWS, exact_row_sums
from ganzhi.numerics.tree import LEVELS, REASONS, Branch, Leaf, Tree, TreeScores, score_tree

POINTS = level_limits(floor=60, target=100, direction="higher")
HIGHER = anchors(floor=80, target=90, challenge=95, direction="higher")
values = st.one_of(st.none(), st.floats(-1e6, 1e6), st.integers(0, 100).map(float))
weights = st.one_of(st.floats(0.01, 1e3), st.sampled_from([0.1, 0.2, 0.3, 1.0, 3.0]))


@st.composite
def leaves(draw: st.DrawFn) -> Leaf:
    if draw(st.integers(0, 5)) == 0:
        return Leaf(None, None)
    start, a, b, c = draw(st.floats(-100, 100)), *(draw(st.floats(0.5, 50)) for _ in range(3))
    higher = draw(st.booleans())
    sign = 1.0 if higher else -1.0
    at = Anchors(
        start, start + sign * a, start + sign * (a + b), start + sign * (a + b + c), "higher" if higher else "lower"
    )
    return Leaf(at, level_limits(floor=at.floor, target=at.target, direction=at.direction))


@st.composite
def trees(draw: st.DrawFn) -> Tree:
    """Up to eight leaves and five branches; a node may support several; some branches are empty."""
    nodes: dict[str, Leaf | Branch] = {f"leaf{n}": draw(leaves()) for n in range(draw(st.integers(1, 8)))}
    for n in range(draw(st.integers(1, 5))):
        chosen = draw(st.lists(st.sampled_from(sorted(nodes)), unique=True, max_size=7))
        cut = draw(st.integers(0, len(chosen)))
        nodes[f"branch{n}"] = Branch(
            tuple((code, draw(weights)) for code in chosen[:cut]),
            tuple((code, draw(st.floats(0.1, 60))) for code in chosen[cut:]),
            draw(st.sampled_from([0.1, 0.5, 2 / 3, 1.0])),
            POINTS,
        )
    shuffled = draw(st.permutations(sorted(nodes)))
    return Tree({code: nodes[code] for code in shuffled})


@dataclass
class Alone:
    """The scalar arithmetic for one unit: what the tree must repeat."""

    tree: Tree
    of: dict[str, float | None]

    def reason(self, code: str) -> str:
        node = self.tree.nodes[code]
        if isinstance(node, Leaf):
            return "no_target" if node.anchors is None else "no_data" if self.of[code] is None else "scored"
        rolled = self.rolled(code)
        if rolled is None:
            return "no_target"
        return "scored" if rolled.score else "low_coverage" if rolled.coverage > 0 else "no_data"

    def score(self, code: str) -> Score | None:
        node, value = self.tree.nodes[code], self.of[code]
        if isinstance(node, Leaf):
            return None if node.anchors is None or value is None else score(value, node.anchors)
        rolled = self.rolled(code)
        return None if rolled is None else rolled.score

    def part(self, code: str) -> list[tuple[str, float]]:
        node = self.tree.nodes[code]
        assert isinstance(node, Branch)
        return [(child, weight) for child, weight in node.children if self.reason(child) != "no_target"]

    def rolled(self, code: str) -> RollUp | None:
        node = self.tree.nodes[code]
        assert isinstance(node, Branch)
        part = self.part(code)
        rolled = roll_up(
            [Child(weight, self.score(child)) for child, weight in part],
            least_coverage=node.least_coverage,
            risks=[Risk(points, self.score(risk)) for risk, points in node.risks],
        )
        return rolled if part else None


def _same(found: float, expected: float | None) -> bool:
    return math.isnan(found) if expected is None else found == expected


def _check_unit(tree: Tree, row: int, found: TreeScores, alone: Alone) -> None:
    for column, (code, node) in enumerate(tree.nodes.items()):
        expected = alone.score(code)
        assert REASONS[found.reason[row, column]] == alone.reason(code)
        assert _same(found.points[row, column], None if expected is None else expected.points)
        assert _same(found.unclipped[row, column], None if expected is None else expected.unclipped)
        judged = alone.of[code] if isinstance(node, Leaf) else None if expected is None else expected.points
        limits: LevelLimits | None = node.limits
        if expected is not None and limits is not None and judged is not None:
            assert LEVELS[found.level[row, column]] == level(judged, limits)
        if isinstance(node, Branch):
            _check_edges(tree, code, node, row, found, alone)


def _check_edges(tree: Tree, code: str, node: Branch, row: int, found: TreeScores, alone: Alone) -> None:
    rolled, first = alone.rolled(code), tree.first_edge.get(code, 0)
    shares = {} if rolled is None else dict(zip((c for c, _ in alone.part(code)), rolled.shares, strict=True))
    for place, (child, _) in enumerate(node.children, first):
        share, worth = shares.get(child), alone.score(child)
        assert _same(found.share[row, place], share)
        assert _same(found.given[row, place], None if share is None or worth is None else share * worth.points)
    taken = roll_up([], least_coverage=0, risks=[Risk(p, alone.score(c)) for c, p in node.risks]).deductions
    for place, off in enumerate(taken, first + len(node.children)):
        assert _same(found.given[row, place], None if off is None else -off)
    assert found.coverage[row, tree.columns[code]] == (0.0 if rolled is None else rolled.coverage)


@settings(max_examples=60, deadline=None)
@given(trees(), st.data())
def test_every_number_of_the_tree_is_the_float_of_the_scalar_arithmetic(tree: Tree, data: st.DataObject) -> None:
    units = [{code: data.draw(values) for code in tree.nodes} for _ in range(data.draw(st.integers(1, 4)))]
    few = np.array([[math.nan if v is None else v for v in unit.values()] for unit in units])
    # Often enough that the sums of arrays are asked, and not only Python's own.
    many = np.tile(few, (FEW_ROWS // len(units) + 1, 1))
    for matrix in (few, many):
        found = score_tree(tree, matrix)
        for row, unit in enumerate(units):
            _check_unit(tree, len(matrix) - len(units) + row, found, Alone(tree, unit))


@settings(max_examples=100, deadline=None)
@given(trees(), st.lists(st.floats(-100, 300), min_size=13, max_size=13))
def test_what_children_give_adds_up_to_the_points_of_their_parent(tree: Tree, given_values: list[float]) -> None:
    matrix = np.array([given_values[: len(tree.nodes)]])
    found = score_tree(tree, matrix)
    for code, first in tree.first_edge.items():
        node, column = tree.nodes[code], tree.columns[code]
        assert isinstance(node, Branch)
        points = found.points[0, column]
        if not math.isnan(points):
            edges = found.given[0, first : first + len(node.children) + len(node.risks)]
            assert max(float(np.nansum(edges)), 0.0) == pytest.approx(points, abs=1e-9)


terms = st.one_of(
    st.floats(-1e15, 1e15), st.floats(-1e-5, 1e-5), st.sampled_from([1e16, -1e16, 1.0, -1.0, 2.0**-53, 2.0**-106, 0.1])
)


@settings(max_examples=150, deadline=None)
@given(st.integers(1, 9).flatmap(lambda k: st.lists(st.lists(terms, min_size=k, max_size=k), min_size=1, max_size=5)))
def test_sums_of_rows_are_rounded_once(rows: list[list[float]]) -> None:
    matrix = np.tile(np.array(rows), (FEW_ROWS + 1, 1))
    assert exact_row_sums(matrix).tolist() == [math.fsum(row) for row in matrix.tolist()]


def test_a_small_sample_has_points_but_no_level() -> None:
    leaf = Leaf(HIGHER, level_limits(floor=80, target=90, direction="higher"))
    found = score_tree(Tree({"a": leaf}), np.array([[70.0], [70.0]]), np.array([[True], [False]]))
    assert found.points[:, 0].tolist() == [20.0, 20.0]
    assert [LEVELS[n] for n in found.level[:, 0]] == [None, level(70.0, leaf.limits)]  # type: ignore[arg-type]


def test_a_tree_that_supports_itself_or_a_stranger_is_refused() -> None:
    def branch(child: str) -> Branch:
        return Branch(((child, 1.0),), (), 0.5, POINTS)

    with pytest.raises(ValueError, match="supports itself"):
        Tree({"a": branch("b"), "b": branch("a")})
    with pytest.raises(ValueError, match="not in the tree"):
        Tree({"a": branch("b")})


def test_an_infinite_value_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        score_tree(Tree({"a": Leaf(HIGHER, None)}), np.array([[math.inf]]))
