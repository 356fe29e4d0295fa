"""Files that are refused as a whole: each with code, file, line, cause, remedy, and nothing else changed.

The numbers in the ids are those of the catalogue of bad inputs (F01 …).
"""

from __future__ import annotations

import gzip
import io
import os
import socket
import struct
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.messages import LANGS, cause, remedy
from tests.ingest.desk import HEADER, NOW, Desk, columns_with, csv, line

GOOD = csv(line(1), line(2))
EXCEL = {"format": {"kind": "excel"}}
PARQUET = {"format": {"kind": "parquet"}}
JSONL = {"format": {"kind": "jsonl"}}


def refusal(desk: Desk, content: bytes | Path, name: str = "visits.csv", **mapping: Any) -> Issue:
    """The first issue of a refused file, after a look that it is explained and that nothing else changed."""
    desk.use(mapping=mapping)
    path = content if isinstance(content, Path) else desk.file(name, content)
    before = desk.state()
    with pytest.raises(InputError) as caught:
        desk.load(path)
    for issue in caught.value.issues:
        for lang in LANGS:
            assert cause(lang, issue).strip()
            assert remedy(lang, issue).strip()
    assert desk.state().files == before.files
    assert desk.leftovers() == []
    issue = caught.value.issues[0]
    if issue.code not in ("ING001", "ING002", "ING003"):
        assert issue.at is not None
        assert issue.at.file.endswith(path.name)
        record = desk.workplace.store.ledger.loads(limit=1)[0]
        assert (record.state, record.read, record.accepted) == ("rejected", 0, 0)
        assert str(record.report["issues"]).count(issue.code)
    return issue


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def workbook(rows: list[list[Any]], *sheets: str) -> bytes:
    book = Workbook()
    names = sheets or ("data",)
    for name in names:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    del book["Sheet"]
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def parquet(table: pa.Table, tmp: Path) -> bytes:
    pq.write_table(table, tmp / "made.parquet")
    return (tmp / "made.parquet").read_bytes()


GBK = csv(line(1, note="服务很好"), line(2, note="等了很久")).decode().encode("gb18030")

TEXT_CASES: list[tuple[str, bytes, str, int]] = [
    ("F01 empty", b"", "ING004", 0),
    ("F03 only blank lines", b"\n\r\n  \n", "ING004", 0),
    ("F03 only a byte-order mark", b"\xef\xbb\xbf", "ING004", 0),
    ("F04 html page", b"<!DOCTYPE html>\n<html><body>login</body></html>", "ING005", 0),
    ("F04 login page with blanks", b"\r\n  <HTML>\n", "ING005", 0),
    ("F04 xml", b"<?xml version='1.0'?><a/>", "ING005", 0),
    ("F05 json", b'[{"id": 1}]', "ING005", 0),
    ("F05 zip", zipped({"a.csv": GOOD}), "ING005", 0),
    ("F05 png", b"\x89PNG\r\n\x1a\n\x00\x00", "ING005", 0),
    ("F05 parquet", b"PAR1....PAR1", "ING005", 0),
    ("F05 old excel", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 64, "ING005", 0),
    ("F05 html inside gz", gzip.compress(b"<html></html>"), "ING005", 0),
    ("F06 truncated gz", gzip.compress(GOOD)[:-9], "ING006", 0),
    ("F06 gz header only", gzip.compress(GOOD)[:12], "ING006", 0),
    ("F06 damaged gz", gzip.compress(GOOD)[:30] + b"\xff\xff\xff\xff" + gzip.compress(GOOD)[34:], "ING006", 0),
    ("F07 trailing garbage", gzip.compress(GOOD) + b"garbage", "ING007", 0),
    ("F01 empty gz", gzip.compress(b""), "ING004", 0),
    ("F11 gbk declared utf-8", GBK, "ING010", 2),
    ("F12 utf-16 declared utf-8", GOOD.decode().encode("utf-16"), "ING010", 1),
    ("F18 column missing", csv("v1", header="id"), "ING011", 1),
    ("F19 column renamed", csv(line(1), header=HEADER.replace("amount", "amuont")), "ING012", 1),
    ("F21 column twice", csv(line(1) + ",9", header=HEADER + ",id"), "ING013", 1),
    ("F24 tab instead of comma", GOOD.replace(b",", b"\t"), "ING015", 1),
    ("F24 pipe", GOOD.replace(b",", b"|"), "ING015", 1),
    ("F24 semicolon", GOOD.replace(b",", b";"), "ING015", 1),
    ("F24 full-width comma", GOOD.decode().replace(",", "，").encode(), "ING015", 1),
    ("F26 unclosed quote in the header", b'id,"at,hall\n' + b"1,2,3\n" * 9, "ING017", 1),
    ("F29 header of 2 MB", b"x" * 2_000_000 + b"\n1\n", "ING017", 1),
    ("F15 NUL in the header", b"id,at\0,hall\n1,2,3\n", "ING017", 1),
    ("F30 10,000 columns", (",".join(f"c{n}" for n in range(10_000)) + "\n").encode(), "ING016", 1),
]


@pytest.mark.requirement("S002-117")
@pytest.mark.parametrize(("content", "code", "at_line"), [c[1:] for c in TEXT_CASES], ids=[c[0] for c in TEXT_CASES])
def test_refuses_a_text_file(desk: Desk, content: bytes, code: str, at_line: int) -> None:
    desk.load(csv(line(9)), "before.csv")
    issue = refusal(desk, content)
    assert issue.code == code
    assert issue.at is not None
    assert issue.at.line == at_line


def test_names_what_the_file_is(desk: Desk) -> None:
    assert refusal(desk, zipped({"a": b"b"})).params["found"] == "zip"
    assert refusal(desk, b"\x89PNG\r\n\x1a\n\x00\x00").params["found"] == "PNG"
    assert refusal(desk, GOOD, **PARQUET).params["found"] == "text"


def test_suggests_the_renamed_column_the_delimiter_and_the_encoding(desk: Desk) -> None:
    assert refusal(desk, csv(line(1), header=HEADER.replace("amount", "Amout"))).params["near"] == "Amout"
    assert refusal(desk, GOOD.replace(b",", b"\t")).params["likely"] == "TAB"
    assert refusal(desk, GBK).params["likely"] == "gb18030"
    declared = {"format": {"encoding": "gb18030"}}
    utf8 = csv(line(1, note="服务很好"), line(2, note="等了很久"))
    assert refusal(desk, utf8, **declared).params["likely"] == "utf-8"
    assert refusal(desk, utf8, format={"encoding": "utf-16"}).params["likely"] == "utf-8"


def test_every_missing_column_is_reported_at_once(desk: Desk) -> None:
    desk.file("visits.csv", csv("v1", header="id"))
    with pytest.raises(InputError) as caught:
        desk.load(desk.root / "in" / "visits.csv")
    assert [issue.code for issue in caught.value.issues] == ["ING011"] * 6


def test_an_extra_column_refuses_only_a_closed_contract(desk: Desk) -> None:
    extra = csv(line(1) + ",x", header=HEADER + ",surplus")
    assert refusal(desk, extra, closed=True).code == "ING014"
    desk.use()
    report = desk.load(extra)
    assert report.accepted == 1
    assert [issue.code for issue in report.issues] == ["ING201"]


def _bomb(size_mb: int) -> bytes:
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb") as packed:
        packed.write(HEADER.encode() + b"\n")
        for _ in range(size_mb):
            packed.write(b"0" * (1 << 20))
    return out.getvalue()


def test_a_gz_bomb_is_refused_by_its_ratio(desk: Desk) -> None:
    assert refusal(desk, _bomb(300)).code == "ING009"


def test_a_gz_above_the_declared_size_is_refused(desk: Desk) -> None:
    assert refusal(desk, _bomb(3), format={"unpacked_limit_mb": 2}).code == "ING008"


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as each:
        here = Path.cwd()
        os.chdir(path.parent)
        try:
            each.bind(path.name)
        finally:
            os.chdir(here)


def _symlink(path: Path) -> None:
    (path.parent / "target.csv").write_bytes(GOOD)
    path.symlink_to(path.parent / "target.csv")


@pytest.mark.parametrize("make", [_fifo, _socket, _symlink, Path.mkdir], ids=["fifo", "socket", "link", "folder"])
def test_only_regular_files_are_opened(desk: Desk, make: Callable[[Path], None]) -> None:
    path = desk.root / "in" / "odd.csv"
    make(path)
    assert refusal(desk, path).code == "ING001"


def test_a_file_that_is_not_there_is_told(desk: Desk) -> None:
    assert refusal(desk, desk.root / "in" / "none.csv").code == "ING002"


@pytest.mark.parametrize(
    "name", ["a'b;--.csv", "*.csv", "?[x].csv", "100%.csv", "-rf", "表 格.csv", "\N{PILE OF POO}.csv", "x" * 250]
)
def test_names_mean_nothing_to_the_reader(desk: Desk, name: str) -> None:
    desk.file("visits.csv", csv(line(5)))
    assert desk.load(csv(line(1), line(2)), name).accepted == 2
    assert {row["id"] for row in desk.rows()} == {"v1", "v2"}


def test_a_name_that_is_not_text_is_shown_escaped(desk: Desk) -> None:
    path = Path(os.fsdecode(os.fsencode(desk.root / "in") + b"/\xff\n.csv"))
    path.write_bytes(GOOD)
    report = desk.load(path)
    assert report.accepted == 2
    assert report.file.endswith("/\\xff\\n.csv")


BIG_SHEET = {"xl/workbook.xml": b"<x/>", "xl/worksheets/sheet1.xml": b"0" * (80 << 20)}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (zipped(BIG_SHEET), "ING009"),
        (zipped({f"xl/{n}": b"" for n in range(3000)}), "ING019"),
        (zipped({"a.txt": b"x"}), "ING005"),
        (zipped({"xl/workbook.xml": b"<x/>"}), "ING020"),
        (workbook([["id"], ["v1"]])[:-40], "ING020"),
        (workbook([]), "ING004"),
        (workbook([HEADER.split(",")], "a", "b"), "ING018"),
        (workbook([["id", "at"]]), "ING011"),
        (zipped({"../x": b"", "/abs": b"", "C:\\x": b"", "xl/a": b"", "n" * 300: b""}), "ING020"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 encrypted", "ING005"),
    ],
    ids=[
        "F09 bomb",
        "F09 members",
        "F05 zip",
        "F55 no book",
        "F55 cut",
        "F55 empty",
        "F55 sheets",
        "F18",
        "F10",
        "F55",
    ],
)
def test_refuses_a_workbook(desk: Desk, content: bytes, code: str) -> None:
    assert refusal(desk, content, "visits.xlsx", **EXCEL).code == code
    assert not (desk.root / "x").exists()


def _visits_table(**columns: pa.Array) -> pa.Table:
    base = {name: pa.array(["1"]) for name in HEADER.split(",")}
    return pa.table({**base, **columns})


@pytest.mark.parametrize(
    "columns",
    [
        {"amount": pa.array([1.5])},
        {"amount": pa.array([["a"]])},
        {"at": pa.array([1], pa.timestamp("ns"))},
        {"at": pa.array([1], pa.timestamp("us", "UTC"))},
        {"fee": pa.array([1.5])},
        {"fee": pa.array([None], pa.decimal128(9, 3))},
        {"note": pa.array([1.5])},
    ],
)
def test_refuses_parquet_columns_that_cannot_carry_the_values(
    desk: Desk, tmp_path: Path, columns: dict[str, pa.Array]
) -> None:
    assert refusal(desk, parquet(_visits_table(**columns), tmp_path), **PARQUET).code == "ING021"


def test_refuses_a_parquet_file_at_its_footer(desk: Desk, tmp_path: Path) -> None:
    whole = parquet(_visits_table(), tmp_path)
    assert refusal(desk, whole[:-4], **PARQUET).code == "ING020"
    assert refusal(desk, whole[: len(whole) // 2], **PARQUET).code == "ING020"
    assert refusal(desk, whole[:-8] + struct.pack("<I", 1 << 30) + b"PAR1", **PARQUET).code == "ING020"
    assert refusal(desk, parquet(_visits_table().drop_columns(["kind"]), tmp_path), **PARQUET).code == "ING011"


def test_a_json_array_is_not_json_lines(desk: Desk) -> None:
    assert refusal(desk, b'[{"id": "1"}]\n', **JSONL).code == "ING026"


def test_the_ledger_takes_the_file_again_once_it_is_right(desk: Desk) -> None:
    assert refusal(desk, GBK).code == "ING010"
    desk.use(mapping={"format": {"encoding": "gb18030"}, "columns": columns_with()})
    assert desk.load(desk.root / "in" / "visits.csv").accepted == 2


class _MeddlingClock:
    """A clock that does something when it is read for the second time: the file has been read by then."""

    def __init__(self, act: Callable[[], object]) -> None:
        self._act = act
        self._read = 0

    def now(self) -> datetime:
        self._read += 1
        if self._read == 2:
            self._act()
        return NOW


def _grow(path: Path) -> None:
    with path.open("ab") as stream:
        stream.write(line(3).encode() + b"\n")


def _shrink(path: Path) -> None:
    os.truncate(path, 100)


def _replace(path: Path) -> None:
    other = path.with_suffix(".new")
    other.write_bytes(path.read_bytes())
    other.replace(path)


def _rewrite(path: Path) -> None:
    content = path.read_bytes().replace(b"v1", b"w1")
    with path.open("r+b") as stream:
        stream.write(content)
    os.utime(path, ns=(1, 1))


@pytest.mark.parametrize("act", [_grow, _shrink, _replace, _rewrite, Path.unlink])
def test_a_file_that_changes_while_it_is_read_is_put_back(desk: Desk, act: Callable[[Path], None]) -> None:
    path = desk.file("visits.csv", GOOD)
    before = desk.state()
    workplace, clock = desk.workplace, _MeddlingClock(lambda: act(path))
    desk.workplace = replace(workplace, clock=clock)
    with pytest.raises(InputError) as caught:
        desk.load(path)
    assert caught.value.issues[0].code == "ING003"
    assert desk.state() == before
