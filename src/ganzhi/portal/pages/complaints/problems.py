"""Service problems: their list, and one of them with its clock, links, check of side effects and effect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ganzhi.base.errors import InputError
from ganzhi.complaints.desk.acts import LINKS, MODES, PROBLEM_ACTS, PROBLEM_STATES, REPRODUCED
from ganzhi.portal.forms import Form
from ganzhi.portal.links import Links, url
from ganzhi.portal.page import Crumb, Go, Html, Page
from ganzhi.portal.pages.complaints.desk_words import (
    FAULTS,
    LEVEL,
    LONGEST,
    PROBLEMS,
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

FIELDS = ("title", "mode", "category", "product", "unit", "reported_at", "ticket")
DONE = tuple(form.act for form in PROBLEM_ACTS)


def _crumbs(words: Words, *more: Crumb) -> tuple[Crumb, ...]:
    return (Crumb(words.t("nav.complaints"), "/complaints"), *more)


def show_list(visit: Visit, words: Words) -> Html:
    """The list."""
    return _list(visit, words, given={"ticket": visit.text("ticket") or ""})


def _list(
    visit: Visit, words: Words, *, wrong: tuple[Said, ...] = (), given: Mapping[str, str] | None = None, status: int = 200
) -> Html:  # fmt: skip
    page = ports_of(visit).problems()
    model = {
        "page": page,
        "path": PROBLEMS,
        "modes": MODES,
        "level_of": LEVEL,
        "left_of": left_text,
        "problem_link": problem_link,
        "wrong": wrong,
        "given": given or {},
    }
    title = words.t("desk.problems")
    return Html("complaints/problems.html", title, Links(), model, _crumbs(words, Crumb(title)), status=status)


def open_one(visit: Visit, words: Words, form: Form) -> Html | Go:
    """Open a problem."""
    try:
        made = ports_of(visit).open_problem({name: form.text(name, LONGEST) for name in FIELDS})
    except InputError as error:
        said = tuple(said_of(visit, issue) for issue in error.issues)
        return _list(visit, words, wrong=said, given=form.values, status=400)
    return Go(problem_link(made.subject))


def book(visit: Visit, words: Words) -> Book:
    """The list as a table."""
    page = ports_of(visit).problems()

    def rows() -> Iterator[tuple[Cell, ...]]:
        for row in page.rows:
            reported, due = (m.astimezone(words.zone).replace(tzinfo=None) for m in (row.reported_at, row.due))
            yield (
                row.id, row.title, words.t(f"desk.mode.{row.mode}"), words.t(f"desk.problem_state.{row.state}"),
                words.text(row.category_name), words.text(row.unit_name), reported, due, round(row.left.total_seconds() / 60),
                row.owner, len(row.links),
            )  # fmt: skip

    kinds = {"received": "instant", "due": "instant", "left": "number", "links": "number"}
    keys = ("id", "title", "mode", "state", "category", "place", "received", "due", "left", "owner", "links")
    columns = tuple(SheetColumn(key, words.t(f"desk.column.{key}"), kinds.get(key, "text"), 0) for key in keys)  # type: ignore[arg-type]
    title = words.t("desk.problems")
    return Book("problems", title, facts(visit, words, None), (Sheet("problems", title, columns, rows()),), words.t("taken.cut"))  # fmt: skip


def show(visit: Visit, words: Words) -> Html:
    """One problem."""
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
    page = ports_of(visit).problem(visit.codes["id"])
    row = page.row
    model = {
        "page": page,
        "row": row,
        "path": problem_link(row.id),
        "modes": MODES,
        "kinds": LINKS,
        "found": REPRODUCED,
        "faults": FAULTS,
        "fault_link": fault_link,
        "level_of": LEVEL,
        "left_of": left_text,
        "ticket_link": ticket_link,
        "undone": {each.undoes for each in page.acts if each.undoes is not None},
        "detail": lambda each: act_detail(words, each, {}),
        "done": done,
        "wrong": wrong,
        "at": at,
        "given": given or {},
    }
    crumbs = _crumbs(words, Crumb(words.t("desk.problems"), PROBLEMS), Crumb(row.title))
    return Html("complaints/problem.html", row.title, Links(), model, crumbs, status=status)


def act(visit: Visit, words: Words, form: Form) -> Html | Go:
    """Do what a form asks for."""
    given = visit.codes["id"]
    try:
        asked = asked_in(form, PROBLEM_ACTS)
        ports_of(visit).act_problem(given, asked)
    except DeskChangedError as error:
        page = ports_of(visit).problem(given)
        seen = form.text("seen_state", 40)
        model = {
            "name": page.row.title,
            "states": [
                words.t(f"desk.problem_state.{seen}") if seen in PROBLEM_STATES else UNKNOWN,
                words.t(f"desk.problem_state.{page.row.state}"),
            ],
            "departments": None,
            "owners": [form.text("seen_owner", 100), page.row.owner],
            "wanted": words.t(f"desk.act.{form.text('do', 40)}"),
            "written": form.text("reason", LONGEST),
            "since": [(each, act_detail(words, each, {})) for each in error.since],
            "path": problem_link(given),
        }
        title = words.t("conflict.title")
        return Html("complaints/desk_conflict.html", title, Links(), model, _crumbs(words, Crumb(title)), status=409)
    except InputError as error:
        if any(issue.code == "DSK008" for issue in error.issues):
            raise
        said = tuple(said_of(visit, issue) for issue in error.issues)
        return _page(visit, words, wrong=said, at=form.values.get("do", "")[:40], given=form.values, status=400)
    return Go(url(problem_link(given), {"done": asked.act}))


PROBLEM_LIST = Page("complaint-problems", PROBLEMS, show_list, nav="complaints", book=book, act=open_one, needs="list", private=True, watched=True)  # fmt: skip
PROBLEM = Page("complaint-problem", f"{PROBLEMS}/{{id}}", show, nav="complaints", act=act, needs="list", private=True)
