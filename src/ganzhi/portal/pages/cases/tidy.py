"""Tidying the case library: what is overdue, ends soon, is not used, says the same twice or does not help (S003-035)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ganzhi.complaints.cases.views import CaseRow, TidyPage
from ganzhi.portal.links import Links
from ganzhi.portal.page import Crumb, Html, Page
from ganzhi.portal.pages.cases.listing import sheet_columns, sheet_row
from ganzhi.portal.pages.cases.shared import PATH, crumbs, ports_of, tools
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.present import Words
from ganzhi.portal.sheets import Book, Sheet
from ganzhi.portal.visit import Visit

LISTS: Final = ("waiting", "overdue", "expiring", "unhelpful", "unused", "homeless")


def lists_of(page: TidyPage) -> tuple[tuple[str, Sequence[CaseRow]], ...]:
    """The lists by name, in the order of the page."""
    return tuple((name, getattr(page, name)) for name in LISTS)


def show(visit: Visit, words: Words) -> Html:
    """The page."""
    page = ports_of(visit).read.tidy()
    model = {**tools(words), "page": page, "lists": lists_of(page), "here": f"{PATH}/tidy"}
    title = words.t("tidy.title")
    return Html("cases/tidy.html", f"{title} · {words.t('cases.title')}", Links(), model, crumbs(words, Crumb(title)))


def book(visit: Visit, words: Words) -> Book:
    """Each list as a table."""
    page = ports_of(visit).read.tidy()
    alike = [row for cluster in page.alike or () for row in cluster]
    sheets = tuple(
        Sheet(name, words.t(f"tidy.list.{name}"), sheet_columns(words), (sheet_row(words, row) for row in rows))
        for name, rows in (*lists_of(page), ("alike", alike))
    )
    return Book("cases-to-tidy", words.t("tidy.title"), facts(visit, words, None), sheets, words.t("taken.cut"))


TIDY = Page("cases_tidy", f"{PATH}/tidy", show, nav="complaints", book=book, needs="act", private=True, slow=True)
