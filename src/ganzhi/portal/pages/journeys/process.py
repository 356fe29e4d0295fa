"""One process: what it is, its system steps, touchpoints, indicators, shortfalls and states."""

from __future__ import annotations

from collections.abc import Iterator

from ganzhi.measure.views.journeys.process import ProcessPage
from ganzhi.portal.links import Links
from ganzhi.portal.page import Html, Page
from ganzhi.portal.pages.choices import pickers
from ganzhi.portal.pages.journeys.shared import columns, crumbs, limit, pairs_sheet, said, told
from ganzhi.portal.pages.knowledge.card import notes_link, notes_on
from ganzhi.portal.pages.taken import facts, value_columns
from ganzhi.portal.present import Words
from ganzhi.portal.sheets import Book, Cell, Sheet
from ganzhi.portal.visit import Visit


def show(visit: Visit, words: Words) -> Html:
    """The page of one process for a place and period."""
    query, code = visit.scope(), visit.codes["process"]
    view = visit.context.journeys.process(code, query)
    links = Links.of(view.scope, query)
    name = words.text(view.row.name)
    model = {
        "view": view,
        "scope": view.scope,
        "row": view.row,
        "pickers": pickers(visit, words, view.scope, links, lambda changed: changed.journey(code))[:-1],
        "said": said,
        "told": told,
        "limit": limit,
        "notes": notes_on(visit, "process", code),
        "notes_link": notes_link,
    }
    return Html("journeys/process.html", name, links, model, crumbs(words, links, name))


def _steps(words: Words, view: ProcessPage) -> Iterator[tuple[Cell, ...]]:
    for step in view.steps:
        yield (
            step.number,
            step.code,
            words.text(step.name),
            words.t(f"journeys.side.{step.side}"),
            words.text(step.function),
            told(words, step.inputs),
            told(words, step.outputs),
            words.text(step.system.name),
            ", ".join(step.tables),
            step.feed.code if step.feed else None,
            step.limit_s,
            said(words, step.touchpoints),
            ", ".join(each.code for each in step.indicators),
        )


def _indicators(words: Words, view: ProcessPage) -> Iterator[tuple[Cell, ...]]:
    for layer, rows in view.layers:
        for row in rows:
            about, seen = row.subject, row.reading
            yield (
                about.code,
                words.text(about.name),
                layer,
                words.t(f"journeys.state.{row.state}"),
                words.text(row.step) if row.step else None,
                seen.value if seen else None,
                about.unit_of_value,
                seen.numerator if seen else None,
                seen.denominator if seen else None,
                seen.n if seen else None,
                seen.completeness if seen else None,
                words.level(seen.level) if seen and seen.level else None,
            )


def book(visit: Visit, words: Words) -> Book:
    """Steps, pairs and indicators of a process."""
    code = visit.codes["process"]
    view = visit.context.journeys.process(code, visit.scope())
    keys = (
        *("number", "code", "name", "side", "function", "inputs", "outputs", "system", "tables", "feed", "limit_s"),
        *("touchpoints", "indicators"),
    )
    pairs = (pair for row in view.touchpoints for pair in row.pairs)
    sheets = (
        Sheet(
            "steps",
            words.t("journeys.steps"),
            columns(words, *keys, numbers=("number", "limit_s")),
            _steps(words, view),
        ),
        pairs_sheet(words, pairs),
        Sheet(
            "indicators",
            words.t("column.indicators"),
            (*columns(words, "code", "name", "layer", "state", "system_step"), *value_columns(words)),
            _indicators(words, view),
        ),
    )
    return Book(
        f"journey-{code}", words.text(view.row.name), facts(visit, words, view.scope), sheets, words.t("taken.cut")
    )


PROCESS = Page("journey", "/journeys/{process}", show, nav="journeys", book=book)
