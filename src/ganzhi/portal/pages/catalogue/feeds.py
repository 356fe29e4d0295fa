"""Feeds: the catalogue of them, and the contract of one with every indicator it gives."""

from __future__ import annotations

from collections.abc import Iterator

from ganzhi.measure.views.catalogue.feeds import FeedPage, FeedsPage
from ganzhi.measure.views.catalogue.query import FeedsQuery
from ganzhi.portal.links import Links
from ganzhi.portal.page import Crumb, Html, Page
from ganzhi.portal.pages.catalogue.shared import codes_of, columns, crumbs, external, ways
from ganzhi.portal.pages.choices import filter_menus
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.present import Words
from ganzhi.portal.sheets import Book, Cell, Sheet
from ganzhi.portal.visit import Visit

KINDS = ("event", "entity")
MADE = ("source", "trace", "floor", "voice", "improve")
DATA = ("arrived", "waiting")


def _query(visit: Visit) -> FeedsQuery:
    return FeedsQuery(
        source=visit.text("source"),
        kind=visit.choice("kind", KINDS),
        made=visit.choice("made", MADE),
        data=visit.choice("data", DATA),
        search=visit.text("q"),
    )


def show(visit: Visit, words: Words) -> Html:
    """The list under its filters."""
    query = _query(visit)
    view = visit.context.catalogue.feeds(query)
    links = Links()
    asked: dict[str, str | int | None] = {
        "source": query.source,
        "kind": query.kind,
        "made": query.made,
        "data": query.data,
    }
    kept = {**asked, "q": query.search}
    model = {
        "view": view,
        "ways": ways(visit, words, links, "feeds"),
        "pickers": filter_menus(
            words, "catalogue", view.filters, lambda field, value: links.feeds(**{**kept, field: value})
        ),
        "keep": [(name, value) for name, value in asked.items() if value],
        "cleared": links.feeds() if any(kept.values()) else "",
    }
    title = words.t("catalogue.way.feeds")
    return Html("catalogue/feeds.html", title, links, model, crumbs(words, links, Crumb(title)))


def _rows(words: Words, view: FeedsPage) -> Iterator[tuple[Cell, ...]]:
    for row in view.rows:
        yield (
            row.code,
            words.text(row.name),
            words.text(row.record),
            words.t(f"catalogue.kind.{row.kind}"),
            words.t(f"catalogue.made.{row.made_by or 'source'}"),
            codes_of(row.sources),
            words.t(f"catalogue.data.{'arrived' if row.arrived else 'waiting'}"),
            row.columns,
            row.mappings,
            row.indicators,
        )


def book(visit: Visit, words: Words) -> Book:
    """The list as a table."""
    view = visit.context.catalogue.feeds(_query(visit))
    numbers = ("columns", "mappings", "indicators")
    keys = ("feed", "name", "record", "kind", "made_by", "sources", "data", *numbers)
    title = words.t("catalogue.way.feeds")
    sheet = Sheet("feeds", title, columns(words, *keys, numbers=numbers), _rows(words, view))
    told = facts(visit, words, None, (words.t("catalogue_version"), view.catalogue_version))
    return Book("feeds", title, told, (sheet,), words.t("taken.cut"))


# -- one feed ------------------------------------------------------------------------------------


def show_feed(visit: Visit, words: Words) -> Html:
    """The contract of a feed."""
    view = visit.context.catalogue.feed(visit.codes["feed"])
    links = Links()
    name = words.text(view.row.name)
    model = {"view": view, "row": view.row, "external": external}
    back = Crumb(words.t("catalogue.way.feeds"), links.feeds())
    return Html("catalogue/feed.html", name, links, model, crumbs(words, links, back, Crumb(name)))


def _columns(words: Words, view: FeedPage) -> Iterator[tuple[Cell, ...]]:
    for row in view.columns:
        yield (
            row.name,
            words.text(row.title),
            row.type,
            words.t("catalogue.yes") if row.required else None,
            ", ".join(words.t(f"catalogue.role.{role}") for role in row.roles),
            row.measured_in,
            row.low,
            row.high,
            row.allowed.code if row.allowed else None,
            "; ".join(f"{code} {words.text(name)}" if name else code for code, name in row.codes),
            words.t(f"catalogue.protection.{row.protection}"),
            row.derived,
            row.indicators,
        )


def _mapped(words: Words, view: FeedPage) -> Iterator[tuple[Cell, ...]]:
    for mapping in view.mappings:
        for row in mapping.columns:
            how = words.t(f"catalogue.how.{row.how}")
            codes = row.codes.code if row.codes else None
            yield mapping.code, words.text(mapping.name), mapping.files, row.column, how, row.text, row.format, codes


def book_feed(visit: Visit, words: Words) -> Book:
    """Columns, mappings, rules and indicators of a feed."""
    view = visit.context.catalogue.feed(visit.codes["feed"])
    keys = (
        *("column", "name", "value_type", "required", "role", "measured_in", "low", "high", "code_list", "codes"),
        *("protection", "expression", "indicators"),
    )
    mapped = ("mapping", "name", "files", "column", "how", "origin_text", "format", "code_list")
    sheets = (
        Sheet(
            "columns",
            words.t("catalogue.columns"),
            columns(words, *keys, numbers=("indicators",)),
            _columns(words, view),
        ),
        Sheet("mappings", words.t("catalogue.mappings"), columns(words, *mapped), _mapped(words, view)),
        Sheet(
            "rules",
            words.t("catalogue.rules"),
            columns(words, "rule", "name", "expression", "on_violation"),
            (
                (row.name, words.text(row.title), row.check, words.t(f"catalogue.violation.{row.on_violation}"))
                for row in view.rules
            ),
        ),
        Sheet(
            "indicators",
            words.t("catalogue.fed"),
            columns(words, "code", "indicator", "layer", "type", "state", "columns"),
            (
                (
                    row.indicator.code,
                    words.text(row.indicator.name),
                    row.layer,
                    words.t(f"type.{row.type}"),
                    words.t(f"catalogue.state.{row.state}"),
                    ", ".join(row.columns),
                )
                for row in view.indicators
            ),
        ),
    )
    told = facts(visit, words, None, (words.t("catalogue_version"), view.catalogue_version))
    return Book(f"feed_{view.row.code}", words.text(view.row.name), told, sheets, words.t("taken.cut"))


FEEDS = Page("dictionary_feeds", "/dictionary/feeds", show, book=book)
FEED = Page("dictionary_feed", "/dictionary/feeds/{feed}", show_feed, book=book_feed)
