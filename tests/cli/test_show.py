"""Tables, data formats and progress, without any workspace."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ganzhi.base.cells import neutral
from ganzhi.base.errors import EngineError
from ganzhi.cli.show.formats import as_csv, as_json, as_parquet, write_out
from ganzhi.cli.show.progress import Progress
from ganzhi.cli.show.table import Column, display_width, printable, shorten, table


def test_columns_stay_aligned_when_chinese_and_latin_text_mix() -> None:
    text = table([Column("指标"), Column("值", "right")], [["人工接通率", "89.72"], ["calls", "31,359"]])
    widths = {display_width(line) for line in text.splitlines()}
    assert widths == {18}


@pytest.mark.parametrize(
    ("text", "cells"), [("", 0), ("abc", 3), ("接通", 4), ("é", 1), ("e\u0301", 1), ("ｆ", 2), ("a\u200bb", 2)]
)
def test_width_counts_cells(text: str, cells: int) -> None:
    assert display_width(text) == cells


def test_long_cells_are_cut_at_a_character_never_in_the_middle_of_a_wide_one() -> None:
    assert shorten("人工接通率", 7) == "人工接…"
    assert shorten("人工接通率", 6) == "人工…"
    assert display_width(shorten("人工接通率", 6)) <= 6


def test_control_characters_cannot_steer_the_terminal() -> None:
    assert printable("a\x1b[2Jb\nc\u202e") == "a\\x1b[2Jb\\nc\\u202e"


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"])
def test_text_that_a_spreadsheet_would_run_is_disarmed(begin: str) -> None:
    assert neutral(f"{begin}1+1").startswith("'")
    assert neutral(f"{begin}1+1").endswith("1+1")


def test_csv_keeps_numbers_numbers_and_unknown_empty() -> None:
    data = as_csv(
        ["name", "n", "value", "at"], [{"name": "=x", "n": -5, "value": None, "at": datetime(2026, 1, 1, tzinfo=UTC)}]
    )
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    assert rows == [["name", "n", "value", "at"], ["'=x", "-5", "", "2026-01-01T00:00:00+00:00"]]


def test_json_writes_whole_decimals_as_integers_and_refuses_what_json_cannot_say() -> None:
    assert json.loads(as_json([{"a": Decimal("27060.000"), "b": Decimal("0.5"), "c": None}])) == [
        {"a": 27060, "b": 0.5, "c": None}
    ]
    with pytest.raises(ValueError, match="not JSON compliant"):
        as_json([{"a": float("nan")}])


def test_json_of_nothing_is_an_empty_list() -> None:
    assert json.loads(as_json([])) == []


def test_parquet_reads_back_with_nulls() -> None:
    data = as_parquet(
        ["code", "n", "value"], [{"code": "a", "n": 1, "value": 0.5}, {"code": "b", "n": 2, "value": None}]
    )
    assert pq.read_table(io.BytesIO(data)).to_pylist() == [
        {"code": "a", "n": 1, "value": 0.5},
        {"code": "b", "n": 2, "value": None},
    ]


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    target.write_bytes(b"old")
    write_out(b"new", target, io.BytesIO())
    assert target.read_bytes() == b"new"
    assert [p.name for p in tmp_path.iterdir()] == ["out.csv"]


def test_a_file_that_cannot_be_written_is_an_outside_failure(tmp_path: Path) -> None:
    with pytest.raises(EngineError) as caught:
        write_out(b"new", tmp_path / "none" / "out.csv", io.BytesIO())
    assert caught.value.issue.code == "CLI004"


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_one_line_per_step_where_there_is_no_terminal() -> None:
    stream = io.StringIO()
    with Progress(stream) as progress:
        progress.at("a.csv", 1, 2)
        progress.at("b.csv", 2, 2)
    assert stream.getvalue() == "[1/2] a.csv\n[2/2] b.csv\n"


def test_progress_is_a_bar_on_a_terminal_and_leaves_the_line_empty() -> None:
    stream = _Terminal()
    with Progress(stream) as progress:
        progress.at("a.csv", 1, 2)
        assert "█" in stream.getvalue()
        assert "\n" not in stream.getvalue()
    assert stream.getvalue().endswith("\r\x1b[2K")
