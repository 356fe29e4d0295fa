"""A list of stuck transactions: who waits, for which step, how long, and how unusual that is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from ganzhi.base import wording
from ganzhi.portal.links import Links
from ganzhi.portal.page import Crumb, Html, Page
from ganzhi.portal.pages.choices import pickers
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.pages.traces.shared import (
    crumbs,
    lasting,
    part,
    ports,
    story_link,
    stuck_link,
    told,
    trace_link,
    untied,
)
from ganzhi.portal.present import Words
from ganzhi.portal.sheets import Book, Cell, Sheet, SheetColumn
from ganzhi.portal.visit import Visit
from ganzhi.trace.views import StuckPage


def _view(visit: Visit) -> StuckPage:
    return ports(visit).stuck(visit.codes["trace"], visit.scope(), visit.codes["list"])


def show(visit: Visit, words: Words) -> Html:
    """The list."""
    query, view = visit.scope(), _view(visit)
    links = Links.of(view.scope, query)

    names = view.found.names if view.found is not None else {}
    model = {
        "view": view,
        "scope": view.scope,
        "found": view.found,
        "pickers": pickers(visit, words, view.scope, links, lambda changed: stuck_link(changed, view.code, view.which))[
            :-1
        ],
        "here": stuck_link(links, view.code, view.which),
        "told": lambda name, value: told(words, value, names.get(name), money=name == view.amount),
        "heading": lambda name, text: untied(words, text, money=name == view.amount),
        "lasting": lambda millis: lasting(words, millis),
        "part": lambda share: part(words, share),
        "chain": lambda chain: story_link(links, view.code, chain),
        "count": wording.grouped,
    }
    trace = Crumb(words.text(view.trace), trace_link(links, view.code))
    name = words.text(view.name)
    return Html("traces/stuck.html", name, links, model, crumbs(words, links, trace, Crumb(name)))


def _rows(words: Words, view: StuckPage) -> Iterator[tuple[Cell, ...]]:
    for row in () if view.found is None else view.found.rows:
        values = tuple(
            v if v is None or isinstance(v, (str, int, float, datetime)) else str(v) for v in row.values.values()
        )
        yield (
            row.chain_id, words.t(f"trace.state.{row.state}"), words.text(row.step), row.waiting_since, row.waited_ms,
            row.usual_p50_ms, row.shorter, *values,
        )  # fmt: skip


def book(visit: Visit, words: Words) -> Book:
    """The customers to be told and helped; personal values masked as on the page."""
    view = _view(visit)
    shown = {} if view.found is None else view.found.columns
    columns = (
        SheetColumn("chain_id", words.t("trace.column.chain")),
        SheetColumn("state", words.t("trace.column.state")),
        SheetColumn("step", words.t("trace.column.step")),
        SheetColumn("waiting_since", words.t("trace.column.since"), "instant"),
        SheetColumn("waited_ms", words.t("trace.column.waited_ms"), "number"),
        SheetColumn("usual_p50_ms", words.t("trace.column.usual_ms"), "number"),
        SheetColumn("shorter", words.t("trace.column.shorter"), "percent", 1),
        *(SheetColumn(name, words.text(title)) for name, title in shown.items()),
    )
    title = words.text(view.name)
    sheet = Sheet("stuck", title, columns, _rows(words, view))
    return Book(
        f"stuck-{view.code}-{view.which}", title, facts(visit, words, view.scope), (sheet,), words.t("taken.cut")
    )


STUCK = Page(
    "trace_stuck", "/traces/{trace}/list/{list}", show, nav="journeys", needs="list", book=book, private=True, slow=True
)
