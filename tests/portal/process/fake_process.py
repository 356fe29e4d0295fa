"""Ports of flows over made-up numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.views.parts import Scope
from ganzhi.measure.views.query import PageQuery
from ganzhi.portal.ports.process import ProcessPorts
from ganzhi.trace.blueprint.panorama import SystemPanorama, drawn
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
from tests.catalogue.small import small_catalogue
from tests.portal import numbers as n
from tests.portal.fake_journeys import journey_subject
from tests.portal.process.fake_blueprint import blueprint_page, blueprints_page
from tests.portal.process.fake_ivr import ivr_page

STEPS = (
    ("accept", "受理", "Intake"),
    ("dispatch", "派单", "Dispatch"),
    ("handle", "处理", "Handling"),
    ("close", "归档", "Closing"),
)
EDGES = (("accept", "dispatch", 400), ("dispatch", "handle", 390), ("handle", "handle", 60), ("handle", "dispatch", 30), ("handle", "close", 380))  # fmt: skip


class Processes:
    """Answers the ports in a variant of the fake house."""

    def __init__(self, variant: str, scope: Callable[[PageQuery], Scope], attacked: Callable[[Text], Text]) -> None:
        self.empty, self._scope, self._named = variant == "empty", scope, attacked
        self._case = '"><script>alert(1)</script>' if variant == "hostile" else "TS-0001"

    def ports(self) -> ProcessPorts:
        return ProcessPorts(
            flows=self.flows,
            flow=self.flow,
            cases=self.cases,
            blueprints=lambda query: blueprints_page(self.empty, self._scope(query), self._named),
            blueprint=lambda code, query, variant: blueprint_page(code, self._scope(query), variant, self._named),
            panorama=self._panorama,
            ivr=lambda query, asked: ivr_page(self.empty, self._scope(query), asked, self._named),
        )

    def _panorama(self, query: PageQuery, focus: str | None) -> SystemPanorama:
        made = small_catalogue(lambda zh, en: self._named(n.text(zh, en)))
        if self.empty:
            made = replace(made, touchpoints={}, processes={}, indicators={})
        known = (("pay.speed", 4.2), ("pay.posted", 99.0))
        readings = {} if self.empty else {code: n.reading(journey_subject(code), value) for code, value in known}
        return drawn(made, self._scope(query), readings, None if self.empty else focus)

    def _entry(self, code: str, judged: bool) -> FlowEntry:
        called = ("投诉工单流转", "How tickets travel") if judged else ("菜单走法", "Ways through the menu")
        name = self._named(n.text(*called))
        return FlowEntry(
            code, name, "tickets", self._named(n.text("投诉工单", "Tickets")), name, judged, not self.empty
        )

    def flows(self) -> FlowsPage:
        return FlowsPage(
            "telecom 0.1", () if self.empty else (self._entry("tickets", True), self._entry("menu", False))
        )

    def _names(self) -> dict[str, Text]:
        return {code: self._named(n.text(zh, en)) for code, zh, en in STEPS}

    def flow(self, code: str, query: PageQuery, asked: FlowQuery) -> FlowPage:
        if code not in ("tickets", "menu", "voice_menu"):
            raise InputError(Issue("REQ050", code[:64], params={"near": "tickets"}))
        entry, empty = self._entry(code, code == "tickets"), self.empty
        where = dict(asked.where)
        steps = tuple(
            StepView(c, 410, 400, 400 if c == "accept" else 0, 380 if c == "close" else 0, k + 1.0)
            for k, (c, _, _) in enumerate(STEPS)
        )
        passages = tuple(
            PassageView(a, b, k, 3600.0, 1800.0, 90_000.0, (a, b) == ("handle", "dispatch")) for a, b, k in EDGES
        )
        path = tuple(c for c, _, _ in STEPS)
        found = (
            DeviationView("wrong_order", 30, 30, (("handle", "dispatch", 30),)),
            DeviationView("self_loop", 55, 60, (("handle", "", 55),)),
            DeviationView("unfinished", 20, 20, (("handle", "", 20),)),
        )
        options = (("PS", self._named(n.text("个人", "Private")), 300), ("", self._named(n.text("–", "–")), 100))
        return FlowPage(
            scope=self._scope(query), code=code, name=entry.name, description=entry.description, feed="tickets",
            feed_name=entry.feed_name, window_days=7, cases=0 if empty else 400, events=0 if empty else 1_640,
            mean_s=None if empty else 36_000.0, p50_s=None if empty else 0.5, p90_s=None if empty else 90_000.0,
            steps=() if empty else steps, passages=() if empty else passages,
            variants=() if empty else (VariantView("a" * 16, path, 320, 36_000.0), VariantView("b" * 16, path[:3], 20, 7.0)),
            n_variants=0 if empty else 17, judged=entry.judged, deviating=0 if empty else 90,
            deviations=found if entry.judged and not empty else (), read=2_000, no_case=3, no_activity=0, hidden=0 if empty else 2,
            choices=(Chosen("call_type", self._named(n.text("来电类型", "Call type")), where.get("call_type"), () if empty else options),),
            where=where, names=self._names(), lists=True, others=(entry,),
        )  # fmt: skip

    def cases(self, code: str, query: PageQuery, asked: CasesQuery) -> CasesPage:
        page = self.flow(code, query, FlowQuery(asked.where))
        total = (
            {"wrong_order": 30, "self_loop": 55, "unfinished": 20}.get(asked.kind or "", 400) if not self.empty else 0
        )
        rows = tuple(
            CaseRow(self._case, n.NOW, n.NOW + timedelta(hours=30), 4, tuple(c for c, _, _ in STEPS), 108_000.0)
            for _ in range(min(50, max(0, total - 50 * (asked.page - 1))))
        )
        pages = max(1, -(-total // 50))
        return CasesPage(
            scope=page.scope, code=code, name=page.name, feed="tickets", column="ticket", query=asked, rows=rows,
            total=total, page=asked.page, pages=pages, names=page.names,
        )  # fmt: skip
