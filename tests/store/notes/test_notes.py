"""Notes: kept with their file and their entry in the trail, never changed, withdrawn once."""

from __future__ import annotations

import hashlib
from datetime import date

import pytest
import sqlalchemy as sa

from ganzhi.base.errors import InputError
from ganzhi.store.database import connect
from ganzhi.store.migrations.run import upgrade
from ganzhi.store.notes.notes import NewNote, NoteFile, NoteLink
from ganzhi.store.notes.reports import ReportFacts
from tests.store.conftest import Opener

FILE = NoteFile("纪要.pdf", bytes(range(256)) * 9)


def test_a_note_is_kept_with_its_file_and_withdrawn_once(url: str, opened: Opener) -> None:
    notes = opened(url).notes
    links = (NoteLink("口径会议", "https://wiki.example/metrics/7"),)
    first = notes.add(NewNote("indicator", "pay.quick", "decision", "门限改为 95", "一季度起", links, FILE), by="li")
    second = notes.add(NewNote("process", "pay", "reason", "为何分两段"), by="wang")
    assert [each.number for each in (first, second)] == [1, 2]
    assert notes.of("indicator", "pay.quick") == (first,)
    assert notes.of("process", "pay.quick") == ()
    assert (first.links, first.made_by, first.stands) == (links, "li", True)
    assert (first.file_name, first.file_size) == (FILE.name, len(FILE.content))
    assert first.file_digest == hashlib.sha256(FILE.content).hexdigest()

    store = opened(url)
    assert store.notes.file(1) == FILE
    for number in (2, 3):
        with pytest.raises(InputError, match="KNW002"):
            store.notes.file(number)
    gone = store.notes.withdraw(1, by="wang", why="已有新口径")
    assert (gone.title, gone.withdrawn_by, gone.withdrawn_why) == (first.title, "wang", "已有新口径")
    with pytest.raises(InputError, match="KNW003"):
        store.notes.withdraw(1, by="li", why="x")
    assert notes.all() == (second, gone)
    trail = [(each.actor, each.act, each.subject) for each in store.audit.entries() if each.act.startswith("note.")]
    assert sorted(trail) == [
        ("li", "note.add", "indicator pay.quick"),
        ("wang", "note.add", "process pay"),
        ("wang", "note.withdraw", "indicator pay.quick"),
    ]


def test_the_tables_refuse_what_is_no_note(url: str, opened: Opener) -> None:
    store = opened(url)
    store.notes.add(NewNote("case", "1", "document", "附件", file=FILE), by="li")
    for change in ("about = 'person'", "kind = 'rumour'", "withdrawn_by = 'li'"):
        with store.database.write() as connection, pytest.raises(sa.exc.IntegrityError):
            connection.execute(sa.text(f"UPDATE knowledge_notes SET {change}"))
    with pytest.raises(InputError, match="REQ027"):
        store.notes.add(NewNote("case", "1", "reason", "x"), by=" ")
    assert len(store.notes.all()) == 1


def test_a_report_is_a_note_that_is_found_by_what_it_says(url: str, opened: Opener) -> None:
    notes = opened(url).notes

    def report(sort: str, period: str, day: date, text: str | None, unit: str = "all") -> int:
        facts = ReportFacts(sort, unit, period, day, text)
        return notes.add(NewNote("report", unit, "document", period, file=FILE, report=facts), by="li").number

    first = report("monthly", "2009-03", date(2009, 3, 1), "短信投诉 100%_ 上升\nSMS late")
    second = report("weekly", "2009-W20", date(2009, 5, 11), None, "north")
    notes.add(NewNote("case", "1", "document", "附件", file=FILE), by="li")
    assert [each.note for each in notes.reports.heads()] == [second, first]
    assert [each.readable for each in notes.reports.heads()] == [False, True]
    for words, hit in ((("短信", "sms"), True), (("100%_",), True), (("1%上",), False), (("短信", "宽带"), False)):
        assert [each.note for each in notes.reports.heads(words) if each.found] == ([first] if hit else [])
    assert notes.reports.text(first) == "短信投诉 100%_ 上升\nSMS late"
    assert notes.reports.text(second) is None
    digest = hashlib.sha256(FILE.content).hexdigest()
    assert notes.reports.standing("monthly", "all", "2009-03", digest) == first
    notes.withdraw(first, by="li", why="x")
    assert notes.reports.standing("monthly", "all", "2009-03", digest) is None
    assert [each.about for each in notes.all()] == ["case"]
    assert [each.number for each in notes.some((first, second, 99))] == [second, first]


def test_notes_and_their_files_stay_when_reports_join_them(empty_url: str, opened: Opener) -> None:
    database = connect(empty_url)
    upgrade(database, "0014")
    written = (
        "INSERT INTO knowledge_notes (number, about, subject, kind, title, text, links, file_name, file_size, file_digest,"
        " made_at, made_by, withdrawn_why) VALUES (7, 'case', '1', 'document', '附件', '', '{\"links\": []}', 'a.pdf', 3,"
        " 'd', :at, 'li', '')"
    )
    with database.write() as connection:
        connection.execute(sa.text(written), {"at": "2026-11-01T00:00:00.000000Z"})
        connection.execute(
            sa.text("INSERT INTO knowledge_files (note, content) VALUES (7, :content)"), {"content": b"abc"}
        )
    database.close()
    store = opened(empty_url)
    assert store.notes.file(7) == NoteFile("a.pdf", b"abc")
    assert [each.subject for each in store.notes.of("case", "1")] == ["1"]
    facts = ReportFacts("weekly", "all", "2009-W20", date(2009, 5, 11), None)
    assert store.notes.add(NewNote("report", "all", "document", "x", file=FILE, report=facts), by="li").number == 8
    with store.database.write() as connection, pytest.raises(sa.exc.IntegrityError):
        connection.execute(
            sa.text("INSERT INTO knowledge_files (note, content) VALUES (9, :content)"), {"content": b"abc"}
        )
