"""Files that are loaded, in every shape that is allowed, with every kind of value."""

from __future__ import annotations

import csv as csv_module
import gzip
import io
import json
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook

from ganzhi.catalogue.load import load_catalogue
from ganzhi.ingest.load import load
from tests.ingest.desk import HEADER, Desk, column, columns_with, csv, feed_columns_with, line

GOOD = csv(line(1), line(2))
CHINESE = csv(line(1, note="服务很好", kind="现金"), line(2, note="\U00020000 很久"))
"""With a character that takes four bytes in GB18030."""


SHAPES = [
    ("plain", GOOD, {}, "fast"),
    ("no line end at the end", GOOD[:-1], {}, "fast"),
    ("F28 CR LF", GOOD.replace(b"\n", b"\r\n"), {}, "fast"),
    ("F28 CR", GOOD.replace(b"\n", b"\r"), {}, "careful"),
    ("F28 mixed", GOOD.replace(b"\n", b"\r\n", 1), {}, "careful"),
    ("F12 BOM", b"\xef\xbb\xbf" + GOOD, {}, "fast"),
    ("F12 utf-16", GOOD.decode().encode("utf-16"), {"encoding": "utf-16"}, "fast"),
    ("F12 utf-16 big-endian", b"\xfe\xff" + GOOD.decode().encode("utf-16-be"), {"encoding": "utf-16"}, "fast"),
    ("F12 utf-16 without mark", GOOD.decode().encode("utf-16-be"), {"encoding": "utf-16"}, "fast"),
    ("F12 gb18030", GOOD.decode().encode("gb18030"), {"encoding": "gb18030"}, "fast"),
    ("gz", gzip.compress(GOOD), {}, "fast"),
    ("F07 two members", gzip.compress(GOOD[:50]) + gzip.compress(GOOD[50:]), {}, "fast"),
    ("tabs", GOOD.replace(b",", b"\t"), {"delimiter": "\t"}, "fast"),
    ("pipes", GOOD.replace(b",", b"|"), {"delimiter": "|"}, "fast"),
    ("full-width comma", GOOD.decode().replace(",", "，").encode(), {"delimiter": "，"}, "careful"),
    (
        "F20 other order",
        b"note,fee,amount,kind,hall,at,id\n"
        + b"\n".join(b",".join(reversed(x.split(b","))) for x in GOOD.splitlines()[1:]),
        {},
        "fast",
    ),
    ("F23 trailing delimiter everywhere", GOOD.replace(b"\n", b",\n"), {}, "fast"),
    ("F23 trailing delimiter on rows", GOOD.replace(b"fine\n", b"fine,\n"), {}, "careful"),
    ("F32 blank lines", GOOD.replace(b"\n", b"\n\n"), {}, "careful"),
    (
        "F31 skipped lines",
        GOOD + b"TOTAL 2\n" + "共2条\n".encode(),
        {"skip_lines": ["TOTAL.*", "共[0-9]+条"]},
        "careful",
    ),
    ("F31 header again", GOOD + HEADER.encode() + b"\n", {"skip_lines": ["id,at,.*"]}, "careful"),
    ("F31 no header", GOOD.split(b"\n", 1)[1], {"header": False}, "careful"),
    (
        "quotes everywhere",
        b"\n".join(b",".join(b'"' + v + b'"' for v in x.split(b",")) for x in GOOD.splitlines()),
        {},
        "fast",
    ),
    ("blanks around", GOOD.replace(b",", b" , "), {}, "fast"),
    ("F17 odd header", GOOD.replace(b"amount", "\u200bａｍｏｕｎｔ\u00a0".encode()), {}, "fast"),
]


@pytest.mark.parametrize(("content", "fmt", "path"), [c[1:] for c in SHAPES], ids=[c[0] for c in SHAPES])
def test_every_shape_gives_the_same_rows(desk: Desk, content: bytes, fmt: dict[str, Any], path: str) -> None:
    desk.use(mapping={"format": fmt})
    report = desk.load(content)
    assert (report.accepted, report.rejected, report.read, report.path) == (2, 0, 2, path)
    assert [tuple(row.values())[:7] for row in desk.rows()] == [
        ("v1", 1772413200, "h1", "cash", 1, Decimal("1.50"), "fine"),
        ("v2", 1772499600, "h1", "cash", 2, Decimal("1.50"), "fine"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_chinese_text_is_the_same_in_every_encoding(desk: Desk, encoding: str) -> None:
    desk.use(mapping={"format": {"encoding": encoding}})
    assert desk.load(CHINESE.decode().encode(encoding)).accepted == 2
    assert [(row["note"], row["kind"]) for row in desk.rows()] == [("服务很好", "现金"), ("\U00020000 很久", "cash")]


def test_a_broken_character_in_gb18030_costs_its_line_only(desk: Desk) -> None:
    desk.use(mapping={"format": {"encoding": "gb18030"}})
    content = csv(line(1, note="服务"), line(2, note="很好"), line(3, note="等")).decode().encode("gb18030")
    report = desk.load(content.replace("很好".encode("gb18030"), b"\xff\xfe"))
    assert (report.accepted, report.rejected) == (2, 1)
    (found,) = desk.rejected()
    assert (found.line, found.reason) == (3, "ING104")


def test_a_header_without_rows_is_a_load_of_no_rows(desk: Desk) -> None:
    for name, content in (("a.csv", csv()), ("b.csv", csv()[:-1])):
        report = desk.load(content, name)
        assert (report.state, report.read) == ("accepted", 0)
        assert [issue.code for issue in report.issues] == ["ING207"]


def test_lines_are_counted_as_they_stand_in_the_file(desk: Desk) -> None:
    quoted = line(2, note='"two\r\nlines, ""and"" a comma"')
    report = desk.load(csv(line(1), quoted, "", line(3), line(4, amount="x")))
    assert (report.accepted, report.tally.blank) == (3, 1)
    assert [(row["_line"], row["note"]) for row in desk.rows()] == [
        (2, "fine"),
        (3, 'two\r\nlines, "and" a comma'),
        (6, "fine"),
    ]
    assert desk.rejected()[0].line == 7


def test_an_unclosed_quote_costs_the_line_it_opens_in(desk: Desk) -> None:
    rows = [line(n) for n in range(1, 2000)]
    rows[0] = line(1, note='"open')
    report = desk.load(csv(*rows))
    assert (report.accepted, report.rejected) == (1998, 1)
    assert (desk.rejected()[0].reason, desk.rejected()[0].line) == ("ING106", 2)


def test_odd_blanks_and_widths_are_normalised_where_declared(desk: Desk) -> None:
    desk.load(
        csv(
            line(1, amount=" ５ ", fee="\u3000１．５０\u00a0", kind="\u200bｃａｓｈ", note="\u3000全角Ａ\u00a0"),
            line(2, amount="007", fee="-0.5", hall="\th1 "),
        )
    )
    found = [(r["amount"], r["fee"], r["kind"], r["hall"], r["note"]) for r in desk.rows()]
    assert found == [
        (5, Decimal("1.50"), "cash", "h1", "全角Ａ"),
        (7, Decimal("-0.50"), "cash", "h1", "fine"),
    ]


def test_null_words_mean_unknown(desk: Desk) -> None:
    desk.use(mapping={"format": {"null_words": ["NULL", "\\N", "-"]}})
    report = desk.load(csv(line(1, amount="NULL", fee=" \\N ", kind="-", note="NULLs")))
    assert report.accepted == 1
    (row,) = desk.rows()
    assert (row["amount"], row["fee"], row["kind"], row["note"]) == (None, None, None, "NULLs")


def test_text_that_was_encoded_twice_is_remarked(desk: Desk) -> None:
    twice = "网络很慢".encode().decode("latin-1")
    report = desk.load(csv(line(1, note=twice), line(2)))
    assert report.accepted == 2
    assert [issue.code for issue in report.issues] == ["ING206"]


def test_expressions_constants_and_unmapped_columns(desk: Desk) -> None:
    columns = columns_with(
        id={"expr": "hall || '-' || id"},
        hall={"const": "h1"},
        kind=None,
        amount={"expr": "try_cast(amount as bigint) * 2"},
    )
    desk.use(mapping={"columns": columns})
    desk.load(csv(line(1, amount="21", hall=" h7 ")))
    (row,) = desk.rows()
    assert (row["id"], row["hall"], row["kind"], row["amount"]) == ("h7-v1", "h1", None, 42)


TIMES = [
    ("iso with T", {}, "2026-03-01T09:00:00", "2026-03-01T01:00:00Z"),
    ("iso with fraction", {}, "2026-03-01 09:00:00.25", "2026-03-01T01:00:00.250Z"),
    ("iso without seconds", {}, "2026-03-01 09:00", "2026-03-01T01:00:00Z"),
    ("format", {"format": "%d.%m.%Y %H:%M"}, "01.03.2026 09:00", "2026-03-01T01:00:00Z"),
    ("other zone", {"zone": "Europe/Berlin"}, "2026-03-01 02:00:00", "2026-03-01T01:00:00Z"),
    ("summer time", {"zone": "Europe/Berlin"}, "2026-07-01 03:00:00", "2026-07-01T01:00:00Z"),
    ("offset", {"zone": "offset"}, "2026-03-01T06:30:00+05:30", "2026-03-01T01:00:00Z"),
    ("offset Z", {"zone": "offset"}, "2026-03-01 01:00:00Z", "2026-03-01T01:00:00Z"),
    (
        "offset by format",
        {"zone": "offset", "format": "%Y/%m/%d %H:%M %z"},
        "2026/03/01 09:00 +0800",
        "2026-03-01T01:00:00Z",
    ),
    ("epoch s", {"epoch": "s"}, "1772326800", "2026-03-01T01:00:00Z"),
    ("epoch ms", {"epoch": "ms"}, "1772326800250", "2026-03-01T01:00:00.250Z"),
]


@pytest.mark.parametrize(("mapped", "given", "expected"), [c[1:] for c in TIMES], ids=[c[0] for c in TIMES])
def test_times_become_instants(desk: Desk, mapped: dict[str, str], given: str, expected: str) -> None:
    desk.use(mapping={"columns": columns_with(at={"source": "at", **mapped})})
    assert desk.load(csv(line(1, at=given))).accepted == 1
    at = datetime.fromisoformat(expected)
    refs = desk.workplace.store.manifest.snapshot().table("rows/visits")
    stored = pq.read_table(desk.workplace.files.path(refs[0])).column("at").cast(pa.int64())[0].as_py()
    assert stored == int(at.timestamp() * 1000) * 1000
    assert refs[0].partition == "2026-03-01" or "summer" in given or at.month == 7


def test_local_times_that_exist_twice_or_never_are_read_by_rule_and_marked(desk: Desk) -> None:
    desk.use(mapping={"zone": "Europe/Berlin"})
    report = desk.load(
        csv(
            line(1, at="2026-03-29 02:30:00"),
            line(2, at="2026-10-25 02:30:00"),
            line(3, at="2026-10-25 03:00:00"),
            line(4, at="2026-03-29 01:59:59"),
        )
    )
    utc = [datetime.fromtimestamp(row["at"], UTC).strftime("%d %H:%M:%S") for row in desk.rows()]
    assert utc == ["29 01:30:00", "25 00:30:00", "25 02:00:00", "29 00:59:59"]
    assert report.breaches == {"ING205": 1, "ING204": 1}
    assert (report.accepted, report.noted) == (4, 2)


def test_a_row_lies_on_its_day_in_the_zone_of_the_workspace(desk: Desk) -> None:
    desk.use(mapping={"zone": "UTC"})
    report = desk.load(csv(line(1, at="2026-03-01 15:59:59"), line(2, at="2026-03-01 16:00:00")))
    assert report.days == (date(2026, 3, 1), date(2026, 3, 2))


CLOCKS: dict[str, Any] = {
    "columns_expected": ["id", "day", "came", "left", "gone"],
    "columns": {
        "id": {"source": "id"},
        "hall": {"const": "h1"},
        "at": {"clock": {"date": "day", "time": "came", "date_format": "%y%m%d"}},
        "left": {"clock": {"date": "day", "time": "left", "date_format": "%y%m%d", "after": "at"}},
        "gone": {
            "clock": {
                "date": "day",
                "time": "gone",
                "date_format": "%y%m%d",
                "after": "left",
                "absent_when": "gone = '0:00:00'",
            }
        },
    },
}


def test_clocks_pass_midnight_and_may_be_absent(desk: Desk) -> None:
    columns = feed_columns_with(left=column("timestamp"), gone=column("timestamp"))
    desk.use(feed={"columns": columns}, mapping=CLOCKS)
    content = csv(
        "a,260301,9:00:00,9:05:00,9:06:00",
        "b,260301,23:59:00,0:01:00,0:02:00",
        "c,260228,23:59:59,23:59:59,0:00:00",
        "d,260301,12:00:00,,",
        "e,260301,9:00:00,9:61:00,9:00:00",
        "f,,9:00:00,9:01:00,9:02:00",
        "g,260301,24:00:00,9:01:00,9:02:00",
        header="id,day,came,left,gone",
    )
    report = desk.load(content)
    found = desk.rows('id, "at", epoch("left") - "at" AS l, epoch(gone) - "at" AS g')
    assert [(r["id"], r["l"], r["g"]) for r in found] == [
        ("a", 300, 360),
        ("b", 120, 180),
        ("c", 0, None),
        ("d", None, None),
    ]
    assert [(r.line, r.reason, r.field, r.value) for r in desk.rejected()] == [
        (6, "ING124", "left", "9:61:00"),
        (7, "ING124", "at", "9:00:00"),
        (8, "ING124", "at", "24:00:00"),
    ]
    assert report.days == (date(2026, 2, 28), date(2026, 3, 1))


def test_booleans_and_dates(desk: Desk) -> None:
    lists = {
        "yes": {"name": {"zh": "y", "en": "y"}, "entries": [{"code": "Y", "to": "true"}, {"code": "N", "to": "false"}]}
    }
    columns = feed_columns_with(note=column("bool"), kind=column("bool"), fee=column("date"))
    mapped = columns_with(kind={"source": "kind", "codes": "yes"}, fee={"source": "fee", "format": "%Y%m%d"})
    desk.use(feed={"columns": columns}, mapping={"columns": mapped}, code_lists=lists)
    report = desk.load(
        csv(
            line(1, note="true", kind="Y", fee="20260228"),
            line(2, note="0", kind="N", fee=""),
            line(3, note="yes", kind="", fee=""),
            line(4, note="", kind="", fee="20260230"),
            line(5, note="", kind="X", fee=""),
        )
    )
    assert [(r["note"], r["kind"], r["fee"]) for r in desk.rows()] == [
        (True, True, date(2026, 2, 28)),
        (False, False, None),
    ]
    assert [(r.line, r.reason) for r in desk.rejected()] == [(4, "ING123"), (5, "ING125"), (6, "ING132")]
    assert report.tally.balances


def _excel(rows: list[list[Any]], sheet: str = "data", *, epoch_1904: bool = False) -> bytes:
    from openpyxl.utils.datetime import CALENDAR_MAC_1904

    book = Workbook()
    if epoch_1904:
        book.epoch = CALENDAR_MAC_1904
    book.active.title = sheet  # type: ignore[union-attr]
    book.create_sheet("notes").append(["nothing"])
    for row in rows:
        book[sheet].append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("epoch_1904", [False, True])
def test_an_excel_sheet_is_read_by_its_values(desk: Desk, epoch_1904: bool) -> None:
    desk.use(mapping={"format": {"kind": "excel", "sheet": "data"}})
    at = datetime(2026, 3, 1, 9)  # noqa: DTZ001  # a sheet knows no zones
    rows: list[list[Any]] = [
        ["a report"][:0],
        HEADER.split(","),
        ["v1", at, "h1", "cash", 5, 1.5, "fine"],
        [None] * 7,
        ["v2", "2026-03-01 10:00:00", "h1", "cash", 6.0, "2.25", True],
        ["v3", at, "h1", "cash", "=1+1", 0, None],
        ["v4", at, "h1", "cash", 5.5, 0, None],
        ["v5", date(2026, 3, 1), "h1", "cash", "#REF!", 0, None],
        ["v6", at, "h1", "cash", 1, 0.1, time(9, 5)],
    ]
    report = desk.load(_excel(rows, epoch_1904=epoch_1904), "visits.xlsx")
    assert [(r["id"], r["amount"], r["fee"], r["note"]) for r in desk.rows()] == [
        ("v1", 5, Decimal("1.50"), "fine"),
        ("v2", 6, Decimal("2.25"), "true"),
        ("v3", None, Decimal("0.00"), None),
        ("v6", 1, Decimal("0.10"), "09:05:00"),
    ]
    assert [(r.line, r.reason) for r in desk.rejected()] == [(7, "ING121"), (8, "ING121")]
    assert report.tally.balances


def test_json_lines_keep_numbers_as_they_were_written(desk: Desk) -> None:
    desk.use(mapping={"format": {"kind": "jsonl"}})
    good = {"id": "v1", "at": "2026-03-01 09:00:00", "hall": "h1", "kind": None, "amount": 5, "fee": 1.5, "note": True}
    lines = [
        json.dumps(good),
        "",
        json.dumps({**good, "id": 2, "extra": "x"}),
        json.dumps({k: v for k, v in good.items() if k != "amount"} | {"id": "v3"}),
        '{"id": "v4", ',
        '{"id": "v4", "id": "v5"}',
        '{"id": "v4", "amount": NaN}',
        '{"id": "v4", "amount": {"a": 1}}',
        '{"id": "v4", "amount": ' + "9" * 5000 + "}",
        "[" * 100_000,
        '["v4"]',
        json.dumps({**good, "id": "v6", "amount": 5.0}),
        '{"id": "a\\u0000"}',
        '{"id": "a\\ud800"}',
        json.dumps({**good, "id": "v7", "amount": 1e2}),
    ]
    report = desk.load("\ufeff".encode() + "\n".join(lines).encode(), "visits.jsonl")
    assert [(r["id"], r["amount"], r["note"]) for r in desk.rows()] == [
        ("2", 5, "true"),
        ("v1", 5, "true"),
        ("v3", None, "true"),
    ]
    assert [(r.line, r.reason) for r in desk.rejected()] == [
        (5, "ING108"),
        (6, "ING109"),
        (7, "ING110"),
        (8, "ING111"),
        (9, "ING120"),
        (10, "ING108"),
        (11, "ING108"),
        (12, "ING121"),
        (13, "ING103"),
        (14, "ING104"),
        (15, "ING121"),
    ]
    assert report.tally.balances


def test_parquet_is_read_as_exactly_as_text(desk: Desk, tmp_path: Path) -> None:
    desk.use(mapping={"format": {"kind": "parquet"}})
    at = pa.array([1772355600, None, 1772355600], pa.int64())
    table = pa.table(
        {
            "id": pa.array(["v1", "v2", "v3"]).dictionary_encode(),
            "at": pa.compute.cast(at, pa.timestamp("s")),
            "hall": ["h1", "h1", "h1"],
            "kind": ["cash", "cash", "cheque"],
            "amount": pa.array([5, 6, 7], pa.int8()),
            "fee": pa.array([Decimal("1.5"), None, None], pa.decimal128(9, 1)),
            "note": pa.array([1, 2, 3]),
            "more": ["a", "b", "c"],
        }
    )
    pq.write_table(table, tmp_path / "v.parquet")
    report = desk.load((tmp_path / "v.parquet").read_bytes(), "visits.parquet")
    assert [(r["id"], r["at"], r["amount"], r["fee"], r["note"], r["_line"]) for r in desk.rows()] == [
        ("v1", 1772355600 - 8 * 3600, 5, Decimal("1.50"), "1", 1)
    ]
    assert [(r.line, r.reason, r.value) for r in desk.rejected()] == [(2, "ING120", None), (3, "ING133", "cheque")]
    assert [issue.code for issue in report.issues] == ["ING201"]


def test_parquet_instants_keep_their_instant(desk: Desk, tmp_path: Path) -> None:
    desk.use(mapping={"format": {"kind": "parquet"}, "columns": columns_with(at={"source": "at", "zone": "offset"})})
    columns = {name: pa.array(["h1"]) for name in HEADER.split(",")}
    columns |= {"at": pa.array([1772355600_000_000], pa.timestamp("us", "UTC")), "kind": pa.array(["cash"])}
    columns |= {"amount": pa.array([1]), "fee": pa.array(["1"])}
    pq.write_table(pa.table(columns), tmp_path / "v.parquet")
    assert desk.load((tmp_path / "v.parquet").read_bytes(), "visits.parquet").accepted == 1
    assert desk.rows()[0]["at"] == 1772355600


def test_the_real_hotline_file_is_loaded_to_the_last_call(tmp_path: Path, sample_calls: Path) -> None:
    desk = Desk(tmp_path / "ws")
    workplace = desk.workplace
    desk.workplace = type(workplace)(
        **{f: getattr(workplace, f) for f in workplace.__slots__} | {"catalogue": load_catalogue("telecom", None)}
    )
    (report,) = load(desk.workplace, "calls", [sample_calls])
    assert (report.read, report.accepted, report.rejected, report.blanked) == (31_599, 31_599, 0, 33)
    assert report.unknown_codes == {"call_type": {"AA": 2}}
    assert len(report.days) == 29
    assert report.breaches == {"ING136": 33, "ING126": 24}
    desk.close()


@pytest.mark.requirement("S002-117")
def test_the_template_is_a_file_that_loads(desk: Desk) -> None:
    from ganzhi.ingest.template import template_csv, template_xlsx

    content = template_csv(desk.workplace.catalogue, "visits", "plain").decode()
    rows = list(csv_module.reader(io.StringIO(content)))
    assert rows[0] == HEADER.split(",")
    rows[1][2] = "h1"
    assert desk.load("\r\n".join(map(",".join, rows)).encode()).accepted == 1
    desk.use(mapping={"format": {"kind": "excel", "sheet": "data"}})
    assert template_xlsx(desk.workplace.catalogue, "visits", "plain", "zh").startswith(b"PK")
