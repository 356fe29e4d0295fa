"""Writing a case: a new one, or the next version of one. What was typed stays when something is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final, cast

from ganzhi.base.errors import InputError, Issue
from ganzhi.complaints.cases.content import (
    CASE_TEXTS,
    LONGEST_TEXT,
    LONGEST_TITLE,
    ORIGINS,
    CaseContent,
    Link,
    Origin,
    OriginKind,
    tidy_lines,
)
from ganzhi.portal.forms import Form
from ganzhi.portal.links import Links
from ganzhi.portal.page import Crumb, Go, Html, Page
from ganzhi.portal.pages.cases.shared import (
    PATH,
    case_link,
    count_in,
    crumbs,
    day_in,
    number_in,
    ports_of,
    status_of,
    tools,
    wrong_of,
)
from ganzhi.portal.present import Words
from ganzhi.portal.refusal import Said
from ganzhi.portal.visit import Visit

REVIEW_AFTER: Final = timedelta(days=182)
PLAIN: Final = ("category", "product", "owner", "origin", "reference")
DAYS: Final = ("valid_from", "valid_to", "review_on")


def fields_of(content: CaseContent) -> dict[str, str]:
    """A case as the fields of its form."""
    days = {name: "" if (day := getattr(content, name)) is None else day.isoformat() for name in DAYS}
    return {
        **{name: getattr(content, name) for name in (*CASE_TEXTS, "category", "product", "owner")},
        **days,
        "origin": content.origin.kind,
        "reference": content.origin.reference,
        "links": "\n".join(f"{link.title} | {link.target}" for link in content.links),
        "shared": "yes" if content.shared else "",
    }


def typed(form: Form) -> dict[str, str]:
    """The fields as they were typed."""
    names = (*CASE_TEXTS, *PLAIN, *DAYS, "links", "shared")
    return {name: form.values.get(name, "") for name in names}


def links_in(text: str) -> tuple[Link, ...]:
    """Links as they are typed in: one a line, title and address with a bar between them."""
    found = []
    for line in text.splitlines():
        if line.strip():
            title, _, target = line.rpartition("|")
            found.append(Link(title.strip() or target.strip()[:LONGEST_TITLE], target.strip()))
    return tuple(found)


def content_in(form: Form) -> CaseContent:
    """The case in a form; every day that is none is told at once."""
    issues: list[Issue] = []
    days: dict[str, date | None] = {}
    for name in DAYS:
        try:
            days[name] = day_in(form, name, needed=name != "valid_to")
        except InputError as error:
            issues += error.issues
    if issues:
        raise InputError(issues)
    return CaseContent(
        **{name: tidy_lines(form.values.get(name, "")) for name in CASE_TEXTS},
        category=form.text("category", 80),
        product=form.text("product", 80),
        owner=form.text("owner"),
        review_on=cast("date", days["review_on"]),
        valid_from=cast("date", days["valid_from"]),
        valid_to=days["valid_to"],
        shared=form.text("shared") == "yes",
        origin=Origin(cast("OriginKind", form.text("origin", 40) or "experience"), form.text("reference")),
        links=links_in(form.text("links", LONGEST_TEXT)),
    )


def _blank(visit: Visit) -> dict[str, str]:
    """A new case, begun from what the address says: of a complaint its id, category and product."""
    today = ports_of(visit).read.today()
    ticket = visit.text("ticket") or ""
    begun = CaseContent(
        "", "", "", "", "", visit.text("category") or "", visit.text("product") or "", visit.context.user,
        today + REVIEW_AFTER, today, origin=Origin("complaint", ticket) if ticket else Origin(),
    )  # fmt: skip
    return fields_of(begun)


def _page(
    visit: Visit,
    words: Words,
    number: int | None,
    fields: Mapping[str, str],
    version: int,
    *,
    reason: str = "",
    wrong: tuple[Said, ...] = (),
    status: int = 200,
) -> Html:
    ports = ports_of(visit)
    model = {
        **tools(words),
        "number": number,
        "was": fields,
        "version": version,
        "reason": reason,
        "wrong": wrong,
        "path": f"{PATH}/new" if number is None else f"{PATH}/{number}/edit",
        "groups": ports.read.groups(),
        "products": ports.read.products(),
        "origins": ORIGINS,
        "texts": CASE_TEXTS[1:],
        "longest": LONGEST_TEXT,
        "late": status == 409,
    }
    title = words.t("cases.new") if number is None else words.t("cases.edit_number", n=number)
    way = () if number is None else (Crumb(words.t("cases.number", n=number), case_link(number)),)
    return Html(
        "cases/form.html",
        f"{title} · {words.t('cases.title')}",
        Links(),
        model,
        crumbs(words, *way, Crumb(title)),
        status=status,
    )


def show_new(visit: Visit, words: Words) -> Html:
    """The form of a new case."""
    return _page(visit, words, None, _blank(visit), 0)


def show_edit(visit: Visit, words: Words) -> Html:
    """The form of the next version, begun from the last one."""
    number = number_in(visit)
    page = ports_of(visit).read.case(number, None, "")
    latest = page.versions[0].number if page.versions else None
    page = ports_of(visit).read.case(number, latest, "")
    return _page(visit, words, number, fields_of(page.content), page.version)


def _save(visit: Visit, words: Words, form: Form, number: int | None) -> Html | Go:
    reason = form.values.get("reason", "")[:500]
    version = 0
    try:
        version = count_in(form, "version")
        kept = ports_of(visit).save(number, content_in(form), version, form.text("reason", 500))
    except InputError as error:
        if any(issue.code == "CAS002" for issue in error.issues):
            raise
        status, wrong = status_of(error), wrong_of(visit, words, error.issues)
        if status == 409 and number is not None:
            version = ports_of(visit).read.case(number, None, "").version
        return _page(visit, words, number, typed(form), version, reason=reason, wrong=wrong, status=status)
    return Go(case_link(kept, version=None, done="saved"))


def act_new(visit: Visit, words: Words, form: Form) -> Html | Go:
    """Keep a new case as a draft."""
    return _save(visit, words, form, None)


def act_edit(visit: Visit, words: Words, form: Form) -> Html | Go:
    """Keep the next version; after a conflict the form says so and keeps what was typed."""
    return _save(visit, words, form, number_in(visit))


NEW = Page("case_new", f"{PATH}/new", show_new, nav="complaints", act=act_new, needs="act", private=True)
EDIT = Page(
    "case_edit", f"{PATH}/{{number}}/edit", show_edit, nav="complaints", act=act_edit, needs="act", private=True
)
