"""Faults: their list, and one of them with its clock, what it was opened for, and what may be done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ganzhi.base.errors import InputError
from ganzhi.complaints.desk.acts import FAULT_ACTS, FAULT_STATES
from ganzhi.portal.forms import Form
from ganzhi.portal.links import Links, url
from ganzhi.portal.page import Crumb, Go, Html, Page
from ganzhi.portal.pages.complaints.desk_words import (
    FAULTS,
    LEVEL,
    LONGEST,
    QUEUE,
    asked_in,
    fault_link,
    left_text,
    ports_of,
    problem_link,
    ticket_link,
)
from ganzhi.portal.pages.complaints.ticket import act_detail
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.present import UNKNOWN, Words
from ganzhi.portal.refusal import Said, said_of
from ganzhi.portal.sheets import Book, Cell, Sheet, SheetColumn
from ganzhi.portal.visit import Visit
from ganzhi.store.desk.acts import DeskChangedError

FIELDS = ("title", "element", "department", "owner", "ticket", "problem")
DONE = tuple(form.act for form in FAULT_ACTS)


def _crumbs(words: Words, *more: Crumb) -> tuple[Crumb, ...]:
    return (Crumb(words.t("nav.complaints"), "/complaints"), Crumb(words.t("desk.queue"), QUEUE), *more)


def show_list(visit: Visit, words: Words) -> Html:
    """The list; with a ticket or a problem in the address the form to open a fault for it."""
    return _list(visit, words, given={name: visit.text(name) or "" for name in ("ticket", "problem")})


def _list(
    visit: Visit, words: Words, *, wrong: tuple[Said, ...] = (), given: Mapping[str, str] | None = None, status: int = 200
) -> Html:  # fmt: skip
    model = {
        "page": ports_of(visit).faults(),
        "path": FAULTS,
        "level_of": LEVEL,
        "left_of": left_text,
        "fault_link": fault_link,
        "wrong": wrong,
        "given": given or {},
    }
    title = words.t("desk.faults")
    return Html("complaints/faults.html", title, Links(), model, _crumbs(words, Crumb(title)), status=status)


def open_one(visit: Visit, words: Words, form: Form) -> Html | Go:
    """Open a fault."""
    try:
        made = ports_of(visit).open_fault({name: form.text(name, LONGEST) for name in FIELDS})
    except InputError as error:
        said = tuple(said_of(visit, issue) for issue in error.issues)
        return _list(visit, words, wrong=said, given=form.values, status=400)
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
    done = visit.choice("done", DONE)
    return _page(visit, words, done=None if done is None else words.t(f"desk.done.{done}"))


def _page(
    visit: Visit,
    words: Words,
    *,
    done: str | None = None,
    wrong: tuple[Said, ...] = (),
    at: str = "",
    given: Mapping[str, str] | None = None,
    status: int = 200,
) -> Html:
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
        "done": done,
        "wrong": wrong,
        "at": at,
        "given": given or {},
    }
    crumbs = _crumbs(words, Crumb(words.t("desk.faults"), FAULTS), Crumb(page.row.title))
    return Html("complaints/fault.html", page.row.title, Links(), model, crumbs, status=status)


def act(visit: Visit, words: Words, form: Form) -> Html | Go:
    """Do what a form asks for; the page again with what is wrong, or both states when somebody was quicker."""
    given = visit.codes["id"]
    try:
        asked = asked_in(form, FAULT_ACTS)
        ports_of(visit).act_fault(given, asked)
    except DeskChangedError as error:
        return _conflict(visit, words, form, error)
    except InputError as error:
        if any(issue.code == "DSK014" for issue in error.issues):
            raise
        said = tuple(said_of(visit, issue) for issue in error.issues)
        return _page(visit, words, wrong=said, at=form.values.get("do", "")[:40], given=form.values, status=400)
    return Go(url(fault_link(given), {"done": asked.act}))


def _conflict(visit: Visit, words: Words, form: Form, error: DeskChangedError) -> Html:
    page = ports_of(visit).fault(visit.codes["id"])
    names = {code: words.text(name) for code, name in page.names.items()}
    seen = form.text("seen_state", 40)
    model = {
        "name": page.row.title,
        "states": [
            words.t(f"desk.fault_state.{seen}") if seen in FAULT_STATES else UNKNOWN,
            words.t(f"desk.fault_state.{page.row.state}"),
        ],
        "departments": [form.text("seen_department", 100), words.text(page.row.department_name)],
        "owners": [form.text("seen_owner", 100), page.row.owner],
        "wanted": words.t(f"desk.act.{form.text('do', 40)}"),
        "written": form.text("reason", LONGEST),
        "since": [(each, act_detail(words, each, names)) for each in error.since],
        "path": fault_link(page.row.id),
    }
    title = words.t("conflict.title")
    return Html("complaints/desk_conflict.html", title, Links(), model, _crumbs(words, Crumb(title)), status=409)


FAULT_LIST = Page("complaint-faults", FAULTS, show_list, nav="complaints", book=book, act=open_one, needs="list", private=True)  # fmt: skip
FAULT = Page("complaint-fault", f"{FAULTS}/{{id}}", show, nav="complaints", act=act, needs="list", private=True)
