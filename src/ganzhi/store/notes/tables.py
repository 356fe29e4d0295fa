"""Tables of notes. Of a row only the withdrawal is ever written, once; a file never changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from ganzhi.store.models import STRICT, Base


class NoteRow(Base):
    """A note; see `notes.Note`."""

    __tablename__ = "knowledge_notes"
    __table_args__ = (
        sa.CheckConstraint("about IN ('indicator', 'process', 'case', 'report')", name="ck_knowledge_notes_about"),
        sa.CheckConstraint("kind IN ('reason', 'decision', 'document')", name="ck_knowledge_notes_kind"),
        sa.CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name="ck_knowledge_notes_withdrawn"),
        sa.Index("ix_knowledge_notes_subject", "about", "subject"),
        STRICT,
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    about: Mapped[str]
    subject: Mapped[str]
    kind: Mapped[str]
    title: Mapped[str]
    text: Mapped[str]
    links: Mapped[Mapping[str, object]]
    file_name: Mapped[str]
    file_size: Mapped[int]
    file_digest: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None]
    withdrawn_why: Mapped[str]


class NoteFileRow(Base):
    """The file of a note; see `notes.NoteFile`."""

    __tablename__ = "knowledge_files"
    __table_args__ = (
        sa.ForeignKeyConstraint(["note"], ["knowledge_notes.number"], name="fk_knowledge_files_note"),
        STRICT,
    )
    note: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[bytes] = mapped_column(sa.LargeBinary)


class NoteReportRow(Base):
    """What a note says of a report that was brought in; see `reports.ReportFacts`. text: NULL where its file has none that
    can be read."""

    __tablename__ = "knowledge_reports"
    __table_args__ = (
        sa.ForeignKeyConstraint(["note"], ["knowledge_notes.number"], name="fk_knowledge_reports_note"),
        sa.Index("ix_knowledge_reports_unit", "unit", "sort", "period"),
        STRICT,
    )
    note: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sort: Mapped[str]
    unit: Mapped[str]
    period: Mapped[str]
    first_day: Mapped[date]
    text: Mapped[str | None]
