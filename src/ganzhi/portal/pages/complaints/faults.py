"""Faults: their list, and one of them with its clock, what it was opened for, and what may be done."""

from __future__ import annotations

from collections.abc import Iterator

from ganzhi.base.errors import InputError
from ganzhi.complaints.desk.acts import FAULT_ACTS, FAULT_STATES
from ganzhi.portal.forms import Form
from ganzhi.portal.links import Links
from ganzhi.portal.page import Crumb, Go, Html, Page
from ganzhi.portal.pages.complaints.acting import Kind, Standing, act_detail
from ganzhi.portal.pages.complaints.desk_words import (
    FAULTS,
    LEVEL,
    LONGEST,
    QUEUE,
    fault_link,
    left_text,
    ports_of,
    problem_link,
    ticket_link,
)
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.present import Words
from ganzhi.portal.refusal import After, refused
from ganzhi.portal.sheets import Book, Cell, Sheet, SheetColumn
from ganzhi.portal.visit import Visit

FIELDS = ("title", "element", "department", "owner", "ticket", "problem")


def _crumbs(words: Words, *more: Crumb) -> tuple[Crumb, ...]:
    return (Crumb(words.t("nav.complaints"), "/complaints"), Crumb(words.t("desk.queue"), QUEUE), *more)


def show_list(visit: Visit, words: Words) -> Html:
    """The list; with a ticket or a problem in the address the form to open a fault for it."""
    return _list(visit, words, After(given={name: visit.text(name) or "" for name in ("ticket", "problem")}))


def _list(visit: Visit, words: Words, after: After) -> Html:
    model = {
        "page": ports_of(visit).faults(),
        "path": FAULTS,
        "level_of": LEVEL,
        "left_of": left_text,
        "fault_link": fault_link,
        **after.model,
    }
    title = words.t("desk.faults")
    return Html("complaints/faults.html", title, Links(), model, _crumbs(words, Crumb(title)), status=after.status)


def open_one(visit: Visit, words: Words, form: Form) -> Html | Go:
    """Open a fault."""
    try:
        made = ports_of(visit).open_fault({name: form.text(name, LONGEST) for name in FIELDS})
    except InputError as error:
        return _list(visit, words, refused(visit, form, error))
    return Go(fault_link(made.subject))


KEYS = (
    "id", "title", "state", "place", "element", "department", "owner", "opened", "due", "left", "source", "evidence", "cause",
)  # fmt: skip


def book(visit: Visit, words: Words) -> Book:
    """The list as a table."""
    page = ports_of(visit).faults()

    def rows() -> Iterator[tuple[Cell, ...]]:
        for row in page.rows:
            opened, due = (m.astimezone(words.zone).replace(tzinfo=None) for m in (row.opened_at, row.due))
            yield (
                row.id, row.title, words.t(f"desk.fault_state.{row.state}"), words.text(row.unit_name), row.element,
                words.text(row.department_name), row.owner, opened, due, round(row.left.total_seconds() / 60),
                row.ticket or row.problem, row.evidence, row.cause,
            )  # fmt: skip

    kinds = {"opened": "instant", "due": "instant", "left": "number"}
    columns = tuple(SheetColumn(key, words.t(f"desk.column.{key}"), kinds.get(key, "text"), 0) for key in KEYS)  # type: ignore[arg-type]
    title = words.t("desk.faults")
    return Book("faults", title, facts(visit, words, None), (Sheet("faults", title, columns, rows()),), words.t("taken.cut"))  # fmt: skip


def show(visit: Visit, words: Words) -> Html:
    """One fault."""
    return _page(visit, words, FAULT_KIND.after(visit, words))


def _page(visit: Visit, words: Words, after: After) -> Html:
    page = ports_of(visit).fault(visit.codes["id"])
    names = {code: words.text(name) for code, name in page.names.items()}
    model = {
        "page": page,
        "row": page.row,
        "path": fault_link(page.row.id),
        "level_of": LEVEL,
        "left_of": left_text,
        "ticket_link": ticket_link,
        "problem_link": problem_link,
        "undone": {each.undoes for each in page.acts if each.undoes is not None},
        "detail": lambda each: act_detail(words, each, names),
        **after.model,
    }
    crumbs = _crumbs(words, Crumb(words.t("desk.faults"), FAULTS), Crumb(page.row.title))
    return Html("complaints/fault.html", page.row.title, Links(), model, crumbs, status=after.status)


def _standing(visit: Visit, words: Words) -> Standing:
    page = ports_of(visit).fault(visit.codes["id"])
    row = page.row
    return Standing(
        row.title, fault_link(row.id), row.state, FAULT_STATES, "desk.fault_state", words.text(row.department_name), row.owner,
        {code: words.text(name) for code, name in page.names.items()}, _crumbs(words, Crumb(words.t("desk.faults"), FAULTS)),
    )  # fmt: skip


FAULT_KIND = Kind(
    FAULT_ACTS,
    "DSK014",
    fault_link,
    lambda visit, given, asked: ports_of(visit).act_fault(given, asked),
    _page,
    _standing,
)
FAULT_LIST = Page("complaint-faults", FAULTS, show_list, nav="complaints", book=book, act=open_one, needs="list", private=True)  # fmt: skip
FAULT = Page(
    "complaint-fault",
    f"{FAULTS}/{{id}}",
    show,
    nav="complaints",
    act=FAULT_KIND.carry_out,
    needs="list",
    private=True,
    watched=True,
)
