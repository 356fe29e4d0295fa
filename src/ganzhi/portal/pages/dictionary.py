"""The dictionary: every indicator's definition, found by filter and search; and one entry in full."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ganzhi.catalogue.model.framework import LIFECYCLE
from ganzhi.catalogue.model.indicators import LAYERS
from ganzhi.measure.views.catalogue.entry import LinkRow
from ganzhi.measure.views.dictionary import DictionaryEntry, DictionaryPage
from ganzhi.measure.views.query import DictionaryQuery
from ganzhi.portal.links import Links
from ganzhi.portal.page import Crumb, Html, Page
from ganzhi.portal.pages.catalogue import shared
from ganzhi.portal.pages.choices import Choice, filter_menus
from ganzhi.portal.pages.knowledge.card import notes_link, notes_on
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.present import Words
from ganzhi.portal.sheets import Book, Cell, Sheet, SheetColumn
from ganzhi.portal.visit import Visit

TYPES = ("customer_evaluation", "business_perception", "system_performance")
DIMENSIONS = ("perception", "complaint", "operation")
DATA = ("arrived", "waiting")
FILTERS = (
    *("layer", "type", "dimension", "commercial_process", "class", "process", "state", "source", "feed", "data"),
)
"""Parameters that narrow the list, beside the search."""


def _query(visit: Visit) -> DictionaryQuery:
    return DictionaryQuery(
        layer=visit.choice("layer", LAYERS),
        type=visit.choice("type", TYPES),
        dimension=visit.choice("dimension", DIMENSIONS),
        commercial_process=visit.text("commercial_process"),
        process_class=visit.text("class"),
        process=visit.text("process"),
        state=visit.choice("state", LIFECYCLE),
        source=visit.text("source"),
        feed=visit.text("feed"),
        data=visit.choice("data", DATA),
        search=visit.text("q"),
        page=visit.number("page") or 1,
    )


def _asked(query: DictionaryQuery) -> dict[str, str | int | None]:
    """The parameters that were asked for, as links repeat them."""
    named = {field: getattr(query, "process_class" if field == "class" else field) for field in FILTERS}
    return {**named, "q": query.search}


def facet_word(words: Words, field: str, value: str) -> str:
    """A facet's value in words; layers are their own word."""
    return value if field == "layer" else words.t(f"{field}.{value}")


def _facets(words: Words, view: DictionaryPage, links: Links, query: DictionaryQuery) -> list[tuple[str, list[Choice]]]:
    asked = _asked(query)
    found = []
    for facet in view.facets:
        every = Choice(words.t("all"), links.dictionary(**{**asked, facet.field: None}), facet.chosen == "")
        choices = [
            Choice(
                f"{facet_word(words, facet.field, value)} {number}",
                links.dictionary(**{**asked, facet.field: value}),
                facet.chosen == value,
            )
            for value, number in facet.choices
        ]
        found.append((words.t(f"facet.{facet.field}"), [every, *choices]))
    return found


def show(visit: Visit, words: Words) -> Html:
    """The list with its filters, one page of it."""
    query = _query(visit)
    view = visit.context.dictionary(query)
    links = Links()
    asked = _asked(query)

    def turned(page: int) -> str:
        return links.dictionary(**asked, page=page if page > 1 else None)

    model = {
        "view": view,
        "ways": shared.ways(visit, words, links, "indicators"),
        "facets": _facets(words, view, links, query),
        "pickers": filter_menus(
            words, "catalogue", view.filters, lambda field, value: links.dictionary(**{**asked, field: value})
        ),
        "keep": [(name, value) for name, value in asked.items() if value and name != "q"],
        "cleared": links.dictionary() if any(asked.values()) else "",
        "before": turned(view.page - 1) if view.page > 1 else None,
        "after": turned(view.page + 1) if view.page < view.pages else None,
    }
    return Html("dictionary.html", words.t("dictionary.title"), links, model, parts={"entries": "parts/entries.html"})


def _rows(words: Words, view: DictionaryPage) -> Iterator[tuple[Cell, ...]]:
    for row in view.rows:
        subject = row.subject
        limits = subject.limits
        yield (
            subject.code,
            words.text(subject.name),
            words.text(subject.definition),
            subject.layer,
            words.t(f"type.{subject.type}"),
            words.t(f"dimension.{subject.dimension}"),
            subject.unit_of_value,
            words.t(f"direction.{subject.direction or 'none'}"),
            words.t(f"catalogue.state.{row.state}"),
            row.commercial_process.code if row.commercial_process else None,
            ", ".join(row.processes),
            *((float(limits.floor), float(limits.target), float(limits.challenge)) if limits else (None, None, None)),
            words.text(row.topic) if row.topic else None,
            row.feed,
            ", ".join(row.parents),
            "; ".join(f"{system} {code}" for system, code in row.codes),
        )


def book(visit: Visit, words: Words) -> Book:
    """The filtered list as a table, all of it."""
    view = visit.context.dictionary(replace(_query(visit), page=None))
    texts = ("code", "indicator", "definition", "layer", "type", "dimension", "unit", "direction")
    placed = ("state", "commercial_process", "processes")
    numbers = ("floor", "target", "challenge")
    columns = (
        *(SheetColumn(key, words.t(f"column.{key}")) for key in texts),
        *shared.columns(words, *placed),
        *(SheetColumn(key, words.t(f"column.{key}"), "number", 4) for key in numbers),
        *(SheetColumn(key, words.t(f"column.{key}")) for key in ("topic", "feed", "parents")),
        *shared.columns(words, "codes"),
    )
    told = facts(visit, words, None, (words.t("catalogue_version"), view.catalogue_version))
    sheet = Sheet("indicators", words.t("dictionary.title"), columns, _rows(words, view))
    return Book("dictionary", words.t("dictionary.title"), told, (sheet,), words.t("taken.cut"))


# -- one entry -----------------------------------------------------------------------------------


def show_entry(visit: Visit, words: Words) -> Html:
    """One entry in full."""
    entry = visit.context.entry(visit.codes["code"])
    links = Links()
    name = words.text(entry.subject.name)
    crumbs = shared.crumbs(words, links, Crumb(name))
    model = {
        "entry": entry,
        "about": entry.about,
        "weight": shared.weight,
        "weight_origin": shared.weight_origin,
        "amount": shared.amount,
        "sla_limits": shared.sla_limits,
        "sla_scope": shared.sla_scope,
        "validity": shared.validity,
        "external": shared.external,
        "notes": notes_on(visit, "indicator", entry.subject.code),
        "notes_link": notes_link,
    }
    return Html("entry.html", f"{name} · {words.t('dictionary.title')}", links, model, crumbs)


def _lineage(words: Words, entry: DictionaryEntry) -> Iterator[tuple[Cell, ...]]:
    """A row per column the indicator reads and mapping that fills it."""
    lineage = entry.about.lineage
    for column in lineage.columns if lineage else ():
        assert lineage is not None
        head = (
            entry.subject.code,
            lineage.feed.code,
            column.name,
            words.text(column.title),
            ", ".join(words.t(f"catalogue.role.{role}") for role in column.roles),
            column.type,
            words.t(f"catalogue.protection.{column.protection}"),
            column.derived,
        )
        systems = ", ".join(source.source.code for source in lineage.sources)
        for source in column.sources:
            yield *head, source.mapping.code, words.t(f"catalogue.how.{source.how}"), source.text, systems
        if not column.sources:
            yield *head, None, None, None, systems


def _links(words: Words, rows: tuple[LinkRow, ...], way: str) -> Iterator[tuple[Cell, ...]]:
    for row in rows:
        name = words.text(row.indicator.name)
        origin = shared.weight_origin(words, row)
        yield words.t(f"catalogue.{way}"), row.indicator.code, name, row.layer, row.weight, row.points, origin


def book_entry(visit: Visit, words: Words) -> Book:
    """The lineage column by column, and the links of the tree."""
    entry = visit.context.entry(visit.codes["code"])
    about = entry.about
    keys = (
        *("code", "feed", "column", "name", "role", "value_type", "protection", "expression"),
        *("mapping", "how", "origin_text", "sources"),
    )
    tied = ("link", "code", "indicator", "layer", "weight", "points", "weight_origin")
    both = (*_links(words, about.parents, "above"), *_links(words, about.children, "below"))
    sheets = (
        Sheet("lineage", words.t("catalogue.lineage"), shared.columns(words, *keys), _lineage(words, entry)),
        Sheet("links", words.t("tree.title"), shared.columns(words, *tied, numbers=("weight", "points")), both),
    )
    told = facts(visit, words, None, (words.t("catalogue_version"), entry.catalogue_version))
    return Book("entry", words.text(entry.subject.name), told, sheets, words.t("taken.cut"))


DICTIONARY = Page("dictionary", "/dictionary", show, book=book)
ENTRY = Page("entry", "/dictionary/{code}", show_entry, book=book_entry)
