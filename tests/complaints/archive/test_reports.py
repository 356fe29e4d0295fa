"""Earlier reports: brought in many at once or not at all, found by what they say, opened and withdrawn within rights."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.sax.saxutils import escape

import openpyxl
import pytest

from ganzhi.access.rights import AccessError
from ganzhi.base.errors import InputError, Issue
from ganzhi.base.messages import LANGS, cause, remedy
from ganzhi.complaints.archive.desk import ArchiveDesk, ArchiveQuery
from ganzhi.complaints.archive.naming import Box, box_of_folder, box_of_zip, given_of
from ganzhi.complaints.archive.text import text_of
from tests.complaints.cases.shelf import ANN, Shelf, named, shelf, store_template, viewer

__all__ = ["shelf", "store_template"]

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
UNITS = {
    "all": SimpleNamespace(name=named("全省"), level="province", parent=None),
    "north": SimpleNamespace(name=named("北区"), level="city", parent="all"),
    "south": SimpleNamespace(name=named("南区"), level="city", parent="all"),
}


def docx(*paragraphs: str) -> bytes:
    """A document of Word's own shape: runs within paragraphs."""
    runs = "".join(f"<w:p><w:r><w:t>{escape(p[:2])}</w:t></w:r><w:r><w:t>{escape(p[2:])}</w:t></w:r></w:p>" for p in paragraphs)  # fmt: skip
    return packed({"word/document.xml": f'<w:document xmlns:w="{W}"><w:body>{runs}</w:body></w:document>'.encode()})


def packed(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def xlsx(*rows: tuple[str | int, ...]) -> bytes:
    book, stream = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        assert book.active is not None
        book.active.append(row)
    book.save(stream)
    return stream.getvalue()


FILES = {
    "2009/三月.docx": docx("充值投诉上升 31%", "客户13812345521反映短信迟到"),
    "w12.xlsx": xlsx(("原因", "件数"), ("短信内容不清", 42)),
    "彩铃.txt": "彩铃重复计费".encode("gb18030"),
    "扫描.pdf": b"%PDF-1.4 \xff",
}
LIST = """文件,类型,单位,周期,标题
2009/三月.docx,投诉月专题分析,全省,2009年3月,三月分析
w12.xlsx,weekly,north,2009-W12,
彩铃.txt,专题,south,2009年一季度,彩铃
扫描.pdf,special,all,2009,年度
"""


@pytest.fixture
def desk(shelf: Shelf) -> ArchiveDesk:
    place: Any = shelf.library.place
    place.catalogue.__dict__.update(units=UNITS, root_unit="all")
    return ArchiveDesk(place)


def laid(folder: Path, files: dict[str, bytes]) -> Box:
    folder = folder / "in"
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return box_of_folder(folder)


@pytest.mark.requirement("S000-102")
def test_a_folder_with_its_list_goes_in_once_and_is_found_by_what_it_says(desk: ArchiveDesk, tmp_path: Path) -> None:
    given, issues = given_of(laid(tmp_path, FILES | {"清单.csv": LIST.encode("gb18030")}))
    assert issues == []
    would = desk.bring_in(ANN, given, dry=True)
    assert [(each.number, each.state) for each in would] == [(None, "new")] * 4
    assert desk.page(ANN, ArchiveQuery()).rows == ()
    made = desk.bring_in(ANN, given)
    assert [each.readable for each in made] == [True, True, True, False]
    kept = {row.note.file_name: row for row in desk.page(ANN, ArchiveQuery()).rows}
    assert {name: (row.head.sort, row.head.unit, row.head.period) for name, row in kept.items()} == {
        "三月.docx": ("monthly", "all", "2009-03"),
        "w12.xlsx": ("weekly", "north", "2009-W12"),
        "彩铃.txt": ("special", "south", "2009-Q1"),
        "扫描.pdf": ("special", "all", "2009"),
    }
    for q, files in (
        ("短信", {"三月.docx", "w12.xlsx"}),
        ("短信 ３１%", {"三月.docx"}),
        ("年度", {"扫描.pdf"}),
        ("固话", set()),
    ):
        assert {row.note.file_name for row in desk.page(ANN, ArchiveQuery(q)).rows} == files, q
    for row in kept.values():
        original = next(content for name, content in FILES.items() if name.endswith(row.note.file_name))
        assert desk.file(ANN, row.note.number).content == original
    again = desk.bring_in(ANN, given)
    assert [(each.state, each.number) for each in again] == [("already", each.number) for each in made]
    assert len(desk.page(ANN, ArchiveQuery()).rows) == 4


def test_numbers_of_customers_are_covered_and_rights_hold(desk: ArchiveDesk, shelf: Shelf, tmp_path: Path) -> None:
    made = desk.bring_in(ANN, given_of(laid(tmp_path, FILES | {"清单.csv": LIST.encode()}))[0])
    (row,) = desk.page(ANN, ArchiveQuery("反映")).rows
    assert "138****5521" in row.excerpt
    assert "13812345521" not in (shelf.store.notes.reports.text(row.note.number) or "")
    assert desk.page(ANN, ArchiveQuery("13812345521")).rows == ()
    south, leader = viewer("handler", "south"), viewer("leader")
    assert [each.note.file_name for each in desk.page(south, ArchiveQuery()).rows] == ["彩铃.txt"]
    numbers = {each.given.file: each.number for each in made}
    foreign = numbers["w12.xlsx"]
    assert foreign is not None
    for refused in (lambda: desk.file(south, foreign), lambda: desk.withdraw(south, foreign, "x")):
        with pytest.raises(InputError, match="KNW002"):
            refused()
    assert (leader.may("dynamic"), leader.may("list")) == (True, False)
    assert {each.excerpt for each in desk.page(leader, ArchiveQuery("短信")).rows} == {""}
    with pytest.raises(AccessError):
        desk.file(leader, foreign)
    with pytest.raises(AccessError):
        desk.bring_in(leader, [])
    desk.file(ANN, foreign)
    opened = [(each.actor, each.subject) for each in shelf.store.audit.entries() if each.act == "report.open"]
    assert opened == [("ann", f"report {foreign}")]
    desk.withdraw(ANN, foreign, "交错了")
    page = desk.page(ANN, ArchiveQuery())
    assert [row.note.number for row in page.rows if not row.note.stands] == [foreign] == [page.rows[-1].note.number]
    shelf.store.notes.get(foreign)
    back = desk.bring_in(ANN, given_of(box_of_folder(tmp_path / "in"))[0])
    assert [each.state for each in back] == ["already", "new", "already", "already"]


def test_all_that_is_wrong_is_said_at_once_and_nothing_is_kept(desk: ArchiveDesk, tmp_path: Path) -> None:
    rows = (
        "ok.txt,monthly,all,2009-03,好",
        "none.txt,monthly,all,2009-03,缺",
        "../ok.txt,monthly,all,2009-03,外",
        "ok.txt,monthly,all,2009-03,又",
        "b.docx,minutes,nowhere,March,x13812345521",
        "c.txt,weekly,north,2009-03,",
        "d.exe,special,all,2009,d",
        "e.pdf,special,all,2009,e",
        "f.txt,special,all,2009,f",
    )
    files = {
        "manifest.csv": "\n".join(("file,kind,unit,period,title", *rows)).encode(),
        "ok.txt": "好".encode(), "b.docx": b"no archive", "c.txt": b"c", "d.exe": b"MZ", "e.pdf": b"PK", "f.txt": b"",
        "g.txt": b"unnamed",
    }  # fmt: skip
    given, issues = given_of(laid(tmp_path, files))
    with pytest.raises(InputError) as refused:
        desk.bring_in(ANN, given, issues)
    told = {(each.code, str(each.at), each.subject) for each in refused.value.issues}
    line = "manifest.csv:{}".format
    assert told == {
        ("HIS006", line(3), "file"), ("HIS006", line(4), "file"), ("HIS012", line(5), "file"),
        ("HIS003", line(6), "kind"), ("HIS004", line(6), "unit"), ("HIS011", line(6), "period"), ("KNW005", line(6), "title"),
        ("HIS009", line(6), "b.docx"), ("HIS005", line(7), "period"), ("HIS007", line(8), "d.exe"), ("HIS009", line(9), "e.pdf"),
        ("HIS008", line(10), "file"), ("HIS010", "g.txt", "g.txt"),
    }  # fmt: skip
    for lang in LANGS:
        for each in refused.value.issues:
            assert "{" not in cause(lang, each) + remedy(lang, each)
            assert "13812345521" not in cause(lang, each) + remedy(lang, each)
    assert desk.page(ANN, ArchiveQuery()).rows == ()


def test_names_say_it_where_there_is_no_list_in_folders_and_archives(desk: ArchiveDesk) -> None:
    archive = packed({"x/monthly_north_2009-05_五月.txt": "五月".encode(), "weekly_all_2009-W20.md": b"# w"})
    given, issues = given_of(box_of_zip("alt.zip", archive))
    assert issues == []
    assert [(each.file, each.title) for each in given] == [
        ("x/monthly_north_2009-05_五月.txt", "五月"),
        ("weekly_all_2009-W20.md", "weekly_all_2009-W20"),
    ]
    assert [each.state for each in desk.bring_in(ANN, given)] == ["new", "new"]
    _, issues = given_of(box_of_zip("alt.zip", packed({"minutes.txt": b"x"})))
    assert issues == [Issue("HIS010", "minutes.txt", issues[0].at, {"list": "manifest.csv"})]
    for content in (b"no zip", packed({})):
        with pytest.raises(InputError, match=r"HIS009|HIS001"):
            box_of_zip("x.zip", content)


def test_what_is_no_document_is_refused_and_what_declares_entities(tmp_path: Path) -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><w:document xmlns:w="' + W.encode() + b'"/>'
    for name, content in (
        ("a.docx", packed({"word/document.xml": bomb})),
        ("a.docx", packed({"other.xml": b"<a/>"})),
        ("a.docx", packed({"word/document.xml": b"<w:p"})),
        ("a.xlsx", packed({"other.xml": b"<a/>"})),
        ("a.txt", b"\xff\xfe\x00"),
        ("a.doc", b"PK"),
    ):
        with pytest.raises(InputError, match="HIS009"):
            text_of(name, content)
    assert text_of("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") is None
    assert text_of("a.txt", "一\x00\n\n二\ufffe".encode()) == "一\n二"
