"""The calendar by month."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from urllib.parse import quote

from ganzhi.portal.links import Links, url
from ganzhi.portal.page import Crumb, Html, Page
from ganzhi.portal.pages.alerts.shared import watch_of
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.present import Words
from ganzhi.portal.sheets import Book, Cell, Sheet, SheetColumn
from ganzhi.portal.visit import Visit
from ganzhi.warn.limits.desk import parse_month
from ganzhi.warn.surroundings import CalendarPage, Marked

PATH = "/calendar"


def month_link(month: date) -> str:
    """A month of the calendar."""
    return url(PATH, {"month": f"{month:%Y-%m}"})


def occasion_link(code: str) -> str:
    """The page of an occasion."""
    return f"{PATH}/{quote(code)}"


def days_text(words: Words, span: Marked) -> str:
    """The days of a span."""
    first = words.day(span.first, year=False)
    return first if span.last == span.first else f"{first} – {words.day(span.last, year=False)}"


def _page(visit: Visit) -> CalendarPage:
    given = visit.text("month")
    return watch_of(visit).calendar(None if given is None else parse_month(given, "month"))


def show(visit: Visit, words: Words) -> Html:
    """The month."""
    page = _page(visit)
    title = words.t("calendar.title", month=f"{page.month:%Y-%m}")
    model = {
        "page": page,
        "path": month_link(page.month),
        "before": month_link(page.earlier),
        "after": month_link(page.later),
        "filled": [(f"{month:%Y-%m}", month_link(month)) for month in reversed(page.filled)],
        "link": occasion_link,
        "days_of": days_text,
    }
    return Html("calendar/month.html", title, Links(), model, (Crumb(title),))


def book(visit: Visit, words: Words) -> Book:
    """The occasions of the month as a table."""
    page = _page(visit)

    def rows() -> Iterator[tuple[Cell, ...]]:
        for span in page.spans:
            comma = words.t("list_comma")
            yield (
                span.code, words.t(f"calendar.kind.{span.kind}"), words.text(span.name), span.first, span.last,
                comma.join(map(words.text, span.units)), comma.join(map(words.text, span.products)),
            )  # fmt: skip

    columns = (
        SheetColumn("code", words.t("column.code")),
        SheetColumn("kind", words.t("calendar.column.kind")),
        SheetColumn("name", words.t("calendar.column.name")),
        SheetColumn("first", words.t("alerts.column.first"), "day"),
        SheetColumn("last", words.t("alerts.column.last"), "day"),
        SheetColumn("units", words.t("calendar.column.units")),
        SheetColumn("products", words.t("calendar.column.products")),
    )
    title = words.t("calendar.title", month=f"{page.month:%Y-%m}")
    sheet = Sheet("occasions", words.t("calendar.name"), columns, rows())
    return Book(f"calendar-{page.month:%Y-%m}", title, facts(visit, words, None), (sheet,), words.t("taken.cut"))


CALENDAR = Page("calendar", PATH, show, nav="overview", book=book)
