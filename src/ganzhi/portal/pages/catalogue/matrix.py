"""The service-quality matrix: commercial processes by dimension, and indicators by type and layer."""

from __future__ import annotations

from collections.abc import Iterator

from ganzhi.base import wording
from ganzhi.measure.views.catalogue.matrix import MatrixPage
from ganzhi.portal.links import Links
from ganzhi.portal.page import Crumb, Html, Page
from ganzhi.portal.pages.catalogue.shared import columns, crumbs, ways
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.present import Words
from ganzhi.portal.sheets import Book, Cell, Sheet
from ganzhi.portal.visit import Visit


def show(visit: Visit, words: Words) -> Html:
    """Both tables."""
    view = visit.context.catalogue.matrix()
    links = Links()
    model = {"view": view, "ways": ways(visit, words, links, "matrix"), "exact": wording.exact_text}
    title = words.t("catalogue.way.matrix")
    return Html("catalogue/matrix.html", title, links, model, crumbs(words, links, Crumb(title)))


def _cells(words: Words, view: MatrixPage) -> Iterator[tuple[Cell, ...]]:
    for row in view.rows:
        for cell in row.cells:
            yield (
                row.commercial_process.code,
                words.text(row.commercial_process.name),
                words.text(row.owner),
                words.t(f"dimension.{cell.dimension}"),
                cell.counts.total,
                cell.counts.live,
                cell.counts.designed,
                cell.counts.planned,
                cell.arrived,
                row.index.code if row.index else None,
                cell.weight,
                cell.points,
            )


def _types(words: Words, view: MatrixPage) -> Iterator[tuple[Cell, ...]]:
    for row in view.types:
        yield (words.t(f"type.{row.type}"), *(number for _, number in row.counts), row.total)


def book(visit: Visit, words: Words) -> Book:
    """A row per cell of the matrix, and the table of types."""
    view = visit.context.catalogue.matrix()
    counts = ("kqi", "live", "designed", "planned", "arrived")
    keys = ("commercial_process_code", "commercial_process", "owner", "dimension", *counts, "index", "weight", "points")
    layers = tuple(layer.lower() for layer, _ in view.layers)
    sheets = (
        Sheet(
            "matrix",
            words.t("catalogue.way.matrix"),
            columns(words, *keys, numbers=(*counts, "weight", "points")),
            _cells(words, view),
        ),
        Sheet(
            "types",
            words.t("catalogue.types"),
            columns(words, "type", *layers, "total", numbers=(*layers, "total")),
            _types(words, view),
        ),
    )
    told = facts(visit, words, None, (words.t("catalogue_version"), view.catalogue_version))
    return Book("matrix", words.t("catalogue.way.matrix"), told, sheets, words.t("taken.cut"))


MATRIX = Page("dictionary_matrix", "/dictionary/matrix", show, book=book)
