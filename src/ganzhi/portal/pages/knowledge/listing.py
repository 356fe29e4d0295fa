"""Notes: all of them with a search, or those on one subject; writing and withdrawing (S000-106)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from starlette.exceptions import HTTPException

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.messages import catalogue
from ganzhi.complaints.knowledge.desk import (
    LONGEST_TEXT,
    LONGEST_TITLE,
    MOST_BYTES,
    NoteRow,
    NotesPage,
    NotesQuery,
    Written,
)
from ganzhi.portal.forms import BODY_LIMIT, Form
from ganzhi.portal.links import Links
from ganzhi.portal.page import Crumb, Download, Go, Html, Page
from ganzhi.portal.pages.choices import Choice
from ganzhi.portal.pages.knowledge.card import PATH, notes_link, subject_link
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.ports.cases import KnowledgePorts
from ganzhi.portal.present import Words
from ganzhi.portal.refusal import Said, said_of
from ganzhi.portal.sheets import Book, Cell, Sheet, SheetColumn
from ganzhi.portal.visit import Visit
from ganzhi.store.notes.notes import ABOUT, KINDS

DONE: Final = ("added", "withdrawn")
WAS: Final = ("kind", "title", "text", "links", "why")
COLUMNS: Final = (
    "number", "about", "subject", "name", "kind", "title", "text", "links", "file", "made_by", "made_at", "withdrawn_by",
    "withdrawn_at", "why",
)  # fmt: skip


def ports_of(visit: Visit) -> KnowledgePorts:
    """The ports; a portal without any answers 404."""
    if visit.context.knowledge is None:
        raise HTTPException(404)
    return visit.context.knowledge


def query_of(visit: Visit) -> NotesQuery:
    """What the address asks for; InputError KNW009 for a kind of subject there is not."""
    about = visit.text("about")
    if about is not None and about not in ABOUT:
        raise InputError(Issue("KNW009", "about", params={"value": about[:40], "known": ", ".join(ABOUT)}))
    return NotesQuery(visit.text("q") or "", about, visit.text("subject"))


def show(visit: Visit, words: Words) -> Html:
    """The page."""
    return _page(visit, words, query_of(visit), done=visit.choice("done", DONE))


def name_of(words: Words, row: NoteRow) -> str:
    """The name of a note's subject."""
    subject = row.subject
    return words.t("knowledge.gone", code=subject.code) if subject.name is None else words.text(subject.name)


def _page(
    visit: Visit,
    words: Words,
    query: NotesQuery,
    *,
    done: str | None = None,
    wrong: tuple[Said, ...] = (),
    at: str = "",
    was: Mapping[str, str] | None = None,
    status: int = 200,
) -> Html:
    page = ports_of(visit).page(query)
    kinds = tuple(
        Choice(words.t(f"knowledge.about.{each or 'all'}"), notes_link(each, q=query.q or None), each == query.about)
        for each in (None, *ABOUT)
    )
    title = words.t("knowledge.title")
    name = title
    if page.subject is not None:
        name = page.subject.code if page.subject.name is None else words.text(page.subject.name)
    model = {
        "page": page,
        "query": query,
        "name": name,
        "headline": _headline(words, query, page),
        "here": notes_link(query.about, query.subject, q=query.q or None),
        "kinds": kinds,
        "all_kinds": KINDS,
        "notes_link": notes_link,
        "subject_link": subject_link,
        "name_of": lambda row: name_of(words, row),
        "done": done,
        "wrong": wrong,
        "at": at,
        "was": {name: (was or {}).get(name, "") for name in WAS},
        "longest": {"title": LONGEST_TITLE, "text": LONGEST_TEXT},
        "most": MOST_BYTES >> 20,
    }
    crumbs = (Crumb(title, PATH if page.subject else None),) + ((Crumb(name),) if page.subject else ())
    heading = title if page.subject is None else f"{name} · {title}"
    return Html("knowledge/notes.html", heading, Links(), model, crumbs, status=status)


def _headline(words: Words, query: NotesQuery, page: NotesPage) -> str:
    n = words.count(len(page.rows))
    return words.t("knowledge.headline_found", n=n, q=query.q[:60]) if query.q else words.t("knowledge.headline", n=n)


def _wrong(visit: Visit, words: Words, issues: tuple[Issue, ...]) -> tuple[Said, ...]:
    known = catalogue(words.lang)

    def told(issue: Issue) -> Issue:
        key = f"portal.knowledge.field.{issue.subject}"
        return replace(issue, subject=known[key]) if key in known else issue

    return tuple(said_of(visit, told(each)) for each in issues)


def act(visit: Visit, words: Words, form: Form) -> Html | Go:
    """Write a note, or withdraw one; the page again, with what was wrong, when that could not be."""
    about, subject, what = form.text("about", 20), form.text("subject", 200), form.text("do", 20)
    ports = ports_of(visit)
    try:
        if what == "withdraw":
            ports.withdraw(_number(form.text("number", 9)), form.values.get("why", ""))
            return Go(notes_link(about, subject, done="withdrawn"))
        upload = form.files.get("file")
        file = (upload.name, upload.file.read(MOST_BYTES + 1)) if upload is not None and upload.name else None
        lines = tuple(line for line in form.values.get("links", "").splitlines() if line.strip())
        said = form.values.get("title", ""), form.values.get("text", "")
        note = ports.write(Written(about, subject, form.text("kind", 20), *said, links=lines, file=file))
    except InputError as error:
        if about not in ABOUT or any(issue.code in ("KNW002", "KNW008") for issue in error.issues):
            raise
        at = form.text("number", 9) if what == "withdraw" else "add"
        query = NotesQuery(about=about, subject=subject)
        was = {name: form.values.get(name, "") for name in WAS}
        status = 409 if any(issue.code == "KNW003" for issue in error.issues) else 400
        wrong = _wrong(visit, words, tuple(error.issues))
        return _page(visit, words, query, wrong=wrong, at=at, was=was, status=status)
    return Go(notes_link(note.about, note.subject, done="added"))


def _number(given: str) -> int:
    if not (given.isascii() and given.isdigit()):
        raise InputError(Issue("KNW002", given[:20] or "–"))
    return int(given)


def book(visit: Visit, words: Words) -> Book:
    """The notes under the conditions, with those that were withdrawn."""
    query = query_of(visit)
    page = ports_of(visit).page(query)

    def rows() -> Iterator[tuple[Cell, ...]]:
        for row in page.rows:
            note = row.note
            links = "\n".join(f"{each.title} {each.target}" for each in note.links)
            yield (
                note.number, words.t(f"knowledge.about.{note.about}"), note.subject, name_of(words, row),
                words.t(f"knowledge.kind.{note.kind}"), note.title, note.text, links, note.file_name, note.made_by,
                words.instant(note.made_at), note.withdrawn_by, words.instant(note.withdrawn_at) if note.withdrawn_at else None,
                note.withdrawn_why,
            )  # fmt: skip

    columns = tuple(
        SheetColumn(key, words.t(f"knowledge.field.{key}"), "number" if key == "number" else "text") for key in COLUMNS
    )
    told = facts(visit, words, None, *((("q", query.q),) if query.q else ()))
    sheets = (Sheet("notes", words.t("knowledge.title"), columns, rows()),)
    return Book("knowledge", words.t("knowledge.title"), told, sheets, words.t("taken.cut"))


NOTES = Page("knowledge", PATH, show, book=book, act=act, private=True, body=MOST_BYTES + BODY_LIMIT)
FILE = Download(
    f"{PATH}/files/{{number}}",
    "document",
    "application/octet-stream",
    lambda visit: ports_of(visit).file(_number(visit.codes["number"])).content,
    lambda visit: ports_of(visit).file(_number(visit.codes["number"])).name,
)
