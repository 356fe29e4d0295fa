"""Numbers: observations and scores as the commands print them, and findings as the overview lists them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, TypeVar

from fastapi import APIRouter, Query

from ganzhi.api.asking import FindingsAsked, ObservationsAsked, Paged, ScoresAsked, check_size, conditions
from ganzhi.api.cells import as_seen, check_cut, may_count, scores_as_seen
from ganzhi.api.closed import closed_observations, closed_scores
from ganzhi.api.cursor import stamp_of
from ganzhi.api.serving import Asked, Asking, Guarded
from ganzhi.api.shapes.catalogue import LimitsShape
from ganzhi.api.shapes.numbers import EvidenceShape, FindingShape, ObservationShape, ScoreShape, SubjectShape
from ganzhi.api.shapes.parts import Both, NumbersOf, Shape, both
from ganzhi.base.periods import Grain
from ganzhi.measure.build.overview import overview
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.observation import ObserveRequest
from ganzhi.measure.observe import observe
from ganzhi.measure.score import ScoreRequest, leaves_of, score_all
from ganzhi.measure.views.parts import Scope, Weak
from ganzhi.measure.views.query import PageQuery

router = APIRouter(route_class=Guarded, tags=["numbers"])

IN_ALERT = "indicator_in_alert"
"""The one kind of finding that can be told without a record of its own."""

Answer = TypeVar("Answer", bound=Shape)
Items = Sequence[Mapping[str, object]]


def _unit(asked: Asked, given: str | None) -> str:
    """The unit asked for, or the caller's first; InputError REQ012 whether nobody has it or it is out of reach."""
    ground = asked.house.ground(asked.viewer)
    unit = given or ground.top
    ground.unit(unit)
    return unit


def _units(asked: Asked, unit: str, *, children: bool) -> int:
    return len(asked.house.ground(asked.viewer).children(unit)) if children else 1


def _page(asked: Asked, paged: Paged, shape: type[Answer], found: tuple[int, Items]) -> NumbersOf[Answer]:
    commit, items = found
    stamp = stamp_of(json.dumps(items, ensure_ascii=False))
    shown, cursor = asked.house.cursors.page(asked.question, paged.cursor, stamp, paged.limit, items)
    workplace = asked.house.workplace
    return NumbersOf(
        items=[shape.model_validate(each) for each in shown],
        total=len(items),
        next=cursor,
        catalogue_version=workplace.catalogue.version,
        commit=commit,
        refreshed_at=workplace.store.manifest.last("refresh"),
    )


def _read(asked: Asked, build: Callable[[Reader], Items]) -> tuple[int, Items]:
    """What is built from one state of the numbers, and that state's commit."""
    return asked.house.answers.fresh(asked.viewer, lambda reader: (reader.states.snapshot.commit, build(reader)))


def _slice(observation: Mapping[str, object]) -> Mapping[str, str]:
    cut = observation["slice"]
    assert isinstance(cut, dict)
    return cut


def _named(observation: Mapping[str, object], value: Callable[[str], str]) -> dict[str, object]:
    """An observation whose slice names no unit out of reach."""
    return {**observation, "slice": {name: value(text) for name, text in _slice(observation).items()}}


@router.get("/observations", name="observations", response_model_exclude_unset=True)
def observations(asked: Asking, query: Annotated[ObservationsAsked, Query()]) -> NumbersOf[ObservationShape]:
    """Observations in the order of codes, units, slices and periods."""
    asked.viewer.require("macro")
    unit, grain = _unit(asked, query.unit), Grain(query.grain)
    codes = tuple(dict.fromkeys(query.code))
    check_size(len(codes), _units(asked, unit, children=query.children), grain, query.first, query.last)
    by, where = tuple(query.by), conditions(query.where)
    kept: Mapping[str, str] = {}
    if query.shown == "now" and not may_count(asked.viewer):
        check_cut(asked.viewer, len(by) + len(where) + query.children)
        # One part is judged among all of them.
        by, where, kept = (*by, *where), {}, where
    request = ObserveRequest(
        codes=codes,
        unit=unit,
        grain=grain,
        first=query.first,
        last=query.last,
        by=by,
        basis=query.basis,
        where=where,
        children=query.children,
        stale=query.stale,
    )
    hidden = asked.house.hidden(asked.viewer)
    value = hidden.value

    def build(reader: Reader) -> Items:
        if query.shown != "now":
            return [_named(each, value) for each in closed_observations(reader, request, query.shown, hidden)]
        found = as_seen(observe(reader.workplace, reader.states, request), reader, query.basis)
        return [_named(each, value) for each in found if kept.items() <= _slice(each).items()]

    return _page(asked, query, ObservationShape, _read(asked, build))


@router.get("/scores", name="scores", response_model_exclude_unset=True)
def scores(asked: Asking, query: Annotated[ScoresAsked, Query()]) -> NumbersOf[ScoreShape]:
    """Scores with what their children contribute, in the order of codes, units and periods."""
    asked.viewer.require("macro")
    unit, grain = _unit(asked, query.unit), Grain(query.grain)
    codes = tuple(dict.fromkeys(query.code))
    catalogue = asked.house.workplace.catalogue
    now = () if query.shown == "reported" else codes
    leaves = {leaf for code in now for leaf in leaves_of(catalogue, code, query.use)} | {*codes}
    check_size(len(leaves), _units(asked, unit, children=query.children), grain, query.first, query.last)
    request = ScoreRequest(
        codes=codes,
        unit=unit,
        grain=grain,
        first=query.first,
        last=query.last,
        use=query.use,
        basis=query.basis,
        where=conditions(query.where),
        children=query.children,
        stale=query.stale,
    )
    if request.where and query.shown == "now":
        # The score of a part is formed from what may have to be withheld.
        asked.viewer.require("list")
    hidden = asked.house.hidden(asked.viewer)
    value = hidden.value

    def build(reader: Reader) -> Items:
        if query.shown != "now":
            return closed_scores(reader, request, query.shown, hidden)
        found = score_all(reader.workplace, reader.states, request)
        seen = scores_as_seen(found, reader, query.basis, children=query.children)
        for each in seen if request.where else ():
            if isinstance(each["observation"], dict):
                each["observation"] = _named(each["observation"], value)
        return seen

    return _page(asked, query, ScoreShape, _read(asked, build))


@router.get("/findings", name="findings")
def findings(asked: Asking, query: Annotated[FindingsAsked, Query()]) -> NumbersOf[FindingShape]:
    """Indicators of a unit that are in alert in a period, worst first."""
    page = PageQuery(_unit(asked, query.unit), query.period, None, query.basis)
    commit = asked.house.answers.state()[0]
    view = asked.house.answers.kept(asked.viewer, ("overview", page), lambda reader: overview(reader, page))
    items = [_finding(view.scope, weak).model_dump(mode="json") for weak in view.weak]
    return _page(asked, query, FindingShape, (commit, items))


def _finding(scope: Scope, weak: Weak) -> FindingShape:
    assert weak.now.level is not None
    return FindingShape(
        id=None,
        kind=IN_ALERT,
        grade=weak.now.level,
        subject=SubjectShape(
            indicator=weak.subject.code,
            name=Both.of(weak.subject.name),
            unit=weak.unit,
            unit_name=Both.of(weak.unit_name),
            period=scope.period.key,
        ),
        evidence=EvidenceShape(
            value=weak.now.value,
            unit_of_value=weak.subject.unit_of_value,
            numerator=weak.now.numerator,
            denominator=weak.now.denominator,
            n=weak.now.n,
            completeness=weak.now.completeness,
            limits=LimitsShape.of(weak.subject.limits),
            difference=weak.change.difference,
            better=weak.change.better,
        ),
        owner=both(weak.owner),
        clock=None,
        state=None,
    )
