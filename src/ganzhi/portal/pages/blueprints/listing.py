"""The service blueprints there are, by key business."""

from __future__ import annotations

from itertools import groupby

from ganzhi.measure.views.query import PageQuery
from ganzhi.portal.links import Links
from ganzhi.portal.page import Html, Page
from ganzhi.portal.pages.choices import pickers
from ganzhi.portal.pages.flows.shared import ports
from ganzhi.portal.pages.journeys.shared import crumbs, ways
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.present import Words
from ganzhi.portal.sheets import Book, Sheet, SheetColumn
from ganzhi.portal.visit import Visit
from ganzhi.trace.blueprint.views import BlueprintsPage


def _view(visit: Visit) -> tuple[BlueprintsPage, PageQuery]:
    query = visit.scope()
    return ports(visit).blueprints(query), query


def show(visit: Visit, words: Words) -> Html:
    """The list."""
    view, query = _view(visit)
    links = Links.of(view.scope, query)
    groups = [(name, list(each)) for name, each in groupby(view.entries, key=lambda entry: words.text(entry.business))]
    title = words.t("blueprint.title")
    model = {
        "view": view,
        "scope": view.scope,
        "groups": groups,
        "ways": ways(words, links, "blueprints"),
        "pickers": pickers(visit, words, view.scope, links, lambda changed: changed.blueprints())[:-1],
    }
    return Html("blueprints/list.html", title, links, model, crumbs(words, links, title))


def book(visit: Visit, words: Words) -> Book:
    """The list as a table."""
    view, _ = _view(visit)
    texts, numbers = ("code", "name", "business"), ("steps", "encounters", "poor", "unknown", "done")
    columns = (
        *(SheetColumn(key, words.t(f"blueprint.column.{key}")) for key in texts),
        *(SheetColumn(key, words.t(f"blueprint.column.{key}"), "number") for key in numbers),
    )
    rows = (
        (
            *(each.code, words.text(each.name), words.text(each.business), each.steps, each.encounters),
            *(each.poor, each.unknown, each.done),
        )
        for each in view.entries
    )
    title = words.t("blueprint.title")
    sheet = Sheet("blueprints", title, columns, rows)
    return Book("blueprints", title, facts(visit, words, view.scope), (sheet,), words.t("taken.cut"))


BLUEPRINTS = Page("blueprints", "/blueprints", show, nav="journeys", book=book)
