"""From the values of all units to the scores of the whole tree, as columns.

Owns which indicators are scored at a grain and which cells become rows. The arithmetic is
`numerics.tree`, asked for a block of cells at a time so that memory stays bounded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ganzhi.base.periods import Grain, Period
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.publish.facts import Facts, finest_of
from ganzhi.measure.publish.tables import SCHEMAS
from ganzhi.measure.score import USES, ScoreTree, Use, leaves_of, own_score, score_tree_of
from ganzhi.numerics.tree import LEVELS, LOW_COVERAGE, REASONS, SCORED, TreeScores

BLOCK: Final = 2_000
"""Cells that are scored at once."""

Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Scored:
    """Rows of `scored` and of `shared`."""

    scored: pa.Table
    shared: pa.Table


def scored_codes(catalogue: Catalogue, use: Use, grain: Grain) -> tuple[str, ...]:
    """Indicators that can have a score at a grain, in catalogue order: with targets for the use or with
    children, and with nothing below them that the grain is too fine for."""

    def fits(code: str) -> bool:
        finest = finest_of(catalogue, code)
        return finest is None or finest.rank <= grain.rank

    return tuple(
        code
        for code, each in catalogue.indicators.items()
        if not each.retired
        and (own_score(each, use) or catalogue.children(code))
        and all(fits(leaf) for leaf in leaves_of(catalogue, code, use))
    )


def score_facts(
    catalogue: Catalogue, grain: Grain, facts: Mapping[str, Facts], units: Sequence[str], periods: Sequence[Period]
) -> Scored:
    """Scores of all units in some periods for every use."""
    scored, shared = [SCHEMAS["scored"].empty_table()], [SCHEMAS["shared"].empty_table()]
    for use in USES:
        codes = scored_codes(catalogue, use, grain)
        if not codes:
            continue
        block = _Blocks(catalogue, use, score_tree_of(catalogue, use, codes), facts, units, periods)
        for one in block.all():
            scored.append(one.scored)
            shared.append(one.shared)
    return Scored(pa.concat_tables(scored), pa.concat_tables(shared))


class _Blocks:
    """The cells of some periods, one block after the other."""

    def __init__(
        self,
        catalogue: Catalogue,
        use: Use,
        tree: ScoreTree,
        facts: Mapping[str, Facts],
        units: Sequence[str],
        periods: Sequence[Period],
    ) -> None:
        self._catalogue, self._use, self._tree, self._units = catalogue, use, tree, len(units)
        nodes = tree.tree.nodes
        self._facts = {column: facts[code] for code, column in tree.tree.columns.items() if code in facts}
        self._order = {column: np.argsort(each.cells, kind="stable") for column, each in self._facts.items()}
        self._least = np.array([catalogue.indicator(code).min_n for code in nodes], dtype=np.int64)
        self._codes = pa.array(list(nodes), pa.string())
        self._names = pa.array(units, pa.string())
        self._days = pa.array([period.first_day for period in periods], pa.date32())
        self._cells = len(units) * len(periods)
        edges = tree.tree.edges
        self._edge_parent = np.array([tree.tree.columns[edge.parent] for edge in edges], dtype=np.int64)
        self._edge_child = np.array([tree.tree.columns[edge.child] for edge in edges], dtype=np.int64)
        self._weight = np.array([edge.weight for edge in edges], dtype=np.float64)
        self._at_risk = np.array([np.nan if e.at_risk is None else e.at_risk for e in edges], dtype=np.float64)

    def all(self) -> Iterator[Scored]:
        """Rows of all blocks; blocks in which nothing is known are passed over."""
        for start in range(0, self._cells, BLOCK):
            values, n = self._values(start, min(start + BLOCK, self._cells))
            if np.isnan(values).all():
                continue
            scores = self._tree.scores(values, ~np.isnan(values) & (n < self._least))
            yield Scored(self._scored(start, scores, n), self._shared(start, scores))

    def _values(self, start: int, stop: int) -> tuple[NDArray[np.float64], Places]:
        shape = (stop - start, len(self._tree.tree.nodes))
        values, n = np.full(shape, np.nan), np.zeros(shape, dtype=np.int64)
        for column, facts in self._facts.items():
            if facts.counts:
                arrived = facts.known[np.arange(start, stop) // self._units] > 0
                values[arrived, column] = 0.0
            order = self._order[column]
            low, high = np.searchsorted(facts.cells, [start, stop], sorter=order)
            rows = order[low:high]
            values[facts.cells[rows] - start, column] = facts.value[rows]
            n[facts.cells[rows] - start, column] = facts.n[rows]
        return values, n

    def _scored(self, start: int, scores: TreeScores, n: Places) -> pa.Table:
        rows, columns = np.nonzero((scores.reason == SCORED) | (scores.reason == LOW_COVERAGE))
        leaf = np.isnan(scores.coverage[rows, columns])
        of_leaf = np.where(leaf, n[rows, columns], 0)
        level, reason = scores.level[rows, columns], scores.reason[rows, columns]
        return pa.table(
            [
                *self._where(start, rows, columns),
                _repeated(self._use, len(rows)),
                _numbers(scores.points[rows, columns]),
                _numbers(scores.unclipped[rows, columns]),
                pa.array([None if each is None else each.value for each in LEVELS], pa.string()).take(pa.array(level)),
                pa.array(REASONS, pa.string()).take(pa.array(reason)),
                _numbers(scores.coverage[rows, columns]),
                pa.array(of_leaf, pa.int64(), mask=~leaf),
                pa.array(leaf & (of_leaf < self._least[columns])),
            ],
            schema=SCHEMAS["scored"],
        )

    def _where(self, start: int, rows: Places, columns: Places) -> tuple[pa.Array, pa.Array, pa.Array]:
        """Period, code and unit of cells."""
        cells = rows + start
        days, units = self._days.take(pa.array(cells // self._units)), self._names.take(pa.array(cells % self._units))
        return days, self._codes.take(pa.array(columns)), units

    def _shared(self, start: int, scores: TreeScores) -> pa.Table:
        there = ~np.isnan(scores.given)
        if len(self._edge_parent):
            reason = scores.reason[:, self._edge_parent]
            there &= (reason == SCORED) | (reason == LOW_COVERAGE)
        rows, edges = np.nonzero(there)
        day, parent, unit = self._where(start, rows, self._edge_parent[edges])
        return pa.table(
            [
                day,
                parent,
                self._codes.take(pa.array(self._edge_child[edges])),
                unit,
                _repeated(self._use, len(rows)),
                pa.array(self._weight[edges]),
                _numbers(scores.share[rows, edges]),
                pa.array(scores.given[rows, edges]),
                _numbers(self._at_risk[edges]),
            ],
            schema=SCHEMAS["shared"],
        )


def _numbers(values: NDArray[np.float64]) -> pa.Array:
    """Floats with NULL for NaN."""
    return pa.array(values, pa.float64(), mask=np.isnan(values))


def _repeated(text: str, times: int) -> pa.Array:
    return pa.repeat(pa.scalar(text, pa.string()), times)
