"""The five goals of service management (S002-124), each with what stands for it now and where that is seen.

Every number is the length of the list that its link opens, asked from the port of that list, so both are one. Nothing is
judged here: a goal has no mark of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ganzhi.complaints.cases.views import CasesQuery
from ganzhi.improve.pages.views import AlertsQuery
from ganzhi.measure.views.catalogue.query import FeedsQuery
from ganzhi.measure.views.overview import Overview
from ganzhi.measure.views.query import DictionaryQuery
from ganzhi.portal.links import Links, url
from ganzhi.portal.page import Crumb, Html, Page
from ganzhi.portal.pages.alerts.wording import list_link
from ganzhi.portal.pages.choices import pickers
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.present import Words
from ganzhi.portal.sheets import Book, Cell, Sheet, SheetColumn
from ganzhi.portal.visit import Visit

PATH = "/goals"


@dataclass(frozen=True, slots=True)
class Line:
    """What stands for a goal. key: its words. number, of: how many, of how many; None where it is a page and no list.
    link: where it is seen."""

    key: str
    number: int | None
    of: int | None
    link: str


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal with what stands for it."""

    key: str
    lines: tuple[Line, ...]


Lines = Iterator[Line]


def _digital(visit: Visit, links: Links, _seen: Overview) -> Lines:
    """Service work turned into digital records."""
    feeds = visit.context.catalogue.feeds
    every, arrived = feeds(FeedsQuery()), feeds(FeedsQuery(data="arrived"))
    yield Line("feeds", len(arrived.rows), len(every.rows), links.feeds(data="arrived"))
    yield Line("arrival", None, None, links.data())
    yield Line("traces", None, None, links.traces())


def _managed(visit: Visit, links: Links, _seen: Overview) -> Lines:
    """Management by data."""
    dictionary = visit.context.dictionary
    every, arrived = dictionary(DictionaryQuery()), dictionary(DictionaryQuery(data="arrived"))
    yield Line("indicators", arrived.total, every.total, links.dictionary(data="arrived"))
    if visit.context.closings is not None:
        yield Line("closings", len(visit.context.closings.page().rows), None, "/closings")
    yield Line("reports", None, None, "/reports")


def _assessed(visit: Visit, links: Links, seen: Overview) -> Lines:
    """Assessment in numbers."""
    scored = sum(1 for block in seen.topics if block.score.score is not None)
    yield Line("topics", scored, len(seen.topics), links.topics())
    if visit.context.panorama is not None:
        halls = visit.context.panorama.halls(visit.scope(), 1)
        yield Line("halls", halls.total, None, links.halls())
    yield Line("benchmark", None, None, links.journeys())


def _analysed(visit: Visit, links: Links, seen: Overview) -> Lines:
    """Shortfalls analysed."""
    yield Line("weak", len(seen.weak), None, links.attention())
    if seen.weak:
        yield Line("explain", None, None, links.explain(seen.weak[0].subject.code))
    if visit.context.alerts is not None and visit.context.viewer.may("dynamic"):
        found = visit.context.alerts.list(AlertsQuery())
        yield Line("alerts", found.counts["open"], None, list_link())


def _targeted(visit: Visit, links: Links, _seen: Overview) -> Lines:
    """Improvement where it is needed."""
    if visit.context.alerts is not None and visit.context.viewer.may("dynamic"):
        found = visit.context.alerts.list(AlertsQuery())
        yield Line("closed", found.counts["closed"], None, list_link(state="closed"))
    if visit.context.cases is not None:
        yield Line("cases", visit.context.cases.read.list(CasesQuery()).total, None, "/cases")
    yield Line("lifecycle", None, None, links.lifecycle())


GOALS: tuple[tuple[str, Callable[[Visit, Links, Overview], Lines]], ...] = (
    ("digital", _digital),
    ("managed", _managed),
    ("assessed", _assessed),
    ("analysed", _analysed),
    ("targeted", _targeted),
)
"""In the order of the source: 客服工作数字化, 管理数据化, 考核可量化, 短板分析化, 提升针对化."""


def _found(visit: Visit) -> tuple[Overview, Links, tuple[Goal, ...]]:
    query = visit.scope()
    seen = visit.context.overview(query)
    links = Links.of(seen.scope, query)
    return seen, links, tuple(Goal(key, tuple(lines(visit, links, seen))) for key, lines in GOALS)


def _link(links: Links) -> str:
    return url(PATH, {"region": links.region, "period": links.period, "vs": links.vs, "basis": links.basis})


def show(visit: Visit, words: Words) -> Html:
    """The page."""
    seen, links, goals = _found(visit)
    model = {
        "goals": goals,
        "scope": seen.scope,
        "here": _link(links),
        "pickers": pickers(visit, words, seen.scope, links, _link),
    }
    title = words.t("goals.title")
    crumbs = (Crumb(words.t("nav.overview"), links.overview()), Crumb(title))
    return Html("catalogue/goals.html", title, links, model, crumbs)


def book(visit: Visit, words: Words) -> Book:
    """The goals as a table."""
    seen, _, goals = _found(visit)

    def rows() -> Iterator[tuple[Cell, ...]]:
        for goal in goals:
            for line in goal.lines:
                name = words.t(f"goals.line.{line.key}")
                yield (words.t(f"goals.goal.{goal.key}"), name, line.number, line.of, line.link)

    columns = tuple(
        SheetColumn(name, words.t(f"goals.column.{name}"), "number" if name in ("number", "of") else "text", 0)
        for name in ("goal", "line", "number", "of", "link")
    )
    title = words.t("goals.title")
    return Book(
        "goals", title, facts(visit, words, seen.scope), (Sheet("goals", title, columns, rows()),), words.t("taken.cut")
    )


GOALS_PAGE = Page("goals", PATH, show, nav="overview", book=book)
