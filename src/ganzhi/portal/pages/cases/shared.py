"""What the pages of the case library share: their ports, addresses, the reading of forms, and issues in the form's words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Final

from starlette.exceptions import HTTPException

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.messages import catalogue
from ganzhi.complaints.cases.views import CaseRow, Named, Path
from ganzhi.portal.forms import Form
from ganzhi.portal.links import url
from ganzhi.portal.page import Crumb
from ganzhi.portal.ports.cases import CasePorts
from ganzhi.portal.present import UNKNOWN, Words
from ganzhi.portal.refusal import Said, said_of
from ganzhi.portal.visit import Visit

PATH: Final = "/cases"
COMPLAINTS: Final = "/complaints"
LONGEST_NUMBER: Final = 9
LATE: Final = frozenset({"CAS003", "CAS005"})
"""Codes that mean that somebody else was quicker: 409."""


def ports_of(visit: Visit) -> CasePorts:
    """The ports; a portal without any answers 404."""
    if visit.context.cases is None:
        raise HTTPException(404)
    return visit.context.cases


def crumbs(words: Words, *more: Crumb) -> tuple[Crumb, ...]:
    """The way back."""
    first = (Crumb(words.t("nav.complaints"), COMPLAINTS), Crumb(words.t("cases.title"), PATH if more else None))
    return (*first, *more)


def number_in(visit: Visit) -> int:
    """The number of the case in the address, which may also be its id; InputError CAS002, so 404, for anything else."""
    given = visit.codes["number"]
    if given.isascii() and given.isdigit() and len(given) <= LONGEST_NUMBER:
        return int(given)
    return ports_of(visit).read.number_of(given)


def case_link(number: int, **more: str | int | None) -> str:
    """The page of a case. more: version, ticket, done."""
    return url(f"{PATH}/{number}", more)


def manual_link(category: str, **more: str | int | None) -> str:
    """The page of a category's manual."""
    return url(f"{PATH}/manual/{category}", more)


def occasion_in(ticket: str | None) -> str:
    """The occasion of a use: the ticket it was for, or none."""
    return f"ticket:{ticket}" if ticket else ""


def path_text(words: Words, path: Path) -> str:
    """Domain and category; the code where the taxonomy no longer has it."""
    if path.category.name is None:
        return words.t("cases.gone", code=path.category.code)
    domain, name = words.text(path.domain), words.text(path.category.name)
    return name if domain == name else f"{domain} › {name}"


def named(words: Words, given: Named | None) -> str:
    """The name of a code, the code where there is none."""
    if given is None:
        return UNKNOWN
    return given.code if given.name is None else words.text(given.name)


def standing(words: Words, row: CaseRow) -> str:
    """What may be done with a case, in a word."""
    if row.usable:
        return words.t("cases.state.usable")
    return words.t("cases.state.not_valid" if row.state == "approved" else f"cases.state.{row.state}")


def validity(words: Words, first: date, last: date | None) -> str:
    """From one day to another."""
    if last is None:
        return words.t("cases.valid_open", first=first.isoformat())
    return words.t("cases.valid_from_to", first=first.isoformat(), last=last.isoformat())


def day_in(form: Form, name: str, *, needed: bool = True) -> date | None:
    """A day in a form; InputError REQ003, or CAS001 when it lacks."""
    text = form.text(name, 20)
    if not text:
        if needed:
            raise InputError(Issue("CAS001", name))
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(Issue("REQ003", name, params={"value": text})) from None


def count_in(form: Form, name: str) -> int:
    """A count in a form, 0 when it lacks; InputError POR003."""
    text = form.text(name, 9) or "0"
    if not (text.isascii() and text.isdigit()):
        raise InputError(Issue("POR003", name, params={"value": text, "most": "999999999"}))
    return int(text)


def wrong_of(visit: Visit, words: Words, issues: Iterable[Issue]) -> tuple[Said, ...]:
    """Issues as the reader reads them, fields by the names that the form has for them."""
    known = catalogue(words.lang)

    def told(issue: Issue) -> Issue:
        name, _, rest = issue.subject.partition(" ")
        if f"portal.cases.field.{name}" not in known:
            return issue
        return replace(issue, subject=" ".join(part for part in (words.t(f"cases.field.{name}"), rest) if part))

    return tuple(said_of(visit, told(issue)) for issue in issues)


def status_of(error: InputError) -> int:
    """409 when somebody else was quicker, else 400."""
    return 409 if any(issue.code in LATE for issue in error.issues) else 400


def tools(words: Words) -> dict[str, object]:
    """What every template of the library calls."""
    return {
        "case_link": case_link,
        "manual_link": manual_link,
        "path_of": lambda path: path_text(words, path),
        "name_of": lambda given: named(words, given),
        "standing": lambda row: standing(words, row),
        "validity": lambda first, last: validity(words, first, last),
    }
