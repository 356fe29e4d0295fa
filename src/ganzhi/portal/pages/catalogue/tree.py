"""The four-layer tree: KEI, KQI, KPI and PI with weights and risks, unfolded as far as asked."""

from __future__ import annotations

from collections.abc import Iterator

from ganzhi.base import wording
from ganzhi.measure.views.catalogue.query import TreeQuery
from ganzhi.measure.views.catalogue.tree import Node, TreePage
from ganzhi.portal.links import Links
from ganzhi.portal.page import Crumb, Html, Page
from ganzhi.portal.pages.catalogue.shared import codes_of, columns, crumbs, ways
from ganzhi.portal.pages.choices import Choice, filter_menus
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.present import Words
from ganzhi.portal.sheets import Book, Cell, Sheet
from ganzhi.portal.visit import Visit

LEVELS = ("0", "1", "2", "3")


def _query(visit: Visit) -> TreeQuery:
    return TreeQuery(
        kei=visit.text("kei"),
        commercial_process=visit.text("commercial_process"),
        topic=visit.text("topic"),
        levels=visit.choice("levels", LEVELS),
    )


def show(visit: Visit, words: Words) -> Html:
    """The tree under its filters."""
    query = _query(visit)
    view = visit.context.catalogue.tree(query)
    links = Links()
    asked: dict[str, str | int | None] = {
        "kei": query.kei,
        "commercial_process": query.commercial_process,
        "topic": query.topic,
    }
    levels = [
        Choice(words.t(f"catalogue.levels.{name}"), links.tree(**asked, levels=name), int(name) == view.levels)
        for name in LEVELS
    ]
    model = {
        "view": view,
        "ways": ways(visit, words, links, "tree"),
        "levels": levels,
        "pickers": filter_menus(
            words,
            "catalogue",
            view.filters,
            lambda field, value: links.tree(**{**asked, field: value, "levels": query.levels}),
        ),
        "cleared": links.tree() if any(asked.values()) else "",
        "exact": wording.exact_text,
    }
    title = words.t("catalogue.way.tree")
    return Html("catalogue/tree.html", title, links, model, crumbs(words, links, Crumb(title)))


def _nodes(words: Words, node: Node, depth: int, parent: str) -> Iterator[tuple[Cell, ...]]:
    yield (
        depth,
        parent or None,
        node.code,
        words.text(node.indicator.name),
        node.layer,
        words.t(f"dimension.{node.dimension}"),
        words.t(f"catalogue.state.{node.state}"),
        node.weight,
        node.points,
        codes_of(node.also),
    )
    for child in node.children:
        yield from _nodes(words, child, depth + 1, node.code)


def _rows(words: Words, view: TreePage) -> Iterator[tuple[Cell, ...]]:
    for root in view.roots:
        yield from _nodes(words, root, 0, "")
    for layer, alone in view.alone:
        for each in alone:
            yield 0, None, each.code, words.text(each.name), layer, None, None, None, None, None


def book(visit: Visit, words: Words) -> Book:
    """The tree as rows, an indicator once per parent."""
    view = visit.context.catalogue.tree(_query(visit))
    numbers = ("depth", "weight", "points")
    keys = ("depth", "parent", "code", "indicator", "layer", "dimension", "state", "weight", "points", "also")
    title = words.t("catalogue.way.tree")
    sheet = Sheet("tree", title, columns(words, *keys, numbers=numbers), _rows(words, view))
    told = facts(visit, words, None, (words.t("catalogue_version"), view.catalogue_version))
    return Book("tree", title, told, (sheet,), words.t("taken.cut"))


TREE = Page("dictionary_tree", "/dictionary/tree", show, book=book)
