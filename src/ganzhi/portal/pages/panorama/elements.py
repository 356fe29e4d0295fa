"""The panorama of perception elements (S001-052): a drawing made from the catalogue, with numbers where measured."""

from __future__ import annotations

from collections.abc import Iterator

from ganzhi.measure.views.panorama.elements import ElementsPage
from ganzhi.portal.drawings.picture import Drawing, Drawings
from ganzhi.portal.links import Links
from ganzhi.portal.page import Crumb, Html, Page
from ganzhi.portal.pages.choices import pickers
from ganzhi.portal.pages.journeys.shared import ways
from ganzhi.portal.pages.panorama.pictured import elements_table
from ganzhi.portal.pages.panorama.shared import ports
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.present import Words
from ganzhi.portal.sheets import Book, Cell, Sheet, SheetColumn
from ganzhi.portal.visit import Visit


def show(visit: Visit, words: Words) -> Html:
    """All processes by attribute, or the touchpoints of one."""
    query, process = visit.scope(), visit.text("process")
    view = ports(visit).elements(query, process)
    links = Links.of(view.scope, query)
    title = words.t("panorama.elements.title")
    crumbs = [Crumb(words.t("nav.journeys"), links.journeys())]
    crumbs.append(Crumb(title, links.panorama() if view.process else None))
    if view.process is not None:
        crumbs.append(Crumb(words.text(view.process.name)))
    model = {
        "view": view,
        "scope": view.scope,
        "ways": ways(words, links, "panorama"),
        "pickers": pickers(visit, words, view.scope, links, lambda changed: changed.panorama(process)),
        "here": links.panorama(process),
    }
    return Html("panorama/elements.html", title, links, model, tuple(crumbs))


def _rows(words: Words, view: ElementsPage) -> Iterator[tuple[Cell, ...]]:
    for group in view.groups:
        for row in group.rows:
            for (attribute, _), cell in zip(view.attributes, row.cells, strict=True):
                if cell is None:
                    continue
                head = (words.text(group.name), row.code, words.text(row.name), words.text(attribute.name))
                counts = (cell.pairs, cell.answered, cell.measured)
                for each in cell.indicators or (None,):
                    if each is None:
                        yield (*head, *counts, None, None, None, None, None)
                        continue
                    seen = each.reading
                    level = words.level(seen.level) if seen is not None and seen.level else None
                    value = None if seen is None else seen.value
                    unit = each.subject.unit_of_value
                    yield (*head, *counts, each.subject.code, words.text(each.subject.name), value, unit, level)


def book(visit: Visit, words: Words) -> Book:
    """Every pair of row and attribute with the indicators that answer it."""
    view = ports(visit).elements(visit.scope(), visit.text("process"))
    columns = (
        SheetColumn("group", words.t("panorama.column.stage")),
        SheetColumn("code", words.t("column.code")),
        SheetColumn("name", words.t("panorama.column.row")),
        SheetColumn("attribute", words.t("panorama.column.attribute")),
        SheetColumn("pairs", words.t("panorama.column.pairs"), "number", 0),
        SheetColumn("answered", words.t("panorama.column.answered"), "number", 0),
        SheetColumn("measured", words.t("panorama.column.measured"), "number", 0),
        SheetColumn("indicator_code", words.t("panorama.column.indicator_code")),
        SheetColumn("indicator", words.t("column.indicator")),
        SheetColumn("value", words.t("column.value"), "number", 4),
        SheetColumn("unit", words.t("column.unit")),
        SheetColumn("level", words.t("column.level")),
    )
    title = words.t("panorama.elements.title")
    sheet = Sheet("elements", title, columns, _rows(words, view))
    return Book("panorama", title, facts(visit, words, view.scope), (sheet,), words.t("taken.cut"))


def drawings(visit: Visit, words: Words) -> Drawings:
    """The panorama as a picture."""
    query, process = visit.scope(), visit.text("process")
    view = ports(visit).elements(query, process)
    title = words.t("panorama.elements.title")
    told = facts(visit, words, view.scope, address=Links.of(view.scope, query).panorama(process))
    key = words.t("panorama.elements.key_one" if view.process else "panorama.elements.key")
    drawing = Drawing("elements", title, lambda: elements_table(words, view), key)
    return Drawings("panorama", title, told, (drawing,) if view.groups else ())


ELEMENTS = Page("panorama", "/journeys/panorama", show, nav="journeys", book=book, drawings=drawings, rests="numbers")
