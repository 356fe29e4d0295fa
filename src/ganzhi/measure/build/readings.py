"""Observations as readings: values with level and sample, looked up by indicator, unit and period.

A `Board` answers many questions from few queries: it asks once per feed for a span of periods and
hands out readings from what came back. Scores without a measure are rolled up from the same values.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
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
    level_limits_of,
    limits_for,
    score_all,
    score_tree_of,
)
from ganzhi.measure.units import units_asked
from ganzhi.measure.views.parts import Basis, Change, Reading, ScoreNow, Subject
from ganzhi.measure.views.parts import Level as LevelName
from ganzhi.numerics.score import Level, LevelLimits, level

_Place = tuple[str, datetime, datetime]
"""A unit, and where a period begins and ends."""

UNKNOWN = Reading(None, None, None, None, 0.0, None, enough=False)


def subject_of(catalogue: Catalogue, code: str, grain: Grain) -> Subject:
    """An indicator as the subject of a row or page; the same one each time."""
    return subjects_of(catalogue, (code,), grain)[0]


def subjects_of(catalogue: Catalogue, codes: Iterable[str], grain: Grain) -> list[Subject]:
    """The same of several."""
    held: dict[str, Subject] = catalogue.computed.setdefault(("subjects", use_of(grain)), {})
    return [held.get(code) or held.setdefault(code, _subject(catalogue, code, grain)) for code in codes]


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
    return _reading(observation, indicator, level_limits_of(indicator, use_of(observation.grain)))


def _reading(observation: Observation | Parts, indicator: Indicator, limits: LevelLimits | None) -> Reading:
    enough = observation.n >= indicator.min_n
    value = None if observation.value is None else float(observation.value)
    reached = level(value, limits) if enough and value is not None and limits is not None else None
    return Reading(
        value,
        plain(observation.numerator),
        plain(observation.denominator),
        observation.n if observation.completeness else None,
        observation.completeness,
        None if reached is None else LEVEL_NAMES[reached],
        enough,
    )


def _limits_of(catalogue: Catalogue, code: str, use: Use) -> LevelLimits | None:
    """Where the levels of an indicator's values begin, looked up once per catalogue."""
    held: dict[str, LevelLimits | None] = catalogue.computed.setdefault(("level_limits", use), {})
    if code not in held:
        held[code] = level_limits_of(catalogue.indicator(code), use)
    return held[code]


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


@dataclass(frozen=True, slots=True)
class Wish:
    """What a board is asked: a unit (or its direct children, or other units) over periods of one grain. codes: those
    of the board's indicators that are needed; None for all. Others may be known too where that costs nothing."""

    unit: str
    periods: Sequence[Period]
    children: bool = False
    units: Sequence[str] = ()
    codes: Sequence[str] | None = None


class Board:
    """Readings and scores of many indicators, with all that supports them, for some units and periods."""

    def __init__(self, reader: Reader, codes: Iterable[str], basis: Basis = "period") -> None:
        self._reader = reader
        self._catalogue = reader.workplace.catalogue
        self._basis = basis
        self._codes = self._with_children(codes)
        self._asked = frozenset(self._codes)
        self._found: dict[tuple[str, str, datetime, datetime], Scored] = {}
        self._rows: dict[_Place, tuple[Scores, int]] = {}
        self._readings: dict[_Place, dict[str, Reading]] = {}
        self._out: set[tuple[str, str, datetime, datetime]] = set()

    def _with_children(self, codes: Iterable[str]) -> tuple[str, ...]:
        given = tuple(codes)
        key = ("board", "|".join(given))
        if key not in self._catalogue.computed:
            seen: dict[str, None] = {}
            pending = list(given)
            for code in pending:
                if code not in seen:
                    seen[code] = None
                    pending += self._catalogue.children(code)
            self._catalogue.computed[key] = tuple(seen)
        found: tuple[str, ...] = self._catalogue.computed[key]
        return found

    def ask(self, unit: str, periods: Sequence[Period], *, children: bool = False, units: Sequence[str] = ()) -> None:
        """Fetch what is known of a unit (or of its direct children, or of other units) over periods of one grain."""
        self.ask_all([Wish(unit, periods, children, units)])

    def ask_all(self, wishes: Sequence[Wish]) -> None:
        """Fetch what several wishes about periods of one grain name, as one question.

        What is published is read as it is; other periods, and all other questions, are asked of the states."""
        asked = [each for each in wishes if each.periods]
        if not asked or not self._codes:
            return
        grain = asked[0].periods[0].grain
        use, published = use_of(grain), self._reader.states.published
        if self._basis != "period" or (published is not None and not published.answers(self._leaves(use), grain)):
            published = None
        cells: dict[Cell, None] = {}
        for wish in asked:
            self._catalogue.unit(wish.unit)
            of = units_asked(self._catalogue, wish.unit, children=wish.children, units=wish.units)
            periods = tuple(dict.fromkeys(wish.periods))
            covered = [] if published is None else [period for period in periods if published.covers(period)]
            cells.update(dict.fromkeys((unit, period) for unit in of for period in covered))
            self._note_withheld(self._codes, of, covered)
            self._ask_states(wish, of, _runs(periods, covered), use)
        if published is not None:
            self._take(use, tuple(cells), published)

    def _ask_states(self, wish: Wish, units: Sequence[str], runs: Sequence[Sequence[Period]], use: Use) -> None:
        codes = self._codes if wish.codes is None else self._with_children(wish.codes)
        self._note_withheld(codes, units, [period for run in runs for period in run])
        for run in runs:
            request = ScoreRequest(
                codes=codes,
                unit=wish.unit,
                grain=run[0].grain,
                first=min(p.first_day for p in run),
                last=max(p.last_day for p in run),
                use=use,
                basis=self._basis,
                children=wish.children,
                units=tuple(wish.units),
                stale="show",
            )
            for each in score_all(self._reader.workplace, self._reader.states, request):
                self._found[each.code, each.unit, each.period.start, each.period.end] = each

    def _note_withheld(self, codes: Sequence[str], units: Sequence[str], periods: Sequence[Period]) -> None:
        """Remember which numbers the viewer may not see, because pages of units above withhold them."""
        for code, unit, period in withheld_in(self._reader, codes, units, periods, self._basis):
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
        return self.readings((code,), unit, period)[0]

    def readings(self, codes: Sequence[str], unit: str, period: Period) -> list[Reading]:
        """The readings of several indicators."""
        place = (unit, period.start, period.end)
        cell = self._rows.get(place)
        if cell is None:  # what was not asked for yet may be asked for later
            return [self._out_or(self._found_reading(code, unit, period), code, place) for code in codes]
        kept, use = self._readings.setdefault(place, {}), use_of(period.grain)
        found = []
        for code in codes:
            one = kept.get(code)
            if one is None:
                one = kept[code] = self._out_or(self._cell_reading(code, cell, use), code, place)
            found.append(one)
        return found

    def _out_or(self, reading: Reading, code: str, place: _Place) -> Reading:
        """The reading, or that it is withheld."""
        return withheld(reading) if self._out and (code, *place) in self._out else reading

    def _cell_reading(self, code: str, cell: tuple[Scores, int], use: Use) -> Reading:
        if code not in self._asked:
            return UNKNOWN
        scores, row = cell
        parts = scores.parts(code, row)
        if parts is not None:
            return _reading(parts, self._catalogue.indicator(code), _limits_of(self._catalogue, code, use))
        return _score_reading(scores.now(code, row))

    def _found_reading(self, code: str, unit: str, period: Period) -> Reading:
        scored = self._found.get((code, unit, period.start, period.end)) if self._found else None
        if scored is None:
            return UNKNOWN
        if scored.observation is None:
            return _score_reading((_points(scored), scored.coverage, scored.level))
        limits = _limits_of(self._catalogue, code, use_of(period.grain))
        return _reading(scored.observation, self._catalogue.indicator(code), limits)

    def values(self, code: str, unit: str, periods: Sequence[Period]) -> list[float | None]:
        """The values of the readings of several periods."""
        rows = None if self._out or code not in self._asked else self._together(unit, periods)
        if rows is None:
            return [self.reading(code, unit, period).value for period in periods]
        if self._catalogue.indicator(code).measure is None:
            return rows[0].points_over(code, rows[1])
        return rows[0].values_over(code, rows[1])

    def points_over(self, code: str, unit: str, periods: Sequence[Period]) -> list[float | None]:
        """The scores of several periods; None where there is none."""
        rows = None if self._out or code not in self._asked else self._together(unit, periods)
        if rows is None:
            return [self.points(code, unit, period) for period in periods]
        return rows[0].points_over(code, rows[1])

    def _together(self, unit: str, periods: Sequence[Period]) -> tuple[Scores, list[int]] | None:
        """Scores that hold all of the periods, and where; None where there are none such."""
        cells = [self._rows.get((unit, period.start, period.end)) for period in periods]
        held = [cell for cell in cells if cell is not None]
        if not held or len(held) < len(cells) or any(scores is not held[0][0] for scores, _ in held):
            return None
        return held[0][0], [row for _, row in held]

    def points(self, code: str, unit: str, period: Period) -> float | None:
        """The score; None when there is none."""
        return self._now(code, unit, period)[0]

    def all_points(self, codes: Iterable[str], unit: str, period: Period) -> list[float | None]:
        """The scores of several indicators; None where there is none."""
        cell = None if self._out else self._rows.get((unit, period.start, period.end))
        if cell is None:
            return [self.points(code, unit, period) for code in codes]
        scores, row = cell
        return [scores.now(code, row)[0] if code in self._asked else None for code in codes]

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


def _score_reading(now: Now) -> Reading:
    """The score of an indicator without a measure as its value."""
    points, coverage, reached = now
    return Reading(points, None, None, None, coverage or 0.0, level_name(reached), enough=True)


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
