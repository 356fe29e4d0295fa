"""Closed periods: who closed what when, what would be kept of a period, and closing it after a look."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ganzhi.base.errors import InputError, InternalError, Issue
from ganzhi.measure.reported.desk import LONGEST_NOTE
from ganzhi.measure.views.closed import ClosedRow, ToClose
from ganzhi.portal.forms import Form
from ganzhi.portal.links import Links, url
from ganzhi.portal.page import Crumb, Go, Html, Page
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.ports.closings import ClosingPorts
from ganzhi.portal.present import Words
from ganzhi.portal.refusal import Said, said_of
from ganzhi.portal.sheets import Book, Cell, Sheet, SheetColumn
from ganzhi.portal.visit import Visit

PATH = "/closings"
AUTOMATIC = "schedule"
"""The actor of closings that a rule made."""
COLUMNS = ("grain", "period", "edition", "closed_at", "closed_by", "catalogue", "note")


def _ports(visit: Visit) -> ClosingPorts:
    found = visit.context.closings
    if found is None:
        raise InternalError("a portal without closings")
    return found


def show(visit: Visit, words: Words) -> Html:
    """The list, and what would be kept of the period asked for."""
    return _page(visit, words, asked=visit.text("close"), done=visit.text("done"))


def _page(
    visit: Visit,
    words: Words,
    *,
    asked: str | None = None,
    done: str | None = None,
    note: str = "",
    wrong: tuple[Said, ...] = (),
    status: int = 200,
) -> Html:
    page = _ports(visit).page()
    look: ToClose | None = None
    if asked and page.may:
        try:
            look = _ports(visit).look(asked)
        except InputError as error:
            wrong, status = wrong or tuple(said_of(visit, issue) for issue in error.issues), max(status, 400)
    made = next((row for row in page.rows if row.period.key == done and row.newest), None)
    model = {
        "page": page,
        "path": PATH,
        "look": look,
        "made": made,
        "note": note,
        "most": LONGEST_NOTE,
        "wrong": wrong,
        "closer": lambda row: _who(words, row),
        "missing": tuple(f for f in look.feeds if f.known < f.days or f.waiting) if look else (),
        "at": lambda row: Links(period=row.period.key).overview(),
    }
    title = words.t("closings.title")
    crumbs = (Crumb(words.t("nav.overview"), Links().overview()), Crumb(title))
    return Html("catalogue/closings.html", title, Links(), model, crumbs, status=status)


def _who(words: Words, row: ClosedRow) -> str:
    return words.t("closings.by_rule") if row.closed_by == AUTOMATIC else row.closed_by


def act(visit: Visit, words: Words, form: Form) -> Html | Go:
    """Close what was looked at; the page again with what is in the way."""
    period, note = form.text("period", 60), ""
    try:
        note = form.text("note", LONGEST_NOTE)
        _ports(visit).close(period, _edition(form), note)
    except InputError as error:
        wrong = tuple(said_of(visit, issue) for issue in error.issues)
        taken = any(issue.code == "MEA032" for issue in error.issues)
        return _page(visit, words, asked=period, note=note, wrong=wrong, status=409 if taken else 400)
    return Go(url(PATH, {"done": period}))


def _edition(form: Form) -> int:
    """The edition that the page announced."""
    seen = form.text("edition", 9)
    if not re.fullmatch(r"[1-9][0-9]{0,8}", seen, re.ASCII):
        raise InputError(Issue("POR001", "edition", params={"value": seen[:40], "known": "1"}))
    return int(seen)


def book(visit: Visit, words: Words) -> Book:
    """The list as a table."""
    columns = tuple(
        SheetColumn(
            name,
            words.t(f"closings.column.{name}"),
            "number" if name == "edition" else "instant" if name == "closed_at" else "text",
        )
        for name in COLUMNS
    )

    def rows() -> Iterator[tuple[Cell, ...]]:
        for row in _ports(visit).page().rows:
            at = row.closed_at.astimezone(words.zone).replace(tzinfo=None)
            told = (row.catalogue_version, row.note or None)
            yield (words.grain(row.period.grain), row.period.key, row.edition, at, _who(words, row), *told)

    title = words.t("closings.title")
    sheet = Sheet("closings", title, columns, rows())
    return Book("closings", title, facts(visit, words, None), (sheet,), words.t("taken.cut"))


CLOSINGS = Page("closings", PATH, show, book=book, act=act)
