"""Observations as readings: values with level and sample, looked up by indicator, unit and period.

A `Board` answers many questions from few queries: it asks once per feed for a span of periods and
hands out readings from what came back. Scores without a measure are rolled up from the same values.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache

from ganzhi.base.periods import Grain, Period
from ganzhi.catalogue.model.indicators import Indicator, Limits
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.build.cells.above import withheld_in
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.observation import UNITS_OF_VALUE, Observation, Parts, plain
from ganzhi.measure.score import (
    Cell,
    Now,
    Numbers,
    Scored,
    ScoreRequest,
    Scores,
    ScoreShare,
    Use,
    level_of,
    limits_for,
    score_all,
    score_tree_of,
)
from ganzhi.measure.units import units_asked
from ganzhi.measure.views.parts import Basis, Change, Reading, ScoreNow, Subject
from ganzhi.measure.views.parts import Level as LevelName
from ganzhi.numerics.score import Level

UNKNOWN = Reading(None, None, None, None, 0.0, None, enough=False)


def subject_of(catalogue: Catalogue, code: str, grain: Grain) -> Subject:
    """An indicator as the subject of a row or page; the same one each time."""
    key = (f"subject.{use_of(grain)}", code)
    found = catalogue.computed.get(key)
    if found is None:
        found = catalogue.computed[key] = _subject(catalogue, code, grain)
    subject: Subject = found
    return subject


def _subject(catalogue: Catalogue, code: str, grain: Grain) -> Subject:
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


@cache
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


def withheld(reading: Reading) -> Reading:
    """A reading of which nothing is said but whether data arrived."""
    return Reading(None, None, None, None, reading.completeness, None, enough=False, withheld=True)


def reading_of(observation: Observation, indicator: Indicator) -> Reading:
    """An observation with level and sample; too small a sample has no level."""
    return _reading(observation, indicator, use_of(observation.grain))


def _reading(observation: Observation | Parts, indicator: Indicator, use: Use) -> Reading:
    enough = observation.n >= indicator.min_n
    value = None if observation.value is None else float(observation.value)
    reached = level_of(indicator, use, value) if enough and value is not None else None
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
        self._asked = frozenset(self._codes)
        self._found: dict[tuple[str, str, datetime, datetime], Scored] = {}
        self._rows: dict[tuple[str, datetime, datetime], tuple[Scores, int]] = {}
        self._readings: dict[tuple[str, str, datetime, datetime], Reading] = {}
        self._out: set[tuple[str, str, datetime, datetime]] = set()

    def _with_children(self, codes: Iterable[str]) -> tuple[str, ...]:
        seen: dict[str, None] = {}
        pending = list(codes)
        while pending:
            code = pending.pop(0)
            if code not in seen:
                seen[code] = None
                pending += self._catalogue.children(code)
        return tuple(seen)

    def ask(self, unit: str, periods: Sequence[Period], *, children: bool = False, units: Sequence[str] = ()) -> None:
        """Fetch what is known of a unit (or of its direct children, or of other units) over periods of one grain.

        What is published is read as it is; other periods, and all other questions, are asked of the states."""
        if not periods or not self._codes:
            return
        self._note_withheld(units_asked(self._catalogue, unit, children=children, units=units), periods)
        workplace, published = self._reader.workplace, self._reader.states.published
        use = use_of(periods[0].grain)
        runs = _runs(periods, ())
        if published is not None and self._basis == "period" and published.answers(self._leaves(use), periods[0].grain):
            self._catalogue.unit(unit)
            of = units_asked(self._catalogue, unit, children=children, units=units)
            covered = [period for period in dict.fromkeys(periods) if published.covers(period)]
            self._take(use, [(each, period) for each in of for period in covered], published)
            runs = _runs(periods, covered)
        for run in runs:
            request = ScoreRequest(
                codes=self._codes,
                unit=unit,
                grain=run[0].grain,
                first=min(p.first_day for p in run),
                last=max(p.last_day for p in run),
                use=use,
                basis=self._basis,
                children=children,
                units=tuple(units),
                stale="show",
            )
            for each in score_all(workplace, self._reader.states, request):
                self._found[each.code, each.unit, each.period.start, each.period.end] = each

    def _note_withheld(self, units: Sequence[str], periods: Sequence[Period]) -> None:
        """Remember which numbers the viewer may not see, because pages of units above withhold them."""
        for code, unit, period in withheld_in(self._reader, self._codes, units, periods, self._basis):
            self._out.add((code, unit, period.start, period.end))

    def _take(self, use: Use, cells: Sequence[Cell], numbers: Numbers) -> None:
        """Scores of cells from values that are there; each is put together when it is looked at."""
        if cells:
            scores = Scores(self._catalogue, use, self._codes, cells, numbers)
            for row, (unit, period) in enumerate(cells):
                self._rows[unit, period.start, period.end] = scores, row

    def _leaves(self, use: Use) -> frozenset[str]:
        """Indicators whose values the board's scores rest on."""
        return score_tree_of(self._catalogue, use, self._codes).measured

    def scored(self, code: str, unit: str, period: Period) -> Scored | None:
        """The score with its contributions; None when it was not asked for."""
        cell = self._cell(code, unit, period)
        if cell is not None:
            return cell[0].scored(code, cell[1])
        return self._found.get((code, unit, period.start, period.end))

    def withholds(self, code: str, unit: str, period: Period) -> bool:
        """Whether the viewer may not see the number."""
        return bool(self._out) and (code, unit, period.start, period.end) in self._out

    def _cell(self, code: str, unit: str, period: Period) -> tuple[Scores, int] | None:
        """Where the score of an indicator stands that was taken from what is published."""
        return self._rows.get((unit, period.start, period.end)) if code in self._asked else None

    def shares(self, code: str, unit: str, period: Period) -> tuple[float | None, list[ScoreShare]]:
        """A score, and what its children give to it; nothing of what was not asked for, or is withheld."""
        score, of = self._shares(code, unit, period)
        if self.withholds(code, unit, period):
            return None, []
        if self._out:
            of = [replace(c, points=None, score=None) if self.withholds(c.code, unit, period) else c for c in of]
        return score, of

    def _shares(self, code: str, unit: str, period: Period) -> tuple[float | None, list[ScoreShare]]:
        cell = self._cell(code, unit, period)
        if cell is not None:
            scores, row = cell
            return scores.now(code, row)[0], scores.shares(code, row)
        scored = self.scored(code, unit, period)
        if scored is None:
            return None, []
        of = [ScoreShare(c.code, c.share, c.points, _points(c.child)) for c in scored.contributions]
        return _points(scored), of

    def _now(self, code: str, unit: str, period: Period | None) -> Now:
        """A score without what it rests on; nothing of what was not asked for, or is withheld."""
        if period is not None and self.withholds(code, unit, period):
            return (None, None, None)
        cell = None if period is None else self._cell(code, unit, period)
        if cell is not None:
            return cell[0].now(code, cell[1])
        scored = None if period is None else self.scored(code, unit, period)
        return (None, None, None) if scored is None else (_points(scored), scored.coverage, scored.level)

    def reading(self, code: str, unit: str, period: Period) -> Reading:
        """The reading; of an indicator without a measure, its score as value."""
        key = (code, unit, period.start, period.end)
        found = self._readings.get(key)
        if found is None:
            cell = self._cell(code, unit, period)
            found = self._reading(code, unit, period, cell)
            if self.withholds(code, unit, period):
                found = withheld(found)
            if cell is not None:  # what was not asked for yet may be asked for later
                self._readings[key] = found
        return found

    def _reading(self, code: str, unit: str, period: Period, cell: tuple[Scores, int] | None) -> Reading:
        observation: Observation | Parts | None
        if cell is not None:
            observation = cell[0].parts(code, cell[1])
        elif (scored := self.scored(code, unit, period)) is not None:
            observation = scored.observation
        else:
            return UNKNOWN
        if observation is not None:
            return _reading(observation, self._catalogue.indicator(code), use_of(period.grain))
        points, coverage, level = self._now(code, unit, period)
        return Reading(points, None, None, None, coverage or 0.0, level_name(level), enough=True)

    def value(self, code: str, unit: str, period: Period) -> float | None:
        """The value of the reading."""
        cell = self._cell(code, unit, period)
        found = None if cell is None or self._out else cell[0].value(code, cell[1])
        return self.reading(code, unit, period).value if found is None else found

    def points(self, code: str, unit: str, period: Period) -> float | None:
        """The score; None when there is none."""
        return self._now(code, unit, period)[0]

    def score_now(self, code: str, unit: str, now: Period, before: Period | None) -> ScoreNow:
        """A score now and before, with coverage and level."""
        indicator = self._catalogue.indicator(code)
        points, coverage, level = self._now(code, unit, now)
        return ScoreNow(
            code=code,
            name=indicator.name,
            layer=indicator.layer,
            score=points,
            before=self._now(code, unit, before)[0],
            coverage=0.0 if points is None else 1.0 if coverage is None else coverage,
            level=level_name(level),
            withheld=self.withholds(code, unit, now),
        )


def _points(scored: Scored | None) -> float | None:
    return None if scored is None or scored.score is None else scored.score.points


def _runs(periods: Sequence[Period], covered: Sequence[Period]) -> list[list[Period]]:
    """The periods that are not covered, those that follow each other together."""
    runs: list[list[Period]] = []
    last: datetime | None = None
    for period in sorted(set(periods) - set(covered), key=lambda each: each.start):
        if period.start != last:
            runs.append([])
        runs[-1].append(period)
        last = period.end
    return runs
