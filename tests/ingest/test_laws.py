"""What must hold for any file: both readers agree, nothing disappears, order and repetition do not matter.

The number of examples per law is small here and grows with GANZHI_EXAMPLES (a factor).
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ganzhi.base.errors import InputError
from ganzhi.catalogue.model.data import FileFormat
from ganzhi.ingest import settle as settle_module
from ganzhi.ingest.reading.delivered import Delivered
from ganzhi.ingest.reading.plain import Shape, read_delimited, read_text
from ganzhi.ingest.reading.table import Table
from ganzhi.ingest.replay import replay
from ganzhi.warehouse.staging import Staging
from tests.ingest.desk import HEADER, Desk, csv, line, text

FACTOR = int(os.environ.get("GANZHI_EXAMPLES", "1"))


def law(examples: int) -> Callable[[Any], Any]:
    checks = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
    return settings(max_examples=examples * FACTOR, deadline=None, suppress_health_check=checks, print_blob=True)


@contextmanager
def new_desk(**parts: Any) -> Iterator[Desk]:
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder)).use(**parts)
        try:
            yield desk
        finally:
            desk.close()


# --- both readers agree ---------------------------------------------------------------------------

PIECES = st.sampled_from(
    [b"a", b"b", b"1", b",", b",", b",", b'"', b'""', b"\n", b"\n", b"\r\n", b"\r", b" ", b"\t", b"\\", b"#", b"'",
     b"\xe4\xb8\xad", b"\xff", b"\x00", b"NULL", b"x,y\n", b'"q",z\n', b"1,2\n", b",\n"]
)  # fmt: skip
CONNECTION = duckdb.connect(config={"threads": "1"})


def rows_of(table: Table) -> list[tuple[int, tuple[str | None, ...]]] | None:
    """Line numbers and texts (empty for NULL) of a table; None when the engine does not read it as we expect."""
    columns = ", ".join(f"c{n}" for n in range(len(table.header)))
    try:
        if table.fast:
            found = CONNECTION.execute(f"SELECT {columns} FROM {table.relation}").fetchall()
        else:
            numbered = CONNECTION.execute(f"SELECT _line, {columns} FROM {table.relation} ORDER BY _line").fetchall()
            return [(row[0], tuple(value or "" for value in row[1:])) for row in numbered]
    except duckdb.Error:
        return None
    inside = sum((value or "").count(",") for row in found for value in row)
    if len(found) != table.rows or inside != (table.inside or 0):
        return None
    return [(n + table.first_line, tuple(value or "" for value in row)) for n, row in enumerate(found)]


@law(400)
@given(st.lists(PIECES, max_size=40).map(b"".join), st.sampled_from(['"', ""]))
@example(b'1, "x"\n2,"y" \n', '"')
@example(b"1,2,\n3,4\n", '"')
@example(b'1,""\n2,3,\n', '"')
@example(b'"1\n2",3\n', '"')
@example(b'a"b,c\n', '"')
@example(b',,"",', '"')
@example(b"   \n1,2\n", '"')
@example(b"1,2\r\n3,4\r\n", '"')
def test_the_engine_and_the_record_reader_read_the_same(body: bytes, quote: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.csv"
        path.write_bytes(b"p,q\n" + body)
        staging = Staging(Path(folder))
        shape = Shape(FileFormat(quote=quote, max_line_kb=1), ("p", "q"), declared=True, closed=False)
        try:
            with Delivered(path) as delivered:
                read = read_text(delivered, shape.format, staging)
                fast = read_delimited(read, shape, staging)
                careful = read_delimited(read, shape, staging, careful=True)
                if fast.fast and (found := rows_of(fast)) is not None:
                    assert careful.structural_rows == careful.blank == 0
                    assert found == rows_of(careful)
        except InputError as error:
            assert {issue.code for issue in error.issues} <= {"ING004", "ING010"}  # noqa: PT017 - a refusal is one of two fair answers
        finally:
            staging.close()


VALUES = {
    "id": st.sampled_from(["v1", "v2", "v3", " v4 ", "", "1.38E+10", "v5"]),
    "at": st.sampled_from(
        ["2026-03-01 09:00:00", " 2026-03-02 10:00:00", "2026-3-1", "", "2026-03-01 24:00:00", "1999-01-01 00:00:00"]
    ),
    "hall": st.sampled_from(["h1", "h2", "h9", " h1", "H1"]),
    "kind": st.sampled_from(["cash", "card", " cash ", "", "cheque", "現金", "ｃａｓｈ", '"card"', '"a,b"']),
    "amount": st.sampled_from(
        ["1", "007", " 5", "5.7", "0x10", "", "-1", "１２", "99999999999999999999", "1_0", "1e2"]
    ),
    "fee": st.sampled_from(["1.50", "1.5", "1", "1.505", ".5", "1.", "", "-2.00", "1,5", "NaN"]),
    "note": st.sampled_from(
        ["fine", "", "  ", '"two\nlines"', '"say ""hi"""', 'in"ner', "中文", "\u00a0x", '"open', "a\0b"]
    ),
}
LINES = st.fixed_dictionaries(VALUES).map(lambda v: ",".join(v[name] for name in HEADER.split(",")))
BODIES = st.lists(st.one_of(LINES, LINES, st.sampled_from(["", "short", "TOTAL"])), max_size=12)


def outcome(desk: Desk) -> tuple[Any, ...]:
    return (
        [tuple(v for k, v in row.items() if k != "_load") for row in desk.rows()],
        [(r.line, r.field, r.value, r.reason, r.detail, r.raw) for r in desk.rejected()],
    )


@law(15)
@given(BODIES)
def test_no_record_disappears_and_careful_reading_changes_nothing(lines: list[str]) -> None:
    results = []
    # A blank line at the end sends the file to the record reader.
    for tail in (b"", b"\n"):
        with new_desk() as desk:
            report = desk.load(csv(*lines) + tail)
            tally = report.tally
            assert tally.balances
            assert tally.rejected == len(desk.rejected()) == sum(report.reasons.values())
            assert tally.accepted + tally.replaced == len(desk.rows())
            results.append((outcome(desk), report.reasons, report.breaches, report.unknown_codes, tally.read))
    assert results[0] == results[1]


# --- order, repetition, corrections ---------------------------------------------------------------

EVENTS = st.lists(
    st.lists(
        st.tuples(st.integers(1, 6), st.integers(1, 4), st.integers(0, 3)),
        min_size=1,
        max_size=5,
        unique_by=lambda e: e[0],
    ),
    min_size=1,
    max_size=5,
)
"""Files of (key, day, amount): later files correct earlier ones, also by moving a row to another day."""


def content_of(events: list[tuple[int, int, int]]) -> bytes:
    return csv(*(line(key, at=f"2026-03-0{day} 09:00:00", amount=str(amount)) for key, day, amount in events))


def expected_after(files: list[list[tuple[int, int, int]]]) -> dict[str, tuple[int, int]]:
    """The last version of every key; a file whose content was there before changes nothing."""
    found: dict[str, tuple[int, int]] = {}
    seen: set[bytes] = set()
    for events in files:
        content = content_of(events)
        if content not in seen:
            seen.add(content)
            found |= {f"v{key}": (day, amount) for key, day, amount in events}
    return found


def run_sequence(files: list[list[tuple[int, int, int]]]) -> None:
    with new_desk() as desk:
        for number, events in enumerate(files):
            report = desk.load(content_of(events), f"{number}.csv")
            assert report.state == "already" or report.read == len(events)
        partitions = desk.workplace.store.manifest.snapshot().table("rows/visits")
        found = {row["id"]: ((row["at"] - 1772326800) // 86400 + 1, row["amount"]) for row in desk.rows()}
        assert found == expected_after(files)
        assert sum(ref.rows for ref in partitions) == len(found)
        days: dict[str, int] = {}
        for day, _ in found.values():
            days[f"2026-03-0{day}"] = days.get(f"2026-03-0{day}", 0) + 1
        counted: dict[str, int] = {}
        for ref in partitions:
            counted[ref.partition] = counted.get(ref.partition, 0) + ref.rows
        assert counted == days
        arrived: dict[str, int] = {}
        for arrival in desk.workplace.store.ledger.arrivals("visits"):
            arrived[str(arrival.day)] = 1
        assert set(days) <= set(arrived)


@law(14)
@given(EVENTS, st.randoms(use_true_random=False))
def test_any_sequence_of_files_ends_in_the_last_version_of_every_key(
    files: list[list[tuple[int, int, int]]], random: Any
) -> None:
    repeated = list(files)
    for events in files:
        if random.random() < 0.4:
            repeated.insert(random.randrange(len(repeated) + 1), events)
    run_sequence(repeated)


def test_the_law_would_notice_a_forgotten_old_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """A seeded bug: corrections that move a row leave the old one behind. The law above must fail."""
    original = settle_module._settle_against

    def forgetful(session: Any, *args: Any) -> None:
        original(session, *args)
        session.execute("DELETE FROM going")

    monkeypatch.setattr(settle_module, "_settle_against", forgetful)
    with pytest.raises(AssertionError):
        run_sequence([[(1, 1, 0)], [(1, 2, 0)]])


@law(8)
@given(BODIES, st.integers(0, 3))
def test_break_fix_and_replay_is_a_clean_load(lines: list[str], fixes: int) -> None:
    fixed: dict[str, Any] = {}
    if fixes & 1:
        fixed["units"] = {"h9": {"name": text("h9"), "level": "hall", "parent": "all"}}
    if fixes & 2:
        fixed["mapping"] = {"format": {"null_words": ["5.7", "0x10", "NaN", "cheque"]}}
    content = csv(*lines)
    with new_desk(**fixed) as clean:
        clean.load(content)
        wanted = (clean.content(), _reasons(clean))
    with new_desk() as desk:
        desk.load(content)
        desk.use(**fixed)
        for _ in range(2):
            reports = replay(desk.workplace)
            assert all(report.tally.balances for report in reports)
            got = (desk.content(), _reasons(desk))
        keys = [row[0] for row in desk.content()]
        assert len(keys) == len(set(keys))
        if not _contradicting(lines):
            assert got == wanted


def _reasons(desk: Desk) -> list[tuple[int, str]]:
    """The reason of every rejected line. A quote that a later line closes in a wrong place is, read alone, never closed."""
    return sorted((each.line, {"ING107": "ING106"}.get(each.reason, each.reason)) for each in desk.rejected())


def _contradicting(lines: list[str]) -> bool:
    """Whether a key comes twice: then what a clean load sees together, a replay sees apart."""
    keys = [each.split(",")[0].strip() for each in lines if each]
    return len(keys) != len(set(keys))
