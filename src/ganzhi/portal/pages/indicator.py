"""An indicator: value, trend, where and by what, its place in the tree, how it is made, its records."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from markupsafe import Markup

from ganzhi.base.periods import Grain
from ganzhi.measure.views.indicator import (
    HOUR_WEEKDAY,
    Breakdown,
    BreakdownRow,
    HourHeat,
    IndicatorPage,
    TrendPoint,
)
from ganzhi.measure.views.parts import Reading
from ganzhi.measure.views.query import IndicatorQuery
from ganzhi.portal import sentences
from ganzhi.portal.drawings.picture import Drawing, Drawings
from ganzhi.portal.links import Links
from ganzhi.portal.page import Crumb, Html, Page
from ganzhi.portal.pages.charted import (
    group_charts,
    group_picture,
    large_ruler,
    row_cells,
    shown_points,
    trend_charts,
    trend_picture,
)
from ganzhi.portal.pages.choices import Choice, pickers
from ganzhi.portal.pages.overview import reading_cells, stem
from ganzhi.portal.pages.pictured import breakdown_table, hour_heat_table, hour_shades, ruler_picture, sums
from ganzhi.portal.pages.taken import facts, kind_of, seen, value_columns
from ganzhi.portal.present import Words
from ganzhi.portal.refusal import said_of
from ganzhi.portal.sheets import Book, Cell, Sheet, SheetColumn
from ganzhi.portal.visit import Visit

VIEWS = ("chart", "table")
SPANS = (31, 91, 182, 730)
"""Days the trend may go back."""
DEFAULT_SPAN = 182
UNIT_DIMENSION = "unit"
DEFAULT_PART = "all"


def _query(visit: Visit) -> IndicatorQuery:
    span = visit.choice("span", [str(days) for days in SPANS])
    return IndicatorQuery(visit.text("by"), visit.text("grain"), int(span) if span else None)


def _ordered_groups(words: Words, page: IndicatorPage) -> str:
    """The chart of a breakdown that keeps its order; sorted ones are drawn in their table."""
    if page.breakdown is None or not page.breakdown.ordered:
        return ""
    return group_charts(words, page.scope, page.subject, page.breakdown)


class _Ways:
    """Links within the page: each keeps the other choices."""

    def __init__(self, visit: Visit, code: str) -> None:
        names = ("by", "grain", "span", "view")
        self._code = code
        self._asked = {name: visit.query[name] for name in names if visit.query.get(name)}

    def page(self, links: Links, **changed: str | int | None) -> str:
        return links.indicator(self._code, **{**self._asked, **changed})


def _spans(words: Words, links: Links, ways: _Ways, asked: int | None) -> tuple[Choice, ...]:
    now = asked or DEFAULT_SPAN
    return tuple(
        Choice(words.t(f"span.{days}"), ways.page(links, span=None if days == DEFAULT_SPAN else days), days == now)
        for days in SPANS
    )


def _grains(words: Words, page: IndicatorPage, links: Links, ways: _Ways) -> tuple[Choice, ...]:
    return tuple(
        Choice(words.grain(grain), ways.page(links, grain=grain.value), grain is page.trend.grain)
        for grain in page.trend.grains
    )


def _dimensions(words: Words, page: IndicatorPage, links: Links, ways: _Ways) -> tuple[Choice, ...]:
    return tuple(
        Choice(words.text(name), ways.page(links, by=code), code == page.dimension) for code, name in page.dimensions
    )


def whole_part(page: IndicatorPage) -> str | None:
    """The part of the records that `n` counts."""
    if page.records is None:
        return None
    names = [name for name, _ in page.records.parts]
    return next((name for name in ("all", "denominator", "numerator") if name in names), None)


def row_links(page: IndicatorPage, links: Links, shown: Breakdown | None) -> tuple[str | None, ...]:
    """For each group the records behind it: a child unit's own, or those with that value."""
    if shown is None or page.records is None:
        return ()
    whole, feed, code = whole_part(page), page.records.feed, page.subject.code
    part = None if whole == DEFAULT_PART else whole
    if shown.dimension == UNIT_DIMENSION:
        return tuple(links.at(region=row.key).records(feed, code, part) for row in shown.rows)
    return tuple(links.records(feed, code, part, {shown.dimension: row.key}) for row in shown.rows)


@dataclass(frozen=True, slots=True)
class HourCell:
    """A cell by hour and weekday. link: to the records behind it, None where there is no list."""

    shown: str
    shade: int | None
    link: str | None


def _hour_cells(words: Words, page: IndicatorPage, links: Links) -> tuple[tuple[HourCell, ...], ...]:
    """The cells by hour and weekday, each with a link to as many records as it counts."""
    heat = page.heat
    if heat is None:
        return ()
    at, whole = links.at(period=heat.period.key), whole_part(page)
    part = None if whole == DEFAULT_PART else whole

    def link(hour: int, day: int, reading: Reading) -> str | None:
        if page.records is None or not reading.n:
            return None
        cut = {"hour_of_day": str(hour), "weekday": str(day)}
        return at.records(page.records.feed, page.subject.code, part, cut)

    return tuple(
        tuple(
            HourCell(str(words.figure(page.subject, reading)), shade, link(hour, day, reading))
            for day, (reading, shade) in enumerate(zip(readings, shades, strict=True), start=1)
        )
        for hour, (readings, shades) in enumerate(zip(heat.hours, hour_shades(heat), strict=True))
    )


def show(visit: Visit, words: Words) -> Html:
    """The page of one indicator."""
    query, asked, code = visit.scope(), _query(visit), visit.codes["code"]
    view = visit.choice("view", VIEWS) or "chart"
    page = visit.context.indicator(code, query, asked)
    links, ways = Links.of(page.scope, query), _Ways(visit, code)
    points = shown_points(page.trend)
    model = {
        "page": page,
        "scope": page.scope,
        "about": sentences.about(words, page),
        "reported": sentences.reported_otherwise(words, page.subject, page.reported) if page.reported else "",
        "ruler": large_ruler(words, page.scope, page.subject, page.now, page.before),
        "points": points,
        "point_links": [_point_link(links, code, point) for point in points] if view == "table" else (),
        "any_point": any(point.reading.value is not None for point in points),
        "trend": "" if view == "table" else trend_charts(words, page.subject, page.trend),
        "trend_finding": sentences.trend_finding(words, points) if points else "",
        "view_as": view,
        "to_table": ways.page(links, view="table"),
        "to_chart": ways.page(links, view=None),
        "here": ways.page(links),
        "group_sums": sums(page.breakdown.rows) if page.breakdown and not page.breakdown.ordered else (),
        "spans": _spans(words, links, ways, asked.span_days),
        "grains": _grains(words, page, links, ways),
        "dimensions": _dimensions(words, page, links, ways),
        "whole": whole_part(page),
        "gone": said_of(visit, page.records_gone) if page.records_gone else None,
        "groups": _ordered_groups(words, page),
        "heat_name": dict(page.dimensions).get(HOUR_WEEKDAY),
        "heat_cells": _hour_cells(words, page, links),
        "group_cells": row_cells(page.subject, page.breakdown) if page.breakdown else (),
        "group_links": row_links(page, links, page.breakdown),
        "group_finding": sentences.breakdown_finding(words, page.breakdown) if page.breakdown else "",
        "peer_cells": row_cells(page.subject, page.peers) if page.peers else (),
        "peer_links": row_links(page, links, page.peers),
        "peer_finding": sentences.breakdown_finding(words, page.peers) if page.peers else "",
        "pickers": pickers(visit, words, page.scope, links, ways.page),
    }
    name = words.text(page.subject.name)
    above = (Crumb(words.text(page.topic[1]), links.topic(page.topic[0])),) if page.topic else ()
    crumbs = (Crumb(words.t("nav.overview"), links.overview()), *above, Crumb(name))
    parts = {"trend": "parts/trend.html", "breakdown": "parts/breakdown.html"}
    return Html("indicator.html", f"{name} · {words.short(page.scope.period)}", links, model, crumbs, parts)


def _point_link(links: Links, code: str, point: TrendPoint) -> str | None:
    """The page of one period of the trend; below a day there is none."""
    if point.period.grain.rank < Grain.DAY.rank or point.reading.value is None:
        return None
    return links.at(period=point.period.key).indicator(code)


def _trend_rows(words: Words, page: IndicatorPage) -> Iterator[tuple[Cell, ...]]:
    for point in page.trend.points:
        cells = reading_cells(words, page.subject.unit_of_value, point.reading)
        yield (point.period.key, point.period.first_day, *cells, point.smooth)


def _group_rows(words: Words, page: IndicatorPage, rows: tuple[BreakdownRow, ...]) -> Iterator[tuple[Cell, ...]]:
    for row in rows:
        cells = reading_cells(words, page.subject.unit_of_value, row.reading)
        yield (row.key, words.text(row.name), *cells, seen(words, row.before), row.share)


def _group_sheet(words: Words, page: IndicatorPage, shown: Breakdown) -> Sheet:
    columns = (
        SheetColumn("key", words.t("column.key")),
        SheetColumn("name", words.text(shown.name)),
        *value_columns(words),
        SheetColumn("before", words.before(page.scope), "number", 4),
        SheetColumn("share", words.t("column.share"), "number", 4),
    )
    return Sheet(f"by_{shown.dimension}", words.text(shown.name), columns, _group_rows(words, page, shown.rows))


def _hour_sheet(words: Words, page: IndicatorPage, heat: HourHeat) -> Sheet:
    name = words.text(dict(page.dimensions)[HOUR_WEEKDAY])
    columns = (
        SheetColumn("hour", words.t("column.interval")),
        SheetColumn("weekday", words.t("column.weekday")),
        *value_columns(words),
    )
    unit = page.subject.unit_of_value
    rows = (
        (str(hour), words.text(day), *reading_cells(words, unit, reading))
        for hour, readings in enumerate(heat.hours)
        for day, reading in zip(heat.days, readings, strict=True)
    )
    return Sheet(f"by_{HOUR_WEEKDAY}", name, columns, rows)


def book(visit: Visit, words: Words) -> Book:
    """Trend and breakdowns as tables."""
    code = visit.codes["code"]
    page = visit.context.indicator(code, visit.scope(), _query(visit))
    columns = (
        SheetColumn("period", words.t("picker.period")),
        SheetColumn("first_day", words.t("column.first_day"), "day"),
        *value_columns(words),
        SheetColumn("smooth", words.t("trend.smooth"), kind_of(page.subject), 4),
    )
    sheets = [Sheet("trend", words.t("trend.title"), columns, _trend_rows(words, page))]
    sheets += [_group_sheet(words, page, shown) for shown in (page.breakdown, page.peers) if shown is not None]
    if page.heat is not None:
        sheets.append(_hour_sheet(words, page, page.heat))
    asked = facts(visit, words, page.scope, (words.t("column.indicator"), f"{words.text(page.subject.name)} ({code})"))
    return Book(stem(code, page.scope), words.text(page.subject.name), asked, tuple(sheets), words.t("taken.cut"))


def _chosen(words: Words, page: IndicatorPage, asked: IndicatorQuery) -> str:
    """What was chosen on the page beside its scope."""
    parts = [words.grain(page.trend.grain), words.t(f"span.{asked.span_days or DEFAULT_SPAN}")]
    named = dict(page.dimensions)
    if page.dimension in named:
        parts.append(words.t("drawing.by", name=words.text(named[page.dimension])))
    return words.t("list_comma").join(parts)


def _drawn(words: Words, page: IndicatorPage) -> list[Drawing]:
    """The charts in the order of the page."""
    subject, unit = page.subject, words.figure(page.subject, page.now).unit
    points = shown_points(page.trend)
    smooth = bool(points) and points[-1].smooth is not None
    note = words.t("trend.sub_day") if smooth else words.grain(page.trend.grain)
    found = [
        Drawing("trend", words.t("trend.title"), lambda: trend_picture(words, subject, page.trend), f"{unit} {note}"),
    ]
    if subject.edges is not None:
        title, sub = words.t("scorecard.ruler"), f"{unit} {words.target(subject)}"
        found.append(Drawing("ruler", title, lambda: ruler_picture(words, page), sub))
    before = words.t("breakdown.sub", before=words.before(page.scope))
    for name, shown in (("breakdown", page.breakdown), ("peers", page.peers)):
        if shown is not None and shown.rows:
            found.append(Drawing(name, words.text(shown.name), _groups_of(words, page, shown), f"{unit} {before}"))
    heat = page.heat
    if heat is not None and heat.hours:
        title = words.text(dict(page.dimensions)[HOUR_WEEKDAY])
        sub = f"{unit} {words.short(heat.period)}"
        found.append(Drawing("heat", title, lambda: hour_heat_table(words, subject, heat), sub))
    return found


def _groups_of(words: Words, page: IndicatorPage, shown: Breakdown) -> Callable[[], Markup]:
    if shown.ordered:
        return lambda: group_picture(words, page.scope, page.subject, shown)
    return lambda: breakdown_table(words, page, shown)


def drawings(visit: Visit, words: Words) -> Drawings:
    """Trend, ruler and breakdowns as pictures."""
    query, asked, code = visit.scope(), _query(visit), visit.codes["code"]
    page = visit.context.indicator(code, query, asked)
    name = words.text(page.subject.name)
    told = facts(
        visit,
        words,
        page.scope,
        (words.t("column.indicator"), f"{name} ({code})"),
        (words.t("drawing.filters"), _chosen(words, page, asked)),
        address=_Ways(visit, code).page(Links.of(page.scope, query)),
    )
    return Drawings(stem(code, page.scope), name, told, tuple(_drawn(words, page)))


INDICATOR = Page("indicator", "/indicators/{code}", show, nav="topics", book=book, drawings=drawings, rests="numbers")
