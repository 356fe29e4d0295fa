"""Reports that were brought in: a note with its file, and beside it of which kind, unit and period it is and what it says.

The text is kept with personal numbers covered; it is there to be searched, the file is what was handed in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import sqlalchemy as sa

from ganzhi.store.database import Database
from ganzhi.store.notes.tables import NoteReportRow, NoteRow


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """Of a report. sort: its kind. period: the text form. text: what it says; None where its file has none to be read."""

    sort: str
    unit: str
    period: str
    first_day: date
    text: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReportHead:
    """A report without its text. note: the number of its note. readable: whether there is a text. found: whether the words
    looked for stand in it."""

    note: int
    sort: str
    unit: str
    period: str
    first_day: date
    readable: bool
    found: bool


def add_report(connection: sa.Connection, note: int, facts: ReportFacts) -> None:
    """Write down what a note says of its report, in the caller's transaction."""
    values = {name: getattr(facts, name) for name in ReportFacts.__slots__}
    connection.execute(sa.insert(NoteReportRow).values(note=note, **values))


class KeptReports:
    """Reads the reports of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def heads(self, words: Sequence[str] = ()) -> tuple[ReportHead, ...]:
        """All reports, the latest period first. words: all have to stand in a text for it to be `found`."""
        found = [NoteReportRow.text.icontains(word, autoescape=True) for word in words]
        columns = (
            *(getattr(NoteReportRow, name) for name in ReportHead.__slots__[:5]),
            NoteReportRow.text.is_not(None).label("readable"),
            (sa.func.coalesce(sa.and_(*found), sa.false()) if found else sa.false()).label("found"),
        )
        query = sa.select(*columns).order_by(NoteReportRow.first_day.desc(), NoteReportRow.note.desc())
        with self._database.read() as connection:
            return tuple(
                ReportHead(row[0], row[1], row[2], row[3], row[4], bool(row[5]), bool(row[6]))
                for row in connection.execute(query)
            )

    def text(self, note: int) -> str | None:
        """The text of a report; None where there is none."""
        with self._database.read() as connection:
            return connection.scalar(sa.select(NoteReportRow.text).where(NoteReportRow.note == note))

    def standing(self, sort: str, unit: str, period: str, digest: str) -> int | None:
        """The note that keeps this very file for that kind, unit and period and was not withdrawn; None for none."""
        query = (
            sa.select(NoteReportRow.note)
            .join(NoteRow, NoteRow.number == NoteReportRow.note)
            .where(
                NoteReportRow.sort == sort,
                NoteReportRow.unit == unit,
                NoteReportRow.period == period,
                NoteRow.file_digest == digest,
                NoteRow.withdrawn_at.is_(None),
            )
        )
        with self._database.read() as connection:
            return connection.scalar(query.order_by(NoteReportRow.note))
