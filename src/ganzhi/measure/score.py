"""Scores: an indicator against its targets, and the weighted roll-up of what supports it.

Owns which targets apply for which use (S000-050: the same indicator for management and for
operations), and how scores climb the tree of S000-046. A child without data lowers the coverage of
its parent; a child that has no targets for the use takes no part. Below the declared coverage a
score is unknown, never a guess. The arithmetic is `numerics.score`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from ganzhi.base.errors import InputError, InternalError, Issue
from ganzhi.base.periods import Grain, Period, periods_between
from ganzhi.catalogue.model.indicators import Indicator, Limits
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.observation import Basis, Observation, ObserveRequest
from ganzhi.measure.observe import observe
from ganzhi.measure.open import States
from ganzhi.measure.units import children_of
from ganzhi.numerics.score import (
    Anchors,
    Child,
    Direction,
    Level,
    Risk,
    Score,
    anchors,
    level,
    level_limits,
    roll_up,
    score,
)
from ganzhi.warehouse.workplace import Workplace

Use = Literal["management", "operations"]
Reason = Literal["scored", "no_data", "no_target", "low_coverage"]

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
    leaves = dict.fromkeys(leaf for code in request.codes for leaf in _leaves(catalogue, code, request.use, ()))
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
            stale=request.stale,
        )
        found = {(o.code, o.unit, o.period.start): o for o in observe(workplace, reading, question)}
    catalogue.unit(request.unit)
    units = children_of(catalogue, request.unit) if request.children else (request.unit,)
    periods = tuple(periods_between(request.grain, request.first, request.last, workplace.zone))
    scorer = _Scorer(catalogue, request.use, found)
    return [scorer.scored(code, unit, period) for code in request.codes for unit in units for period in periods]


def limits_for(indicator: Indicator, use: Use) -> Limits | None:
    """The targets an indicator declares for a use."""
    return indicator.targets.management if use == "management" else indicator.targets.operations


def level_of(indicator: Indicator, use: Use, value: float | None) -> Level | None:
    """The level of a value of the indicator; None when unknown, on target or without targets."""
    limits = limits_for(indicator, use)
    if indicator.measure is None:
        limits = limits or SCORE_LIMITS
    if value is None or limits is None or (indicator.measure is not None and indicator.direction is None):
        return None
    return _level(indicator, limits, value)


def _level(indicator: Indicator, limits: Limits, value: float) -> Level | None:
    return level(
        value,
        level_limits(
            floor=float(limits.floor),
            target=float(limits.target),
            direction=_direction(indicator),
            yellow=_number(limits.yellow),
            orange=_number(limits.orange),
            red=_number(limits.red),
        ),
    )


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _direction(indicator: Indicator) -> Direction:
    return indicator.direction or "higher"


def _own_score(indicator: Indicator, use: Use) -> bool:
    """Whether the indicator is scored by its own value."""
    return indicator.measure is not None and limits_for(indicator, use) is not None and indicator.direction is not None


def _leaves(catalogue: Catalogue, code: str, use: Use, path: tuple[str, ...]) -> list[str]:
    """Measured indicators whose values are needed."""
    if code in path:
        raise InternalError(f"indicators support each other in a circle: {' → '.join((*path, code))}")
    indicator = catalogue.indicator(code)
    own = [code] if indicator.measure is not None else []
    if _own_score(indicator, use):
        return own
    below = [*catalogue.children(code), *catalogue.risks(code)]
    return own + [leaf for child in below for leaf in _leaves(catalogue, child, use, (*path, code))]


Key = tuple[str, str, datetime]
"""Indicator, unit, and where a period of the one grain that is asked begins."""


class _Scorer:
    def __init__(self, catalogue: Catalogue, use: Use, found: Mapping[Key, Observation]) -> None:
        self._catalogue, self._use, self._found = catalogue, use, found
        self._scored: dict[Key, Scored] = {}
        self._drawn: dict[str, Anchors] = {}

    def scored(self, code: str, unit: str, period: Period) -> Scored:
        """The score of one indicator and of everything below it, made once however many it supports."""
        key = (code, unit, period.start)
        if key not in self._scored:
            self._scored[key] = self._score(code, unit, period)
        return self._scored[key]

    def _score(self, code: str, unit: str, period: Period) -> Scored:
        indicator = self._catalogue.indicator(code)
        children = self._catalogue.children(code)
        if _own_score(indicator, self._use) or not children:
            return self._leaf(code, indicator, unit, period)
        return self._parent(code, indicator, unit, period, children)

    def _leaf(self, code: str, indicator: Indicator, unit: str, period: Period) -> Scored:
        observation = self._found.get((code, unit, period.start))
        limits = limits_for(indicator, self._use)
        bare = Scored(code, unit, period, self._use, None, None, "no_target", observation, limits)
        if not _own_score(indicator, self._use) or limits is None:
            return bare
        if observation is None or observation.value is None:
            return Scored(code, unit, period, self._use, None, None, "no_data", observation, limits)
        small = observation.n < indicator.min_n
        try:
            at = self._anchors(code, indicator, limits)
            worth = score(float(observation.value), at)
            reached = None if small else _level(indicator, limits, float(observation.value))
        except ValueError:
            raise InputError(Issue("MEA008", code)) from None
        return Scored(code, unit, period, self._use, worth, reached, "scored", observation, limits, small=small)

    def _anchors(self, code: str, indicator: Indicator, limits: Limits) -> Anchors:
        """The values that are worth given points, drawn once per indicator; ValueError when out of order."""
        if code not in self._drawn:
            self._drawn[code] = anchors(
                floor=float(limits.floor),
                target=float(limits.target),
                challenge=float(limits.challenge),
                zero=_number(limits.zero),
                direction=_direction(indicator),
            )
        return self._drawn[code]

    def _parent(
        self, code: str, indicator: Indicator, unit: str, period: Period, children: Mapping[str, float]
    ) -> Scored:
        scored = [(weight, self.scored(child, unit, period)) for child, weight in children.items()]
        part = [(weight, each) for weight, each in scored if each.reason != "no_target"]
        threats = [(points, self.scored(risk, unit, period)) for risk, points in self._catalogue.risks(code).items()]
        rolled = roll_up(
            [Child(w, each.score) for w, each in part],
            least_coverage=float(indicator.coverage),
            risks=[Risk(points, each.score) for points, each in threats],
        )
        shares = dict(zip((each.code for _, each in part), rolled.shares, strict=True))
        contributions = tuple(
            Contribution(
                each.code,
                weight,
                share := shares.get(each.code),
                None if share is None or each.score is None else share * each.score.points,
                each,
            )
            for weight, each in scored
        ) + tuple(
            Contribution(each.code, 0.0, None, None if taken is None else -taken, each, points)
            for (points, each), taken in zip(threats, rolled.deductions, strict=True)
        )
        limits = limits_for(indicator, self._use) or SCORE_LIMITS
        reached: Level | None = None
        if rolled.score is not None:
            reason: Reason = "scored"
            reached = _level(indicator, limits, rolled.score.points)
        elif not part:
            reason = "no_target"
        else:
            reason = "low_coverage" if rolled.coverage > 0 else "no_data"
        return Scored(
            code,
            unit,
            period,
            self._use,
            rolled.score,
            reached,
            reason,
            self._found.get((code, unit, period.start)),
            limits,
            rolled.coverage,
            contributions,
        )
