"""Answers free questions about indicators: any of them, for a place or those below it, by period and dimension.

The numbers are those of `measure.observe`, so they agree with every page. Viewers without list depth see no
small part of a number; a condition makes a part, too, so its siblings are looked at before it is shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import get_args

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import Grain, Period, midnight, period_at, periods_between
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import CALENDAR_DIMENSIONS, Catalogue
from ganzhi.measure.build.ask.cost import span_of, states_cost
from ganzhi.measure.build.ask.places import unit_of
from ganzhi.measure.build.ask.running import Run, Running
from ganzhi.measure.build.ask.values import coded
from ganzhi.measure.build.ask.words import name_of
from ganzhi.measure.build.cells.above import withheld_above
from ganzhi.measure.build.cells.rule import withheld_parts
from ganzhi.measure.build.readings import reading_of, subject_of, withheld
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.calendar import covered_by
from ganzhi.measure.observation import Basis, Observation, ObserveRequest
from ganzhi.measure.observe import observe
from ganzhi.measure.open import States
from ganzhi.measure.units import children_of
from ganzhi.measure.views.ask.answers import AskColumn, Cost, IndicatorsAnswer, Key, Line, Place, Said
from ganzhi.measure.views.ask.question import MOST_BY, Question
from ganzhi.warehouse.engine import Session

MOST_CELLS = 50_000
"""Numbers, before they are cut by dimensions, that one question may ask."""
DEFAULT_PERIODS: Mapping[str, int] = {"day": 14, "week": 56, "month": 186, "quarter": 366, "year": 732}
_FINE_DAYS = 2
GRAINS = tuple(g.value for g in Grain if not g.is_operator_week and g.rank >= Grain.QUARTER_HOUR.rank)


@dataclass(frozen=True, slots=True)
class _Task:
    """A question that was judged."""

    question: Question
    request: ObserveRequest
    place: Place
    cost: Cost
    shut: bool
    """Whether small parts are withheld."""


class _Watched:
    """Sessions of a reader's states, each of which stopping the question interrupts. The reader closes them."""

    def __init__(self, run: Run, states: States) -> None:
        self._run, self._states = run, states

    def of(self, feed: str | None, *, fine: bool, days: tuple[date, date] | None = None) -> Session:
        """See `measure.open.Sessions`."""
        session = self._states.session if feed is None else self._states.session_of(feed, fine=fine, days=days)
        return self._run.watch(session)

    def close(self) -> None:
        """See `measure.open.Sessions`."""


def indicators_answer(reader: Reader, question: Question, running: Running, most_rows: int) -> IndicatorsAnswer:
    """The numbers asked for.

    Raises: InputError ASK001 before anything is read when it would be too much, ASK002–ASK005, ASK010, ASK013,
    ASK019 and ASK020; as `observe` for what the states cannot say.
    """
    task = _judged(reader, question, most_rows)
    catalogue = reader.workplace.catalogue
    names = [catalogue.indicator(code).name for code in question.codes]
    title = Text.model_construct(zh="、".join(n.zh for n in names), en=", ".join(n.en for n in names))
    with running.run(reader.viewer.login, title, task.cost.rows) as run:
        states = States(reader.states.snapshot, reader.states.feeds, _Watched(run, reader.states))
        observed = observe(reader.workplace, states, task.request)
    lines = _lines(catalogue, task, observed, withheld_above(reader, observed, task.request.basis))
    return IndicatorsAnswer(
        place=task.place,
        grain=task.request.grain,
        basis=task.request.basis,
        subjects={code: subject_of(catalogue, code, task.request.grain) for code in question.codes},
        feeds={code: catalogue.indicator(code).feed or "" for code in question.codes},
        by=tuple((name, catalogue.dimensions[name].name) for name in question.by),
        where=tuple(_where(catalogue, question).items()),
        below=question.below,
        lines=lines,
        said=_said(catalogue, question),
        linked=reader.viewer.may("list"),
        withheld=any(line.reading.withheld for line in lines),
        cost=task.cost,
    )


def feeds_of(catalogue: Catalogue, codes: Sequence[str]) -> frozenset[str]:
    """The feeds that indicators are computed from, those of what rates are divided by included."""
    found: set[str] = set()
    pending = list(codes)
    while pending:
        indicator = catalogue.indicator(pending.pop())
        found |= {indicator.feed} if indicator.feed else set()
        pending += [indicator.rate.per] if indicator.rate is not None else []
    return frozenset(found)


def dimensions_of_all(catalogue: Catalogue, codes: Sequence[str]) -> tuple[str, ...]:
    """Dimensions that every one of the indicators can be cut by."""
    sets = [_dimensions(catalogue, code) for code in codes]
    return tuple(name for name in sets[0] if all(name in other for other in sets)) if sets else ()


def _dimensions(catalogue: Catalogue, code: str) -> tuple[str, ...]:
    feed = catalogue.indicator(code).feed
    own = catalogue.feed(feed).dimensions if feed else ()
    kept = {name for cuboid in (catalogue.feed(feed).cuboids if feed else ()) for name in cuboid}
    known = [name for name in own if name in kept and name in catalogue.dimensions]
    return (*known, *(name for name in CALENDAR_DIMENSIONS if name in catalogue.dimensions))


def _judged(reader: Reader, question: Question, most_rows: int) -> _Task:
    reader.viewer.require("query")
    if not question.codes:
        raise InputError(Issue("ASK013", "i"))
    catalogue = reader.workplace.catalogue
    for code in question.codes:
        if catalogue.indicator(code).feed is None:
            raise InputError(Issue("ASK019", "i", params={"value": code}))
    unit = unit_of(reader.ground, question)
    grain = _chosen(question.grain, GRAINS, "grain", "week")
    basis: Basis = _chosen(question.basis, get_args(Basis), "basis", "period")  # type: ignore[assignment]
    feeds = feeds_of(catalogue, question.codes)
    latest = max((day for feed in feeds for day, share in reader.arrived(feed).items() if share), default=None)
    today = reader.workplace.clock.now().astimezone(reader.workplace.zone).date()
    first, last = span_of(question, latest or today, DEFAULT_PERIODS.get(grain, _FINE_DAYS))
    where = _where(catalogue, question)
    shut = not reader.viewer.may("list")
    # What a condition leaves out is looked at as well, where it could be told from what is shown.
    request = ObserveRequest(
        codes=question.codes,
        unit=unit,
        grain=Grain(grain),
        first=first,
        last=last,
        by=(*question.by, *where) if shut else question.by,
        basis=basis,
        where={} if shut else where,
        children=question.below,
        stale="show",
    )
    cost = _cost(reader, request, feeds, most_rows)
    place = Place(
        unit,
        catalogue.units[unit].name,
        reader.ground.top,
        first,
        last,
        latest,
        reader.workplace.store.manifest.last("refresh"),
    )
    return _Task(question, request, place, cost, shut)


def _cost(reader: Reader, request: ObserveRequest, feeds: frozenset[str], most_rows: int) -> Cost:
    catalogue, snapshot = reader.workplace.catalogue, reader.states.snapshot
    units = len(children_of(catalogue, request.unit)) if request.children else 1
    periods = periods_between(request.grain, request.first, request.last, reader.workplace.zone)
    cells = len(request.codes) * units * sum(1 for _ in periods)
    if cells > MOST_CELLS:
        raise InputError(Issue("ASK020", "grain", params={"cells": f"{cells:,}", "most": f"{MOST_CELLS:,}"}))
    fine = request.grain.minutes is not None or "hour_of_day" in (*request.by, *request.where)
    first = _reaches(request, reader)
    level = "fine" if fine else "day"
    return states_cost(catalogue, snapshot, feeds, level, first, request.last, most_rows)


def _reaches(request: ObserveRequest, reader: Reader) -> date:
    """The first day that is read: to-date numbers begin before their period."""
    first = period_at(request.grain, midnight(request.first, reader.workplace.zone), reader.workplace.zone)
    return min(request.first, covered_by(first, request.basis).first_day)


def _chosen(given: str | None, known: Sequence[str], field: str, default: str) -> str:
    if given is not None and given not in known:
        raise InputError(Issue("REQ004", field, params={"value": given[:40], "known": ", ".join(known)}))
    return given or default


def _where(catalogue: Catalogue, question: Question) -> dict[str, str]:
    """Conditions on dimensions; only what a dimension is can be said here.

    Raises: InputError ASK006 for a dimension that not all indicators have, ASK008 for another condition, ASK021 for
    a dimension that is there twice.
    """
    known = dimensions_of_all(catalogue, question.codes)
    found: dict[str, str] = {}
    for place, name in [(None, name) for name in question.by] + [(c.place, c.column) for c in question.conditions]:
        parameter = "by" if place is None else f"c{place}"
        if name not in known:
            raise InputError(Issue("ASK006", parameter, params={"value": name[:40], "near": ", ".join(known) or "–"}))
    for each in question.conditions:
        if each.op not in ("eq", "empty"):
            raise InputError(Issue("ASK008", f"o{each.place}", params={"column": each.column, "known": "eq, empty"}))
        if each.column in found or each.column in question.by:
            raise InputError(Issue("ASK021", f"c{each.place}", params={"value": each.column}))
        found[each.column] = "" if each.op == "empty" else coded(catalogue.dimensions[each.column].values, each.value)
    if len(set(question.by)) > MOST_BY:
        raise InputError(Issue("ASK010", "by", params={"most": str(MOST_BY)}))
    return found


def _said(catalogue: Catalogue, question: Question) -> tuple[Said, ...]:
    found = []
    for each in question.conditions:
        rest = tuple(other for other in question.conditions if other is not each)
        values = (
            ()
            if each.op == "empty"
            else (key_of(catalogue, each.column, coded(catalogue.dimensions[each.column].values, each.value)).name,)
        )
        found.append(Said(catalogue.dimensions[each.column].name, each.op, values, replace(question, conditions=rest)))
    return tuple(found)


def key_of(catalogue: Catalogue, dimension: str, value: str) -> Key:
    """A value of a dimension with its name."""
    declared = catalogue.dimensions[dimension]
    column = AskColumn(dimension, declared.name, "text", "stored", "none", False, 0, declared.values)
    return Key(value, name_of(column, value))


def _lines(
    catalogue: Catalogue, task: _Task, observed: Sequence[Observation], above: frozenset[tuple[str, str, Period]]
) -> tuple[Line, ...]:
    hidden = _hidden(task, observed) if task.shut else frozenset()
    asked = _where(catalogue, task.question)
    found = []
    for each in observed:
        if any(each.slice.get(name) != value for name, value in asked.items()):
            continue
        reading = reading_of(each, catalogue.indicator(each.code))
        out = _cell(each) in hidden or (each.code, each.unit, each.period) in above
        found.append(
            Line(
                code=each.code,
                unit=each.unit,
                unit_name=catalogue.units[each.unit].name,
                period=each.period,
                slice=tuple((name, key_of(catalogue, name, each.slice[name])) for name in task.question.by),
                reading=withheld(reading) if out else reading,
            )
        )
    return tuple(found)


def _cell(each: Observation) -> tuple[object, ...]:
    """Where a number stands, whatever the indicator: one's number may be another's denominator."""
    return each.unit, each.period.start, tuple(sorted(each.slice.items()))


def _hidden(task: _Task, observed: Sequence[Observation]) -> frozenset[tuple[object, ...]]:
    """The places whose numbers are withheld. Cut in two ways, parts add up along both; then nothing is shown of a
    period as soon as anything in it is too small."""
    ways = len(task.request.by) + task.request.children
    if ways == 0:
        return frozenset()
    wholes: dict[tuple[str, object], list[Observation]] = {}
    for each in observed:
        wholes.setdefault((each.code, each.period.start), []).append(each)
    found: set[tuple[object, ...]] = set()
    for parts in wholes.values():
        small = withheld_parts([part.n if part.completeness else None for part in parts])
        everything = small is None or (ways > 1 and bool(small))
        found |= {_cell(part) for place, part in enumerate(parts) if everything or (small and place in small)}
    return frozenset(found)
