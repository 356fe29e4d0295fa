"""The manuals of the front line: which categories have one, one of them, and the form it is written in (S003-031)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from ganzhi.base.errors import InputError
from ganzhi.complaints.cases.content import LONGEST_TEXT, MOST_STEPS, ManualContent, Step, tidy_lines
from ganzhi.portal.forms import Form
from ganzhi.portal.links import Links, url
from ganzhi.portal.page import Crumb, Go, Html, Page
from ganzhi.portal.pages.cases.form import DAYS, REVIEW_AFTER, links_in
from ganzhi.portal.pages.cases.one import DONE, NOTED, asked_in
from ganzhi.portal.pages.cases.shared import (
    PATH,
    count_in,
    crumbs,
    day_in,
    manual_link,
    path_text,
    ports_of,
    status_of,
    tools,
    wrong_of,
)
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.present import Words
from ganzhi.portal.refusal import Said
from ganzhi.portal.sheets import Book, Cell, Sheet, SheetColumn
from ganzhi.portal.visit import Visit

MANUALS_PATH: Final = f"{PATH}/manual"
EMPTY_STEPS: Final = 3
"""Empty steps that a form ends with."""


def show_list(visit: Visit, words: Words) -> Html:
    """Every category with its manual."""
    rows = ports_of(visit).read.manuals()
    model = {**tools(words), "rows": rows, "usable": sum(row.usable for row in rows), "here": MANUALS_PATH}
    title = words.t("manuals.title")
    return Html(
        "cases/manuals.html", f"{title} · {words.t('cases.title')}", Links(), model, crumbs(words, Crumb(title))
    )


def book(visit: Visit, words: Words) -> Book:
    """The same as a table."""

    def rows() -> Iterator[tuple[Cell, ...]]:
        for row in ports_of(visit).read.manuals():
            state = "usable" if row.usable else "none"
            yield (path_text(words, row.path), words.t(f"manuals.state.{state}"), row.steps, row.cases)

    columns = (
        SheetColumn("category", words.t("cases.field.category")),
        SheetColumn("state", words.t("cases.field.state")),
        SheetColumn("steps", words.t("manuals.steps"), "number", 0),
        SheetColumn("cases", words.t("cases.title"), "number", 0),
    )
    title = words.t("manuals.title")
    return Book(
        "manuals", title, facts(visit, words, None), (Sheet("manuals", title, columns, rows()),), words.t("taken.cut")
    )


def show(visit: Visit, words: Words) -> Html:
    """One manual."""
    return _page(visit, words, done=visit.choice("done", DONE))


def _page(
    visit: Visit,
    words: Words,
    *,
    done: str | None = None,
    wrong: tuple[Said, ...] = (),
    at: str = "",
    note: str = "",
    status: int = 200,
) -> Html:
    category = visit.codes["category"]
    page = ports_of(visit).read.manual(category, visit.number("version"))
    model = {
        **tools(words),
        "page": page,
        "said": page.content,
        "path": manual_link(category),
        "version_link": lambda version: manual_link(category, version=version),
        "done": done,
        "wrong": wrong,
        "at": at,
        "note": note,
        "noted": NOTED,
    }
    name = words.t("manuals.of", category=path_text(words, page.path))
    way = crumbs(words, Crumb(words.t("manuals.title"), MANUALS_PATH), Crumb(path_text(words, page.path)))
    return Html("cases/manual.html", f"{name} · {words.t('cases.title')}", Links(), model, way, status=status)


def act(visit: Visit, words: Words, form: Form) -> Html | Go:
    """Decide about a version of the manual."""
    category, what = visit.codes["category"], form.text("do", 40)
    try:
        ports_of(visit).act_manual(category, asked_in(form))
    except InputError as error:
        if any(issue.code in ("CAS002", "CAS014") and issue.subject == category for issue in error.issues):
            raise
        wrong = wrong_of(visit, words, error.issues)
        return _page(
            visit, words, wrong=wrong, at=what, note=form.values.get("note", "")[:500], status=status_of(error)
        )
    return Go(manual_link(category, done=what))


def _steps(values: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    """The steps as they were typed, empty ones left out."""
    pairs = zip(values.get("step", ()), values.get("say", ()), strict=False)
    return [(tidy_lines(do), tidy_lines(say)) for do, say in pairs if do.strip() or say.strip()]


def _form(
    visit: Visit,
    words: Words,
    fields: Mapping[str, str],
    steps: Sequence[tuple[str, str]],
    version: int,
    *,
    wrong: tuple[Said, ...] = (),
    status: int = 200,
) -> Html:
    category = visit.codes["category"]
    page = ports_of(visit).read.manual(category, None)
    model = {
        **tools(words),
        "page": page,
        "was": fields,
        "steps": [*steps, *[("", "")] * min(EMPTY_STEPS, max(MOST_STEPS - len(steps), 0))],
        "version": version,
        "wrong": wrong,
        "path": url(f"{MANUALS_PATH}/{category}/edit", {}),
        "longest": LONGEST_TEXT,
        "late": status == 409,
    }
    title = words.t("manuals.edit_of", category=path_text(words, page.path))
    way = crumbs(
        words, Crumb(words.t("manuals.title"), MANUALS_PATH), Crumb(path_text(words, page.path), manual_link(category)), Crumb(words.t("cases.do.edit"))
    )  # fmt: skip
    return Html("cases/manual_form.html", f"{title} · {words.t('cases.title')}", Links(), model, way, status=status)


def show_edit(visit: Visit, words: Words) -> Html:
    """The form, begun from the last version."""
    category, ports = visit.codes["category"], ports_of(visit)
    page = ports.read.manual(category, None)
    if page.versions:
        page = ports.read.manual(category, page.versions[0].number)
    said, today = page.content, ports.read.today()
    if said is None:
        said = ManualContent(category, (), "", visit.context.user, today + REVIEW_AFTER, today)
    fields = {
        "hand_over": said.hand_over,
        "owner": said.owner,
        **{name: "" if (day := getattr(said, name)) is None else day.isoformat() for name in DAYS},
        "links": "\n".join(f"{link.title} | {link.target}" for link in said.links),
    }
    return _form(visit, words, fields, [(step.do, step.say) for step in said.steps], page.version)


def act_edit(visit: Visit, words: Words, form: Form) -> Html | Go:
    """Keep the next version of the manual."""
    category, steps, version = visit.codes["category"], _steps(form.lists), 0
    try:
        version = count_in(form, "version")
        valid_from, review_on = (day_in(form, name) for name in ("valid_from", "review_on"))
        assert valid_from is not None
        assert review_on is not None
        content = ManualContent(
            category, tuple(Step(do, say) for do, say in steps), tidy_lines(form.text("hand_over", LONGEST_TEXT)),
            form.text("owner"), review_on, valid_from, day_in(form, "valid_to", needed=False),
            links_in(form.text("links", LONGEST_TEXT)),
        )  # fmt: skip
        ports_of(visit).save_manual(content, version, form.text("reason", 500))
    except InputError as error:
        status, wrong = status_of(error), wrong_of(visit, words, error.issues)
        if status == 409:
            version = ports_of(visit).read.manual(category, None).version
        fields = {name: form.values.get(name, "") for name in ("hand_over", "owner", *DAYS, "links")}
        return _form(visit, words, fields, steps, version, wrong=wrong, status=status)
    return Go(manual_link(category, done="saved"))


MANUALS = Page("manuals", MANUALS_PATH, show_list, nav="complaints", book=book, private=True)
MANUAL = Page("manual", f"{MANUALS_PATH}/{{category}}", show, nav="complaints", act=act, private=True)
MANUAL_EDIT = Page(
    "manual_edit",
    f"{MANUALS_PATH}/{{category}}/edit",
    show_edit,
    nav="complaints",
    act=act_edit,
    needs="act",
    private=True,
)
