"""The touchpoint matrix and the pairs of touchpoint and attribute behind it."""

from __future__ import annotations

from collections.abc import Iterator

from ganzhi.measure.views.journeys.query import TouchpointsQuery
from ganzhi.measure.views.journeys.touchpoints import TouchpointsPage
from ganzhi.portal.charts.bars import bar_cell
from ganzhi.portal.drawings.picture import Drawing, Drawings
from ganzhi.portal.links import Links
from ganzhi.portal.page import Html, Page
from ganzhi.portal.pages.choices import Choice, filter_menus
from ganzhi.portal.pages.journeys.shared import (
    columns,
    coverage,
    coverage_picture,
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


def _kept(view: TouchpointsPage, query: TouchpointsQuery) -> dict[str, str | int | None]:
    """What was asked, as its parameters; the default of the columns left out."""
    return {
        "by": None if view.by == COLUMNS[0] else view.by,
        "class": query.process_class,
        "process": query.process,
        "step": query.step,
        "content": query.content,
        "channel": query.channel,
        "ownership": query.ownership,
        "cover": query.cover,
    }


def show(visit: Visit, words: Words) -> Html:
    """The matrix under its filters and one page of its pairs."""
    query = _query(visit)
    view = visit.context.journeys.touchpoints(query)
    links = Links()
    kept = _kept(view, query)
    filtered = any(value for name, value in kept.items() if name != "by")

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
        "cleared": links.touchpoints(by=kept["by"]) if filtered else "",
        "before": turned(view.page - 1) if view.page > 1 else None,
        "after": turned(view.page + 1) if view.page < view.pages else None,
        "coverage": coverage,
        "said": said,
        "bar": bar_cell,
        "here": links.touchpoints(**kept),
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


def _chosen(words: Words, view: TouchpointsPage) -> tuple[tuple[str, str], ...]:
    """The filters in force, each with its value's name."""
    found = []
    for each in view.filters:
        for choice in each.choices:
            if choice.value == each.chosen:
                name = words.text(choice.name) if choice.name else words.t(f"journeys.{each.field}.{choice.value}")
                found.append((words.t(f"journeys.filter.{each.field}"), name))
    return (*found, *(((words.t("drawing.filters"), words.t(f"journeys.cover.{view.cover}")),) if view.cover else ()))


def drawings(visit: Visit, words: Words) -> Drawings:
    """Coverage by attribute as a picture."""
    query = _query(visit)
    view = visit.context.journeys.touchpoints(query)
    title = words.t("journeys.by_attribute")
    rows = [(words.text(each.name), given) for each, given in view.by_attribute]
    head = words.t("journeys.column.attribute")
    drawn = Drawing("attributes", title, lambda: coverage_picture(words, title, head, rows))
    version = (words.t("catalogue_version"), view.catalogue_version)
    told = facts(visit, words, None, *_chosen(words, view), version, address=Links().touchpoints(**_kept(view, query)))
    return Drawings("touchpoints", words.t("journeys.touchpoints"), told, (drawn,))


TOUCHPOINTS = Page("touchpoints", "/journeys/touchpoints", show, nav="journeys", book=book, drawings=drawings)
