"""Places compared on the indicators of a process: rank, distance to the best and to the target."""

from __future__ import annotations

from collections.abc import Iterator

from ganzhi.catalogue.model.indicators import LAYERS
from ganzhi.measure.views.journeys.benchmark import BenchmarkPage
from ganzhi.portal.links import Links
from ganzhi.portal.page import Crumb, Html, Page
from ganzhi.portal.pages.choices import Choice, pickers
from ganzhi.portal.pages.journeys.shared import columns
from ganzhi.portal.pages.taken import facts, seen
from ganzhi.portal.present import Words
from ganzhi.portal.sheets import Book, Cell, Sheet
from ganzhi.portal.visit import Visit


def _view(visit: Visit) -> BenchmarkPage:
    return visit.context.journeys.benchmark(visit.codes["process"], visit.scope(), visit.choice("layer", LAYERS) or "")


def show(visit: Visit, words: Words) -> Html:
    """The comparison for a place and period."""
    query, code = visit.scope(), visit.codes["process"]
    view = _view(visit)
    links = Links.of(view.scope, query)
    name = words.text(view.process.name)
    layers = [
        Choice(f"{layer} {count}", links.benchmark(code, layer=layer), layer == view.layer)
        for layer, count in view.layers
        if count
    ]
    chosen = view.layer if visit.query.get("layer") else None
    model = {
        "view": view,
        "scope": view.scope,
        "layers": layers,
        "pickers": pickers(visit, words, view.scope, links, lambda changed: changed.benchmark(code, layer=chosen))[:-1],
    }
    title = f"{words.t('journeys.benchmark')} · {name}"
    way = (
        Crumb(words.t("nav.journeys"), links.journeys()),
        Crumb(name, links.journey(code)),
        Crumb(words.t("journeys.benchmark")),
    )
    return Html("journeys/benchmark.html", title, links, model, way)


def _rows(words: Words, view: BenchmarkPage) -> Iterator[tuple[Cell, ...]]:
    for block in view.blocks:
        about = block.subject
        for row in block.rows:
            yield (
                about.code,
                words.text(about.name),
                row.unit,
                words.text(row.name),
                row.rank,
                seen(words, row.reading),
                about.unit_of_value,
                row.behind_best,
                row.behind_target,
                row.reading.n,
            )


def book(visit: Visit, words: Words) -> Book:
    """All places on all indicators of the layer."""
    view = _view(visit)
    keys = ("code", "name", "unit", "place", "rank", "value", "unit_of_value", "behind_best", "behind_target", "n")
    numbers = ("rank", "value", "behind_best", "behind_target", "n")
    sheet = Sheet(
        "benchmark", words.t("journeys.benchmark"), columns(words, *keys, numbers=numbers), _rows(words, view)
    )
    title = f"{words.t('journeys.benchmark')} {words.text(view.process.name)}"
    return Book(
        f"benchmark-{view.process.code}", title, facts(visit, words, view.scope), (sheet,), words.t("taken.cut")
    )


BENCHMARK = Page("benchmark", "/journeys/{process}/benchmark", show, nav="journeys", book=book)
