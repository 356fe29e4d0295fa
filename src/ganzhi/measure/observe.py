"""Observations: the answer to a question, from the states of one reading.

Owns what a question means: which periods it touches, what they cover, which days of them are known,
which slices occur, and that an unknown value is not a zero. The arithmetic is SQL of
`compile.observe`. Refuses what the states cannot answer exactly, and, unless told otherwise, states
that are behind the rows.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import Grain, Period, periods_between
from ganzhi.catalogue.model.whole import CALENDAR_DIMENSIONS, Catalogue
from ganzhi.compile.formulas import Formula
from ganzhi.compile.observe import Question, column_of, observe_sql, slice_column
from ganzhi.compile.plan import FeedPlan, plan_feed
from ganzhi.measure.calendar import asked_days, asked_slots, covered_by
from ganzhi.measure.known import Known, ranges
from ganzhi.measure.observation import (
    UNITS_OF_VALUE,
    Basis,
    Exact,
    Observation,
    ObserveRequest,
    as_table,
    plain,
)
from ganzhi.measure.open import States
from ganzhi.measure.rates import divided, question_of_base
from ganzhi.measure.units import members_table, units_asked, wanted_table
from ganzhi.warehouse.workplace import Workplace

__all__ = ["Basis", "Observation", "ObserveRequest", "as_table", "observe", "plain"]

MOST_PERIODS = 40_000

Slice = tuple[str, ...]


def observe(workplace: Workplace, reading: States, request: ObserveRequest) -> list[Observation]:
    """Observations in the order of codes, then units, slices and periods.

    All periods that the days touch are there for each slice that occurs; those of which nothing
    has arrived with value None and completeness 0.
    Raises: InputError REQ010–012, MEA001–MEA006, CMP008–CMP010.
    """
    catalogue = workplace.catalogue
    _check(catalogue, request)
    catalogue.unit(request.unit)
    units = units_asked(catalogue, request.unit, children=request.children, units=request.units)
    span = _Span.of(workplace, request)
    if _is_published(reading, request, span):
        return [each for code in request.codes for unit in units for each in _read(reading, code, unit, span)]
    by_feed: dict[str, list[str]] = {}
    for code in dict.fromkeys((*request.codes, *_bases_asked_alike(catalogue, request))):
        by_feed.setdefault(_feed_of(catalogue, code, request.grain), []).append(code)
    found: dict[str, list[Observation]] = {}
    for feed, codes in by_feed.items():
        plan = plan_feed(catalogue, feed)
        what_is_known = reading.known(workplace, plan)
        if request.stale == "refuse":
            _refuse_stale(feed, what_is_known, span)
        for lacking, alike in by_lacking(plan, what_is_known, codes).items():
            answer = _Answer(catalogue, plan, what_is_known.without(lacking), request, span, units)
            cells = answer.ask(reading, alike) if feed in reading.feeds and answer.known else answer.nothing(alike)
            for code in alike:
                found[code] = list(answer.observations(plan.formula(code), cells))
    _divide(workplace, reading, request, found)
    return [each for code in request.codes for each in found[code]]


def _is_published(reading: States, request: ObserveRequest, span: _Span) -> bool:
    """Whether all that is asked stands ready as it is now: whole periods of whole units, without slices."""
    published = reading.published
    plain_question = request.basis == "period" and request.stale == "show" and not request.by and not request.where
    return (
        published is not None
        and plain_question
        and published.answers(request.codes, request.grain)
        and all(published.covers(period) for period in span.periods)
    )


def _read(reading: States, code: str, unit: str, span: _Span) -> Iterator[Observation]:
    """Observations as they are published."""
    assert reading.published is not None
    for period in span.periods:
        found = reading.published.observation(code, unit, period)
        assert found is not None
        yield found


def by_lacking(plan: FeedPlan, what_is_known: Known, codes: Sequence[str]) -> dict[frozenset[date], list[str]]:
    """Indicators by the days whose states, carried over from an older plan, do not hold their measures."""
    found: dict[frozenset[date], list[str]] = {}
    for code in codes:
        names = {m.name for m in plan.formula(code).measures}
        found.setdefault(what_is_known.lacking_days(names), []).append(code)
    return found


def _alike(question: ObserveRequest, request: ObserveRequest) -> bool:
    """Whether the base of a rate is asked for the same periods, slices and conditions as the rate."""
    return (question.grain, question.by, question.where) == (request.grain, request.by, request.where)


def _bases_asked_alike(catalogue: Catalogue, request: ObserveRequest) -> list[str]:
    """Bases that can be asked with their numerators, in the same query of their feed."""
    rates = [rate for code in request.codes if (rate := catalogue.indicator(code).rate) is not None]
    return [
        rate.per
        for rate in rates
        if catalogue.indicator(rate.per).rate is None and _alike(question_of_base(catalogue, rate, request), request)
    ]


def _divide(
    workplace: Workplace, reading: States, request: ObserveRequest, found: dict[str, list[Observation]]
) -> None:
    """Turn the numerators of rates into the rates; bases that are asked the same way are asked at once."""
    catalogue = workplace.catalogue
    rates = {code: rate for code in found if (rate := catalogue.indicator(code).rate) is not None}
    together: dict[Hashable, list[str]] = {}
    questions = {}
    for code, rate in rates.items():
        question = questions[code] = question_of_base(catalogue, rate, request)
        if rate.per in found and rate.per not in rates and _alike(question, request):
            found[code] = divided(catalogue, code, found[code], found[rate.per])
        else:
            shape = (question.grain, question.by, tuple(sorted(question.where.items())))
            together.setdefault(shape, []).append(code)
    for codes in together.values():
        pers = tuple(dict.fromkeys(rates[code].per for code in codes))
        bases: dict[str, list[Observation]] = {}
        for each in observe(workplace, reading, replace(questions[codes[0]], codes=pers)):
            bases.setdefault(each.code, []).append(each)
        for code in codes:
            found[code] = divided(catalogue, code, found[code], bases.get(rates[code].per, []))


def _check(catalogue: Catalogue, request: ObserveRequest) -> None:
    issues = []
    if request.first > request.last:
        issues.append(Issue("MEA002", params={"first": str(request.first), "last": str(request.last)}))
    if not request.codes:
        issues.append(Issue("MEA006"))
    twice = sorted({d for d in request.by if request.by.count(d) > 1 or d in request.where})
    if twice:
        issues.append(Issue("MEA003", ", ".join(twice)))
    if issues:
        raise InputError(issues)


def _feed_of(catalogue: Catalogue, code: str, grain: Grain) -> str:
    indicator = catalogue.indicator(code)
    if indicator.feed is None:
        raise InputError(Issue("MEA004", code))
    finest = max(catalogue.feed(indicator.feed).finest, indicator.finest or Grain.QUARTER_HOUR, key=lambda g: g.rank)
    if grain.rank < finest.rank:
        raise InputError(Issue("MEA005", code, params={"grain": grain.value, "finest": finest.value}))
    return indicator.feed


def _refuse_stale(feed: str, what_is_known: Known, span: _Span) -> None:
    stale = [day for day in what_is_known.stale if span.first <= day <= span.last]
    if stale:
        raise InputError(Issue("MEA001", feed, params={"days": ranges(stale), "count": str(len(stale))}))


@dataclass(frozen=True, slots=True)
class _Span:
    """The periods asked for and what each covers."""

    periods: tuple[Period, ...]
    covered: tuple[Period, ...]

    @classmethod
    def of(cls, workplace: Workplace, request: ObserveRequest) -> _Span:
        periods: list[Period] = []
        for period in periods_between(request.grain, request.first, request.last, workplace.zone):
            periods.append(period)
            if len(periods) > MOST_PERIODS:
                raise InputError(Issue("MEA007", params={"limit": str(MOST_PERIODS)}))
        return cls(tuple(periods), tuple(covered_by(period, request.basis) for period in periods))

    @property
    def first(self) -> date:
        return min(period.first_day for period in self.covered)

    @property
    def last(self) -> date:
        return max(period.last_day for period in self.covered)


@dataclass(frozen=True, slots=True)
class _Cells:
    """Rows of the result by unit, slice and index of the period; the slices that occur per unit."""

    rows: Mapping[tuple[str, Slice, int], Mapping[str, object]]
    slices: Mapping[str, Sequence[Slice]]


class _Answer:
    """One feed's answer."""

    def __init__(
        self,
        catalogue: Catalogue,
        plan: FeedPlan,
        what_is_known: Known,
        request: ObserveRequest,
        span: _Span,
        units: Sequence[str],
    ) -> None:
        self._catalogue, self._plan, self._known = catalogue, plan, what_is_known
        self._request, self._span, self._units = request, span, units
        self._completeness = [what_is_known.of(period) for period in span.covered]

    @property
    def known(self) -> bool:
        """Whether anything is known of any period."""
        return any(self._completeness)

    def nothing(self, codes: Sequence[str]) -> _Cells:
        """What there is without asking: no row, and no slice; a question that cannot be asked is refused all the same."""
        observe_sql(self._plan, self._question(codes))
        slices: list[Slice] = [] if self._request.by else [()]
        return _Cells({}, dict.fromkeys(self._units, slices))

    def ask(self, reading: States, codes: Sequence[str]) -> _Cells:
        """Run the question."""
        request, question = self._request, self._question(codes)
        session = reading.session_of(
            self._plan.feed, fine=question.level == "fine", days=(self._span.first, self._span.last)
        )
        session.register("wanted", wanted_table(self._catalogue, self._units))
        sql = observe_sql(self._plan, question)
        if question.level == "fine":
            session.register("members", members_table(self._catalogue, self._units))
            session.register("asked", asked_slots(self._span.covered, self._known.usable))
        else:
            months = self._known.months if question.months else ()
            session.register("asked", asked_days(self._span.covered, self._known.usable, months))
        result = session.query(sql).to_pylist()
        rows: dict[tuple[str, Slice, int], Mapping[str, object]] = {}
        for row in result:
            cut = tuple(str(row[slice_column(d)]) for d in request.by)
            rows[(row["unit"], cut, row["period"])] = row
        occurring = {unit: {cut for u, cut, _ in rows if u == unit} for unit in self._units}
        order = _slice_order(self._catalogue, request.by)
        slices = {unit: sorted(cuts, key=order) if request.by else [()] for unit, cuts in occurring.items()}
        return _Cells(rows, slices)

    def _question(self, codes: Sequence[str]) -> Question:
        request = self._request
        fine = request.grain.minutes is not None or "hour_of_day" in (*request.by, *request.where)
        level: Literal["fine", "day"] = "fine" if fine else "day"
        months = not fine and "weekday" not in (*request.by, *request.where) and bool(self._known.months)
        return Question(tuple(codes), level, request.by, request.where, self._span.first, self._span.last, months)

    def observations(self, formula: Formula, cells: _Cells) -> Iterator[Observation]:
        """All observations of an indicator."""
        for unit in self._units:
            for cut in cells.slices[unit]:
                named = {**self._request.where, **dict(zip(self._request.by, cut, strict=True))}
                for index, period in enumerate(self._span.periods):
                    row = cells.rows.get((unit, cut, index))
                    yield self._observation(formula, unit, named, index, period, row)

    def _observation(
        self,
        formula: Formula,
        unit: str,
        named: Mapping[str, str],
        index: int,
        period: Period,
        row: Mapping[str, object] | None,
    ) -> Observation:
        completeness = self._completeness[index]
        numerator: Exact | None = None
        denominator: Exact | None = None
        value: float | int | None = None
        n, estimated = 0, False
        if completeness and row is not None:
            numerator = exact(row[column_of(formula.code, "numerator")])
            denominator = exact(row[column_of(formula.code, "denominator")])
            given, rows = row[column_of(formula.code, "value")], row[column_of(formula.code, "n")]
            assert isinstance(rows, int)
            value, n = given if isinstance(given, float) else plain(exact(given)), rows
            estimated = bool(row.get(column_of(formula.code, "estimated")))
        elif completeness:  # something arrived, and nothing of it is counted here
            numerator = 0 if formula.numerator is not None else None
            denominator = None if formula.denominator is None else 0
            value = numerator if formula.denominator is None else None
        return Observation(
            code=formula.code,
            unit=unit,
            period=period,
            covered=self._span.covered[index],
            slice=named,
            numerator=numerator,
            denominator=denominator,
            n=n,
            value=value,
            unit_of_value=UNITS_OF_VALUE[formula.unit],
            completeness=completeness,
            catalogue_version=self._catalogue.version,
            estimated=estimated,
        )


def exact(value: object) -> Exact | None:
    """A merged part as the smallest exact type: whole numbers as int."""
    if value is None:
        return None
    if isinstance(value, int):
        return value
    assert isinstance(value, Decimal)
    return int(value) if value == value.to_integral_value() else value.normalize()


def _slice_order(catalogue: Catalogue, by: Sequence[str]) -> _Order:
    return _Order(
        tuple(
            {value: place for place, value in enumerate(catalogue.dimensions[d].values)}
            if d in catalogue.dimensions
            else {}
            for d in by
        ),
        tuple(d in CALENDAR_DIMENSIONS for d in by),
    )


@dataclass(frozen=True, slots=True)
class _Order:
    """Declared values in their declared order, then the others by text; hours and weekdays by number."""

    places: tuple[Mapping[str, int], ...]
    numeric: tuple[bool, ...]

    def __call__(self, cut: Slice) -> tuple[tuple[int, str], ...]:
        keys = []
        for value, places, numeric in zip(cut, self.places, self.numeric, strict=True):
            place = int(value) if numeric else places.get(value, len(places))
            keys.append((place, value))
        return tuple(keys)
