"""Builds the pages of flows for a viewer: one flow over the scope of the page, and the lists of cases behind its counts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import get_args

from ganzhi.access.rights import SMALLEST_CELL
from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import Grain
from ganzhi.catalogue.model.flows import Flow
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.flow.conformance import DEVIATIONS, CasesWanted, Deviation
from ganzhi.compile.flow.graph import variant_key
from ganzhi.compile.flow.log import LogQuestion
from ganzhi.measure.build.ask.columns import ask_columns, same
from ganzhi.measure.build.catalogue.reach import arrived_feeds
from ganzhi.measure.build.scope import Reader, scope_of
from ganzhi.measure.views.parts import Scope
from ganzhi.measure.views.query import PageQuery
from ganzhi.trace.flow.mining import FlowCount, choices, count_flow, list_cases
from ganzhi.trace.flow.reading import FlowRequest, flow_of, flow_session, keep_log, question_of
from ganzhi.trace.flow.views import (
    CaseRow,
    CasesPage,
    CasesQuery,
    Chosen,
    DeviationView,
    FlowEntry,
    FlowPage,
    FlowQuery,
    FlowsPage,
    PassageView,
    StepView,
    VariantView,
)

PER_PAGE = 50
PLACES = 5
"""Places of a deviation that are listed."""


def flows_page(reader: Reader) -> FlowsPage:
    """All flows of the catalogue."""
    return FlowsPage(reader.workplace.catalogue.version, _entries(reader))


def _entries(reader: Reader) -> tuple[FlowEntry, ...]:
    catalogue = reader.workplace.catalogue
    arrived = arrived_feeds(reader.workplace)
    return tuple(
        FlowEntry(
            code,
            each.name,
            each.feed,
            catalogue.feed(each.feed).name,
            each.description,
            bool(each.steps),
            each.feed in arrived,
        )
        for code, each in catalogue.flows.items()
    )


def _request(
    reader: Reader, query: PageQuery, code: str, where: Iterable[tuple[str, str]]
) -> tuple[Scope, FlowRequest]:
    flow = flow_of(reader.workplace.catalogue, code)
    scope = scope_of(reader, query, feeds=(flow.feed,), grain=Grain.WEEK)
    return scope, FlowRequest(code, scope.unit, scope.period.first_day, scope.period.last_day, dict(where))


def flow_page(reader: Reader, query: PageQuery, code: str, asked: FlowQuery) -> FlowPage:
    """One flow.

    Raises: InputError REQ050 for an unknown flow, REQ051 for a column cases cannot be chosen by.
    """
    catalogue = reader.workplace.catalogue
    scope, request = _request(reader, query, code, asked.where)
    flow = catalogue.flows[code]
    question = question_of(reader.workplace, request)
    with flow_session(reader.workplace, reader.states, request) as session:
        held = keep_log(session, question)
        count = count_flow(session, held, judged=bool(flow.steps))
        options = {
            name: choices(session, _free_of(reader, request, name) if name in request.where else held, name)
            for name in flow.by
        }
    least = 1 if reader.viewer.may("list") else SMALLEST_CELL
    names = activity_names(catalogue, flow, (step.activity for step in count.steps))
    feed = catalogue.feed(flow.feed)
    kept = _Kept.of(count, least)
    return FlowPage(
        scope=scope,
        code=code,
        name=flow.name,
        description=flow.description,
        feed=flow.feed,
        feed_name=feed.name,
        window_days=flow.window_days,
        cases=count.cases,
        events=count.events,
        mean_s=count.whole.mean_s,
        p50_s=count.whole.quantile_s(0.5),
        p90_s=count.whole.quantile_s(0.9),
        n_variants=count.n_variants,
        judged=bool(flow.steps),
        deviating=count.deviating or 0,
        read=count.read,
        no_case=count.no_case,
        no_activity=count.no_activity,
        choices=tuple(
            _chosen(catalogue, flow, name, request.where.get(name), found) for name, found in options.items()
        ),
        where=request.where,
        names=names,
        lists=reader.viewer.may("list"),
        others=_entries(reader),
        steps=kept.steps,
        passages=kept.passages,
        variants=kept.variants,
        deviations=kept.deviations,
        hidden=kept.hidden,
    )


@dataclass(frozen=True, slots=True)
class _Kept:
    """Parts of at least so many cases, and how many parts are not shown."""

    steps: tuple[StepView, ...]
    passages: tuple[PassageView, ...]
    variants: tuple[VariantView, ...]
    deviations: tuple[DeviationView, ...]
    hidden: int

    @classmethod
    def of(cls, count: FlowCount, least: int) -> _Kept:
        steps = tuple(
            StepView(s.activity, s.events, s.cases, s.starts, s.ends, s.position)
            for s in count.steps
            if s.cases >= least
        )
        shown = {step.activity for step in steps}
        wrong = {(each.step, each.other) for each in count.deviations if each.kind == "wrong_order"}
        kept = [p for p in count.passages if p.n >= least and p.source in shown and p.target in shown]
        passages = tuple(
            PassageView(
                source=p.source,
                target=p.target,
                n=p.n,
                mean_s=p.spans.mean_s,
                p50_s=p.spans.quantile_s(0.5),
                p90_s=p.spans.quantile_s(0.9),
                stressed=(p.source, p.target) in wrong,
            )
            for p in kept
        )
        variants = tuple(
            VariantView(variant_key(v.path), v.path, v.n, v.mean_s) for v in count.variants if v.n >= least
        )
        parts, left = (count.steps, count.passages, count.variants), (steps, passages, variants)
        hidden = sum(map(len, parts)) - sum(map(len, left))
        return cls(steps, passages, variants, _deviations(count, least), hidden)


def _deviations(count: FlowCount, least: int) -> tuple[DeviationView, ...]:
    found = []
    for kind in DEVIATIONS:
        whole = next((each for each in count.deviations if each.kind == kind and not each.step), None)
        if whole is None or whole.cases < least:
            continue
        places = [each for each in count.deviations if each.kind == kind and each.step and each.cases >= least]
        places.sort(key=lambda each: (-each.cases, each.step, each.other))
        told = tuple((each.step, each.other, each.cases) for each in places[:PLACES])
        found.append(DeviationView(kind, whole.cases, whole.passages, told))
    return tuple(found)


def _free_of(reader: Reader, request: FlowRequest, name: str) -> LogQuestion:
    """The question without the choice of one column, for the values it could have."""
    where = {column: value for column, value in request.where.items() if column != name}
    return question_of(reader.workplace, replace(request, where=where))


def _chosen(
    catalogue: Catalogue, flow: Flow, column: str, value: str | None, found: Iterable[tuple[str, int]]
) -> Chosen:
    known = ask_columns(catalogue, flow.feed)[column]
    options = tuple((each, known.values.get(each) or same(each or "–"), cases) for each, cases in found)
    return Chosen(column, known.title, value, options)


def activity_names(catalogue: Catalogue, flow: Flow, occurring: Iterable[str]) -> Mapping[str, Text]:
    """Names of activities: as the flow declares them, else as the column's values are called, else as they stand."""
    column = ask_columns(catalogue, flow.feed).get(flow.activity or "")
    found: dict[str, Text] = {code: step.name for code, step in flow.steps.items()}
    for code in occurring:
        if code not in found:
            found[code] = (column.values.get(code) if column is not None else None) or same(code)
    return found


def cases_page(reader: Reader, query: PageQuery, code: str, asked: CasesQuery) -> CasesPage:
    """The cases behind a count of a flow, as many as it says.

    Raises: AccessError ACC001 without list depth; InputError as `flow_page`, REQ004 for an unknown kind or page.
    """
    reader.viewer.require("list")
    catalogue = reader.workplace.catalogue
    scope, request = _request(reader, query, code, asked.where)
    flow = catalogue.flows[code]
    wanted = wanted_of(asked)
    if asked.page < 1:
        raise InputError(Issue("REQ004", "page", params={"value": str(asked.page), "known": "1–"}))
    with flow_session(reader.workplace, reader.states, request) as session:
        question = question_of(reader.workplace, request)
        found, total = list_cases(session, question, wanted, PER_PAGE, (asked.page - 1) * PER_PAGE)
    if not found and asked.page > 1:
        raise InputError(Issue("REQ004", "page", params={"value": str(asked.page), "known": "1"}))
    zone = reader.workplace.zone
    rows = tuple(
        CaseRow(c.case, c.begun.astimezone(zone), c.ended.astimezone(zone), c.events, c.path, c.ms / 1000)
        for c in found
    )
    stored = catalogue.feed(flow.feed).columns
    return CasesPage(
        scope=scope,
        code=code,
        name=flow.name,
        feed=flow.feed,
        column=flow.case if flow.case in stored else None,
        query=asked,
        rows=rows,
        total=total,
        page=asked.page,
        pages=max(1, math.ceil(total / PER_PAGE)),
        names=activity_names(catalogue, flow, _mentioned(asked, rows)),
    )


def _mentioned(asked: CasesQuery, rows: Iterable[CaseRow]) -> Iterable[str]:
    named = (asked.step, asked.other, asked.source, asked.target, asked.activity)
    return dict.fromkeys([*(each for each in named if each), *(step for row in rows for step in row.path)])


def wanted_of(asked: CasesQuery) -> CasesWanted:
    """The cases a question means; InputError REQ004 for a kind of deviation there is not."""
    if asked.kind is not None:
        if asked.kind not in get_args(Deviation):
            raise InputError(Issue("REQ004", "kind", params={"value": asked.kind[:40], "known": ", ".join(DEVIATIONS)}))
        kind: Deviation = asked.kind  # type: ignore[assignment]  # one of them, as the line above says
        return CasesWanted(kind=kind, step=asked.step or "", other=asked.other or "")
    if asked.source is not None and asked.target is not None:
        return CasesWanted(edge=(asked.source, asked.target))
    if asked.activity is not None:
        return CasesWanted(activity=asked.activity)
    if asked.variant is not None:
        return CasesWanted(variant=asked.variant)
    return CasesWanted()
