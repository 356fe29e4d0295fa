"""Scores: an indicator against its targets, and the weighted roll-up of what supports it.

Owns which targets apply for which use (S000-050: the same indicator for management and for
operations), and how scores climb the tree of S000-046. A child without data lowers the coverage of
its parent; a child that has no targets for the use takes no part. Below the declared coverage a
score is unknown, never a guess. The arithmetic is `numerics.tree`, for one cell as for a whole province.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from ganzhi.base.errors import InputError, InternalError, Issue
from ganzhi.base.periods import Grain, Period, periods_between
from ganzhi.catalogue.model.indicators import Indicator, Limits
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.observation import Basis, Observation, ObserveRequest, Parts
from ganzhi.measure.observe import observe
from ganzhi.measure.open import States
from ganzhi.measure.units import units_asked
from ganzhi.numerics.score import Anchors, Direction, Level, LevelLimits, Score, anchors, level, level_limits
from ganzhi.numerics.sums import Floats
from ganzhi.numerics.tree import (
    LEVELS,
    REASONS,
    SCORED,
    Branch,
    Flags,
    Leaf,
    Reason,
    Tree,
    TreeScores,
    score_tree,
)
from ganzhi.warehouse.workplace import Workplace

Wholes = NDArray[np.int64]
Use = Literal["management", "operations"]
USES: tuple[Use, ...] = get_args(Use)

SCORE_LIMITS = Limits(floor=Decimal(60), target=Decimal(100), challenge=Decimal(120))
"""Levels of a rolled-up score without limits of its own: the points that floor, target and
challenge are worth."""


@dataclass(frozen=True, slots=True)
class ScoreRequest:
    """Which indicators' scores, of whom, in which periods; fields as in `ObserveRequest`."""

    codes: tuple[str, ...]
    unit: str
    grain: Grain
    first: date
    last: date
    use: Use = "management"
    basis: Basis = "period"
    where: Mapping[str, str] = field(default_factory=dict)
    children: bool = False
    units: tuple[str, ...] = ()
    stale: Literal["refuse", "show"] = "refuse"


@dataclass(frozen=True, slots=True)
class Contribution:
    """What a child gives its parent. share: its weight over the weight present, None when absent;
    points: share · child score, or for a risk what it takes off, below 0; they add up to the
    parent's score. at_risk: of a risk, the most it can take off; its weight is 0."""

    code: str
    weight: float
    share: float | None
    points: float | None
    child: Scored
    at_risk: float | None = None


@dataclass(frozen=True, slots=True)
class Scored:
    """An indicator's score. reason: why there is one, or none. coverage: of a roll-up, ratio of the
    weight that is present. small: the sample is below `min_n`, so there is a score but no level."""

    code: str
    unit: str
    period: Period
    use: Use
    score: Score | None
    level: Level | None
    reason: Reason
    observation: Observation | None = None
    limits: Limits | None = None
    coverage: float | None = None
    contributions: tuple[Contribution, ...] = ()
    small: bool = False

    def as_json(self) -> dict[str, object]:
        """The object of `ganzhi score --format json`."""
        return {
            "code": self.code,
            "unit": self.unit,
            "grain": self.period.grain.value,
            "period": self.period.key,
            "use": self.use,
            "score": None if self.score is None else self.score.points,
            "unclipped": None if self.score is None else self.score.unclipped,
            "level": None if self.level is None else self.level.value,
            "reason": self.reason,
            "coverage": self.coverage,
            "observation": None if self.observation is None else self.observation.as_json(),
            "contributions": [
                {"code": c.code, "weight": c.weight, "share": c.share, "points": c.points, "at_risk": c.at_risk}
                for c in self.contributions
            ],
        }


def score_all(workplace: Workplace, reading: States, request: ScoreRequest) -> list[Scored]:
    """Scores in the order of codes, then units, then periods, with their trees in `contributions`.

    Raises: InputError as `observe`, and MEA008 for targets that are not in order.
    """
    catalogue = workplace.catalogue
    leaves = dict.fromkeys(leaf for code in request.codes for leaf in leaves_of(catalogue, code, request.use))
    found: dict[Key, Observation] = {}
    if leaves:
        question = ObserveRequest(
            codes=tuple(leaves),
            unit=request.unit,
            grain=request.grain,
            first=request.first,
            last=request.last,
            basis=request.basis,
            where=request.where,
            children=request.children,
            units=request.units,
            stale=request.stale,
        )
        found = {(o.code, o.unit, o.period.start): o for o in observe(workplace, reading, question)}
    catalogue.unit(request.unit)
    units = units_asked(catalogue, request.unit, children=request.children, units=request.units)
    periods = tuple(periods_between(request.grain, request.first, request.last, workplace.zone))
    cells = [(unit, period) for unit in units for period in periods]
    scores = Scores(catalogue, request.use, request.codes, cells, _Listed(found))
    return [scores.scored(code, row) for code in request.codes for row in range(len(cells))]


def limits_for(indicator: Indicator, use: Use) -> Limits | None:
    """The targets an indicator declares for a use."""
    return indicator.targets.management if use == "management" else indicator.targets.operations


def level_of(indicator: Indicator, use: Use, value: float | None) -> Level | None:
    """The level of a value of the indicator; None when unknown, on target or without targets."""
    limits = None if value is None else level_limits_of(indicator, use)
    return None if value is None or limits is None else level(value, limits)


def level_limits_of(indicator: Indicator, use: Use) -> LevelLimits | None:
    """Where the levels of the indicator's values begin; None without targets."""
    limits = limits_for(indicator, use)
    if indicator.measure is None:
        limits = limits or SCORE_LIMITS
    if limits is None or (indicator.measure is not None and indicator.direction is None):
        return None
    return _level_limits(indicator, limits)


def _level_limits(indicator: Indicator, limits: Limits) -> LevelLimits:
    return level_limits(
        floor=float(limits.floor),
        target=float(limits.target),
        direction=_direction(indicator),
        yellow=_number(limits.yellow),
        orange=_number(limits.orange),
        red=_number(limits.red),
    )


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _direction(indicator: Indicator) -> Direction:
    return indicator.direction or "higher"


def own_score(indicator: Indicator, use: Use) -> bool:
    """Whether the indicator is scored by its own value."""
    return indicator.measure is not None and limits_for(indicator, use) is not None and indicator.direction is not None


def leaves_of(catalogue: Catalogue, code: str, use: Use, path: tuple[str, ...] = ()) -> list[str]:
    """Measured indicators whose values are needed."""
    if code in path:
        raise InternalError(f"indicators support each other in a circle: {' → '.join((*path, code))}")
    indicator = catalogue.indicator(code)
    own = [code] if indicator.measure is not None else []
    if own_score(indicator, use):
        return own
    below = [*catalogue.children(code), *catalogue.risks(code)]
    return own + [leaf for child in below for leaf in leaves_of(catalogue, child, use, (*path, code))]


Key = tuple[str, str, datetime]
"""Indicator, unit, and where a period of the one grain that is asked begins."""


@dataclass(frozen=True, slots=True)
class ScoreTree:
    """What is scored for a use. disordered: codes whose targets are not in order, so that no value has a score.
    least: per column the smallest sample that gets a level. measured: codes with a value of their own."""

    tree: Tree
    disordered: frozenset[str]
    least: Wholes
    measured: frozenset[str]

    def scores(self, values: Floats, small: Flags) -> TreeScores:
        """Scores of units × codes; InputError MEA008 when a value would need targets that are not in order."""
        columns = self.tree.columns
        for code in sorted(self.disordered):
            if not np.isnan(values[:, columns[code]]).all():
                raise InputError(Issue("MEA008", code))
        return score_tree(self.tree, values, small)


def score_tree_of(catalogue: Catalogue, use: Use, codes: Sequence[str] | None = None) -> ScoreTree:
    """The tree of some indicators with everything below them, or of all that are not retired; made once per catalogue."""
    key = (f"score_tree.{use}", "*" if codes is None else "|".join(codes))
    if key not in catalogue.computed:
        catalogue.computed[key] = _score_tree(catalogue, use, codes)
    found: ScoreTree = catalogue.computed[key]
    return found


def _score_tree(catalogue: Catalogue, use: Use, codes: Sequence[str] | None) -> ScoreTree:
    pending = [code for code, each in catalogue.indicators.items() if not each.retired] if codes is None else [*codes]
    found: dict[str, Leaf | Branch] = {}
    disordered = set()
    while pending:
        code = pending.pop()
        if code in found:
            continue
        found[code], in_order = _node(catalogue, use, code)
        if not in_order:
            disordered.add(code)
        node = found[code]
        if isinstance(node, Branch):
            pending += [child for child, _ in (*node.children, *node.risks)]
    try:
        least = np.array([catalogue.indicator(code).min_n for code in found], dtype=np.int64)
        measured = frozenset(code for code in found if catalogue.indicator(code).measure is not None)
        return ScoreTree(Tree(found), frozenset(disordered), least, measured)
    except ValueError as error:
        raise InternalError(str(error)) from None


def _node(catalogue: Catalogue, use: Use, code: str) -> tuple[Leaf | Branch, bool]:
    """What an indicator is in the tree, made once per catalogue; and whether its targets are in order."""
    key = (f"score.{use}", code)
    if key not in catalogue.computed:
        indicator, children = catalogue.indicator(code), catalogue.children(code)
        leaf = own_score(indicator, use) or not children
        try:
            made = _leaf(indicator, use) if leaf else _branch(catalogue, code, indicator, use)
            catalogue.computed[key] = made, True
        except ValueError:
            catalogue.computed[key] = Leaf(_NO_ORDER, None), False
    found: tuple[Leaf | Branch, bool] = catalogue.computed[key]
    return found


POINTS = level_limits(floor=float(SCORE_LIMITS.floor), target=float(SCORE_LIMITS.target), direction="higher")
"""Levels of points, of which more are better whichever way the indicator's own value is good."""

_NO_ORDER = Anchors(0, 60, 100, 120, "higher")
"""Stands for targets that are out of order until a value asks for them."""


def _leaf(indicator: Indicator, use: Use) -> Leaf:
    limits = limits_for(indicator, use)
    if not own_score(indicator, use) or limits is None:
        return Leaf(None, None)
    drawn = anchors(
        floor=float(limits.floor),
        target=float(limits.target),
        challenge=float(limits.challenge),
        zero=_number(limits.zero),
        direction=_direction(indicator),
    )
    return Leaf(drawn, _level_limits(indicator, limits))


def _branch(catalogue: Catalogue, code: str, indicator: Indicator, use: Use) -> Branch:
    declared = limits_for(indicator, use)
    return Branch(
        children=tuple(catalogue.children(code).items()),
        risks=tuple(catalogue.risks(code).items()),
        least_coverage=float(indicator.coverage),
        limits=_level_limits(indicator, declared) if declared else POINTS,
    )


FEW_CODES = 60
"""Up to so many indicators their numbers are read one by one, and not those of all indicators of a unit."""

Cell = tuple[str, Period]
"""A unit in a period."""


Now = tuple[float | None, float | None, Level | None]
"""Points, None without a score; coverage, None where it is no roll-up; level."""


@dataclass(frozen=True, slots=True)
class ScoreShare:
    """What a child gives its parent, as of `Contribution`. score: the child's own points."""

    code: str
    share: float | None
    points: float | None
    score: float | None


class Numbers(Protocol):
    """Where the values of indicators are found."""

    def fill(self, columns: Mapping[str, int], cells: Sequence[Cell], values: Floats, n: Wholes) -> None:
        """Write values and samples, one row per cell and one column per code; what is unknown stays as it is."""
        ...

    def observation(self, code: str, unit: str, period: Period) -> Observation | None:
        """The observation of an indicator; None when it has none of its own."""
        ...

    def read(self, unit: str, period: Period, *, few: bool = False) -> Callable[[str], Parts | None]:
        """What gives the numbers of such observations, for many indicators of one cell, or for a few of them."""
        ...


class _Listed:
    """Observations that are there already."""

    def __init__(self, found: Mapping[Key, Observation]) -> None:
        self._found = found

    def fill(self, columns: Mapping[str, int], cells: Sequence[Cell], values: Floats, n: Wholes) -> None:
        """See `Numbers`."""
        for code, column in columns.items():
            for row, (unit, period) in enumerate(cells):
                each = self._found.get((code, unit, period.start))
                if each is not None and each.value is not None:
                    values[row, column], n[row, column] = float(each.value), each.n

    def observation(self, code: str, unit: str, period: Period) -> Observation | None:
        """See `Numbers`."""
        return self._found.get((code, unit, period.start))

    def read(self, unit: str, period: Period, *, few: bool = False) -> Callable[[str], Parts | None]:
        """See `Numbers`."""

        def parts(code: str) -> Parts | None:
            each = self._found.get((code, unit, period.start))
            return None if each is None else Parts(*(getattr(each, name) for name in Parts._fields))

        return parts


class Scores:
    """Scores of some indicators for cells, all computed at once and put together when one is asked for."""

    def __init__(
        self, catalogue: Catalogue, use: Use, codes: Sequence[str], cells: Sequence[Cell], numbers: Numbers
    ) -> None:
        """Raises: InputError MEA008 for targets that are not in order."""
        self._catalogue, self._use, self._cells, self._numbers = catalogue, use, cells, numbers
        of = score_tree_of(catalogue, use, codes)
        self._tree = of.tree
        values = np.full((len(cells), len(of.tree.nodes)), np.nan)
        n = np.zeros(values.shape, dtype=np.int64)
        numbers.fill(of.tree.columns, cells, values, n)
        self._values = values
        self._small = ~np.isnan(values) & (n < of.least)
        self._scores = of.scores(values, self._small)
        self._made: dict[tuple[str, int], Scored] = {}
        self._observed: dict[tuple[str, int], Observation | None] = {}
        self._read: dict[int, Callable[[str], Parts | None]] = {}
        self._rows: dict[int, tuple[list[float], list[float], list[int], list[int]]] = {}

    def now(self, code: str, row: int) -> Now:
        """The score of one indicator in a cell, without what it rests on."""
        if row not in self._rows:  # a row at once: numbers of an array are dear one by one
            of = self._scores
            told = of.points[row].tolist(), of.coverage[row].tolist(), of.level[row].tolist(), of.reason[row].tolist()
            self._rows[row] = told
        points, coverage, level, reason = self._rows[row]
        column = self._tree.columns[code]
        score = points[column] if reason[column] == SCORED else None
        return score, _known(coverage[column]), LEVELS[level[column]]

    def values_over(self, code: str, rows: Sequence[int]) -> list[float | None]:
        """The values observed of an indicator in several cells; None where there is none."""
        column = self._tree.columns.get(code)
        if column is None:
            return [None] * len(rows)
        return [_known(each) for each in self._values[rows, column].tolist()]

    def points_over(self, code: str, rows: Sequence[int]) -> list[float | None]:
        """The scores of an indicator in several cells; None where there is none."""
        column, of = self._tree.columns[code], self._scores
        told = zip(of.points[rows, column].tolist(), of.reason[rows, column].tolist(), strict=True)
        return [points if reason == SCORED else None for points, reason in told]

    def observation(self, code: str, row: int) -> Observation | None:
        """What was observed of an indicator in a cell, looked up once."""
        key = (code, row)
        if key not in self._observed:
            unit, period = self._cells[row]
            self._observed[key] = self._numbers.observation(code, unit, period)
        return self._observed[key]

    def parts(self, code: str, row: int) -> Parts | None:
        """The numbers of what was observed of an indicator in a cell."""
        if row not in self._read:
            self._read[row] = self._numbers.read(*self._cells[row], few=len(self._tree.nodes) <= FEW_CODES)
        return self._read[row](code)

    def value(self, code: str, row: int) -> float | None:
        """The value observed of an indicator in a cell, where there is one."""
        column = self._tree.columns.get(code)
        return None if column is None else _known(self._values[row, column].item())

    def shares(self, code: str, row: int) -> list[ScoreShare]:
        """What the children give to an indicator in a cell; empty where it is scored by its own value."""
        first, node = self._tree.first_edge.get(code), self._tree.nodes[code]
        if first is None or not isinstance(node, Branch):
            return []
        last = first + len(node.children) + len(node.risks)
        shares, given = (each[row, first:last].tolist() for each in (self._scores.share, self._scores.given))
        return [
            ScoreShare(edge.child, _known(share), _known(points), self.now(edge.child, row)[0])
            for edge, share, points in zip(self._tree.edges[first:last], shares, given, strict=True)
        ]

    def scored(self, code: str, row: int) -> Scored:
        """The score of one indicator in a cell, and of everything below it; made once however many it supports."""
        key = (code, row)
        if key not in self._made:
            self._made[key] = self._scored(code, row)
        return self._made[key]

    def _scored(self, code: str, row: int) -> Scored:
        (unit, period), column, scores = self._cells[row], self._tree.columns[code], self._scores
        indicator, node = self._catalogue.indicator(code), self._tree.nodes[code]
        limits = limits_for(indicator, self._use)
        branch = isinstance(node, Branch)
        points, coverage = scores.points[row, column].item(), scores.coverage[row, column].item()
        reason = REASONS[scores.reason[row, column]]
        return Scored(
            code=code,
            unit=unit,
            period=period,
            use=self._use,
            score=Score(points, scores.unclipped[row, column].item()) if reason == "scored" else None,
            level=LEVELS[scores.level[row, column]],
            reason=reason,
            observation=self.observation(code, row),
            limits=limits or SCORE_LIMITS if branch else limits,
            coverage=coverage if branch else None,
            contributions=self._contributions(code, row) if branch else (),
            small=reason == "scored" and not branch and bool(self._small[row, column]),
        )

    def _contributions(self, code: str, row: int) -> tuple[Contribution, ...]:
        first, found = self._tree.first_edge.get(code), []
        node = self._tree.nodes[code]
        if first is None or not isinstance(node, Branch):
            return ()
        for place in range(first, first + len(node.children) + len(node.risks)):
            edge = self._tree.edges[place]
            share, given = (_known(each[row, place].item()) for each in (self._scores.share, self._scores.given))
            child = self.scored(edge.child, row)
            found.append(Contribution(edge.child, edge.weight, share, given, child, edge.at_risk))
        return tuple(found)


def _known(number: float) -> float | None:
    return None if math.isnan(number) else number
