"""Data arrival: which source is late or short, its days, the loads, and the rows a load refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ganzhi.base.messages import Lang, catalogue, say
from ganzhi.measure.views.arrival import ArrivalPage, DayArrival, RejectsPage, SourceArrival
from ganzhi.portal.charts.bars import thin_bar
from ganzhi.portal.links import Links
from ganzhi.portal.page import Crumb, Html, Page
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.present import Words
from ganzhi.portal.sheets import Book, Cell, Sheet, SheetColumn
from ganzhi.portal.visit import Visit

MOST_DAYS = 62
"""Days of a source shown in its calendar, newest kept."""


@dataclass(frozen=True, slots=True)
class CalendarWeek:
    """A Monday-to-Sunday row of the calendar; None outside the source's days."""

    days: tuple[DayArrival | None, ...]


def calendar(source: SourceArrival) -> tuple[CalendarWeek, ...]:
    """The newest days of a source as weeks."""
    days = source.days[-MOST_DAYS:]
    if not days:
        return ()
    cells: list[DayArrival | None] = [None] * (days[0].day.isoweekday() - 1)
    cells += days
    cells += [None] * (-len(cells) % 7)
    return tuple(CalendarWeek(tuple(cells[start : start + 7])) for start in range(0, len(cells), 7))


def reason_word(lang: Lang, code: str) -> str:
    """What an issue code means, in short; the code itself where no short word is kept."""
    key = f"issue.{code}.short"
    return say(lang, key) if key in catalogue(lang) else code


def show(visit: Visit, words: Words) -> Html:
    """The page of data arrival."""
    view = visit.context.arrival()
    bars = {source.code: _bars(source) for source in view.sources}
    model = {
        "view": view,
        "calendars": {source.code: calendar(source) for source in view.sources},
        "bars": bars,
        "reason": lambda code: reason_word(words.lang, code),
    }
    return Html("data.html", words.t("data.title"), Links(), model)


def _bars(source: SourceArrival) -> dict[object, object]:
    most = max((entry.rows or 0 for entry in source.days), default=0)
    return {entry.day: thin_bar((entry.rows or 0) / most if most else 0.0) for entry in source.days[-MOST_DAYS:]}


def show_rejects(visit: Visit, words: Words) -> Html:
    """The rows a load refused."""
    view = visit.context.rejects(visit.codes["load"], visit.number("page") or 1)
    links = Links()
    load = view.load.id
    model = {
        "view": view,
        "before": links.rejects(load, view.page - 1) if view.page > 1 else None,
        "after": links.rejects(load, view.page + 1) if view.page < view.pages else None,
        "reason": lambda code: reason_word(words.lang, code),
    }
    crumbs = (Crumb(words.t("data.title"), links.data()), Crumb(words.t("rejects.title")))
    return Html("rejects.html", f"{words.t('rejects.title')} · {view.load.file}", links, model, crumbs)


def _day_rows(words: Words, view: ArrivalPage) -> Iterator[tuple[Cell, ...]]:
    for source in view.sources:
        for entry in source.days:
            rows = words.t("arrival.arrived_word") if entry.withheld else entry.rows
            yield (source.code, words.text(source.name), entry.day, rows, entry.usual)


def _load_rows(words: Words, view: ArrivalPage) -> Iterator[tuple[Cell, ...]]:
    for load in view.loads:
        numbers = (load.read, load.accepted, load.duplicate, load.replaced, load.rejected, load.filtered, load.blanked)
        finished = load.finished_at.astimezone(words.zone).replace(tzinfo=None) if load.finished_at else None
        yield (
            load.id,
            load.feed,
            load.mapping,
            load.file,
            load.state,
            *numbers,
            load.first_day,
            load.last_day,
            finished,
        )


def book(visit: Visit, words: Words) -> Book:
    """Loads and days as tables."""
    view = visit.context.arrival()
    texts = tuple(SheetColumn(key, words.t(f"load.{key}")) for key in ("id", "feed", "mapping", "file", "state"))
    numbers = tuple(
        SheetColumn(key, words.t(f"load.{key}"), "number", 0)
        for key in ("read", "accepted", "duplicate", "replaced", "rejected", "filtered", "blanked")
    )
    days = tuple(SheetColumn(key, words.t(f"load.{key}"), "day") for key in ("first_day", "last_day"))
    loads = (*texts, *numbers, *days, SheetColumn("finished_at", words.t("load.finished_at"), "instant"))
    arrivals = (
        SheetColumn("source", words.t("column.code")),
        SheetColumn("name", words.t("data.source")),
        SheetColumn("day", words.t("data.day"), "day"),
        SheetColumn("rows", words.t("data.rows"), "number", 0),
        SheetColumn("usual", words.t("data.usual"), "number", 0),
    )
    sheets = (
        Sheet("loads", words.t("data.loads"), loads, _load_rows(words, view)),
        Sheet("days", words.t("data.days"), arrivals, _day_rows(words, view)),
    )
    told = facts(visit, words, None, (words.t("catalogue_version"), view.catalogue_version))
    return Book("data-arrival", words.t("data.title"), told, sheets, words.t("taken.cut"))


def _reject_rows(words: Words, view: RejectsPage) -> Iterator[tuple[Cell, ...]]:
    for row in view.rows:
        yield (row.file, row.line, row.field, row.value, row.reason, reason_word(words.lang, row.reason), row.raw)


def rejects_book(visit: Visit, words: Words) -> Book:
    """A page of refused rows as a table."""
    view = visit.context.rejects(visit.codes["load"], visit.number("page") or 1)
    columns = (
        SheetColumn("file", words.t("load.file")),
        SheetColumn("line", words.t("rejects.line"), "number", 0),
        *(SheetColumn(key, words.t(f"rejects.{key}")) for key in ("field", "value", "code", "reason", "raw")),
    )
    sheet = Sheet("rejects", words.t("rejects.title"), columns, _reject_rows(words, view))
    told = facts(visit, words, None, (words.t("load.id"), view.load.id))
    return Book(f"rejects-{view.load.id}", words.t("rejects.title"), told, (sheet,), words.t("taken.cut"))


DATA = Page("data", "/data", show, book=book)
REJECTS = Page("rejects", "/data/rejects/{load}", show_rejects, book=rejects_book, private=True)
