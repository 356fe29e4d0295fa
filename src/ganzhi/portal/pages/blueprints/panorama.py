"""The support system from front to back: a drawing with live grades, the same as tables, and what one place measures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from ganzhi.portal.charts.support import ChartBox, ChartJoint, SystemChart, system_chart
from ganzhi.portal.drawings.picture import Drawing, Drawings
from ganzhi.portal.links import Links
from ganzhi.portal.page import Crumb, Html, Page
from ganzhi.portal.pages.choices import pickers
from ganzhi.portal.pages.flows.shared import ports
from ganzhi.portal.pages.journeys.shared import ways
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.present import Words
from ganzhi.portal.sheets import Book, Cell, Sheet, SheetColumn
from ganzhi.portal.visit import Visit
from ganzhi.trace.blueprint.panorama import COLUMNS, Place, SystemPanorama

PATH = "/blueprints/panorama"
LINES = ("interaction", "visibility", "internal", "ownership")
"""What stands between each two columns."""


def _view(visit: Visit) -> SystemPanorama:
    return ports(visit).panorama(visit.scope(), visit.text("focus"))


def show(visit: Visit, words: Words) -> Html:
    """The page."""
    query, view = visit.scope(), _view(visit)
    links = Links.of(view.scope, query)
    title = words.t("support_map.title")
    focus = None if view.focus is None else view.focus.key
    crumbs = [Crumb(words.t("nav.journeys"), links.journeys()), Crumb(words.t("blueprint.title"), links.blueprints())]
    crumbs.append(Crumb(title, links.system_panorama() if view.focus else None))
    if view.focus is not None:
        crumbs.append(Crumb(words.text(view.focus.name)))
    model = {
        "view": view,
        "scope": view.scope,
        "ways": ways(words, links, "blueprints"),
        "pickers": pickers(visit, words, view.scope, links, lambda changed: changed.system_panorama(focus))[:-1],
        "here": links.system_panorama(focus),
        "chart": chart(words, view, links),
        "columns": [(column, _of(view, column)) for column in COLUMNS],
        "joined": lambda place: _joined(words, view, place),
        "focus_link": lambda place: links.system_panorama(place.key),
        "headline": headline(words, view),
        "figure": lambda each: words.figure(each.subject, each.reading, len(view.scope.period.days)),
    }
    return Html("blueprints/panorama.html", title, links, model, tuple(crumbs))


def _of(view: SystemPanorama, column: str) -> tuple[Place, ...]:
    return tuple(each for each in view.places if each.column == column)


def headline(words: Words, view: SystemPanorama) -> str:
    """The conclusion."""
    if view.focus is not None:
        told = {"n": view.focus.indicators, "measured": view.focus.measured, "alerting": view.focus.alerting}
        return words.t("support_map.headline_one", name=words.text(view.focus.name), **told)
    bad = sum(each.level in ("orange", "red") for each in view.places)
    return words.t("support_map.headline", places=len(view.places), joints=len(view.joints), bad=bad)


def _joined(words: Words, view: SystemPanorama, place: Place) -> str:
    """The names of what a place is joined with, towards the back."""
    names = {each.key: words.text(each.name) for each in view.places}
    return words.t("list_comma").join(names[each.target] for each in view.joints if each.source == place.key)


def chart(words: Words, view: SystemPanorama, links: Links | None) -> Markup:
    """The drawing; links: none for a file."""

    def box(place: Place) -> ChartBox:
        chosen = view.focus is not None and place.key == view.focus.key
        return ChartBox(
            key=place.key,
            name=words.text(place.name),
            shown=f"{place.alerting}/{place.measured}" if place.measured else "",
            level=place.level,
            chosen=chosen,
            dim=view.focus is not None and place.key not in view.lit,
            link=None if links is None else links.system_panorama(None if chosen else place.key),
        )

    most = max((each.joined for each in view.joints), default=1)
    return system_chart(
        SystemChart(
            sentence=words.t("support_map.sentence", text=headline(words, view)),
            columns=tuple(
                (words.t(f"support_map.column.{column}"), tuple(box(each) for each in _of(view, column)))
                for column in COLUMNS
            ),
            lines=tuple(words.t(f"support_map.line.{line}") for line in LINES),
            joints=tuple(ChartJoint(each.source, each.target, each.joined / most) for each in view.joints),
        ),
        links=links is not None,
    )


def _places(words: Words, places: Sequence[Place]) -> Iterator[tuple[Cell, ...]]:
    for each in places:
        name = words.text(each.name)
        level = words.level(each.level) if each.level else None
        counts = (each.joined, each.indicators, each.measured, each.alerting)
        yield words.t(f"support_map.column.{each.column}"), each.code, name, *counts, level


def book(visit: Visit, words: Words) -> Book:
    """Places, what joins them, and of a chosen place what its indicators say."""
    view = _view(visit)
    texts, numbers = ("layer", "code", "name"), ("joined", "indicators", "measured", "alerting")
    columns = (
        *(SheetColumn(key, words.t(f"support_map.head.{key}")) for key in texts),
        *(SheetColumn(key, words.t(f"support_map.head.{key}"), "number") for key in numbers),
        SheetColumn("level", words.t("column.level")),
    )
    ends = tuple(SheetColumn(key, words.t(f"support_map.head.{key}")) for key in ("from", "to"))
    joints = ((each.source, each.target, each.joined) for each in view.joints)
    said = (
        SheetColumn("code", words.t("column.code")),
        SheetColumn("name", words.t("column.indicator")),
        SheetColumn("value", words.t("column.value"), "number", 4),
        SheetColumn("level", words.t("column.level")),
    )
    rows = (
        (each.subject.code, words.text(each.subject.name), each.reading.value, words.level(each.reading.level) if each.reading.level else None)
        for each in view.rows
    )  # fmt: skip
    title = words.t("support_map.title")
    sheets = (
        Sheet("places", title, columns, _places(words, view.places)),
        Sheet("joints", words.t("support_map.joints"), (*ends, SheetColumn("joined", words.t("support_map.head.joined"), "number")), joints),
        Sheet("indicators", words.t("column.indicators"), said, rows),
    )  # fmt: skip
    return Book("support-system", title, facts(visit, words, view.scope), sheets, words.t("taken.cut"))


def drawings(visit: Visit, words: Words) -> Drawings:
    """The drawing as a picture."""
    view = _view(visit)
    title = words.t("support_map.title")
    drawn = Drawing("system", title, lambda: chart(words, view, None), words.t("support_map.key"))
    return Drawings("support-system", title, facts(visit, words, view.scope), (drawn,) if view.places else ())


PANORAMA = Page("support-panorama", PATH, show, nav="journeys", book=book, drawings=drawings, rests="numbers")
