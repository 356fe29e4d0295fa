"""The life-cycle panorama (S001-096): stage and activity by weight, score, problems and place."""

from __future__ import annotations

from collections.abc import Iterator

from ganzhi.measure.views.panorama.lifecycle import LifecyclePage, LifecycleRow
from ganzhi.portal.drawings.picture import Drawing, Drawings
from ganzhi.portal.links import Links
from ganzhi.portal.page import Crumb, Html, Page
from ganzhi.portal.pages.choices import pickers
from ganzhi.portal.pages.journeys.shared import ways
from ganzhi.portal.pages.panorama.pictured import lifecycle_table
from ganzhi.portal.pages.panorama.shared import largest_weight, mark_figure, ports, shade
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.present import Words
from ganzhi.portal.sheets import Book, Cell, Sheet, SheetColumn
from ganzhi.portal.visit import Visit


def worst_of(view: LifecyclePage) -> LifecycleRow | None:
    """The activity with the lowest score; None where none has one."""
    rows = [row for stage in view.stages for row in stage.activities if row.mark.score is not None]
    return min(rows, key=lambda row: row.mark.score or 0.0, default=None)


def show(visit: Visit, words: Words) -> Html:
    """The heat map."""
    query = visit.scope()
    view = ports(visit).lifecycle(query)
    links = Links.of(view.scope, query)
    title = words.t("panorama.lifecycle.title")
    model = {
        "view": view,
        "scope": view.scope,
        "worst": worst_of(view),
        "mark": mark_figure,
        "shade": shade,
        "largest": largest_weight(view.stages),
        "ways": ways(words, links, "lifecycle"),
        "pickers": pickers(visit, words, view.scope, links, lambda changed: changed.lifecycle()),
    }
    crumbs = (Crumb(words.t("nav.journeys"), links.journeys()), Crumb(title))
    return Html("panorama/lifecycle.html", title, links, model, crumbs)


def _rows(words: Words, view: LifecyclePage) -> Iterator[tuple[Cell, ...]]:
    for stage in view.stages:
        for row in (stage.row, *stage.activities):
            mark = row.mark
            yield (
                words.text(stage.row.name),
                None if row is stage.row else words.text(row.name),
                row.weight,
                mark.score,
                mark.before,
                mark.known,
                mark.total,
                len(row.problems),
                ", ".join(each.code for each in row.problems),
                *(each.score for each in row.places),
            )


def book(visit: Visit, words: Words) -> Book:
    """Stages and activities as a table."""
    view = ports(visit).lifecycle(visit.scope())
    columns = (
        SheetColumn("stage", words.t("panorama.column.stage")),
        SheetColumn("activity", words.t("panorama.column.activity")),
        SheetColumn("weight", words.t("panorama.column.weight"), "number", 4),
        SheetColumn("score", words.t("panorama.column.score"), "number", 4),
        SheetColumn("before", words.before(view.scope), "number", 4),
        SheetColumn("known", words.t("panorama.column.known"), "number", 0),
        SheetColumn("total", words.t("panorama.column.total"), "number", 0),
        SheetColumn("problems", words.t("panorama.column.problems"), "number", 0),
        SheetColumn("problem_codes", words.t("panorama.column.problem_codes")),
        *(SheetColumn(place.code, words.text(place.name), "number", 4) for place in view.places),
    )
    title = words.t("panorama.lifecycle.title")
    sheet = Sheet("lifecycle", title, columns, _rows(words, view))
    return Book("lifecycle", title, facts(visit, words, view.scope), (sheet,), words.t("taken.cut"))


def drawings(visit: Visit, words: Words) -> Drawings:
    """The panorama as a picture."""
    query = visit.scope()
    view = ports(visit).lifecycle(query)
    title = words.t("panorama.lifecycle.title")
    told = facts(visit, words, view.scope, address=Links.of(view.scope, query).lifecycle())
    drawing = Drawing("lifecycle", title, lambda: lifecycle_table(words, view), words.t("panorama.lifecycle.key"))
    return Drawings("lifecycle", title, told, (drawing,) if view.stages else ())


LIFECYCLE = Page(
    "lifecycle", "/journeys/lifecycle", show, nav="journeys", book=book, drawings=drawings, rests="numbers"
)
