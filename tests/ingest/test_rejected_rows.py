"""Rows that are rejected, blanked or only noted: reason, field, value, line and raw text, and the rest loaded."""

from __future__ import annotations

from typing import Any

import pytest

from ganzhi.base.messages import LANGS, say
from ganzhi.ingest.report import LoadReport
from tests.ingest.desk import HEADER, Desk, columns_with, csv, feed_columns_with, line, text


def check_explained(desk: Desk) -> None:
    """Every row in quarantine carries a reason that can be said in both languages."""
    for row in desk.rejected():
        for lang in LANGS:
            assert say(lang, f"issue.{row.reason}.cause", subject=row.field, **row.params)
            assert say(lang, f"issue.{row.reason}.remedy", subject=row.field, **row.params)
            assert say(lang, f"issue.{row.reason}.short")
        assert row.raw is not None
        assert row.load_id
        assert row.catalogue_version


def one_bad(desk: Desk, bad: str | bytes, **parts: Any) -> tuple[LoadReport, Any]:
    """Load a bad line between two good ones: the good ones count, the bad one is in quarantine."""
    desk.use(**parts)
    content = csv(line(1), "@", line(2)).replace(b"@", bad.encode() if isinstance(bad, str) else bad)
    report = desk.load(content)
    assert report.tally.balances
    assert (report.accepted, report.rejected) == (2, 1)
    assert {row["id"] for row in desk.rows()} == {"v1", "v2"}
    (found,) = desk.rejected()
    check_explained(desk)
    assert (found.file, found.line) == ("visits.csv", 3)
    assert report.reasons == {found.reason: 1}
    return report, found


STRUCTURE = [
    ("F25 too few fields", b"v9,2026-03-01 09:00:00,h1", "ING101"),
    ("F25 too many fields", line(9).encode() + b",x,y", "ING102"),
    ("F23 trailing delimiter on some", line(9).encode() + b",", "ING102"),
    ("F15 NUL", line(9, note="a\0b").encode(), "ING103"),
    ("F13 broken byte", line(9, note="a#b").encode().replace(b"#", b"\xff"), "ING104"),
    ("F13 cut character", line(9, note="中").encode()[:-1], "ING104"),
    ("F26 unclosed quote", line(9, note='"oops').encode(), "ING106"),
    ("F27 text after a quote", line(9, note='"a"b').encode(), "ING107"),
    ("F31 header again", HEADER.encode(), "ING124"),
    ("F31 footer", "共100条".encode(), "ING101"),
]


@pytest.mark.requirement("S002-117")
@pytest.mark.parametrize(("bad", "code"), [c[1:] for c in STRUCTURE], ids=[c[0] for c in STRUCTURE])
def test_a_line_that_is_no_record_is_rejected_once(desk: Desk, bad: bytes, code: str) -> None:
    _, found = one_bad(desk, bad)
    assert found.reason == code


@pytest.mark.parametrize("size", [1 << 20, 10 << 20])
def test_a_line_or_field_of_many_megabytes_is_rejected(desk: Desk, size: int) -> None:
    report, found = one_bad(desk, line(9, note="x" * size))
    assert found.reason == "ING105"
    assert len(found.raw) <= 2000
    assert report.path == "careful"


VALUES = [
    ("F33 text", {"amount": "abc"}, "ING121", "amount"),
    ("F33 decimal", {"amount": "5.7"}, "ING121", "amount"),
    ("F33 thousands", {"amount": '"1,234"'}, "ING121", "amount"),
    ("F33 hex", {"amount": "0x10"}, "ING121", "amount"),
    ("F33 underscore", {"amount": "1_000"}, "ING121", "amount"),
    ("F33 exponent", {"amount": "1e2"}, "ING121", "amount"),
    ("F33 dashes", {"amount": "--"}, "ING121", "amount"),
    ("F33 NULL", {"amount": "NULL"}, "ING121", "amount"),
    ("F33 backslash N", {"amount": "\\N"}, "ING121", "amount"),
    ("F33 N/A", {"amount": "N/A"}, "ING121", "amount"),
    ("F33 #REF!", {"amount": "#REF!"}, "ING121", "amount"),
    ("F33 infinity", {"amount": "∞"}, "ING121", "amount"),
    ("F33 NaN", {"amount": "NaN"}, "ING121", "amount"),
    ("F33 1e400", {"amount": "1e400"}, "ING121", "amount"),
    ("F33 plus", {"amount": "+5"}, "ING121", "amount"),
    ("F33 blank inside", {"amount": "1 000"}, "ING121", "amount"),
    ("F33 true", {"amount": "true"}, "ING121", "amount"),
    ("F34 overflow", {"amount": "9223372036854775808"}, "ING127", "amount"),
    ("F34 long overflow", {"amount": "9" * 400}, "ING127", "amount"),
    ("F34 decimal overflow", {"fee": "1" * 17 + ".00"}, "ING128", "fee"),
    ("F34 decimal scale", {"fee": "1.005"}, "ING128", "fee"),
    ("F33 decimal text", {"fee": "1,5"}, "ING102", ""),
    ("F33 decimal NaN", {"fee": "NaN"}, "ING122", "fee"),
    ("F35 exponent", {"amount": "1.38E+10"}, "ING126", "amount"),
    ("F35 apostrophe", {"amount": "'5"}, "ING126", "amount"),
    ("F35 hashes", {"amount": "####"}, "ING126", "amount"),
    ("F35 key", {"id": "1.38E+10"}, "ING126", "id"),
    ("F36 30 February", {"at": "2026-02-30 09:00:00"}, "ING124", "at"),
    ("F36 month 13", {"at": "2026-13-01 09:00:00"}, "ING124", "at"),
    ("F36 25:61", {"at": "2026-03-01 25:61:00"}, "ING124", "at"),
    ("F36 24:00", {"at": "2026-03-01 24:00:00"}, "ING124", "at"),
    ("F36 second 60", {"at": "2026-03-01 09:00:60"}, "ING124", "at"),
    ("F37 other form", {"at": "01/03/2026 09:00:00"}, "ING124", "at"),
    ("F37 short form", {"at": "2026-3-1 9:00:00"}, "ING124", "at"),
    ("F38 offset", {"at": "2026-03-01 09:00:00+08:00"}, "ING129", "at"),
    ("F38 serial", {"at": "45000"}, "ING124", "at"),
    ("F38 epoch", {"at": "1767225600"}, "ING124", "at"),
    ("F39 year 1", {"at": "0001-01-01 00:00:00"}, "ING135", "at"),
    ("F39 year 1970", {"at": "1970-01-01 00:00:00"}, "ING135", "at"),
    ("F39 year 9999", {"at": "9999-12-31 23:59:59"}, "ING135", "at"),
    ("F39 year 99999", {"at": "99999-01-01 00:00:00"}, "ING135", "at"),
    ("F39 in two days", {"at": "2026-11-23 09:00:00"}, "ING135", "at"),
    ("F41 below", {"amount": "-1"}, "ING130", "amount"),
    ("F41 above", {"amount": "1001"}, "ING131", "amount"),
    ("F42 unknown unit", {"hall": "h9"}, "ING140", "hall"),
    ("F42 other case", {"hall": "H1"}, "ING140", "hall"),
    ("F42 blank inside", {"hall": "h 1"}, "ING140", "hall"),
    ("F42 not yet valid", {"hall": "h2", "at": "2026-01-31 23:59:59"}, "ING141", "hall"),
    ("F42 retired", {"hall": "h2", "at": "2026-11-01 00:00:00"}, "ING141", "hall"),
    ("F43 not allowed", {"kind": "cheque"}, "ING133", "kind"),
    ("F44 key empty", {"id": ""}, "ING120", "id"),
    ("F44 key blank", {"id": "  "}, "ING120", "id"),
    ("time empty", {"at": ""}, "ING120", "at"),
    ("unit empty", {"hall": ""}, "ING120", "hall"),
]


@pytest.mark.requirement("S002-117")
@pytest.mark.parametrize(("values", "code", "field"), [c[1:] for c in VALUES], ids=[c[0] for c in VALUES])
def test_a_value_that_breaks_the_contract_rejects_its_row(
    desk: Desk, values: dict[str, str], code: str, field: str
) -> None:
    _, found = one_bad(desk, line(9, **values))
    assert (found.reason, found.field) == (code, field)
    assert found.raw == line(9, **values)
    if code != "ING120" and field:
        assert found.value == values[field].strip('"')


def test_a_bad_file_in_every_respect_keeps_every_row_and_line(desk: Desk) -> None:
    bad = [each[1] for each in STRUCTURE] + [line(n, **each[1]).encode() for n, each in enumerate(VALUES, start=100)]
    bad = [each for each in bad if b"oops" not in each]
    report = desk.load(csv() + b"\n".join(bad) + b"\n" + line(1).encode())
    assert report.accepted == 1
    assert report.rejected == len(bad) == len(desk.rejected())
    assert [row.line for row in desk.rejected()] == list(range(2, len(bad) + 2))
    assert report.tally.balances


def test_the_first_reason_is_the_rows_and_all_are_counted(desk: Desk) -> None:
    report, found = one_bad(desk, line(9, at="soon", amount="x", kind="cheque"))
    assert (found.reason, found.field, found.value) == ("ING124", "at", "soon")
    assert report.breaches == {"ING124": 1, "ING133": 1, "ING121": 1}


def test_the_fast_path_finds_the_raw_text_of_a_rejected_line(desk: Desk) -> None:
    report, found = one_bad(desk, line(9, amount="x"))
    assert report.path == "fast"
    assert found.raw == line(9, amount="x")
    assert found.header == '["id", "at", "hall", "kind", "amount", "fee", "note"]'


def test_a_rule_breach_names_the_rule(desk: Desk) -> None:
    rules = {"cheap": {"name": text("cheap"), "check": "fee <= amount + 1"}}
    _, found = one_bad(desk, line(9, amount="1", fee="2.01"), feed={"rules": rules})
    assert (found.reason, found.field, found.params["rule"]) == ("ING136", "cheap", "cheap")


def test_an_unknown_operand_does_not_break_a_rule(desk: Desk) -> None:
    desk.use(feed={"rules": {"cheap": {"name": text("cheap"), "check": "fee <= amount"}}})
    assert desk.load(csv(line(1, amount="", fee="9.99"))).accepted == 1


def test_a_breach_may_blank_the_value_or_only_be_noted(desk: Desk) -> None:
    for effect, amount, counted in (("blank", None, "blanked"), ("note", 2000, "noted")):
        desk.use(
            feed={
                "columns": feed_columns_with(
                    amount={"name": text("c"), "type": "int", "max": 1000, "on_violation": effect}
                )
            }
        )
        report = desk.load(csv(line(1, amount="2000", note=effect)), f"{effect}.csv")
        assert report.rejected == 0
        assert getattr(report, counted) == 1
        assert report.breaches == {"ING131": 1}
        assert [row["amount"] for row in desk.rows()] == [amount]


def test_a_blanking_rule_blanks_its_columns(desk: Desk) -> None:
    rule = {"name": text("cheap"), "check": "fee <= amount", "on_violation": "blank", "blanks": ["fee", "amount"]}
    desk.use(feed={"rules": {"cheap": rule}})
    report = desk.load(csv(line(1, amount="1", fee="2"), line(2, amount="9", fee="2")))
    assert (report.accepted, report.blanked) == (2, 1)
    assert [(row["amount"], row["fee"] is None) for row in desk.rows()] == [(None, True), (9, False)]


def test_a_breach_in_a_key_rejects_even_where_blanking_is_declared(desk: Desk) -> None:
    columns = feed_columns_with(id={"name": text("c"), "type": "text", "allowed": "kinds", "on_violation": "blank"})
    desk.use(feed={"columns": columns})
    report = desk.load(csv(line(1, id="cash"), line(2, id="odd")))
    assert (report.accepted, report.rejected, report.blanked) == (1, 1, 0)


def test_filtered_rows_are_counted_and_not_checked(desk: Desk) -> None:
    desk.use(mapping={"where": "kind <> 'card'"})
    report = desk.load(csv(line(1), line(2, kind="card", amount="x"), line(3, kind="")))
    assert (report.accepted, report.filtered, report.rejected, report.read) == (1, 2, 0, 3)


def test_too_many_rejected_rows_refuse_the_load_as_a_whole(desk: Desk) -> None:
    desk.use(feed={"rejected_limit": "0.5"})
    desk.load(csv(line(7)), "before.csv")
    before = desk.content()
    report = desk.load(csv(line(1), *(line(n, amount="x") for n in range(2, 100)), "short"))
    assert report.state == "rejected"
    assert (report.read, report.accepted, report.rejected) == (100, 0, 100)
    assert report.issues[0].code == "ING022"
    assert desk.content() == before
    assert [row.reason for row in desk.rejected()] == ["ING138", *["ING121"] * 98, "ING101"]
    record = desk.workplace.store.ledger.loads(limit=1)[0]
    assert (record.state, record.accepted, record.rejected) == ("rejected", 0, 100)
    assert desk.workplace.store.ledger.arrivals("visits")[-1].load_id != report.load_id
    check_explained(desk)


def test_exactly_the_limit_is_still_loaded(desk: Desk) -> None:
    desk.use(feed={"rejected_limit": "0.5"})
    assert desk.load(csv(line(1), line(2, amount="x"))).state == "accepted"


def test_a_refused_load_gives_way_to_the_file_once_it_fits(desk: Desk) -> None:
    desk.use(feed={"rejected_limit": "0.1"})
    content = csv(line(1), line(2, kind="cheque"), line(3, amount="x"))
    assert desk.load(content).state == "rejected"
    assert len(desk.rejected()) == 3
    desk.use(
        feed={"rejected_limit": "0.5"},
        code_lists={"kinds": {"name": text("k"), "entries": [{"code": c, "to": c} for c in ("cash", "cheque")]}},
    )
    report = desk.load(desk.root / "in" / "visits.csv")
    assert (report.state, report.accepted, report.rejected) == ("accepted", 2, 1)
    assert [(row.load_id, row.reason) for row in desk.rejected()] == [(report.load_id, "ING121")]


@pytest.mark.requirement("S000-061")
def test_codes_are_mapped_by_list_and_day_and_unknown_ones_are_counted(desk: Desk) -> None:
    entries = [
        {"code": "2", "to": "card", "valid_to": "2026-03-15"},
        {"code": "2", "to": "cash", "valid_from": "2026-03-16"},
        {"code": "3", "to": "cash", "valid_from": "2026-03-16"},
    ]
    lists = {"types": {"name": text("t"), "entries": entries, "unknown": "other", "other": "other"}}
    desk.use(mapping={"columns": columns_with(kind={"source": "kind", "codes": "types"})}, code_lists=lists)
    report = desk.load(
        csv(
            line(1, kind="2", at="2026-03-15 23:59:59"),
            line(2, kind="2", at="2026-03-16 00:00:00"),
            line(3, kind="3", at="2026-03-15 12:00:00"),
            line(4, kind=" ２ ", at="2026-03-15 12:00:00"),
            line(5, kind="AA"),
            line(6, kind="AA"),
            line(7, kind=""),
        )
    )
    assert [row["kind"] for row in desk.rows()] == ["card", "cash", "other", "card", "other", "other", None]
    assert report.unknown_codes == {"kind": {"AA": 2, "3": 1}}
    assert [issue.code for issue in report.issues] == ["ING208"]


def test_an_unknown_code_rejects_where_the_list_says_so(desk: Desk) -> None:
    lists = {"types": {"name": text("t"), "entries": [{"code": "1", "to": "cash"}]}}
    desk.use(mapping={"columns": columns_with(kind={"source": "kind", "codes": "types"})}, code_lists=lists)
    report = desk.load(csv(line(1, kind="1"), line(2, kind="2")))
    assert (report.accepted, report.rejected) == (1, 1)
    assert report.unknown_codes == {"kind": {"2": 1}}
    (found,) = desk.rejected()
    assert (found.reason, found.value) == ("ING132", "2")


def test_more_checks_than_one_mask_holds(desk: Desk) -> None:
    rules = {f"r{n}": {"name": text("r"), "check": f"amount <> {n}"} for n in range(150)}
    desk.use(feed={"rules": rules})
    report = desk.load(csv(*(line(n, amount=str(n)) for n in range(0, 200, 10))))
    assert report.rejected == 15
    assert [row.field for row in desk.rejected()] == [f"r{n}" for n in range(0, 150, 10)]
