"""Notes as rows: a reason, a decision or a document on an indicator, a process or a case (S000-106).

A note stands as it was written. Who finds it wrong withdraws it with a reason and writes another; both stay readable.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args

import sqlalchemy as sa

from ganzhi.base.clock import Clock
from ganzhi.base.errors import InputError, Issue
from ganzhi.store.accounts.acts import Act, perform
from ganzhi.store.columns import check_text
from ganzhi.store.database import Database
from ganzhi.store.notes.reports import KeptReports, ReportFacts, add_report
from ganzhi.store.notes.tables import NoteFileRow, NoteRow

About = Literal["indicator", "process", "case", "report"]
NoteKind = Literal["reason", "decision", "document"]
ABOUT: tuple[About, ...] = ("indicator", "process", "case")
"""What people write notes on; a note about a report is the report itself (see `reports`)."""
KINDS: tuple[NoteKind, ...] = get_args(NoteKind)


@dataclass(frozen=True, slots=True)
class NoteLink:
    """A document that lies elsewhere. target: an address of the web, or of a page here."""

    title: str
    target: str


@dataclass(frozen=True, slots=True)
class NoteFile:
    """A file that is kept with a note."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class NewNote:
    """A note to be written. subject: code of the indicator or process, number of the case, unit of the report. report: with
    a report that was brought in."""

    about: About
    subject: str
    kind: NoteKind
    title: str
    text: str = ""
    links: tuple[NoteLink, ...] = ()
    file: NoteFile | None = None
    report: ReportFacts | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """A note. number: counts the notes of a store, from 1. file_name: empty without a file; file_digest: its SHA-256."""

    number: int
    about: About
    subject: str
    kind: NoteKind
    title: str
    text: str
    made_at: datetime
    made_by: str
    links: tuple[NoteLink, ...] = ()
    file_name: str = ""
    file_size: int = 0
    file_digest: str = field(default="", repr=False)
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None
    withdrawn_why: str = ""

    @property
    def stands(self) -> bool:
        """Whether nobody has withdrawn it."""
        return self.withdrawn_at is None


class Notes:
    """The notes of one store."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self.reports = KeptReports(database)

    def add(self, new: NewNote, *, by: str) -> Note:
        """Write a note down, with its entry in the audit trail; InputError REQ027 without an author."""
        now, made = self._clock.now(), list[int]()
        content = b"" if new.file is None else new.file.content
        digest = "" if new.file is None else hashlib.sha256(content).hexdigest()
        name = "" if new.file is None else new.file.name
        for text in (new.subject, new.title, new.text, name, (new.report and new.report.text) or ""):
            check_text(text)
        values: dict[str, Any] = {
            "about": new.about, "subject": new.subject, "kind": new.kind, "title": new.title, "text": new.text,
            "links": {"links": [{"title": each.title, "target": each.target} for each in new.links]},
            "file_name": name, "file_size": len(content), "file_digest": digest, "made_at": now, "made_by": by.strip(),
            "withdrawn_at": None, "withdrawn_by": None, "withdrawn_why": "",
        }  # fmt: skip

        def work(connection: sa.Connection) -> None:
            number = (connection.scalar(sa.select(sa.func.max(NoteRow.number))) or 0) + 1
            connection.execute(sa.insert(NoteRow).values(number=number, **values))
            if new.file is not None:
                connection.execute(sa.insert(NoteFileRow).values(note=number, content=content))
            if new.report is not None:
                add_report(connection, number, new.report)
            made[:] = [number]

        detail: dict[str, object] = {"kind": new.kind, "title": new.title}
        if digest:
            detail |= {"file": name, "sha256": digest}
        perform(self._database, Act(by, now, "note.add", f"{new.about} {new.subject}", detail), work)
        return self.get(made[0]) if made else self._last_of(new, by)

    def _last_of(self, new: NewNote, by: str) -> Note:
        """The note that was committed although the connection broke before it was told."""
        found = [each for each in self.of(new.about, new.subject) if each.made_by == by.strip()]
        return next(each for each in found if each.title == new.title)

    def withdraw(self, number: int, *, by: str, why: str) -> Note:
        """Withdraw a note that stands; InputError KNW002 for none, KNW003 for one that was withdrawn before."""
        now = self._clock.now()
        note = self.get(number)

        def work(connection: sa.Connection) -> None:
            of = sa.and_(NoteRow.number == number, NoteRow.withdrawn_at.is_(None))
            values = {"withdrawn_at": now, "withdrawn_by": by.strip(), "withdrawn_why": why}
            if connection.execute(sa.update(NoteRow).where(of).values(**values)).rowcount != 1:
                raise InputError(Issue("KNW003", str(number)))

        detail: dict[str, object] = {"number": number, "why": why}
        perform(self._database, Act(by, now, "note.withdraw", f"{note.about} {note.subject}", detail), work)
        return self.get(number)

    def get(self, number: int) -> Note:
        """The note with this number; InputError KNW002."""
        with self._database.read() as connection:
            row = connection.execute(_query().where(NoteRow.number == number)).one_or_none()
        if row is None:
            raise InputError(Issue("KNW002", str(number)))
        return _note(row)

    def file(self, number: int) -> NoteFile:
        """The file of a note; InputError KNW002 where there is none."""
        note = self.get(number)
        with self._database.read() as connection:
            content = connection.scalar(sa.select(NoteFileRow.content).where(NoteFileRow.note == number))
        if content is None:
            raise InputError(Issue("KNW002", str(number)))
        return NoteFile(note.file_name, bytes(content))

    def of(self, about: About, subject: str) -> tuple[Note, ...]:
        """The notes on a subject, newest first."""
        return self._read(_query().where(NoteRow.about == about, NoteRow.subject == subject))

    def all(self) -> tuple[Note, ...]:
        """All notes, newest first; without those that are reports."""
        return self._read(_query().where(NoteRow.about != "report"))

    def some(self, numbers: Sequence[int]) -> tuple[Note, ...]:
        """The notes with these numbers, newest first."""
        return self._read(_query().where(NoteRow.number.in_(sorted(set(numbers)))))

    def _read(self, query: sa.Select[Any]) -> tuple[Note, ...]:
        with self._database.read() as connection:
            return tuple(_note(row) for row in connection.execute(query.order_by(NoteRow.number.desc())))


def _query() -> sa.Select[Any]:
    return sa.select(*(getattr(NoteRow, name) for name in Note.__slots__))


def _note(row: sa.Row[Any]) -> Note:
    kept = row._asdict()
    links: Sequence[Any] = kept.pop("links")["links"]
    return Note(**kept, links=tuple(NoteLink(**each) for each in links))
