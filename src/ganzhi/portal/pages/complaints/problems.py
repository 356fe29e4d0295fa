"""Service problems: their list, and one of them with its clock, links, check of side effects and effect."""

from __future__ import annotations

from collections.abc import Iterator

from ganzhi.base.errors import InputError
from ganzhi.complaints.desk.acts import LINKS, MODES, PROBLEM_ACTS, PROBLEM_STATES, REPRODUCED
from ganzhi.portal.forms import Form
from ganzhi.portal.links import Links
from ganzhi.portal.page import Crumb, Go, Html, Page
from ganzhi.portal.pages.complaints.acting import Kind, Standing, act_detail
from ganzhi.portal.pages.complaints.desk_words import (
    FAULTS,
    LEVEL,
    LONGEST,
    PROBLEMS,
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

FIELDS = ("title", "mode", "category", "product", "unit", "reported_at", "ticket")


def _crumbs(words: Words, *more: Crumb) -> tuple[Crumb, ...]:
    return (Crumb(words.t("nav.complaints"), "/complaints"), *more)


def show_list(visit: Visit, words: Words) -> Html:
    """The list."""
    return _list(visit, words, After(given={"ticket": visit.text("ticket") or ""}))


def _list(visit: Visit, words: Words, after: After) -> Html:
    page = ports_of(visit).problems()
    model = {
        "page": page,
        "path": PROBLEMS,
        "modes": MODES,
        "level_of": LEVEL,
        "left_of": left_text,
        "problem_link": problem_link,
        **after.model,
    }
    title = words.t("desk.problems")
    return Html("complaints/problems.html", title, Links(), model, _crumbs(words, Crumb(title)), status=after.status)


def open_one(visit: Visit, words: Words, form: Form) -> Html | Go:
    """Open a problem."""
    try:
        made = ports_of(visit).open_problem({name: form.text(name, LONGEST) for name in FIELDS})
    except InputError as error:
        return _list(visit, words, refused(visit, form, error))
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
    return _page(visit, words, PROBLEM_KIND.after(visit, words))


def _page(visit: Visit, words: Words, after: After) -> Html:
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
        **after.model,
    }
    crumbs = _crumbs(words, Crumb(words.t("desk.problems"), PROBLEMS), Crumb(row.title))
    return Html("complaints/problem.html", row.title, Links(), model, crumbs, status=after.status)


def _standing(visit: Visit, words: Words) -> Standing:
    row = ports_of(visit).problem(visit.codes["id"]).row
    crumbs = _crumbs(words, Crumb(words.t("desk.problems"), PROBLEMS))
    return Standing(
        row.title, problem_link(row.id), row.state, PROBLEM_STATES, "desk.problem_state", None, row.owner, {}, crumbs
    )


PROBLEM_KIND = Kind(
    PROBLEM_ACTS,
    "DSK008",
    problem_link,
    lambda visit, given, asked: ports_of(visit).act_problem(given, asked),
    _page,
    _standing,
)
PROBLEM_LIST = Page("complaint-problems", PROBLEMS, show_list, nav="complaints", book=book, act=open_one, needs="list", private=True, watched=True)  # fmt: skip
PROBLEM = Page(
    "complaint-problem",
    f"{PROBLEMS}/{{id}}",
    show,
    nav="complaints",
    act=PROBLEM_KIND.carry_out,
    needs="list",
    private=True,
    watched=True,
)
