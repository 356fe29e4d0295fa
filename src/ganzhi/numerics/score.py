"""Scores of a value against its anchors, levels, and the weighted roll-up of scores.

Owns the arithmetic of S000-046 (lower indicators support upper ones with a weight) and S000-050
(floor, target, challenge). Assumes finite numbers in one unit of value. Refuses anchors that do
not rise strictly in the good direction: a score would not be a function of the value.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Literal

Direction = Literal["higher", "lower"]

SCORE_AT_FLOOR = 60.0
SCORE_AT_TARGET = 100.0
SCORE_AT_CHALLENGE = 120.0


class Level(StrEnum):
    """How far a value lies on the bad side of its target; no level at all means on target."""

    BLUE = "blue"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"

    @property
    def rank(self) -> int:
        """1 for blue up to 4 for red."""
        return list(Level).index(self) + 1


def _sign(direction: Direction) -> float:
    return 1.0 if direction == "higher" else -1.0


@dataclass(frozen=True, slots=True)
class Anchors:
    """The values that score 0, 60, 100 and 120, in the unit of the indicator."""

    zero: float
    floor: float
    target: float
    challenge: float
    direction: Direction

    def __post_init__(self) -> None:
        knots = [_sign(self.direction) * x for x in (self.zero, self.floor, self.target, self.challenge)]
        if not all(math.isfinite(x) for x in knots):
            raise ValueError("anchors must be finite")
        if any(a >= b for a, b in pairwise(knots)):
            raise ValueError("anchors must improve strictly: zero, floor, target, challenge")


def anchors(
    *, floor: float, target: float, challenge: float, direction: Direction, zero: float | None = None
) -> Anchors:
    """Anchors with the documented zero-point: floor − (target − floor)·60/40 unless it is declared.

    >>> anchors(floor=80, target=90, challenge=95, direction="higher").zero
    65.0
    """
    start = floor - (target - floor) * 60.0 / 40.0 if zero is None else zero
    return Anchors(float(start), float(floor), float(target), float(challenge), direction)


@dataclass(frozen=True, slots=True)
class Score:
    """points: within [0, 120], what is shown. unclipped: the same lines drawn on beyond both ends,
    which contribution analysis needs once a value has left the anchors."""

    points: float
    unclipped: float


def score(value: float, at: Anchors) -> Score:
    """The piecewise-linear score of a finite value.

    Monotone and continuous in the value, exactly 100 at the target, and unchanged when value and
    anchors are moved to another unit together.
    Source: methods.md 1.1 (floor, target, challenge: 基本值、目标值、挑战值).
    >>> score(90, anchors(floor=80, target=90, challenge=95, direction="higher")).points
    100.0
    """
    if not math.isfinite(value):
        raise ValueError("a score needs a finite value")
    sign = _sign(at.direction)
    xs = [sign * x for x in (at.zero, at.floor, at.target, at.challenge)]
    ss = [0.0, SCORE_AT_FLOOR, SCORE_AT_TARGET, SCORE_AT_CHALLENGE]
    x = sign * value
    k = 0 if x <= xs[1] else 1 if x <= xs[2] else 2
    points = ss[k] + (ss[k + 1] - ss[k]) * ((x - xs[k]) / (xs[k + 1] - xs[k]))
    return Score(points=min(max(points, ss[0]), ss[-1]), unclipped=points)


@dataclass(frozen=True, slots=True)
class LevelLimits:
    """Values at which the four levels begin; blue begins where the target is missed."""

    target: float
    yellow: float
    orange: float
    red: float
    direction: Direction

    def __post_init__(self) -> None:
        knots = [_sign(self.direction) * x for x in (self.target, self.yellow, self.orange, self.red)]
        if any(a <= b for a, b in pairwise(knots)):
            raise ValueError("levels must worsen strictly: target, yellow, orange, red")


def level_limits(
    *,
    floor: float,
    target: float,
    direction: Direction,
    yellow: float | None = None,
    orange: float | None = None,
    red: float | None = None,
) -> LevelLimits:
    """Limits with the documented defaults: ¼, ½ and 1 of the way from target to floor.

    >>> level_limits(floor=80, target=90, direction="higher").yellow
    87.5
    """

    def at(part: float, declared: float | None) -> float:
        return float(target + (floor - target) * part if declared is None else declared)

    return LevelLimits(float(target), at(0.25, yellow), at(0.5, orange), at(1.0, red), direction)


def level(value: float, limits: LevelLimits) -> Level | None:
    """The level of a value, None on or beyond the target.

    >>> level(88, level_limits(floor=80, target=90, direction="higher"))
    <Level.BLUE: 'blue'>
    """
    sign = _sign(limits.direction)
    x = sign * value
    for begins, found in ((limits.red, Level.RED), (limits.orange, Level.ORANGE), (limits.yellow, Level.YELLOW)):
        if x <= sign * begins:
            return found
    return Level.BLUE if x < sign * limits.target else None


@dataclass(frozen=True, slots=True)
class Child:
    """One child of a roll-up: its weight, and its score or None where it has none."""

    weight: float
    score: Score | None


@dataclass(frozen=True, slots=True)
class Risk:
    """Something that can take points off a score: the most it can take, and its own score or None."""

    points: float
    score: Score | None


def deduction(risk: Risk) -> float | None:
    """Points a risk takes off: none at its target or better, all of them at a score of 0; None while unknown.

    Ours: S001-009 names risk factors and leaves their treatment open. Linear, so that what each risk
    takes is what it would give back.
    >>> deduction(Risk(10, Score(60, 60))), deduction(Risk(10, Score(110, 110)))
    (4.0, 0.0)
    """
    if risk.score is None:
        return None
    return risk.points * (1 - min(max(risk.score.points, 0.0), SCORE_AT_TARGET) / SCORE_AT_TARGET)


@dataclass(frozen=True, slots=True)
class RollUp:
    """score: None when too little of the weight is present. coverage: ratio of the weight whose
    children have a score. shares: per child its weight over the present weight, None if absent.
    deductions: per risk the points it takes off, None if unknown.
    Σ share · child score − Σ deductions = parent score, which is not below 0."""

    score: Score | None
    coverage: float
    shares: tuple[float | None, ...]
    deductions: tuple[float | None, ...] = ()


def roll_up(children: Sequence[Child], *, least_coverage: float, risks: Sequence[Risk] = ()) -> RollUp:
    """Weighted mean of the present scores less what risks take off; unknown below the declared coverage.

    Never a zero for what is unknown. Source: methods.md 1.1, missing data.
    >>> roll_up([Child(1, Score(80, 80)), Child(1, None)], least_coverage=2 / 3).score is None
    True
    """
    taken = tuple(deduction(risk) for risk in risks)
    total = math.fsum(child.weight for child in children)
    present = math.fsum(child.weight for child in children if child.score is not None)
    coverage = present / total if total > 0 else 0.0
    if present <= 0:
        return RollUp(None, 0.0, tuple(None for _ in children), taken)
    shares = tuple(None if child.score is None else child.weight / present for child in children)
    # A coverage that equals the declared one in decimals may miss it by a rounding of the division.
    if coverage < least_coverage - 1e-9:
        return RollUp(None, coverage, shares, taken)
    scored = [(child.weight, child.score) for child in children if child.score is not None]
    off = math.fsum(each for each in taken if each is not None)
    mean = Score(
        points=math.fsum(weight * each.points for weight, each in scored) / present,
        unclipped=math.fsum(weight * each.unclipped for weight, each in scored) / present,
    )
    return RollUp(Score(max(mean.points - off, 0.0), mean.unclipped - off), coverage, shares, taken)
