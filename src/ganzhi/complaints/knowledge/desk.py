"""Notes as a viewer has them: what they read, write and withdraw (S000-106).

Everybody who has signed in reads notes on indicators and processes, and notes on those cases that they may read. Who
may act writes and withdraws them; both stand in the audit trail. No note holds what belongs to a customer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, cast

from ganzhi.access.rights import Viewer
from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.model.parts import Text
from ganzhi.complaints.cases.content import is_address, names_somebody, tidy_lines
from ganzhi.complaints.cases.desk import CaseDesk
from ganzhi.store.notes.notes import ABOUT, KINDS, About, NewNote, Note, NoteFile, NoteKind, NoteLink

LONGEST_TITLE: Final = 120
LONGEST_TEXT: Final = 8_000
MOST_LINKS: Final = 20
MOST_BYTES: Final = 4 * 1024 * 1024
LONGEST_NAME: Final = 120


@dataclass(frozen=True, slots=True)
class Subject:
    """What a note is about. name: None where the dictionary no longer has it."""

    about: About
    code: str
    name: Text | None


@dataclass(frozen=True, slots=True)
class NoteRow:
    """A note with its subject."""

    note: Note
    subject: Subject


@dataclass(frozen=True, slots=True)
class NotesQuery:
    """Which notes. q: words that all have to stand in title, text, file name, or code or name of the subject."""

    q: str = ""
    about: About | None = None
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class NotesPage:
    """Notes, newest first. subject: where they are all about one. may_write: whether the viewer writes notes."""

    rows: tuple[NoteRow, ...]
    subject: Subject | None
    may_write: bool


@dataclass(frozen=True, slots=True)
class Written:
    """A note as somebody wants to write it. links: lines of title, blank, address. file: name and content."""

    about: str
    subject: str
    kind: str
    title: str
    text: str = ""
    links: tuple[str, ...] = ()
    file: tuple[str, bytes] | None = None


@dataclass(frozen=True, slots=True)
class KnowledgeDesk:
    """The notes of a workspace."""

    cases: CaseDesk

    def page(self, viewer: Viewer, query: NotesQuery) -> NotesPage:
        """Notes that a viewer may read; InputError KNW008 for a subject that nobody has and no note is on."""
        store = self.cases.library.place.store.notes
        if query.about is not None and query.subject is not None:
            found = store.of(query.about, query.subject)
            subject = self._subject(viewer, query.about, query.subject)
            if subject is None or (subject.name is None and not found):
                raise InputError(Issue("KNW008", f"{query.about} {query.subject[:64]}"))
        else:
            found, subject = store.all(), None
        rows = tuple(each for each in self._rows(viewer, found) if _fits(each, query))
        return NotesPage(rows, subject, viewer.may("act"))

    def _rows(self, viewer: Viewer, notes: tuple[Note, ...]) -> Iterator[NoteRow]:
        known: dict[tuple[About, str], Subject | None] = {}
        for each in notes:
            at = (each.about, each.subject)
            if at not in known:
                known[at] = self._subject(viewer, *at)
            subject = known[at]
            if subject is not None:
                yield NoteRow(each, subject)

    def _subject(self, viewer: Viewer, about: About, code: str) -> Subject | None:
        """A subject; None for a case that does not exist for the viewer."""
        catalogue = self.cases.library.place.catalogue
        if about == "case":
            title = self._title(viewer, code)
            return None if title is None else Subject(about, code, Text(zh=title, en=title))
        declared = catalogue.indicators.get(code) if about == "indicator" else catalogue.processes.get(code)
        return Subject(about, code, None if declared is None else declared.name)

    def _title(self, viewer: Viewer, code: str) -> str | None:
        if not (code.isascii() and code.isdigit() and len(code) <= 9):
            return None
        try:
            return self.cases.looking(viewer).page(int(code)).content.title
        except InputError:
            return None

    def write(self, viewer: Viewer, asked: Written) -> Note:
        """Write a note; InputError KNW001, KNW004 to KNW009 with everything that is wrong, AccessError ACC001."""
        viewer.require("act")
        issues, links = list(_issues(asked)), tuple(_links(asked.links))
        if asked.about not in ABOUT:
            issues.append(
                Issue("KNW009", "about", params={"value": asked.about[:40] or "–", "known": ", ".join(ABOUT)})
            )
        else:
            subject = self._subject(viewer, asked.about, asked.subject)
            if subject is None or subject.name is None:
                issues.append(Issue("KNW008", f"{asked.about} {asked.subject[:64]}".strip()))
        if asked.kind not in KINDS:
            issues.append(Issue("KNW009", "kind", params={"value": asked.kind[:40] or "–", "known": ", ".join(KINDS)}))
        if asked.kind == "document" and not links and asked.file is None:
            issues.append(Issue("KNW001", "file"))
        if issues:
            raise InputError(issues)
        file = None if asked.file is None else NoteFile(asked.file[0], asked.file[1])
        new = NewNote(
            about=cast("About", asked.about),
            subject=asked.subject,
            kind=cast("NoteKind", asked.kind),
            title=tidy_lines(asked.title),
            text=tidy_lines(asked.text),
            links=links,
            file=file,
        )
        return self.cases.library.place.store.notes.add(new, by=viewer.login)

    def withdraw(self, viewer: Viewer, number: int, why: str) -> Note:
        """Withdraw a note; InputError KNW001 without a reason, KNW002, KNW003, AccessError ACC001."""
        viewer.require("act")
        self._readable(viewer, number)
        text = tidy_lines(why)
        issues = list(_bounded("why", text, LONGEST_TITLE, needed=True))
        if issues:
            raise InputError(issues)
        return self.cases.library.place.store.notes.withdraw(number, by=viewer.login, why=text)

    def file(self, viewer: Viewer, number: int) -> NoteFile:
        """The file of a note that the viewer may read; InputError KNW002."""
        self._readable(viewer, number)
        return self.cases.library.place.store.notes.file(number)

    def _readable(self, viewer: Viewer, number: int) -> None:
        note = self.cases.library.place.store.notes.get(number)
        if self._subject(viewer, note.about, note.subject) is None:
            raise InputError(Issue("KNW002", str(number)))


def _fits(row: NoteRow, query: NotesQuery) -> bool:
    if query.about is not None and row.note.about != query.about:
        return False
    name = row.subject.name
    texts = (row.note.title, row.note.text, row.note.file_name, row.subject.code, *((name.zh, name.en) if name else ()))
    whole = "\n".join(texts).casefold()
    return all(word in whole for word in query.q.casefold().split())


def _issues(asked: Written) -> Iterator[Issue]:
    yield from _bounded("title", asked.title, LONGEST_TITLE, needed=True)
    yield from _bounded("text", asked.text, LONGEST_TEXT, needed=asked.kind in ("reason", "decision"))
    if len(asked.links) > MOST_LINKS:
        yield Issue("KNW004", "links", params={"most": str(MOST_LINKS)})
    for line in asked.links:
        title, _, target = line.strip().rpartition(" ")
        if not title.strip() or not is_address(target) or len(title) > LONGEST_TITLE:
            yield Issue("KNW006", "links", params={"value": "****" if names_somebody(line) else line[:80]})
        elif names_somebody(line):
            yield Issue("KNW005", "links")
    if asked.file is not None:
        name, content = asked.file
        yield from _bounded("file", name, LONGEST_NAME, needed=True)
        if len(content) > MOST_BYTES:
            told = {"size": f"{len(content) / 1048576:.1f}", "most": str(MOST_BYTES // 1048576)}
            yield Issue("KNW007", "file", params=told)
        if not content:
            yield Issue("KNW001", "file")


def _links(lines: tuple[str, ...]) -> Iterator[NoteLink]:
    for line in lines:
        title, _, target = line.strip().rpartition(" ")
        yield NoteLink(title.strip(), target)


def _bounded(name: str, text: str, most: int, *, needed: bool) -> Iterator[Issue]:
    if needed and not text.strip():
        yield Issue("KNW001", name)
    if len(text) > most:
        yield Issue("KNW004", name, params={"most": str(most)})
    if names_somebody(text):
        yield Issue("KNW005", name)
