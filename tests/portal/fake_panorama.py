"""Ports of the start page, the panoramas, the modules, places and halls over made-up numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import Grain, period_of_day
from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.build.panorama.elements import drawn
from ganzhi.measure.build.panorama.modules import MODULES
from ganzhi.measure.views.journeys.parts import Named
from ganzhi.measure.views.overview import Overview
from ganzhi.measure.views.panorama.brief import Brief, BriefRow, HotSpot, HotSpots
from ganzhi.measure.views.panorama.elements import ElementsPage
from ganzhi.measure.views.panorama.lifecycle import LifecyclePage, LifecycleRow, LifecycleStage, Mark, Problem
from ganzhi.measure.views.panorama.modules import Behind, ModulePage, ModulesPage, ModuleSummary
from ganzhi.measure.views.panorama.places import (
    HallPromotion,
    HallRow,
    HallsPage,
    Peer,
    PlacePage,
    PromotionRow,
    Versus,
)
from ganzhi.measure.views.panorama.start import ModuleStanding, Promotion, StartPage
from ganzhi.measure.views.parts import Reading, Scope
from ganzhi.measure.views.query import PageQuery
from ganzhi.portal.ports.panorama import PanoramaPorts
from tests.catalogue.small import small_catalogue
from tests.portal import numbers as n

WAITS = "proactive"
"""The module that has no data."""
SILENT = Mark(None, None, None, 0, 0)
STAGES: Mapping[str, tuple[tuple[str, str, str, float, float | None], ...]] = {
    "use": (("meet", "遇到问题", "Meet a problem", 0.12, 61.5), ("inform", "服务信息提供", "Information", 0.14, 104.2)),
    "retention": (("recurs", "问题反复", "Problem recurs", 0.06, None),),
}


def mark(score: float | None, known: int = 3, total: int = 4) -> Mark:
    """A mark with the level its score has."""
    return Mark(score, None if score is None else score + 2, n.grade(score), known, total)  # type: ignore[arg-type]


class Panoramas:
    """Answers the ports in a variant of the fake house."""

    def __init__(
        self,
        variant: str,
        scope: Callable[[PageQuery], Scope],
        attacked: Callable[[Text], Text],
        overview: Callable[[PageQuery], Overview],
    ) -> None:
        self.empty, self.many = variant == "empty", variant == "many"
        self._scope, self._named, self._overview = scope, attacked, overview

    def _text(self, zh: str, en: str) -> Text:
        return self._named(n.text(zh, en))

    def start(self, query: PageQuery) -> StartPage:
        seen = self._overview(query)
        if self.empty:
            silent = tuple(ModuleStanding(each.code, None, None, None, 0, 0) for each in MODULES)
            return StartPage(seen, silent, Brief((), 3, 3), None, (), ())
        standings = tuple(
            ModuleStanding(each.code, None, None, None, 0, 0)
            if each.code == WAITS
            else ModuleStanding(each.code, 88.6, 90.1, "blue", 12, 3)
            for each in MODULES
        )
        row = n.scorecard()[1]
        promoted = Promotion(row.subject, row.now, row.change)
        return StartPage(seen, standings, self._brief(), self._hot(seen.scope), self._stages(0), (promoted,))

    def _brief(self) -> Brief:
        made = []
        for place, row in enumerate(n.scorecard()[:6]):
            value = row.now.value or 0.0
            outside = place < 2
            usual = value * (0.8 if outside else 1.0)
            better = False if place == 0 else None
            named = replace(row.subject, name=self._named(row.subject.name))
            day = date(1999, 1, 24)
            made.append(BriefRow(named, day, row.now, usual, usual * 0.9, usual * 1.1, 3, outside, better))
        return Brief(tuple(made), 8, 2)

    def _hot(self, scope: Scope) -> HotSpots:
        subject = replace(n.subject("hotline.requested", "投诉量", "Complaints", "count", "lower"), decimals=0)
        names = (
            ("套餐资费争议", "Plan dispute"),
            ("流量提醒未到", "No data reminder"),
            ("充值未到账", "Top-up missing"),
        )

        def spot(place: int, kind: str, key: str, zh: str, en: str) -> HotSpot:
            before = (310.0, 0.0, None)[place]
            where = {} if kind == "unit" else {kind: key}
            count = 420 - 100 * place
            trail = (300.0, 310.0, None, 320.0, float(count))
            unit = key if kind == "unit" else scope.unit
            return HotSpot(kind, key, self._text(zh, en), count, before, 0.2, place == 0, trail, unit, where)

        reasons = tuple(spot(p, "call_type", f"T{p}", zh, en) for p, (zh, en) in enumerate(names))
        places = (spot(0, "unit", "AB-2", "南中心", "South centre"),)
        return HotSpots(subject, "calls", scope.period, 4, 5, 1290, 1100.0, reasons, places)

    def _stages(self, places: int) -> tuple[LifecycleStage, ...]:
        found = []
        for stage, activities in STAGES.items():
            rows = tuple(self._activity(places, *each) for each in activities)
            weight = sum(row.weight or 0.0 for row in rows)
            head = replace(rows[0], code=stage, name=self._text(f"{stage} 阶段", stage), weight=weight, origin=None)
            found.append(LifecycleStage(head, rows))
        return tuple(found)

    def _activity(self, places: int, code: str, zh: str, en: str, weight: float, score: float | None) -> LifecycleRow:
        alert = Problem("hotline.answer_rate", self._text("接通率", "Answer rate"), "red")
        problems = (alert,) * 4 if score is not None and score < 100 else ()
        marked = mark(score) if score is not None else SILENT
        cells = tuple(marked if place else SILENT for place in range(places))
        return LifecycleRow(code, self._text(zh, en), weight, "expert", marked, problems, (), cells)

    def elements(self, query: PageQuery, process: str | None) -> ElementsPage:
        catalogue = small_catalogue(self._text)
        if self.empty:
            catalogue = replace(catalogue, touchpoints={}, indicators={})
        known = {"pay.speed": Reading(97.5, 975, 1000, 1000, 1.0, "orange", enough=True)}
        return drawn(catalogue, self._scope(query), process, known)

    def lifecycle(self, query: PageQuery) -> LifecyclePage:
        scope = self._scope(query)
        if self.empty:
            return LifecyclePage(scope, (), ())
        places = tuple(Named(code, self._named(n.UNITS[code])) for code in ("AB-1", "AB-2"))
        return LifecyclePage(scope, self._stages(len(places)), places)

    def _summary(self, code: str) -> ModuleSummary:
        rows = tuple(row for row in n.scorecard() if row.now.value is not None)
        if self.empty or code == WAITS:
            return ModuleSummary(code, (), 9, 0, 0, (), (), ())
        heads = (
            ()
            if code == "channel_satisfaction"
            else (n.score_now("hotline.experience", "感知", "Experience", 78.6, 83.2),)
        )
        alerts = (("red", 1), ("yellow", 2))
        return ModuleSummary(code, heads, 40, len(rows), len(rows), alerts, rows[:3], n.contributions())  # type: ignore[arg-type]

    def modules(self, query: PageQuery, layer: str) -> ModulesPage:
        return ModulesPage(self._scope(query), layer, tuple(self._summary(each.code) for each in MODULES))

    def module(self, code: str, query: PageQuery) -> ModulePage:
        if code not in {each.code for each in MODULES}:
            raise InputError(Issue("REQ034", code[:64], params={"near": "halls"}))
        scope, summary = self._scope(query), self._summary(code)
        waits = self.empty or code == WAITS
        rows = () if waits else tuple(row for row in n.scorecard() if row.now.value is not None)
        brief = Brief((), 0, 0) if waits else self._brief()
        lists = (
            () if waits else (Behind("hotline.answer_rate", self._text("接通率", "Answer rate"), "calls", None, 7105),)
        )
        topics = () if self.empty or self.many else (Named("hotline", self._text("热线", "Hotline")),)
        feed = Named("payments", self._text("缴费", "Payments"))
        missing = (feed,) if waits else ()
        return ModulePage(scope, summary, rows, brief, lists, topics, (), missing, tuple(m.code for m in MODULES))

    def place(self, query: PageQuery) -> PlacePage:
        seen = self._overview(query)
        top = seen.scope.unit == "AB"
        level = "province" if top else "hall" if seen.scope.unit == "AB-2" else "centre"
        if self.empty:
            return PlacePage(seen, level, (), None, (), None, (), ())
        name = self._text("热线", "Hotline")
        mine = Versus("hotline", name, 74.1, 76.0, "yellow", 78.6, None, None, 2, 1, 2)
        total = replace(mine, code="total", above=None)
        peers = (Peer("AB-1", n.UNITS["AB-1"], 101.3, 1), Peer("AB-2", n.UNITS["AB-2"], 74.1, 2))
        path = () if top else (Named("AB", self._named(n.UNITS["AB"])),)
        alerts = (("red", 2), ("blue", 1))
        above = None if top else self._named(n.UNITS["AB"])
        return PlacePage(seen, level, path, above, alerts, None if top else total, (mine,), () if top else peers)  # type: ignore[arg-type]

    def halls(self, query: PageQuery, page: int) -> HallsPage:
        scope = self._scope(query)
        if page > 1:
            raise InputError(Issue("REQ004", "page", params={"value": str(page), "known": "1–1"}))
        if self.empty:
            return HallsPage(scope, None, (), (), (), (), 0, 1, 1)
        rows = n.scorecard()[:2]
        seen = tuple(row.now for row in rows)
        score = n.score_now("hotline.experience", "热线", "Hotline", 74.1, 76.0)
        hall = HallRow("AB-2", self._named(n.UNITS["AB-2"]), self._named(n.UNITS["AB"]), score, 1, 1, seen)
        subjects = tuple(row.subject for row in rows)
        head = None if self.many else Named("hotline", self._text("热线", "Hotline"))
        return HallsPage(scope, head, subjects, (subjects[0].code,), seen, (hall,), 1, 1, 1)

    def promotion(self, unit: str, day: date | None) -> HallPromotion | None:
        if self.empty:
            return None
        period = period_of_day(Grain.DAY, day or n.WEEK.last_day, n.ZONE)
        rows = tuple(PromotionRow(row.subject, row.now, row.now) for row in n.scorecard()[:3])
        score = n.score_now("hotline.answer_rate", "热线", "Hotline", 74.1, 76.0)
        return HallPromotion(unit, period, rows, "hotline.answer_rate", "calls", 7105, 6224, score)

    def ports(self) -> PanoramaPorts:
        """All of them."""
        return PanoramaPorts(
            start=self.start,
            elements=self.elements,
            lifecycle=self.lifecycle,
            modules=self.modules,
            module=self.module,
            place=self.place,
            halls=self.halls,
            promotion=self.promotion,
        )
