"""The flows there are."""

from __future__ import annotations

from ganzhi.portal.page import Html, Page
from ganzhi.portal.pages.flows.shared import crumbs, ports
from ganzhi.portal.pages.journeys.shared import ways
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.present import Words
from ganzhi.portal.sheets import Book, Sheet, SheetColumn
from ganzhi.portal.visit import Visit


def show(visit: Visit, words: Words) -> Html:
    """The list."""
    view, links = ports(visit).flows(), visit.links()
    model = {"view": view, "ways": ways(words, links, "flows")}
    title = words.t("flow.title")
    return Html("flows/list.html", title, links, model, crumbs(words, links)[:1])


def book(visit: Visit, words: Words) -> Book:
    """The list as a table."""
    view = ports(visit).flows()
    keys = ("code", "name", "feed", "judged", "data")
    rows = (
        (
            each.code,
            words.text(each.name),
            words.text(each.feed_name),
            words.t("flow.judged" if each.judged else "flow.not_judged"),
            words.t("flow.has_data" if each.data else "flow.no_data"),
        )
        for each in view.flows
    )
    title = words.t("flow.title")
    sheet = Sheet("flows", title, tuple(SheetColumn(key, words.t(f"flow.column.{key}")) for key in keys), rows)
    return Book("flows", title, facts(visit, words, None), (sheet,), words.t("taken.cut"))


FLOWS = Page("flows", "/flows", show, nav="journeys", book=book)
