"""Which reports there are and which were made, the latest first; each leads to what was kept."""

from __future__ import annotations

from collections.abc import Iterator

from ganzhi.base.messages import say
from ganzhi.base.periods import parse_period
from ganzhi.complaints.archive.desk import ArchivePage, ArchiveQuery
from ganzhi.complaints.reports.wording import title
from ganzhi.portal.links import Links
from ganzhi.portal.page import Html, Page
from ganzhi.portal.pages.complaints.addresses import report_link
from ganzhi.portal.pages.support.earlier import EARLIER, kind_of
from ganzhi.portal.pages.support.earlier import name_of as unit_of
from ganzhi.portal.pages.support.shared import PATH, ports_of, support_link
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.ports.reports import MadeReports
from ganzhi.portal.present import Words
from ganzhi.portal.sheets import Book, Cell, Sheet, SheetColumn
from ganzhi.portal.visit import Visit
from ganzhi.store.editions.editions import EditionHead

COLUMNS = ("report", "period", "edition", "made_at", "made_by")
LISTED = 6
"""Reports of a kind that stand on the page; the file has all."""


def head_link(head: EditionHead, top: str, *, latest: bool = True) -> str:
    """The page of an edition."""
    region, edition = None if head.unit == top else head.unit, None if latest else head.number
    if head.kind == "support":
        return support_link(head.period, region, edition)
    return report_link(head.kind, head.period, region, edition)  # type: ignore[arg-type]


def name_of(words: Words, head: EditionHead) -> str:
    """The name of a report with its period."""
    period = parse_period(head.period, words.zone)
    return title(words.lang, head.kind, period)  # type: ignore[arg-type]


def show(visit: Visit, words: Words) -> Html:
    """The page."""
    made = ports_of(visit).made()
    model = {
        "made": made,
        "listed": LISTED,
        "link": lambda head: head_link(head, made.unit),
        "name_of": lambda head: name_of(words, head),
        "now_link": _now_link,
        "earlier": _earlier(visit),
        "earlier_link": EARLIER,
        "kind_of": lambda row: kind_of(words, row),
        "unit_of": lambda row: unit_of(words, row),
        "s": lambda key, **params: say(words.lang, f"portal.support.{key}", **params),
        "here": PATH,
    }
    return Html("support/list.html", words.t("nav.reports"), Links(), model)


def _earlier(visit: Visit) -> ArchivePage | None:
    """Reports that were brought in; for who sees reports at all."""
    if visit.context.archive is None or not visit.context.viewer.may("dynamic"):
        return None
    return visit.context.archive.page(ArchiveQuery())


def _now_link(kind: str) -> str:
    """The latest report of a kind, made or not."""
    if kind == "support":
        return f"{PATH}/support"
    return {"situation": "/complaints/daily", "intake": "/complaints/daily?level=product"}.get(
        kind, f"/complaints/{kind}"
    )


def _rows(words: Words, made: MadeReports) -> Iterator[tuple[Cell, ...]]:
    for _, heads in made.kinds:
        for head in heads:
            yield name_of(words, head), head.period, head.number, words.instant(head.made_at), head.made_by


def book(visit: Visit, words: Words) -> Book:
    """All editions that were kept."""
    made = ports_of(visit).made()
    columns = tuple(
        SheetColumn(key, words.t(f"support.column.{key}"), "number" if key == "edition" else "text") for key in COLUMNS
    )
    name = words.t("nav.reports")
    sheets = (Sheet("reports", name, columns, _rows(words, made)),)
    return Book("reports", name, facts(visit, words, None), sheets, words.t("taken.cut"))


REPORT_LIST = Page("reports", PATH, show, nav="reports", book=book, private=True)
