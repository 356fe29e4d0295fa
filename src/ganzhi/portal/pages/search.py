"""Search: indicators by name, code or definition; cases and earlier reports by their words; tickets by number; service
problems and faults by number or title. Taken literally, whatever was typed, and found only within the viewer's rights."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ganzhi.base.errors import InputError
from ganzhi.catalogue.model.parts import Text
from ganzhi.complaints.archive.desk import ArchiveQuery, ArchiveRow
from ganzhi.complaints.cases.views import CaseRow, CasesQuery
from ganzhi.complaints.desk.views import FaultRow, ProblemRow, TicketRow
from ganzhi.complaints.recognise.text import masked
from ganzhi.measure.views.dictionary import DictionaryPage
from ganzhi.measure.views.query import DictionaryQuery
from ganzhi.portal.links import Links, url
from ganzhi.portal.page import Html, Page
from ganzhi.portal.pages.complaints.desk_words import FAULTS, PROBLEMS, fault_link, problem_link, ticket_link
from ganzhi.portal.pages.support.earlier import earlier_link, kind_of
from ganzhi.portal.present import Words
from ganzhi.portal.visit import LONGEST, Visit

MOST_HITS: Final = 50
MOST_BESIDE: Final = 5
"""Hits of each other kind; the rest is found on its own page."""
TICKET_NUMBER: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{1,63}")


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found. text: personal numbers covered; tag: its number; beside: what it is and how it stands."""

    link: str
    text: str
    tag: str
    beside: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Hits of a kind. name: its word in the message files; all: the page that has all of them; more: left out here."""

    name: str
    hits: tuple[Hit, ...]
    all: str
    more: int = 0


def show(visit: Visit, words: Words) -> Html:
    """What was found, or how to look."""
    asked = visit.query.get("q", "").strip()
    given = asked if 0 < len(asked) <= LONGEST else ""
    found: DictionaryPage | None = visit.context.dictionary(DictionaryQuery(search=given)) if given else None
    hits = found.rows[:MOST_HITS] if found else ()
    groups = _beside(visit, words, given) if given else ()
    model = {
        "asked": asked[:LONGEST],
        "hits": hits,
        "more": found.total - len(hits) if found else 0,
        "groups": groups,
        "total": (found.total if found else 0) + sum(len(group.hits) + group.more for group in groups),
    }
    return Html("search.html", words.t("search.title"), Links(), model)


def _beside(visit: Visit, words: Words, asked: str) -> tuple[Group, ...]:
    """What is found beside indicators, kinds of which there is nothing left out."""
    groups = [
        _tickets(visit, words, asked),
        *_problems(visit, words, asked),
        _cases(visit, words, asked),
        _earlier(visit, words, asked),
    ]
    return tuple(group for group in groups if group is not None and group.hits)


def _cases(visit: Visit, words: Words, asked: str) -> Group | None:
    """Cases whose wording is in force; for everybody, as the library is."""
    if visit.context.cases is None:
        return None
    page = visit.context.cases.read.list(CasesQuery(q=asked))

    def hit(row: CaseRow) -> Hit:
        return Hit(f"/cases/{row.number}", masked(row.title), str(row.number), masked(row.symptom))

    hits = tuple(map(hit, page.rows[:MOST_BESIDE]))
    return Group("cases", hits, url("/cases", {"q": asked}), page.total - len(hits))


def _earlier(visit: Visit, words: Words, asked: str) -> Group | None:
    """Reports that were brought in, by what they say; for whoever sees reports, and within reach."""
    archive = visit.context.archive
    if archive is None or not visit.context.viewer.may("dynamic"):
        return None
    rows = archive.page(ArchiveQuery(asked)).standing

    def hit(row: ArchiveRow) -> Hit:
        link = f"{earlier_link(asked)}#report-{row.note.number}"
        beside = " · ".join(part for part in (kind_of(words, row), row.excerpt) if part)
        return Hit(link, masked(row.note.title), row.note.file_name, beside)

    return Group("earlier", tuple(map(hit, rows[:MOST_BESIDE])), earlier_link(asked), max(0, len(rows) - MOST_BESIDE))


def _tickets(visit: Visit, words: Words, asked: str) -> Group | None:
    """The ticket of a number; for whoever sees lists, and within reach."""
    desk = visit.context.desk
    if desk is None or not visit.context.viewer.may("list") or not TICKET_NUMBER.fullmatch(asked):
        return None
    try:
        row: TicketRow = desk.ticket(asked).row
    except InputError:
        return None
    beside = _said(words, words.t(f"desk.state.{row.state}"), row.unit_name, words.instant(row.received_at))
    name = words.text(row.category_name) if row.category_name else row.id
    return Group("tickets", (Hit(ticket_link(row.id), name, row.id, beside),), "/complaints/queue")


def _problems(visit: Visit, words: Words, asked: str) -> tuple[Group, ...]:
    """Service problems and faults by number or title; for whoever sees lists."""
    desk = visit.context.desk
    if desk is None or not visit.context.viewer.may("list"):
        return ()

    def problem(row: ProblemRow) -> Hit:
        state = words.t(f"desk.problem_state.{row.state}")
        return Hit(
            problem_link(row.id), masked(row.title), row.id, _said(words, state, row.category_name, row.unit_name)
        )

    def fault(row: FaultRow) -> Hit:
        state = words.t(f"desk.fault_state.{row.state}")
        return Hit(
            fault_link(row.id), masked(row.title), row.id, _said(words, state, row.unit_name, row.department_name)
        )

    problems = [problem(row) for row in desk.problems().rows if _fits(row.id, row.title, asked)]
    faults = [fault(row) for row in desk.faults().rows if _fits(row.id, row.title, asked)]
    return _cut("problems", problems, PROBLEMS), _cut("faults", faults, FAULTS)


def _cut(name: str, hits: Sequence[Hit], link: str) -> Group:
    return Group(name, tuple(hits[:MOST_BESIDE]), link, max(0, len(hits) - MOST_BESIDE))


def _fits(number: str, title: str, asked: str) -> bool:
    """Whether that is the number, or stands in the title as it is shown."""
    return number == asked or asked.casefold() in masked(title).casefold()


def _said(words: Words, *parts: Text | str | None) -> str:
    return " · ".join(part if isinstance(part, str) else words.text(part) for part in parts if part is not None)


SEARCH = Page("search", "/search", show, private=True)
