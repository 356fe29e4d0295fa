"""One case: what is said and done, its versions, and what may be done about it."""

from __future__ import annotations

from typing import Final, get_args

from ganzhi.base.errors import InputError, Issue
from ganzhi.complaints.cases.desk import ACTS, Asked, CaseAct
from ganzhi.complaints.cases.views import CasePage
from ganzhi.portal.forms import Form
from ganzhi.portal.links import Links, url
from ganzhi.portal.page import Crumb, Go, Html, Page
from ganzhi.portal.pages.cases.shared import (
    PATH,
    case_link,
    count_in,
    crumbs,
    number_in,
    occasion_in,
    ports_of,
    status_of,
    tools,
    wrong_of,
)
from ganzhi.portal.pages.knowledge.card import notes_link, notes_on
from ganzhi.portal.present import Words
from ganzhi.portal.refusal import Said
from ganzhi.portal.visit import Visit

USES: Final[dict[str, bool | None]] = {"used": None, "helped": True, "not_helped": False}
DONE: Final = ("saved", *ACTS, *USES)
NOTED: Final = frozenset({"approve", "reject", "restore", "retire"})
"""Acts with room for a note."""
ORIGIN_PAGES: Final = {"complaint": "/complaints/tickets", "finding": "/alerts"}
assert set(get_args(CaseAct)) == set(ACTS)


def show(visit: Visit, words: Words) -> Html:
    """The page; looking at it is counted."""
    number, ticket = number_in(visit), visit.text("ticket")
    html = _page(visit, words, done=visit.choice("done", DONE))
    ports_of(visit).opened(number, occasion_in(ticket))
    return html


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
    number, ticket = number_in(visit), visit.text("ticket")
    page = ports_of(visit).read.case(number, visit.number("version"), occasion_in(ticket))
    model = {
        **tools(words),
        "page": page,
        "row": page.row,
        "said": page.content,
        "path": case_link(number, ticket=ticket),
        "ticket": ticket,
        "version_link": lambda version: case_link(number, version=version, ticket=ticket),
        "done": done,
        "wrong": wrong,
        "at": at,
        "note": note,
        "noted": NOTED,
        "origin": _origin_link(visit, page),
        "uses": tuple(USES),
        "notes": notes_on(visit, "case", str(number)),
        "notes_link": notes_link,
        "field": lambda name: words.t(f"cases.field.{name}"),
    }
    name = page.content.title
    way = crumbs(words, Crumb(words.t("cases.number", n=number)))
    return Html("cases/one.html", f"{name} · {words.t('cases.title')}", Links(), model, way, status=status)


def _origin_link(visit: Visit, page: CasePage) -> str | None:
    """The page of what a case came from, where there is one and the viewer may see it."""
    kind, reference = page.content.origin.kind, page.origin
    there = {"complaint": visit.context.desk, "finding": visit.context.alerts}
    if not reference or there.get(kind) is None:
        return None
    return url(f"{ORIGIN_PAGES[kind]}/{reference}", {})


def asked_in(form: Form) -> Asked:
    """An act in a form; InputError POR001, POR002, POR003."""
    what = form.text("do", 40)
    if what not in ACTS:
        raise InputError(Issue("POR001", "do", params={"value": what, "known": ", ".join((*ACTS, *USES))}))
    return Asked(what, count_in(form, "version"), form.text("note", 500), count_in(form, "number"))


def act(visit: Visit, words: Words, form: Form) -> Html | Go:
    """Do what is asked; the page again, with what was wrong, when that could not be."""
    number, ticket, ports = number_in(visit), visit.text("ticket"), ports_of(visit)
    what = form.text("do", 40)
    if what in USES:
        ports.used(number, occasion_in(ticket), USES[what])
        return Go(case_link(number, ticket=ticket, done=what))
    try:
        ports.act(number, asked_in(form))
    except InputError as error:
        if any(issue.code == "CAS002" for issue in error.issues):
            raise
        wrong = wrong_of(visit, words, error.issues)
        return _page(
            visit, words, wrong=wrong, at=what, note=form.values.get("note", "")[:500], status=status_of(error)
        )
    return Go(case_link(number, ticket=ticket, done=what))


CASE = Page("case", f"{PATH}/{{number}}", show, nav="complaints", act=act, private=True)
