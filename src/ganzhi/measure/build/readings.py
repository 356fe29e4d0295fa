"""Observations as readings: values with level and sample, looked up by indicator, unit and period.

A `Board` answers many questions from few queries: it asks once per feed for a span of periods and
hands out readings from what came back. Scores without a measure are rolled up from the same values.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from ganzhi.base.periods import Grain, Period
from ganzhi.catalogue.model.indicators import Indicator, Limits
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.observation import UNITS_OF_VALUE, Observation, plain
from ganzhi.measure.score import Scored, ScoreRequest, Use, level_of, limits_for, score_all
from ganzhi.measure.views.parts import Basis, Change, Reading, ScoreNow, Subject
from ganzhi.measure.views.parts import Level as LevelName
from ganzhi.numerics.score import Level

UNKNOWN = Reading(None, None, None, None, 0.0, None, enough=False)


def subject_of(catalogue: Catalogue, code: str, grain: Grain) -> Subject:
    """An indicator as the subject of a row or page."""
    indicator = catalogue.indicator(code)
    return Subject(
        code=code,
        name=indicator.name,
        definition=indicator.definition,
        layer=indicator.layer,
        type=indicator.type,
        dimension=indicator.dimension,
        unit_of_value=UNITS_OF_VALUE[indicator.unit],
        decimals=indicator.decimals,
        direction=indicator.direction,
        limits=limits_for(indicator, use_of(grain)),
    )


def use_of(grain: Grain) -> Use:
    """Which targets judge a period: operations below a day, management from a day up (S000-050)."""
    return "operations" if grain.minutes else "management"


LEVEL_NAMES: dict[Level, LevelName] = {
    Level.BLUE: "blue",
    Level.YELLOW: "yellow",
    Level.ORANGE: "orange",
    Level.RED: "red",
}


def level_name(reached: Level | None) -> LevelName | None:
    """A level as view models write it."""
    return None if reached is None else LEVEL_NAMES[reached]


def reading_of(observation: Observation, indicator: Indicator) -> Reading:
    """An observation with level and sample; too small a sample has no level."""
    enough = observation.n >= indicator.min_n
    value = None if observation.value is None else float(observation.value)
    reached = level_of(indicator, use_of(observation.grain), value) if enough else None
    return Reading(
        value=value,
        numerator=plain(observation.numerator),
        denominator=plain(observation.denominator),
        n=observation.n if observation.completeness else None,
        completeness=observation.completeness,
        level=level_name(reached),
        enough=enough,
    )


def change_between(now: Reading, before: Reading | None, against: str, indicator: Indicator) -> Change:
    """Difference now − before, and whether that is good."""
    if before is None or now.value is None or before.value is None:
        return Change(against, None, None)
    difference = now.value - before.value
    return Change(against, difference, better(difference, indicator.direction))


def better(difference: float, direction: str | None) -> bool | None:
    """Whether a difference is for the better; None when there is none or no direction."""
    if direction is None or difference == 0:
        return None
    return (difference > 0) == (direction == "higher")


def target_change(now: Reading, limits: Limits | None, indicator: Indicator) -> Change:
    """Difference to the target."""
    if limits is None or now.value is None:
        return Change("target", None, None)
    difference = now.value - float(limits.target)
    return Change("target", difference, better(difference, indicator.direction))


class Board:
    """Readings and scores of many indicators, with all that supports them, for some units and periods."""

    def __init__(self, reader: Reader, codes: Iterable[str], basis: Basis = "period") -> None:
        self._reader = reader
        self._catalogue = reader.workplace.catalogue
        self._basis = basis
        self._codes = self._with_children(codes)
        self._found: dict[tuple[str, str, datetime, datetime], Scored] = {}

    def _with_children(self, codes: Iterable[str]) -> tuple[str, ...]:
        seen: dict[str, None] = {}
        pending = list(codes)
        while pending:
            code = pending.pop(0)
            if code not in seen:
                seen[code] = None
                pending += self._catalogue.children(code)
        return tuple(seen)

    def ask(self, unit: str, periods: Sequence[Period], *, children: bool = False) -> None:
        """Fetch what is known of a unit (or of its direct children) over a span of periods of one grain."""
        if not periods or not self._codes:
            return
        request = ScoreRequest(
            codes=self._codes,
            unit=unit,
            grain=periods[0].grain,
            first=min(p.first_day for p in periods),
            last=max(p.last_day for p in periods),
            use=use_of(periods[0].grain),
            basis=self._basis,
            children=children,
            stale="show",
        )
        for each in score_all(self._reader.workplace, self._reader.states, request):
            self._found[each.code, each.unit, each.period.start, each.period.end] = each

    def scored(self, code: str, unit: str, period: Period) -> Scored | None:
        """The score with its contributions; None when it was not asked for."""
        return self._found.get((code, unit, period.start, period.end))

    def reading(self, code: str, unit: str, period: Period) -> Reading:
        """The reading; of an indicator without a measure, its score as value."""
        scored = self.scored(code, unit, period)
        if scored is None:
            return UNKNOWN
        if scored.observation is not None:
            return reading_of(scored.observation, self._catalogue.indicator(code))
        points = None if scored.score is None else scored.score.points
        return Reading(points, None, None, None, scored.coverage or 0.0, level_name(scored.level), enough=True)

    def score_now(self, code: str, unit: str, now: Period, before: Period | None) -> ScoreNow:
        """A score now and before, with coverage and level."""
        indicator = self._catalogue.indicator(code)
        current = self.scored(code, unit, now)
        earlier = self.scored(code, unit, before) if before else None
        coverage = 0.0
        if current is not None and current.score is not None:
            coverage = 1.0 if current.coverage is None else current.coverage
        return ScoreNow(
            code=code,
            name=indicator.name,
            layer=indicator.layer,
            score=_points(current),
            before=_points(earlier),
            coverage=coverage,
            level=None if current is None else level_name(current.level),
        )


def _points(scored: Scored | None) -> float | None:
    return None if scored is None or scored.score is None else scored.score.points
