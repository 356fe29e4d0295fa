"""The seven professional modules in three layers, and each of them in three dimensions (S002-111, S002-114)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ganzhi.access.rights import RoleName
from ganzhi.measure.views.panorama.modules import LAYERS, ModulePage, ModulesPage
from ganzhi.portal.drawings.picture import Drawing, Drawings
from ganzhi.portal.links import Links
from ganzhi.portal.page import Crumb, Html, Page
from ganzhi.portal.pages.charted import known_spark
from ganzhi.portal.pages.choices import Choice, pickers
from ganzhi.portal.pages.overview import MOST_LISTED, reading_cells
from ganzhi.portal.pages.panorama.pictured import module_table, modules_table
from ganzhi.portal.pages.panorama.shared import day_delta, ports, usual_text
from ganzhi.portal.pages.taken import facts, value_columns
from ganzhi.portal.present import Words
from ganzhi.portal.sheets import Book, Cell, Sheet, SheetColumn
from ganzhi.portal.visit import Visit

OWN_LAYER: Mapping[RoleName, str] = {
    "leader": "macro",
    "manager": "macro",
    "administrator": "macro",
    "analyst": "analysis",
    "handler": "analysis",
    "owner": "mining",
    "support": "macro",
    "operations": "analysis",
}
"""The layer a role sees first (S004-021); every layer is open to everybody."""

TOOLS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "channel_satisfaction": (("touchpoints", "/journeys/touchpoints"), ("panorama", "/journeys/panorama")),
    "complaints": (("complaints", "/complaints"), ("selection", "/journeys/selection")),
    "halls": (("halls", "/halls"), ("wall", "/wall/halls")),
    "proactive": (("lifecycle", "/journeys/lifecycle"),),
    "hall_shortfalls": (("halls", "/halls"), ("selection", "/journeys/selection")),
    "electronic": (("halls", "/halls"), ("panorama", "/journeys/panorama")),
    "satisfaction": (("lifecycle", "/journeys/lifecycle"), ("panorama", "/journeys/panorama")),
}
"""Pages that belong to a module, beside its topics: the word in the message files, and the address."""


def show_all(visit: Visit, words: Words) -> Html:
    """All modules in one layer."""
    query = visit.scope()
    layer = visit.choice("layer", LAYERS) or OWN_LAYER[visit.context.viewer.role]
    view = ports(visit).modules(query, layer)
    links = Links.of(view.scope, query)
    layers = [Choice(words.t(f"panorama.layer.{each}"), links.modules(each), each == layer) for each in LAYERS]
    model = {
        "view": view,
        "scope": view.scope,
        "layers": layers,
        "known": sum(each.known for each in view.modules),
        "in_alert": sum(each.in_alert for each in view.modules),
        "pickers": pickers(visit, words, view.scope, links, lambda changed: changed.modules(layer)),
        "here": links.modules(layer),
    }
    title = words.t("panorama.modules.title")
    crumbs = (Crumb(words.t("nav.overview"), links.overview()), Crumb(title))
    return Html("panorama/modules.html", f"{title} · {words.t(f'panorama.layer.{layer}')}", links, model, crumbs)


def show_one(visit: Visit, words: Words) -> Html:
    """One module: what it is worth, what happened last, which records are behind."""
    query, code = visit.scope(), visit.codes["module"]
    view = ports(visit).module(code, query)
    links = Links.of(view.scope, query)
    longest = max((len(known_spark(row)) for row in view.rows), default=0)
    model = {
        "view": view,
        "scope": view.scope,
        "with_year": any(row.year_change.difference is not None for row in view.rows),
        "longest_spark": longest if longest > 1 else 0,
        "tools": [(words.t(f"panorama.tool.{name}"), path) for name, path in TOOLS[code]],
        "modules": [
            Choice(words.t(f"panorama.module.{each}"), links.module(each), each == code) for each in view.others
        ],
        "usual": usual_text,
        "moved": day_delta,
        "brief_rows": view.brief.rows[:MOST_LISTED],
        "pickers": pickers(visit, words, view.scope, links, lambda changed: changed.module(code)),
    }
    name = words.t(f"panorama.module.{code}")
    crumbs = (
        Crumb(words.t("nav.overview"), links.overview()),
        Crumb(words.t("panorama.modules.title"), links.modules()),
        Crumb(name),
    )
    return Html("panorama/module.html", name, links, model, crumbs)


def _summaries(words: Words, view: ModulesPage) -> Iterator[tuple[Cell, ...]]:
    for each in view.modules:
        lead = each.scores[0] if each.scores else None
        score = None if lead is None else lead.score
        before = None if lead is None else lead.before
        counts = (each.declared, each.indicators, each.known, each.in_alert)
        yield (each.code, words.t(f"panorama.module.{each.code}"), score, before, *counts)


def book_all(visit: Visit, words: Words) -> Book:
    """The modules as a table."""
    layer = visit.choice("layer", LAYERS) or OWN_LAYER[visit.context.viewer.role]
    view = ports(visit).modules(visit.scope(), layer)
    columns = (
        SheetColumn("code", words.t("column.code")),
        SheetColumn("name", words.t("panorama.column.module")),
        SheetColumn("score", words.t("panorama.column.score"), "number", 4),
        SheetColumn("before", words.before(view.scope), "number", 4),
        SheetColumn("declared", words.t("panorama.column.declared"), "number", 0),
        SheetColumn("judged", words.t("panorama.column.judged"), "number", 0),
        SheetColumn("known", words.t("panorama.column.known"), "number", 0),
        SheetColumn("in_alert", words.t("panorama.column.problems"), "number", 0),
    )
    title = words.t("panorama.modules.title")
    sheet = Sheet("modules", title, columns, _summaries(words, view))
    return Book("modules", title, facts(visit, words, view.scope), (sheet,), words.t("taken.cut"))


def _rows(words: Words, view: ModulePage) -> Iterator[tuple[Cell, ...]]:
    for row in view.rows:
        subject = row.subject
        target = float(subject.limits.target) if subject.limits else None
        head = (subject.code, words.text(subject.name))
        yield (
            *head,
            *reading_cells(words, subject.unit_of_value, row.now),
            target,
            row.change.difference,
            row.year_change.difference,
        )


def book_one(visit: Visit, words: Words) -> Book:
    """The scorecard of a module as a table."""
    code = visit.codes["module"]
    view = ports(visit).module(code, visit.scope())
    columns = (
        SheetColumn("code", words.t("column.code")),
        SheetColumn("name", words.t("column.indicator")),
        *value_columns(words),
        SheetColumn("target", words.t("column.target"), "number", 4),
        SheetColumn("change", words.against(view.scope), "number", 4),
        SheetColumn("year_change", words.year_over_year(), "number", 4),
    )
    title = words.t(f"panorama.module.{code}")
    sheet = Sheet("scorecard", words.t("panorama.module_scorecard"), columns, _rows(words, view))
    return Book(f"module-{code}", title, facts(visit, words, view.scope), (sheet,), words.t("taken.cut"))


def drawings_all(visit: Visit, words: Words) -> Drawings:
    """The modules as a picture."""
    query = visit.scope()
    layer = visit.choice("layer", LAYERS) or OWN_LAYER[visit.context.viewer.role]
    view = ports(visit).modules(query, layer)
    title = words.t("panorama.modules.title")
    told = facts(visit, words, view.scope, address=Links.of(view.scope, query).modules(layer))
    return Drawings("modules", title, told, (Drawing("modules", title, lambda: modules_table(words, view)),))


def drawings_one(visit: Visit, words: Words) -> Drawings:
    """The scorecard of a module as a picture."""
    query, code = visit.scope(), visit.codes["module"]
    view = ports(visit).module(code, query)
    title = words.t(f"panorama.module.{view.summary.code}")
    told = facts(visit, words, view.scope, address=Links.of(view.scope, query).module(code))
    key = words.t("scorecard.key", now=words.this(view.scope), before=words.before(view.scope))
    drawing = Drawing("scorecard", title, lambda: module_table(words, view), key)
    return Drawings(f"module-{view.summary.code}", title, told, (drawing,) if view.rows else ())


MODULES = Page("modules", "/modules", show_all, nav="overview", book=book_all, drawings=drawings_all, rests="numbers")
MODULE = Page(
    "module", "/modules/{module}", show_one, nav="overview", book=book_one, drawings=drawings_one, rests="numbers"
)
