"""The process frame: by stage and class, by the customer's chain, or by the customer's life cycle."""

from __future__ import annotations

from collections.abc import Iterator

from ganzhi.measure.views.journeys.frame import FramePage, ProcessRow, Weight
from ganzhi.measure.views.journeys.query import FrameQuery
from ganzhi.portal.links import Links
from ganzhi.portal.page import Html, Page
from ganzhi.portal.pages.choices import Choice, filter_menus
from ganzhi.portal.pages.journeys.shared import columns, ways
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.present import Words
from ganzhi.portal.sheets import Book, Cell, Sheet
from ganzhi.portal.visit import Visit

VIEWS = ("frame", "chain", "customer")
STATES = ("planned", "designed", "live")
FILTERS = ("stage", "commercial_process", "capability", "owner", "state")


def _query(visit: Visit) -> FrameQuery:
    return FrameQuery(
        view=visit.choice("view", VIEWS),
        stage=visit.text("stage"),
        commercial_process=visit.text("commercial_process"),
        capability=visit.text("capability"),
        owner=visit.text("owner"),
        state=visit.choice("state", STATES),
        search=visit.text("q"),
    )


def weight_words(words: Words, weight: Weight) -> str:
    """An activity's weight with whom it holds for and where it comes from."""
    whom = [words.text(each.name) for each in (weight.segment, weight.product) if each is not None]
    about = [*whom, words.t(f"journeys.origin.{weight.origin}")]
    if weight.sample is not None:
        about.append(words.t("journeys.sample", n=words.count(weight.sample)))
    if weight.surveyed is not None:
        about.append(words.day(weight.surveyed, weekday=False))
    return words.t("journeys.weight", weight=words.per_cent(weight.weight), about=words.t("list_comma").join(about))


def show(visit: Visit, words: Words) -> Html:
    """The frame under its filters."""
    query = _query(visit)
    view = visit.context.journeys.frame(query)
    links = Links()
    asked: dict[str, str | int | None] = {field: getattr(query, field) for field in FILTERS}
    kept = {"view": query.view, **asked, "q": query.search}
    shapes = [
        Choice(
            words.t(f"journeys.view.{name}"),
            links.journeys(**{**kept, "view": None if name == VIEWS[0] else name}),
            name == view.view,
        )
        for name in VIEWS
    ]
    model = {
        "view": view,
        "ways": ways(words, links, "frame"),
        "shapes": shapes,
        "pickers": filter_menus(
            words, "journeys", view.filters, lambda field, value: links.journeys(**{**kept, field: value})
        ),
        "keep": [(name, value) for name, value in kept.items() if value and name != "q"],
        "cleared": links.journeys(view=query.view) if any(asked.values()) or query.search else "",
        "weight_words": weight_words,
    }
    return Html("journeys/frame.html", words.t("journeys.frame"), links, model)


def _row(words: Words, row: ProcessRow) -> tuple[Cell, ...]:
    states = row.indicators
    return (
        row.code,
        words.text(row.name),
        words.text(row.stage.name),
        words.text(row.process_class.name),
        words.text(row.commercial_process.name),
        words.text(row.capability.name) if row.capability else None,
        words.text(row.owner),
        words.t(f"journeys.state.{row.state}"),
        row.touchpoints,
        row.coverage.total,
        row.coverage.covered,
        states.live,
        states.designed,
        states.planned,
        "; ".join(f"{system} {code}" for system, code in row.codes),
    )


def _rows(words: Words, view: FramePage) -> Iterator[tuple[Cell, ...]]:
    for block in view.blocks:
        for group in block.groups:
            for row in group.rows:
                yield (words.text(block.name), words.text(group.name), *_row(words, row))
    for row in view.unplaced:
        yield (None, None, *_row(words, row))


def _groups(words: Words, view: FramePage) -> Iterator[tuple[Cell, ...]]:
    for block in view.blocks:
        for group in block.groups:
            needs = words.t("list_comma").join(words.text(need.name) for need in group.needs)
            weights = "; ".join(weight_words(words, weight) for weight in group.weights)
            codes = ", ".join(row.code for row in group.rows)
            yield (block.code, words.text(block.name), group.code, words.text(group.name), weights, needs, codes)


def book(visit: Visit, words: Words) -> Book:
    """Processes as listed, the groups they stand in, and the gaps between the two frames."""
    view = visit.context.journeys.frame(_query(visit))
    numbers = ("touchpoints", "pairs", "covered_pairs", "live", "designed", "planned")
    keys = (
        *("block", "group", "process_code", "process", "stage", "process_class", "commercial_process", "capability"),
        *("owner", "state", *numbers, "codes"),
    )
    grouped = columns(words, "block_code", "block", "group_code", "group", "weights", "needs", "process_codes")
    gaps = [
        *((words.t("journeys.without_indicators"), each) for each in view.without_indicators),
        *((words.t("journeys.without_process"), each) for each in view.without_process),
    ]
    sheets = (
        Sheet("processes", words.t("journeys.frame"), columns(words, *keys, numbers=numbers), _rows(words, view)),
        Sheet("groups", words.t(f"journeys.view.{view.view}"), grouped, _groups(words, view)),
        Sheet(
            "gaps",
            words.t("journeys.gaps"),
            columns(words, "gap", "code", "name"),
            ((kind, each.code, words.text(each.name)) for kind, each in gaps),
        ),
    )
    told = facts(visit, words, None, (words.t("catalogue_version"), view.catalogue_version))
    return Book("journeys", words.t("journeys.frame"), told, sheets, words.t("taken.cut"))


FRAME = Page("journeys", "/journeys", show, nav="journeys", book=book)
