"""The touchpoint matrix and the pairs of touchpoint and attribute behind it."""

from __future__ import annotations

from collections.abc import Iterator

from ganzhi.measure.views.journeys.query import TouchpointsQuery
from ganzhi.measure.views.journeys.touchpoints import TouchpointsPage
from ganzhi.portal.charts.bars import bar_cell
from ganzhi.portal.links import Links
from ganzhi.portal.page import Html, Page
from ganzhi.portal.pages.choices import Choice, filter_menus
from ganzhi.portal.pages.journeys.shared import (
    columns,
    coverage,
    crumbs,
    pairs_sheet,
    said,
    told,
    ways,
)
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.present import Words
from ganzhi.portal.sheets import Book, Cell, Sheet
from ganzhi.portal.visit import Visit

COLUMNS = ("step", "content", "channel")
COVERS = ("open", "covered")
OWNERSHIP = ("own", "partner")


def _query(visit: Visit) -> TouchpointsQuery:
    return TouchpointsQuery(
        by=visit.choice("by", COLUMNS),
        process=visit.text("process"),
        process_class=visit.text("class"),
        step=visit.text("step"),
        content=visit.text("content"),
        channel=visit.text("channel"),
        ownership=visit.choice("ownership", OWNERSHIP),
        cover=visit.choice("cover", COVERS),
        page=visit.number("page") or 1,
    )


def show(visit: Visit, words: Words) -> Html:
    """The matrix under its filters and one page of its pairs."""
    query = _query(visit)
    view = visit.context.journeys.touchpoints(query)
    links = Links()
    by = None if view.by == COLUMNS[0] else view.by
    asked: dict[str, str | int | None] = {
        "class": query.process_class,
        "process": query.process,
        "step": query.step,
        "content": query.content,
        "channel": query.channel,
        "ownership": query.ownership,
    }
    kept = {"by": by, **asked, "cover": query.cover}

    def turned(page: int) -> str:
        return links.touchpoints(**kept, page=page if page > 1 else None) + "#pairs"

    shapes = [
        Choice(
            words.t(f"journeys.filter.{name}"),
            links.touchpoints(**{**kept, "by": None if name == COLUMNS[0] else name}),
            name == view.by,
        )
        for name in COLUMNS
    ]
    covers = [
        Choice(
            words.t(f"journeys.cover.{name or 'all'}"),
            links.touchpoints(**{**kept, "cover": name}) + "#pairs",
            (name or "") == view.cover,
        )
        for name in (None, *COVERS)
    ]
    model = {
        "view": view,
        "ways": ways(words, links, "touchpoints"),
        "shapes": shapes,
        "covers": covers,
        "pickers": filter_menus(
            words, "journeys", view.filters, lambda field, value: links.touchpoints(**{**kept, field: value})
        ),
        "cleared": links.touchpoints(by=by) if any(asked.values()) or query.cover else "",
        "before": turned(view.page - 1) if view.page > 1 else None,
        "after": turned(view.page + 1) if view.page < view.pages else None,
        "coverage": coverage,
        "said": said,
        "bar": bar_cell,
    }
    title = words.t("journeys.touchpoints")
    return Html("journeys/touchpoints.html", title, links, model, crumbs(words, links, title))


def _touchpoints(words: Words, view: TouchpointsPage) -> Iterator[tuple[Cell, ...]]:
    for row in view.touchpoints:
        yield (
            row.process.code,
            words.text(row.process.name),
            row.touchpoint.code,
            words.text(row.touchpoint.name),
            words.text(row.step.name),
            words.text(row.content.name),
            said(words, row.channels),
            told(words, row.evidence),
            said(words, row.supported_by),
            row.coverage.total,
            row.coverage.covered,
        )


def book(visit: Visit, words: Words) -> Book:
    """Pairs, touchpoints and coverage by attribute, under the filters."""
    view = visit.context.journeys.touchpoints(_query(visit))
    keys = (
        *("process_code", "process", "touchpoint_code", "touchpoint", "step", "content", "channels", "evidence"),
        *("supported_by", "pairs", "covered_pairs"),
    )
    numbers = ("pairs", "covered_pairs")
    by_attribute = ((each.code, words.text(each.name), given.total, given.covered) for each, given in view.by_attribute)
    sheets = (
        pairs_sheet(words, view.all_pairs),
        Sheet(
            "touchpoints",
            words.t("journeys.touchpoints"),
            columns(words, *keys, numbers=numbers),
            _touchpoints(words, view),
        ),
        Sheet(
            "attributes",
            words.t("journeys.by_attribute"),
            columns(words, "attribute_code", "attribute", *numbers, numbers=numbers),
            by_attribute,
        ),
    )
    noted = facts(visit, words, None, (words.t("catalogue_version"), view.catalogue_version))
    return Book("touchpoints", words.t("journeys.touchpoints"), noted, sheets, words.t("taken.cut"))


TOUCHPOINTS = Page("touchpoints", "/journeys/touchpoints", show, nav="journeys", book=book)
