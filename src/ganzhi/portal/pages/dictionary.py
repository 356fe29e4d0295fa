"""The dictionary: every indicator's definition, found by filter and search; and one entry in full."""

from __future__ import annotations

from collections.abc import Iterator

from ganzhi.catalogue.model.indicators import LAYERS
from ganzhi.measure.views.dictionary import DictionaryPage
from ganzhi.measure.views.query import DictionaryQuery
from ganzhi.portal.links import Links
from ganzhi.portal.page import Crumb, Html, Page
from ganzhi.portal.pages.choices import Choice
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.present import Words
from ganzhi.portal.sheets import Book, Cell, Sheet, SheetColumn
from ganzhi.portal.visit import Visit

TYPES = ("customer_evaluation", "business_perception", "system_performance")
DIMENSIONS = ("perception", "complaint", "operation")


def _query(visit: Visit) -> DictionaryQuery:
    return DictionaryQuery(
        layer=visit.choice("layer", LAYERS),
        type=visit.choice("type", TYPES),
        dimension=visit.choice("dimension", DIMENSIONS),
        search=visit.text("q"),
    )


def facet_word(words: Words, field: str, value: str) -> str:
    """A facet's value in words; layers are their own word."""
    return value if field == "layer" else words.t(f"{field}.{value}")


def _facets(words: Words, view: DictionaryPage, links: Links, query: DictionaryQuery) -> list[tuple[str, list[Choice]]]:
    asked: dict[str, str | int | None] = {
        "layer": query.layer,
        "type": query.type,
        "dimension": query.dimension,
        "q": query.search,
    }
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
    """The list with its filters."""
    query = _query(visit)
    view = visit.context.dictionary(query)
    links = Links()
    keep = [(name, value) for name, value in visit.query.items() if name in ("layer", "type", "dimension")]
    model = {"view": view, "facets": _facets(words, view, links, query), "keep": keep, "cleared": links.dictionary()}
    return Html("dictionary.html", words.t("dictionary.title"), links, model, parts={"entries": "parts/entries.html"})


def show_entry(visit: Visit, words: Words) -> Html:
    """One entry in full."""
    entry = visit.context.entry(visit.codes["code"])
    links = Links()
    name = words.text(entry.subject.name)
    crumbs = (Crumb(words.t("dictionary.title"), links.dictionary()), Crumb(name))
    return Html("entry.html", f"{name} · {words.t('dictionary.title')}", links, {"entry": entry}, crumbs)


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
            *((float(limits.floor), float(limits.target), float(limits.challenge)) if limits else (None, None, None)),
            words.text(row.topic) if row.topic else None,
            row.feed,
            ", ".join(row.parents),
        )


def book(visit: Visit, words: Words) -> Book:
    """The filtered list as a table."""
    view = visit.context.dictionary(_query(visit))
    texts = ("code", "indicator", "definition", "layer", "type", "dimension", "unit", "direction")
    numbers = ("floor", "target", "challenge")
    columns = (
        *(SheetColumn(key, words.t(f"column.{key}")) for key in texts),
        *(SheetColumn(key, words.t(f"column.{key}"), "number", 4) for key in numbers),
        *(SheetColumn(key, words.t(f"column.{key}")) for key in ("topic", "feed", "parents")),
    )
    told = facts(visit, words, None, (words.t("catalogue_version"), view.catalogue_version))
    sheet = Sheet("indicators", words.t("dictionary.title"), columns, _rows(words, view))
    return Book("dictionary", words.t("dictionary.title"), told, (sheet,), words.t("taken.cut"))


DICTIONARY = Page("dictionary", "/dictionary", show, book=book)
ENTRY = Page("entry", "/dictionary/{code}", show_entry)
