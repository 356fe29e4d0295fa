"""What is asked about a change and what comes back, as values.

An explanation splits one difference: of an indicator, for one unit and period, against an earlier period
or against its target. Every split adds up to the difference; what could not be known has no number and
says why. Nothing here claims a cause: a part carries a share of a change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ganzhi.base.periods import Period
from ganzhi.measure.observation import Basis, Exact, Observation, plain
from ganzhi.measure.score import Scored

Versus = Literal["prev", "year", "target"]
Way = Literal["rate_mix", "amounts", "over_whole", "distance", "beside"]
"""How a cut splits: `rate_mix` a ratio by rates and mix; `amounts` a sum; `over_whole` a ratio whose
denominator belongs to the whole alone; `distance` a ratio's distance to its target; `beside` not at all,
because values of parts do not add up to the whole's (percentiles, extremes, distinct counts, scores)."""
Method = Literal["mean", "floor", "target"]
"""How a score splits: `mean` the change of a weighted mean and of what risks take off; `floor` the same where
a score of 0 cut something off (Shapley); `target` the points lost to the target."""
Reason = Literal["explained", "no_data_now", "no_data_before", "no_target"]
Verdict = Literal["found", "spread", "outside", "too_few", "not_additive"]
"""Of the search: cells stand out; everything deviates alike; nothing within these attributes stands out; too
few parts to tell; parts of such a measure do not add up."""
Only = Literal["before", "now"]

UNIT = "unit"
"""Name of the cut by organisational unit, and of that attribute in a cell."""


@dataclass(frozen=True, slots=True)
class ExplainRequest:
    """Which number is to be explained, against what.

    versus: `prev` the period before, `year` the same period a year earlier, `target`. by: dimensions to cut
    by; empty for all that the indicator declares. depth: levels of indicators that a score is opened to.
    search: whether to look for the attribute combination that carries the difference.
    """

    code: str
    unit: str
    period: Period
    versus: Versus = "prev"
    by: tuple[str, ...] = ()
    depth: int = 8
    basis: Basis = "period"
    search: bool = True
    stale: Literal["refuse", "show"] = "refuse"


@dataclass(frozen=True, slots=True)
class Amount:
    """One part of an indicator at one date: exact numerator and denominator, rows, and the value."""

    numerator: Exact | None
    denominator: Exact | None
    n: int
    value: float | None

    def as_json(self) -> dict[str, object]:
        """For programs."""
        parts = {"numerator": plain(self.numerator), "denominator": plain(self.denominator)}
        return {"value": self.value, **parts, "n": self.n}


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of a cut.

    key: unit code or value of the dimension (`` for rows in which it is unknown). unit, where: what its
    observation and rows are asked with; unit None means rows of the unit itself, below no child. before,
    now: None where the part was not there, and `only` names the date at which it was. change: what it adds
    to the difference, in the unit of value, None where parts do not add up; rate and mix: its two halves.
    share: change over the difference. points: what it adds to the change of the score. below: whether it
    lies on the bad side of the target. inner: parts within it, whose changes add up to its rate effect
    (of amounts, to its change).
    """

    key: str
    unit: str | None
    where: Mapping[str, str]
    before: Amount | None
    now: Amount | None
    only: Only | None = None
    change: float | None = None
    rate: float | None = None
    mix: float | None = None
    share: float | None = None
    points: float | None = None
    below: bool | None = None
    inner: tuple[Piece, ...] = ()

    def as_json(self) -> dict[str, object]:
        """For programs."""
        return {
            "key": self.key,
            "unit": self.unit,
            "where": dict(self.where),
            "before": None if self.before is None else self.before.as_json(),
            "now": None if self.now is None else self.now.as_json(),
            "only": self.only,
            "change": self.change,
            "rate": self.rate,
            "mix": self.mix,
            "share": self.share,
            "points": self.points,
            "below": self.below,
            "inner": [each.as_json() for each in self.inner],
        }


@dataclass(frozen=True, slots=True)
class Cut:
    """The difference over the values of one dimension or over the units below.

    rate, mix: sums of the pieces' halves. reversed: every rate moved one way and the whole the other, so the
    mix carries the change (Simpson's paradox). inner_dimension: by what the pieces are cut once more. outcome:
    the dimension says how each event ended (a cause of failure, the agent of an answered call), so all events
    of a value count alike and the cut tells nothing.
    """

    dimension: str
    way: Way
    pieces: tuple[Piece, ...]
    rate: float | None = None
    mix: float | None = None
    reversed: bool = False
    inner_dimension: str | None = None
    outcome: bool = False

    def as_json(self) -> dict[str, object]:
        """For programs."""
        head = {"dimension": self.dimension, "way": self.way, "rate": self.rate, "mix": self.mix}
        tail = {"reversed": self.reversed, "outcome": self.outcome, "inner_dimension": self.inner_dimension}
        return {**head, **tail, "pieces": [each.as_json() for each in self.pieces]}


@dataclass(frozen=True, slots=True)
class ScorePart:
    """One child of a score.

    points: what it adds to the change of its parent (against the target: points lost, above 0), None where
    that is unknown; by_score and by_share its halves. of_top: what is left of it in the change of the score
    that was asked about. at_risk: of a risk, the most it can take off. only: the one date at which it has a
    score. inner: its own split.
    """

    code: str
    weight: float
    before: Scored | None
    now: Scored | None
    points: float | None
    by_score: float | None
    by_share: float | None
    of_top: float | None
    at_risk: float | None = None
    only: Only | None = None
    inner: Split | None = None

    def as_json(self) -> dict[str, object]:
        """For programs."""
        return {
            "code": self.code,
            "weight": self.weight,
            "before": points_of(self.before),
            "now": points_of(self.now),
            "points": self.points,
            "by_score": self.by_score,
            "by_share": self.by_share,
            "of_top": self.of_top,
            "at_risk": self.at_risk,
            "only": self.only,
            "observation_before": _observed(self.before),
            "observation": _observed(self.now),
            "inner": None if self.inner is None else self.inner.as_json(),
        }


@dataclass(frozen=True, slots=True)
class Split:
    """The change of a score over what supports it; the points of the parts add up to `difference`."""

    code: str
    method: Method
    difference: float
    parts: tuple[ScorePart, ...]

    def as_json(self) -> dict[str, object]:
        """For programs."""
        head = {"code": self.code, "method": self.method, "difference": self.difference}
        return {**head, "parts": [each.as_json() for each in self.parts]}


@dataclass(frozen=True, slots=True)
class FoundCell:
    """A combination of attributes that carries part of the difference.

    where: dimension values, with `unit` among them where the cell is of one unit. before, now: the cell as a
    whole. change: what it adds to the difference; share: of the difference. expected: events that would have
    been expected now; events: that were counted. excess: statistic over noise.
    """

    where: Mapping[str, str]
    before: Amount | None
    now: Amount | None
    change: float | None
    share: float | None
    events: float
    expected: float
    excess: float

    def as_json(self) -> dict[str, object]:
        """For programs."""
        return {
            "where": dict(self.where),
            "before": None if self.before is None else self.before.as_json(),
            "now": None if self.now is None else self.now.as_json(),
            "change": self.change,
            "share": self.share,
            "events": self.events,
            "expected": self.expected,
            "excess": self.excess,
        }


@dataclass(frozen=True, slots=True)
class Search:
    """What the search over attributes found. tried: combinations of attributes that were looked through,
    with the number of leaves of each. cells: at most three."""

    verdict: Verdict
    tried: tuple[tuple[tuple[str, ...], int], ...] = ()
    cells: tuple[FoundCell, ...] = ()

    def as_json(self) -> dict[str, object]:
        """For programs."""
        tried = [{"attributes": list(names), "leaves": leaves} for names, leaves in self.tried]
        return {"verdict": self.verdict, "tried": tried, "cells": [each.as_json() for each in self.cells]}


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer. compared: the earlier period, None against the target. target: in the unit of what is
    explained. measured: whether a value is explained, else a score in points. difference: now less before, or
    value less target. now, before: of a measured indicator. score_now, score_before: its score, where it has
    one. split: over supporting indicators."""

    request: ExplainRequest
    reason: Reason
    measured: bool
    compared: Period | None
    target: float | None
    now: Observation | None
    before: Observation | None
    score_now: Scored | None
    score_before: Scored | None
    difference: float | None
    split: Split | None = None
    cuts: tuple[Cut, ...] = ()
    search: Search | None = None
    catalogue_version: str = field(default="")

    def as_json(self) -> dict[str, object]:
        """The object of `ganzhi explain --format json`."""
        asked = self.request
        return {
            "code": asked.code,
            "unit": asked.unit,
            "grain": asked.period.grain.value,
            "period": asked.period.key,
            "versus": asked.versus,
            "compared_with": None if self.compared is None else self.compared.key,
            "target": self.target,
            "reason": self.reason,
            "difference": self.difference,
            "observation": None if self.now is None else self.now.as_json(),
            "observation_before": None if self.before is None else self.before.as_json(),
            "score": points_of(self.score_now),
            "score_before": points_of(self.score_before),
            "split": None if self.split is None else self.split.as_json(),
            "cuts": [each.as_json() for each in self.cuts],
            "search": None if self.search is None else self.search.as_json(),
            "catalogue_version": self.catalogue_version,
        }


def points_of(scored: Scored | None) -> float | None:
    """The points of a score, None where it has none."""
    return None if scored is None or scored.score is None else scored.score.points


def _observed(scored: Scored | None) -> dict[str, object] | None:
    return None if scored is None or scored.observation is None else scored.observation.as_json()
