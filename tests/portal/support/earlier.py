"""Earlier reports over the fake house: one that can be searched, one that is only kept, one that was withdrawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.model.parts import Text
from ganzhi.complaints.archive.desk import ArchivePage, ArchiveQuery, ArchiveRow, Brought
from ganzhi.complaints.archive.naming import Given
from ganzhi.portal.ports.reports import ArchivePorts
from ganzhi.store.notes.notes import Note, NoteFile
from ganzhi.store.notes.reports import ReportHead
from tests.portal import numbers as n

FILE = NoteFile("三月投诉分析.docx", b"PK nothing")


class Earlier:
    """Answers the ports in a variant of the fake house; what is done changes nothing."""

    def __init__(self, variant: str, named: Callable[[Text], Text]) -> None:
        self.variant, self._named = variant, named

    def ports(self) -> ArchivePorts:
        return ArchivePorts(
            page=self._page,
            bring_in=self._bring_in,
            withdraw=lambda number, _why: self._row(number).note,
            file=self._file,
            name=lambda number: self._file(number).name,
        )

    def _said(self, text: str) -> str:
        return f'{text} "><script>alert(1)</script>' if self.variant == "hostile" else text

    def _row(self, number: int) -> ArchiveRow:
        sort, period, title, day = {
            3: ("monthly", "1999-01", "一月投诉分析", date(1999, 1, 1)),
            2: ("special", "1998-Q4", "宽带障碍专题（扫描件）", date(1998, 10, 1)),
            1: ("weekly", "1998-W40", "第40周质量投诉", date(1998, 9, 28)),
        }[number]
        gone = (n.NOW, "wang.wei", self._said("交错了文件")) if number == 1 else (None, None, "")
        made = (n.NOW - timedelta(days=9), "li.na")
        note = Note(number, "report", "AB", "document", self._said(title), "", *made, (), FILE.name, 4096, "0" * 64, *gone)  # fmt: skip
        head = ReportHead(number, sort, "AB", period, day, readable=number != 2, found=number == 3)
        unit = None if number == 1 else self._named(n.text("全省", "Province"))
        excerpt = self._said("…短信投诉上升 31%，客户138****5521…") if number == 3 else ""
        return ArchiveRow(note, head, unit, excerpt)

    def _page(self, query: ArchiveQuery) -> ArchivePage:
        rows = () if self.variant == "empty" else tuple(self._row(number) for number in (3, 2, 1))
        kept = tuple(each for each in rows if query.sort in (None, each.head.sort))
        units = {"AB": self._named(n.text("全省", "Province"))}
        return ArchivePage(kept, may_write=self.variant != "empty", may_open=self.variant != "hostile", units=units)

    def _bring_in(self, given: Sequence[Given], issues: Sequence[Issue], dry: bool) -> tuple[Brought, ...]:
        if issues or not given:
            raise InputError(issues or [Issue("KNW001", "file")])
        return tuple(Brought(each, None if dry else 4, "new", readable=True) for each in given)

    def _file(self, number: int) -> NoteFile:
        if number not in (1, 2, 3):
            raise InputError(Issue("KNW002", str(number)))
        return FILE
