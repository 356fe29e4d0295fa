"""Complaints: where they gather and have grown, products in two rankings, places against their users, new phrases."""

from __future__ import annotations

import math
from collections.abc import Iterator

from markupsafe import Markup

from ganzhi.base import wording
from ganzhi.base.errors import InternalError
from ganzhi.base.messages import say
from ganzhi.complaints.board import Board, BoardQuery, PlaceRow
from ganzhi.complaints.hotspots import Cell, HotSpots
from ganzhi.complaints.recognise.heads import FEED
from ganzhi.portal.charts.spark import Spark, spark
from ganzhi.portal.links import Links, url
from ganzhi.portal.page import Html, Page
from ganzhi.portal.pages.choices import Choice, Picker, pickers
from ganzhi.portal.pages.complaints.addresses import PATHS, SHELF, spot_source_link
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.present import UNKNOWN, Words
from ganzhi.portal.sheets import Book, Sheet, SheetColumn
from ganzhi.portal.sheets import Cell as Value
from ganzhi.portal.visit import Visit

NEVER = 1e-4
"""A chance below it is told as less than one in ten thousand."""
NAMED = 3
"""Hot spots that the headline names."""


def _view(visit: Visit) -> Board:
    ports = visit.context.complaints
    if ports is None:
        raise InternalError("a portal without complaints")
    return ports.board(visit.scope(), BoardQuery(visit.text("kind") == "quality"))


def board_link(links: Links, *, quality: bool) -> str:
    """The page, of all complaints or of quality complaints."""
    return url(
        "/complaints",
        {"kind": "quality" if quality else None, "region": links.region, "period": links.period},
    )


def show(visit: Visit, words: Words) -> Html:
    """The page."""
    query, view = visit.scope(), _view(visit)
    links = Links.of(view.scope, query).at(basis=None)

    def same(changed: Links) -> str:
        return board_link(changed, quality=view.quality)

    model = {
        "view": view,
        "scope": view.scope,
        "pickers": (*pickers(visit, words, view.scope, links, same)[:2], _kind(words, view, links)),
        "here": same(links),
        "headline": _headline(words, view),
        "grown": [each for each in view.spots.cells if each.grown],
        "large": [each for each in view.spots.cells if each.large],
        "named": lambda cell: cell_name(words, cell),
        "joined": lambda names: " × ".join(words.text(name) for name in names),
        "opened": lambda cell: _opened(view, links, cell),
        "chance": lambda cell: _chance(words, cell.adjusted),
        "number": lambda value: UNKNOWN if math.isnan(value) else wording.grouped(wording.rounded(value, 1)),
        "drawn": _drawn,
        "source": lambda cell: _source(view, cell),
        "shelf": [
            (say(words.lang, f"cshelf.title.{which}"), path)
            for which, path in SHELF.items()
            if which != "times" or view.records
        ],
        "reports": [(words.t(f"complaints.reports.{which}"), path) for which, path in PATHS.items()],
        "excess": lambda row: wording.grouped(wording.rounded(row.share / row.user_share, 2)),
    }
    return Html("complaints/board.html", words.t("complaints.title"), links, model)


def _kind(words: Words, view: Board, links: Links) -> Picker:
    choices = tuple(
        Choice(words.t(f"complaints.kind.{name}"), board_link(links, quality=quality), view.quality == quality)
        for name, quality in (("all", False), ("quality", True))
    )
    return Picker(
        words.t("complaints.kind.label"), next(each.text for each in choices if each.current), (("", choices),)
    )


def cell_name(words: Words, cell: Cell) -> str:
    """What a cell is of, its sides joined."""
    return " × ".join(words.text(name) for name in cell.names)


def _headline(words: Words, view: Board) -> str:
    """What stands out, in a sentence that the counts carry."""
    spots = view.spots
    if not spots.total:
        return words.t("complaints.title")
    if not view.judged:
        return words.t("complaints.headline_count", total=words.all_digits(spots.total))
    grown = [each for each in spots.cells if each.grown]
    total = words.all_digits(spots.total)
    if not grown:
        return words.t("complaints.headline_calm", total=total)
    named = words.t("complaints.and").join(
        words.t("complaints.named", name=cell_name(words, each), count=words.all_digits(each.count))
        for each in grown[:NAMED]
    )
    return words.t("complaints.headline", total=total, n=len(grown), named=named)


def _opened(view: Board, links: Links, cell: Cell) -> str | None:
    """The records behind a cell, for whoever may see lists."""
    if not view.records or not cell.count:
        return None
    region = None if cell.unit == view.scope.default_unit else cell.unit
    return links.at(region=region).records(FEED, view.spots.code, where=dict(cell.where))


def _source(view: Board, cell: Cell) -> str:
    """Where the complaints of a cell come from."""
    unit = None if cell.unit == view.scope.default_unit else cell.unit
    return spot_source_link(dict(cell.where), unit, view.scope.period.key)


def _chance(words: Words, chance: float) -> str:
    return words.t("complaints.never") if chance < NEVER else wording.grouped(wording.rounded(chance, 4))


def _drawn(cell: Cell) -> Markup:
    """The counts of the known periods."""
    values = tuple(None if each is None else float(each) for each in cell.spark)
    return spark(Spark(values, None, None, True), 72, 22)


def _columns(words: Words, *keys: str) -> tuple[SheetColumn, ...]:
    texts = ("where", "because", "product", "place", "phrase")
    shares = ("share", "low", "high", "user_share")
    return tuple(
        SheetColumn(
            key,
            words.t(f"complaints.column.{key}"),
            "text" if key in texts else "number",
            4 if key in shares else 2 if key in ("expected", "times", "rate", "z") else 0,
        )
        for key in keys
    )


def _spot_rows(words: Words, spots: HotSpots) -> Iterator[tuple[Value, ...]]:
    for each in spots.cells:
        known = not math.isnan(each.expected)
        why = ", ".join(words.t(f"complaints.{word}") for word in ("grown", "large") if getattr(each, word))
        figures = (each.expected, each.times, each.adjusted) if known else (None, None, None)
        yield (cell_name(words, each), each.count, each.share, each.recent, each.span, *figures, why)


def _place_row(words: Words, row: PlaceRow) -> tuple[Value, ...]:
    return (words.text(row.name), row.count, row.share, row.low, row.high, row.user_share)


def book(visit: Visit, words: Words) -> Book:
    """Everything on the page as tables."""
    view = _view(visit)
    sheets = [
        Sheet(
            "hot-spots",
            words.t("complaints.spots"),
            _columns(words, "where", "count", "share", "recent", "span", "expected", "times", "chance", "because"),
            _spot_rows(words, view.spots),
        ),
        Sheet(
            "products",
            words.t("complaints.products"),
            _columns(words, "product", "count", "users", "rate", "by_volume", "by_rate"),
            ((words.text(p.name), p.count, p.users, p.rate, p.by_volume, p.by_rate) for p in view.products),
        ),
        Sheet(
            "places",
            words.t("complaints.places"),
            _columns(words, "place", "count", "share", "low", "high", "user_share"),
            (_place_row(words, row) for row in view.places),
        ),
    ]
    if view.phrases is not None:
        sheets.append(
            Sheet(
                "phrases",
                words.t("complaints.phrases"),
                _columns(words, "phrase", "count", "expected", "z"),
                ((p.text, p.count, p.expected, p.z) for p in view.phrases.phrases),
            )
        )
    told = (words.t("complaints.kind.label"), words.t(f"complaints.kind.{'quality' if view.quality else 'all'}"))
    return Book(
        "complaints",
        words.t("complaints.title"),
        facts(visit, words, view.scope, told),
        tuple(sheets),
        words.t("taken.cut"),
    )


BOARD = Page("complaints", "/complaints", show, nav="complaints", book=book, slow=True)
