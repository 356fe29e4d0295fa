"""The halls: all of them with score, waiting and promotion of electronic channels, and the page of one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ganzhi.base.errors import InputError, Issue
from ganzhi.measure.views.panorama.places import HallsPage
from ganzhi.portal.links import Links
from ganzhi.portal.page import Crumb, Html, Page
from ganzhi.portal.pages.choices import pickers
from ganzhi.portal.pages.overview import book, drawings
from ganzhi.portal.pages.panorama.place import place_html
from ganzhi.portal.pages.panorama.shared import ports
from ganzhi.portal.pages.taken import facts, seen
from ganzhi.portal.present import Words
from ganzhi.portal.sheets import Book, Cell, Sheet, SheetColumn
from ganzhi.portal.visit import Visit


def show_all(visit: Visit, words: Words) -> Html:
    """A page of halls, lowest score first."""
    query, page = visit.scope(), visit.number("page") or 1
    view = ports(visit).halls(query, page)
    links = Links.of(view.scope, query)
    model = {
        "view": view,
        "scope": view.scope,
        "pickers": pickers(visit, words, view.scope, links, lambda changed: changed.halls()),
        "before": links.halls(page - 1 if page > 2 else None) if page > 1 else None,
        "after": links.halls(page + 1) if page < view.pages else None,
    }
    return Html("panorama/halls.html", words.t("nav.halls"), links, model)


def show_one(visit: Visit, words: Words) -> Html:
    """One hall; InputError REQ012 for a unit that is none."""
    query = replace(visit.scope(), unit=visit.codes["unit"])
    view = ports(visit).place(query)
    if view.level != "hall":
        near = ", ".join(each.unit for each in ports(visit).halls(replace(query, unit=query.unit), 1).rows[:3])
        raise InputError(Issue("REQ012", visit.codes["unit"], params={"near": near or "–"}))
    links = Links.of(view.overview.scope, query)
    name = words.text(view.overview.scope.unit_name)
    crumbs = (Crumb(words.t("nav.halls"), links.at(region=None).halls()), Crumb(name))
    return place_html(visit, words, view, links, crumbs)


def _rows(words: Words, view: HallsPage) -> Iterator[tuple[Cell, ...]]:
    for row in view.rows:
        score = row.score.score if row.score is not None else None
        head = (row.unit, words.text(row.name), words.text(row.county) if row.county else None)
        yield (*head, row.rank, row.rank_before, score, *(seen(words, each) for each in row.readings))


def book_all(visit: Visit, words: Words) -> Book:
    """Every hall of one page as a table."""
    view = ports(visit).halls(visit.scope(), visit.number("page") or 1)
    columns = (
        SheetColumn("unit", words.t("column.unit_code")),
        SheetColumn("name", words.t("panorama.column.hall")),
        SheetColumn("county", words.t("panorama.column.above")),
        SheetColumn("rank", words.t("column.rank"), "number", 0),
        SheetColumn("rank_before", words.t("column.rank_before"), "number", 0),
        SheetColumn("score", words.t("panorama.column.score"), "number", 4),
        *(SheetColumn(each.code, words.text(each.name), "number", 4) for each in view.subjects),
    )
    title = words.t("panorama.halls.title")
    sheet = Sheet("halls", title, columns, _rows(words, view))
    return Book("halls", title, facts(visit, words, view.scope), (sheet,), words.t("taken.cut"))


HALLS = Page("halls", "/halls", show_all, nav="halls", book=book_all, rests="numbers")
HALL = Page("hall", "/halls/{unit}", show_one, nav="halls", book=book, drawings=drawings, rests="numbers")
