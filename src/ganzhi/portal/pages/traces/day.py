"""One day of a trace against the days before: where it broke, whom it hit, what the systems showed, what was released."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from ganzhi.base import wording
from ganzhi.base.periods import parse_day
from ganzhi.measure.views.parts import Subject
from ganzhi.portal.links import Links
from ganzhi.portal.page import Crumb, Html, Page
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.pages.traces.shared import (
    asked_link,
    counted,
    crumbs,
    day_link,
    lasting,
    part,
    ports,
    told,
    trace_link,
)
from ganzhi.portal.present import UNKNOWN, Words
from ganzhi.portal.sheets import Book, Cell, Sheet, SheetColumn
from ganzhi.portal.visit import Visit
from ganzhi.trace.views import BreakPage


def _view(visit: Visit) -> BreakPage:
    return ports(visit).day(visit.codes["trace"], visit.scope(), parse_day(visit.codes["day"], "day"))


def show(visit: Visit, words: Words) -> Html:
    """The day."""
    query, view = visit.scope(), _view(visit)
    sheet, links = view.sheet, Links.of(view.scope, query)

    def records(hop: str, *, over: bool = False) -> str | None:
        if not view.records:
            return None
        late = (("over_limit", "true"),) if over else ()
        return asked_link(links, view.hops, sheet.day, sheet.day, ("hop", hop), *late)

    def figure(subject: Subject, value: float | None) -> str:
        return UNKNOWN if value is None else str(words.value(subject, value))

    model = {
        "view": view,
        "sheet": sheet,
        "scope": view.scope,
        "n": lambda number: counted(visit, words, number),
        "lasting": lambda millis: lasting(words, millis),
        "part": lambda share: part(words, share),
        "figure": figure,
        "count": wording.grouped,
        "records": records,
        "here": day_link(links, sheet.trace, sheet.day),
        "beside": [
            (words.t(f"trace.{key}"), words.day(day), day_link(links, sheet.trace, day))
            for key, day in (("earlier", view.earlier), ("later", view.later))
            if day is not None
        ],
        "ended": None if sheet.ended is None else sheet.ended + timedelta(hours=1),
        "told": lambda name, value: told(words, value, sheet.release_names.get(name)),
    }
    name, day = words.text(sheet.name), words.day(sheet.day)
    way = crumbs(words, links, Crumb(name, trace_link(links, sheet.trace)), Crumb(day))
    return Html("traces/day.html", f"{name} {day}", links, model, way)


def _release_sheet(words: Words, view: BreakPage) -> Sheet:
    sheet = view.sheet
    columns = (
        SheetColumn("at", words.t("trace.column.at"), "instant"),
        *(SheetColumn(name, words.text(title)) for name, title in sheet.release_columns.items()),
    )
    rows: Iterator[tuple[Cell, ...]] = (
        (each.at, *(told(words, value, sheet.release_names.get(name)) for name, value in each.values.items()))
        for each in sheet.releases
    )
    return Sheet("releases", words.t("trace.releases"), columns, rows)


def book(visit: Visit, words: Words) -> Book:
    """Hops, signs and changes of the day as tables."""
    view = _view(visit)
    sheet = view.sheet
    kinds = {"over": "percent", "usual_over": "percent"}
    texts, numbers = ("hop", "name", "system", "n"), ("over", "usual_over", "p95_ms", "usual_p95_ms")
    columns = (
        *(SheetColumn(key, words.t(f"trace.column.{key}")) for key in texts),
        *(SheetColumn(key, words.t(f"trace.column.{key}"), kinds.get(key, "number"), 2) for key in numbers),  # type: ignore[arg-type]
        SheetColumn("broken", words.t("trace.broken")),
    )
    hops: Iterator[tuple[Cell, ...]] = (
        (
            each.hop, words.text(each.name), words.text(each.system), counted(visit, words, each.n), each.over,
            each.usual_over, each.p95_ms, each.usual_p95_ms, words.t("trace.yes" if each.broken else "trace.no"),
        )
        for each in sheet.hops
    )  # fmt: skip
    signs: tuple[tuple[Cell, ...], ...] = tuple(
        (each.subject.code, words.text(each.subject.name), each.value, each.usual) for each in sheet.signs
    )
    marked = (
        *(SheetColumn(key, words.t(f"trace.column.{key}")) for key in ("code", "sign")),
        *(SheetColumn(key, words.t(f"trace.column.{key}"), "number", 4) for key in ("that_day", "usually")),
    )
    title = f"{words.text(sheet.name)} {words.day(sheet.day)}"
    sheets = (
        Sheet("hops", words.t("trace.hops"), columns, hops),
        Sheet("signs", words.t("trace.signs"), marked, signs),
        _release_sheet(words, view),
    )
    name = f"trace-{sheet.trace}-{sheet.day.isoformat()}"
    return Book(name, title, facts(visit, words, view.scope), sheets, words.t("taken.cut"))


TRACE_DAY = Page("trace_day", "/traces/{trace}/day/{day}", show, nav="journeys", needs="dynamic", book=book, slow=True)
