"""Notes over the fake house: a decision with a file, a reason that was withdrawn, a document on a case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.model.parts import Text
from ganzhi.complaints.knowledge.desk import NoteRow, NotesPage, NotesQuery, Subject, Written
from ganzhi.portal.ports.cases import KnowledgePorts
from ganzhi.store.notes.notes import Note, NoteFile, NoteLink
from tests.portal import numbers as n

FILE = NoteFile("会议纪要.pdf", b"%PDF-1.4 nothing")
NAMES = {
    "indicator": n.text("及时充值率", "Quick payments"),
    "process": n.text("缴费", "Payment"),
    "case": n.text("验证码收不到 1", "验证码收不到 1"),
}
CODES = {"indicator": "pay.quick", "process": "pay", "case": "1"}


class Knowledge:
    """Answers the ports in a variant of the fake house; what is done changes nothing."""

    def __init__(self, variant: str, named: Callable[[Text], Text]) -> None:
        self.variant, self._named = variant, named

    def ports(self) -> KnowledgePorts:
        return KnowledgePorts(self._page, self._write, lambda number, _why: self._note(number), self._file)

    def _said(self, text: str) -> str:
        return f'{text} "><script>alert(1)</script>' if self.variant == "hostile" else text

    def _note(self, number: int) -> Note:
        links = (NoteLink(self._said("口径说明"), "/dictionary/pay.quick"), NoteLink("规范", "https://example.test/a"))
        made = (n.NOW - timedelta(days=number), "li.na")
        if number == 3:
            title, text = self._said("门限改为 95%"), self._said("一季度复盘后决定\n原为 90%")
            return Note(3, "indicator", "pay.quick", "decision", title, text, *made, links, FILE.name, 4096, "0" * 64)
        if number == 2:
            reason = Note(2, "process", "pay", "reason", self._said("为何分两段计时"), "系统不同", *made)
            why = self._said("已有新口径")
            return replace(reason, withdrawn_at=n.NOW, withdrawn_by="wang.wei", withdrawn_why=why)
        if number == 1:
            return Note(1, "case", "1", "document", self._said("处理口径"), "", *made, links)
        raise InputError(Issue("KNW002", str(number)))

    def _page(self, query: NotesQuery) -> NotesPage:
        notes = () if self.variant == "empty" else tuple(self._note(number) for number in (3, 2, 1))
        rows = tuple(
            NoteRow(each, Subject(each.about, each.subject, self._named(NAMES[each.about])))
            for each in notes
            if query.about in (None, each.about)
            and query.subject in (None, each.subject)
            and query.q in each.title + each.text
        )
        subject = None
        if query.about and query.subject:
            known = CODES[query.about] == query.subject
            subject = Subject(query.about, query.subject, self._named(NAMES[query.about]) if known else None)
        return NotesPage(rows, subject, may_write=True)

    def _write(self, asked: Written) -> Note:
        if not asked.title:
            raise InputError([Issue("KNW001", "title"), Issue("KNW005", "text")])
        return self._note(3)

    def _file(self, number: int) -> NoteFile:
        if number != 3:
            raise InputError(Issue("KNW002", str(number)))
        return FILE
