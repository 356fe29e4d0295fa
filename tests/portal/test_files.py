"""Files: raw numbers, harmless text, who took them and when, in csv, xlsx and json."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from datetime import date, datetime, time
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from ganzhi.base.cells import LONGEST_CELL, neutral
from ganzhi.base.errors import InputError
from ganzhi.portal.sheets import Book, Cell, Sheet, SheetColumn, csv_chunks, json_chunks, refuse_too_long, xlsx_chunks
from tests.portal.asking import TABLES, Portal
from tests.portal.fakes import FakeHouse

PAYLOADS = (
    "=1+1",
    '=HYPERLINK("http://x","y")',
    "+8613800000000",
    "-5",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\0=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠x",
    "  =1+1",
    "\n=1",
    "=cmd|' /C calc'!A0",
)
COLUMNS = (
    SheetColumn("text", "文本"),
    SheetColumn("number", "数", "number", 2),
    SheetColumn("share", "率", "percent", 1),
    SheetColumn("day", "日", "day"),
    SheetColumn("at", "时", "instant"),
)


HALF_PAST_NINE = datetime(1999, 1, 5, 9, 30)  # noqa: DTZ001 - cells of a spreadsheet have no zone


def book(rows: Iterable[tuple[Cell, ...]]) -> Book:
    return Book("t", "标题", (("导出人", "=cmd"),), (Sheet("main", "表/一?", COLUMNS, rows),), "…（已截断）")


def one(text: str | None) -> list[tuple[Cell, ...]]:
    return [(text, Decimal("-5.25"), 89.72, date(1999, 1, 5), HALF_PAST_NINE)]


def as_xlsx(made: Book) -> list[tuple[object, ...]]:
    workbook = load_workbook(io.BytesIO(b"".join(xlsx_chunks(made, "关于"))))
    return [tuple(cell.value for cell in row) for row in workbook.worksheets[0].iter_rows()]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_text_that_looks_like_a_formula_is_shown_and_not_run(payload: str) -> None:
    assert neutral(payload).startswith("'")
    made = b"".join(csv_chunks(book(one(payload)), book(one(payload)).sheets[0])).decode("utf-8-sig")
    row = list(csv.reader(io.StringIO(made, newline="")))[1]
    assert row[0].startswith("'")
    assert row[1:3] == ["-5.25", "89.72"]
    workbook = load_workbook(io.BytesIO(b"".join(xlsx_chunks(book(one(payload)), "关于"))))
    cells = [cell for sheet in workbook.worksheets for line in sheet.iter_rows() for cell in line]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert str(workbook.worksheets[0]["A2"].value).startswith("'")


@pytest.mark.parametrize("text", ["南山营业厅", "a=b", "5-3", "x@y", "", "中文 = 英文"])
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert neutral(text) == text


def test_control_characters_are_dropped_and_long_cells_say_that_they_are_cut() -> None:
    assert neutral("a\x00b\x0bc\x1f") == "abc"
    value = as_xlsx(book(one("x" * 40_000)))[1][0]
    assert len(str(value)) == LONGEST_CELL
    assert str(value).endswith("（已截断）")


def test_numbers_and_dates_stay_numbers_and_dates_with_their_format() -> None:
    data = b"".join(xlsx_chunks(book(one("a")), "关于"))
    sheet = load_workbook(io.BytesIO(data)).worksheets[0]
    assert (sheet["B2"].value, sheet["B2"].number_format) == (-5.25, "#,##0.00")
    assert (sheet["C2"].value, sheet["C2"].number_format) == (89.72, '#,##0.0"%"')
    assert sheet["D2"].value == datetime.combine(date(1999, 1, 5), time())
    assert sheet["E2"].value == HALF_PAST_NINE


def test_unknown_is_empty_and_never_zero() -> None:
    made = book([(None, None, None, None, None)])
    assert b"".join(csv_chunks(made, made.sheets[0])).decode("utf-8-sig").splitlines()[1] == ",,,,"
    assert as_xlsx(book([(None, None, None, None, None), ("a", 1, 2, None, None)]))[1] == (None,) * 5
    found = json.loads(b"".join(json_chunks(book([(None, None, None, None, None)]))))
    assert set(found["tables"][0]["rows"][0].values()) == {None}


def test_json_keeps_numbers_raw_and_text_as_it_is() -> None:
    found = json.loads(b"".join(json_chunks(book(one("=1</script>\u2028")))))
    assert found["tables"][0]["rows"][0] == {
        "text": "=1</script>\u2028",
        "number": -5.25,
        "share": 89.72,
        "day": "1999-01-05",
        "at": "1999-01-05 09:30:00",
    }


def test_a_list_too_long_for_a_form_is_refused_before_any_work() -> None:
    with pytest.raises(InputError) as caught:
        refuse_too_long(1_000_001, "xlsx")
    assert caught.value.issues[0].code == "POR004"
    refuse_too_long(1_000_001, "csv")


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
@pytest.mark.parametrize("address", TABLES)
@pytest.mark.parametrize(("variant", "lang"), [("full", "zh"), ("hostile", "en")])
def test_every_table_can_be_taken_in_every_form(variant: str, address: str, lang: str, form: str) -> None:
    house = FakeHouse(variant, records_total=120)
    query = "?indicator=hotline.answer_rate" if address.startswith("/records") else ""
    answer = Portal(house).ask(f"{address}.{form}{query}", lang=lang)
    assert answer.status_code == 200, answer.text[:500]
    assert answer.headers["content-disposition"].startswith('attachment; filename="')
    user = "=cmd" if variant == "hostile" else "local"
    if form == "csv":
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
        assert len({len(row) for row in rows[: rows.index([])]}) == 1
        facts = {row[0]: row[1] for row in rows[rows.index([]) + 1 :]}
        assert neutral(user) in facts.values()
        assert any(value.startswith("2026-11-21T16:30:00") for value in facts.values())
        assert not [cell for row in rows for cell in row if cell.lstrip().startswith(("=", "@"))]
    elif form == "json":
        found = answer.json()
        assert user in found["facts"].values()
        assert found["tables"][0]["rows"]
    else:
        workbook = load_workbook(io.BytesIO(answer.content))
        assert not [c for s in workbook.worksheets for line in s.iter_rows() for c in line if c.data_type == "f"]
        assert neutral(user) in [str(cell.value) for cell in workbook.worksheets[-1]["B"]]


def test_csv_of_old_spreadsheets() -> None:
    answer = Portal().ask("/overview.csv?encoding=gb18030")
    assert "指标" in answer.content.decode("gb18030")
    assert answer.headers["content-type"] == "text/csv; charset=gb18030"
    assert Portal().ask("/overview.csv?encoding=ebcdic").status_code == 400


def test_a_page_with_several_tables_gives_the_one_asked_for() -> None:
    portal = Portal()
    assert "AB-2" in portal.ask("/overview.csv?table=places").text
    assert portal.ask("/overview.csv?table=nope").status_code == 400


class TestRecords:
    def test_an_export_holds_every_record_and_is_noted_with_its_count(self) -> None:
        portal = Portal(FakeHouse(records_total=137))
        answer = portal.ask("/records/calls.csv?indicator=hotline.answer_rate&d.call_type=PS&q=13800000000")
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
        assert rows.index([]) - 1 == 137
        (note,) = portal.house.notes
        assert (note.user, note.feed, note.form, note.rows) == ("local", "calls", "csv", 137)
        assert "d.call_type=PS" in note.query
        assert "13800000000" not in note.query

    def test_records_are_masked_in_files_as_they_are_on_the_page(self) -> None:
        text = Portal(FakeHouse(records_total=4)).ask("/records/calls.json?indicator=hotline.answer_rate").text
        assert "0000****00" in text

    def test_origin_file_and_line_go_with_every_record(self) -> None:
        found = Portal(FakeHouse(records_total=3)).ask("/records/calls.json?indicator=hotline.answer_rate").json()
        assert [row["_line"] for row in found["tables"][0]["rows"]] == [2, 3, 4]

    def test_nothing_is_sent_when_the_audit_log_cannot_be_written(self) -> None:
        portal = Portal()

        def refuse(note: object) -> None:
            raise OSError("disk full")

        portal.house.notes = type("Log", (list,), {"append": staticmethod(refuse)})()
        portal.__post_init__()
        assert portal.ask("/records/calls.csv?indicator=hotline.answer_rate").status_code == 500

    def test_a_list_too_long_for_a_spreadsheet_offers_another_form(self) -> None:
        portal = Portal(FakeHouse(records_total=1_000_001))
        answer = portal.ask("/records/calls.xlsx?indicator=hotline.answer_rate", lang="en")
        assert answer.status_code == 400
        assert "Use csv or json" in answer.text
        assert portal.house.notes == []
