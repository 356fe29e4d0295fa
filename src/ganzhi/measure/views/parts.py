"""Pieces that several view models share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from ganzhi.base.periods import Period
from ganzhi.catalogue.model.indicators import Limits
from ganzhi.catalogue.model.parts import Text
from ganzhi.measure import observation
from ganzhi.numerics.score import LevelLimits, level_limits

Level = Literal["blue", "yellow", "orange", "red"]
Compare = Literal["prev", "year", "target", "peers"]
Basis = observation.Basis
Edges = LevelLimits
"""Target and the values at which the levels begin, defaults filled in."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One number with all that is needed to judge it.

    value is None when unknown; then `completeness` 0 means no data arrived and anything else that
    there was nothing to divide by. numerator and denominator as in the observation. enough: n
    reaches the indicator's minimum sample; without it there is no level and no rank. withheld: the
    viewer may not see it, because it is of few events or would tell those of another; then nothing of it is known.
    """

    value: float | None
    numerator: float | int | None
    denominator: float | int | None
    n: int | None
    completeness: float
    level: Level | None
    enough: bool
    withheld: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """Difference of a reading to the one it is compared with.

    difference is None when either is unknown; `better` is None when equal or without direction.
    """

    against: str
    difference: float | None
    better: bool | None


@dataclass(frozen=True, slots=True)
class Subject:
    """The indicator a row or page is about, with what its display needs."""

    code: str
    name: Text
    definition: Text
    layer: str
    type: str
    dimension: str
    unit_of_value: str
    decimals: int
    direction: Literal["higher", "lower"] | None
    limits: Limits | None

    @property
    def edges(self) -> Edges | None:
        """Where the levels begin; None without target or direction."""
        given = self.limits
        if given is None or self.direction is None:
            return None
        own = (None if value is None else float(value) for value in (given.yellow, given.orange, given.red))
        yellow, orange, red = own
        return level_limits(
            floor=float(given.floor),
            target=float(given.target),
            direction=self.direction,
            yellow=yellow,
            orange=orange,
            red=red,
        )


@dataclass(frozen=True, slots=True)
class Scope:
    """What a page was asked for: place, period, comparison, basis; repeated on the page and in its links.

    data_until: last local day any row arrived for; refreshed_at: when the numbers were computed.
    missing_days: days of the period for which nothing arrived. choices of periods: newest first.
    default_unit, default_period: what a link without region or period means, so that links leave
    it out; None leaves out only what the request left out.
    """

    unit: str
    unit_name: Text
    period: Period
    compare: Compare
    basis: Basis
    compared_with: Period | None
    data_until: date | None
    refreshed_at: datetime | None
    missing_days: tuple[date, ...]
    units: Mapping[str, Text]
    periods: tuple[Period, ...]
    catalogue_version: str
    default_unit: str | None = None
    default_period: Period | None = None


@dataclass(frozen=True, slots=True)
class ScorecardRow:
    """An indicator in a scorecard. spark: values of the last periods of the same grain, oldest first.

    group: code of the upper indicator it is listed under, one of `TopicBlock.groups`.
    """

    subject: Subject
    now: Reading
    before: Reading | None
    change: Change
    year_change: Change
    spark: tuple[float | None, ...]
    group: str | None = None


@dataclass(frozen=True, slots=True)
class ScoreNow:
    """A score (0–120) with coverage: the share of its children's weight that is known. withheld: it rests on
    too few events to be shown to the viewer."""

    code: str
    name: Text
    layer: str
    score: float | None
    before: float | None
    coverage: float
    level: Level | None
    withheld: bool = False


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one child adds to a change of its parent's score; the contributions sum to the change.

    at_risk: of a risk, the most points it can take off the parent; its weight is 0 then."""

    code: str
    name: Text
    weight: float
    score: float | None
    before: float | None
    points: float | None
    at_risk: float | None = None


@dataclass(frozen=True, slots=True)
class Weak:
    """An indicator in alert, for the attention list; worst first."""

    subject: Subject
    unit: str
    unit_name: Text
    now: Reading
    change: Change
    owner: Text | None
