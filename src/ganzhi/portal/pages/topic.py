"""The list of topics, and a topic: its score, what pulls it down, its indicators as small multiples."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from ganzhi.measure.views.overview import IntervalTable, Overview, TopicBlock, TopicPage
from ganzhi.measure.views.parts import ScorecardRow
from ganzhi.portal.charts.heat import heat_steps
from ganzhi.portal.drawings.picture import Drawing, Drawings
from ganzhi.portal.links import Links
from ganzhi.portal.page import Crumb, Html, Page
from ganzhi.portal.pages.choices import pickers
from ganzhi.portal.pages.overview import MOST_LISTED, RowGroup, grouped_rows, scorecard_sheet, stem
from ganzhi.portal.pages.pictured import interval_table, places_table, small_charts
from ganzhi.portal.pages.taken import facts, seen
from ganzhi.portal.present import Words
from ganzhi.portal.sheets import Book, Cell, Sheet, SheetColumn
from ganzhi.portal.visit import Visit

OPEN_ROWS = 9
"""Indicators that stand open; groups that begin after so many are closed."""
OPEN_IN_GROUP = 6
"""Indicators of one group shown at once; the others open below them."""


def show_list(visit: Visit, words: Words) -> Html:
    """All topics with their scores."""
    query = visit.scope()
    view = visit.context.overview(query)
    links = Links.of(view.scope, query)
    model = {
        "view": view,
        "scope": view.scope,
        "topics": visit.context.topics(),
        "scores": {block.code: block.score for block in view.topics},
        "pickers": pickers(visit, words, view.scope, links, lambda changed: changed.topics()),
    }
    return Html("topics.html", words.t("nav.topics"), links, model)


def heat_columns(table: IntervalTable) -> tuple[tuple[int | None, ...], ...]:
    """Shades of the interval table, row by row; each column has its own scale."""
    columns = [heat_steps([row.readings[place].value for row in table.rows]) for place in range(len(table.subjects))]
    return tuple(tuple(column[n] for column in columns) for n in range(len(table.rows)))


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """A group as the page shows it: its first rows, and those behind a click. open: whether the first
    rows stand open; what is closed opens on the page itself."""

    group: RowGroup
    first: tuple[ScorecardRow, ...]
    more: tuple[ScorecardRow, ...]
    open: bool

    @property
    def picture(self) -> str:
        """Name of its picture."""
        return f"group-{self.group.score.code}" if self.group.score else "group"


def shown_groups(block: TopicBlock) -> tuple[ShownGroup, ...]:
    """The groups, worst first, open as long as not too many rows stand open above them."""
    found: list[ShownGroup] = []
    used = 0
    for group in grouped_rows(block):
        first = group.rows[:OPEN_IN_GROUP]
        stands_open = used < OPEN_ROWS
        used += len(first) if stands_open else 0
        found.append(ShownGroup(group, first, group.rows[OPEN_IN_GROUP:], stands_open))
    return tuple(found)


def show(visit: Visit, words: Words) -> Html:
    """The page of one topic."""
    query, code = visit.scope(), visit.codes["code"]
    view = visit.context.topic(code, query)
    links = Links.of(view.scope, query)
    name = words.text(view.block.topic.name)
    model = {
        "view": view,
        "scope": view.scope,
        "block": view.block,
        "groups": shown_groups(view.block),
        "contributions": view.block.contributions[:MOST_LISTED],
        "less": view.block.contributions[MOST_LISTED:],
        "heat": heat_columns(view.intervals) if view.intervals else (),
        "pickers": pickers(visit, words, view.scope, links, lambda changed: changed.topic(code)),
    }
    crumbs = (Crumb(words.t("nav.overview"), links.overview()), Crumb(name))
    return Html("topic.html", name, links, model, crumbs)


def _intervals(words: Words, table: IntervalTable) -> Sheet:
    columns = (
        SheetColumn("interval", words.t("column.interval")),
        *(SheetColumn(s.code, words.text(s.name), "number", s.decimals) for s in table.subjects),
    )

    def rows() -> Iterator[tuple[Cell, ...]]:
        for row in table.rows:
            yield (row.label, *(seen(words, reading) for reading in row.readings))

    return Sheet("intervals", words.t("intervals.title"), columns, rows())


def as_overview(view: TopicPage) -> Overview:
    """A topic in the shape of an overview with one block, for the tables that both give away."""
    return Overview(view.scope, None, (view.block,), (), view.places, ())


def book(visit: Visit, words: Words) -> Book:
    """Scorecard and intervals as tables."""
    code = visit.codes["code"]
    view = visit.context.topic(code, visit.scope())
    more = (_intervals(words, view.intervals),) if view.intervals else ()
    sheets = (scorecard_sheet(words, as_overview(view)), *more)
    title = words.text(view.block.topic.name)
    return Book(stem(code, view.scope), title, facts(visit, words, view.scope), sheets, words.t("taken.cut"))


TOPICS = Page("topics", "/topics", show_list, nav="topics")


def _drawn(words: Words, view: TopicPage) -> Iterator[Drawing]:
    """The charts in the order of the page: small multiples by group, places, hours."""
    for shown in shown_groups(view.block):
        group = shown.group
        title = words.text(group.score.name) if group.score else words.t("scorecard.ungrouped")
        yield Drawing(shown.picture, title, partial(small_charts, words, view.scope, group.rows), _count(words, group))
    if view.places:
        yield Drawing("places", words.t("places.title"), partial(places_table, words, view.places))
    if view.intervals:
        title, sub = words.t("intervals.title"), words.t("intervals.sub")
        shades = heat_columns(view.intervals)
        yield Drawing("intervals", title, partial(interval_table, words, view.intervals, shades, title), sub)


def _count(words: Words, group: RowGroup) -> str:
    return words.t("drawing.multiples", n=len(group.rows))


def drawings(visit: Visit, words: Words) -> Drawings:
    """Small multiples, places and hours as pictures."""
    query, code = visit.scope(), visit.codes["code"]
    view = visit.context.topic(code, query)
    told = facts(visit, words, view.scope, address=Links.of(view.scope, query).topic(code))
    title = words.text(view.block.topic.name)
    return Drawings(stem(code, view.scope), title, told, tuple(_drawn(words, view)))


TOPIC = Page("topic", "/topics/{code}", show, nav="topics", book=book, drawings=drawings, rests="numbers")
