"""Key-process selection: the matrix, ranks and reasons, criteria, priorities, shortfalls."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from markupsafe import Markup

from ganzhi.measure.views.journeys.selection import PressureSource, Selected, SelectedProcess, SelectionPage, WeightRow
from ganzhi.portal.charts.bars import thin_bar
from ganzhi.portal.charts.scatter import Scatter, ScatterPoint, scatter
from ganzhi.portal.drawings.picture import Drawing, Drawings
from ganzhi.portal.links import Links
from ganzhi.portal.page import Html, Page
from ganzhi.portal.pages.choices import Choice, Picker, pickers
from ganzhi.portal.pages.journeys.shared import columns, crumbs, said, told, ways
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.present import Words
from ganzhi.portal.sheets import Book, Cell, Sheet, SheetColumn
from ganzhi.portal.visit import Visit

WIDE, NARROW = (1000, 460), (340, 420)
QUARTERS = ("pressure", "both", "neither", "importance")


def matrix(words: Words, selected: Selected) -> Markup:
    """The processes whose pressure is known, wide and narrow; empty where none is."""
    return matrix_picture(words, selected) + matrix_picture(words, selected, NARROW)


def matrix_picture(words: Words, selected: Selected, size: tuple[float, float] = WIDE) -> Markup:
    """The same at one size."""
    known = [(row, row.pressure) for row in selected.processes if row.pressure is not None]
    if not known:
        return Markup("")
    points = tuple(
        ScatterPoint(words.text(row.name), row.importance, pressure, row.chosen, _spoken(words, row))
        for row, pressure in known
    )
    chosen = words.t("list_comma").join(words.text(row.name) for row, _ in known if row.chosen) or "–"
    both = sum(row.quadrant == "both" for row, _ in known)
    low_left, both_high, neither, right = (words.t(f"journeys.quadrant.{name}") for name in QUARTERS)
    chart = Scatter(
        sentence=words.t("journeys.matrix_spoken", n=len(known), both=both, chosen=chosen),
        points=points,
        high_from=selected.high_from,
        across=words.t("journeys.importance"),
        up=words.t("journeys.pressure"),
        corners=(low_left, both_high, neither, right),
    )
    return scatter(chart, *size)


def _spoken(words: Words, row: SelectedProcess) -> str:
    return words.t(
        "journeys.point",
        name=words.text(row.name),
        pressure=words.per_cent(row.pressure),
        importance=words.per_cent(row.importance),
        rank=words.t(f"journeys.rank.{row.rank}") if row.rank else "–",
    )


def weight_words(words: Words, weight: WeightRow) -> str:
    """A weight with the days it holds from and to, where it has any."""
    parts = [words.t("journeys.weighs", weight=words.all_digits(weight.weight))]
    if weight.valid_from is not None:
        parts.append(words.t("journeys.from", day=words.day(weight.valid_from, weekday=False)))
    if weight.valid_to is not None:
        parts.append(words.t("journeys.until", day=words.day(weight.valid_to, weekday=False)))
    if not weight.valid:
        parts.append(words.t("journeys.not_valid"))
    return words.t("list_comma").join(parts)


def records_link(links: Links, source: PressureSource | None, process: str) -> str | None:
    """The records that were counted for a process."""
    if source is None:
        return None
    return links.records(source.feed, source.indicator, where={source.dimension: process})


def _pickers(visit: Visit, words: Words, view: SelectionPage, links: Links) -> tuple[Picker, ...]:
    """Place and period; the selection too where several are declared."""
    code = view.selected.code if view.selected and len(view.selections) > 1 else None
    place, period, *_ = pickers(visit, words, view.scope, links, lambda changed: changed.selection(code))
    if code is None or view.selected is None:
        return (place, period)
    choices = tuple(
        Choice(words.text(each.name), links.selection(each.code), each.code == code) for each in view.selections
    )
    return (Picker(words.t("journeys.selection"), words.text(view.selected.name), (("", choices),)), place, period)


def show(visit: Visit, words: Words) -> Html:
    """The selection for a place and period."""
    query = visit.scope()
    view = visit.context.journeys.selection(query, visit.text("selection"))
    links = Links.of(view.scope, query)
    # The default here is a month and elsewhere a week, so links that lead on name the period.
    onward = links.at(period=view.scope.period.key)
    sources = {each.indicator: each for each in view.sources}
    model = {
        "view": view,
        "scope": view.scope,
        "ways": ways(words, links, "selection"),
        "pickers": _pickers(visit, words, view, links),
        "here": links.selection(visit.text("selection")),
        "matrix": matrix(words, view.selected) if view.selected else "",
        "reasons": dict(view.reasons),
        "thin": thin_bar,
        "said": said,
        "told": told,
        "weight_words": weight_words,
        "records": lambda indicator, process: records_link(onward, sources.get(indicator), process),
    }
    title = words.t("journeys.selection")
    return Html("journeys/selection.html", title, onward, model, crumbs(words, links, title))


def _processes(words: Words, view: SelectionPage) -> Iterator[tuple[Cell, ...]]:
    named = dict(view.reasons)
    for row in view.selected.processes if view.selected else ():
        yield (
            row.code,
            words.text(row.name),
            row.pressure,
            row.importance,
            words.t(f"journeys.rank.{row.rank}") if row.rank else None,
            words.t(f"journeys.quadrant.{row.quadrant}") if row.quadrant else None,
            words.t("journeys.chosen") if row.chosen else None,
            told(words, (named[reason] for reason in row.reasons if reason in named)),
            *(value for _, value in row.parts),
        )


def _priorities(words: Words, view: SelectionPage) -> Iterator[tuple[Cell, ...]]:
    for priority in view.priorities:
        for weight in priority.weights:
            yield (
                words.text(priority.name),
                weight.process.code,
                words.text(weight.process.name),
                weight.weight,
                weight.valid_from,
                weight.valid_to,
            )


def _shortfalls(words: Words, view: SelectionPage) -> Iterator[tuple[Cell, ...]]:
    for row in view.shortfalls:
        yield (
            row.code,
            words.text(row.name),
            row.process.code,
            words.text(row.attribute.name) if row.attribute else None,
            ", ".join(each.code for each in row.indicators),
            words.text(row.evidence),
            words.text(row.owner),
            row.since,
            words.t(f"journeys.shortfall.{row.state}"),
        )


def book(visit: Visit, words: Words) -> Book:
    """Processes with their numbers, priorities with their weights, the shortfall register."""
    view = visit.context.journeys.selection(visit.scope(), visit.text("selection"))
    shares = tuple(SheetColumn(key, words.t(f"journeys.{key}"), "number", 4) for key in ("pressure", "importance"))
    parts = view.selected.pressures if view.selected else ()
    processes = (
        *columns(words, "process_code", "process"),
        *shares,
        *columns(words, "rank", "quadrant", "chosen", "reasons"),
        *(SheetColumn(each.code, words.text(each.name), "number", 2) for each in parts),
    )
    days = tuple(SheetColumn(key, words.t(f"journeys.column.{key}"), "day") for key in ("valid_from", "valid_to"))
    weights = (
        *columns(words, "priority", "process_code", "process"),
        SheetColumn("weight", words.t("column.weight"), "number", 2),
        *days,
    )
    register = (
        *columns(words, "code", "shortfall", "process_code", "attribute", "indicators", "evidence", "owner"),
        SheetColumn("since", words.t("journeys.column.since"), "day"),
        *columns(words, "state"),
    )
    sheets = (
        Sheet("processes", words.t("journeys.selection"), processes, _processes(words, view)),
        Sheet("priorities", words.t("journeys.priorities"), weights, _priorities(words, view)),
        Sheet("shortfalls", words.t("journeys.shortfalls"), register, _shortfalls(words, view)),
    )
    return Book(
        "selection", words.t("journeys.selection"), facts(visit, words, view.scope), sheets, words.t("taken.cut")
    )


def drawings(visit: Visit, words: Words) -> Drawings:
    """The matrix as a picture."""
    query = visit.scope()
    view = visit.context.journeys.selection(query, visit.text("selection"))
    drawn = []
    if view.selected is not None:
        sub = words.t("journeys.matrix_sub", share=words.per_cent(view.selected.high_from))
        make = partial(matrix_picture, words, view.selected)
        drawn.append(Drawing("matrix", words.t("journeys.matrix"), make, sub))
    chosen = ((words.t("drawing.filters"), words.text(view.selected.name)),) if view.selected else ()
    address = Links.of(view.scope, query).selection(visit.text("selection"))
    told = facts(visit, words, view.scope, *chosen, address=address)
    return Drawings("selection", words.t("journeys.selection"), told, tuple(drawn))


SELECTION = Page("selection", "/journeys/selection", show, nav="journeys", book=book, drawings=drawings)
