"""`observe`, `score`, `rows`, `sql` on the sample: what scripts rely on."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.cli.conftest import Program

pytestmark = pytest.mark.xdist_group("cli")

KEYS = [
    "code",
    "unit",
    "grain",
    "period_start",
    "period_end",
    "slice",
    "numerator",
    "denominator",
    "n",
    "value",
    "unit_of_value",
    "completeness",
    "catalogue_version",
    "estimated",
]


def test_the_figures_of_january_come_out(ganzhi: Program, january: Path) -> None:
    codes = ("hotline.calls", "hotline.answered", "hotline.abandoned", "hotline.answer_rate", "hotline.talk.mean_s")
    said = ganzhi("observe", *codes, "--grain", "month", "--format", "json", "-w", january)
    assert said.status == 0
    found = {each["code"]: each for each in said.json}
    assert [found[code]["value"] for code in codes[:3]] == [31_359, 27_060, 3_101]
    assert round(found["hotline.answer_rate"]["value"], 2) == 89.72
    assert (found["hotline.answer_rate"]["numerator"], found["hotline.answer_rate"]["denominator"]) == (27_060, 30_161)
    assert round(found["hotline.talk.mean_s"]["value"], 2) == 185.35
    assert found["hotline.talk.mean_s"]["n"] == 26_783


def test_json_has_exactly_the_declared_keys_in_order(ganzhi: Program, january: Path) -> None:
    said = ganzhi("observe", "hotline.calls", "--grain", "month", "--format", "json", "-w", january)
    assert [list(each) for each in said.json] == [KEYS]
    assert (said.json[0]["period_start"], said.json[0]["period_end"]) == ("1999-01-01", "1999-02-01")
    assert said.json[0]["slice"] == {}


def test_missing_days_are_unknown_and_not_zero(ganzhi: Program, january: Path) -> None:
    said = ganzhi(
        "observe", "hotline.calls", "--from", "1999-01-10", "--to", "1999-01-13", "--format", "json", "-w", january
    )
    values = {each["period_start"]: (each["value"], each["completeness"]) for each in said.json}
    assert values["1999-01-11"] == values["1999-01-12"] == (None, 0)
    assert values["1999-01-10"][0] > 0
    assert values["1999-01-10"][1] == 1


def test_the_table_shows_unknown_as_a_dash(ganzhi: Program, january: Path) -> None:
    said = ganzhi("observe", "hotline.calls", "--from", "1999-01-11", "--to", "1999-01-11", "-w", january)
    row = said.out.splitlines()[2].split()
    assert row[:4] == ["hotline.calls", "all", "1999-01-11", "–"]


def test_csv_for_spreadsheets_has_a_column_per_dimension(ganzhi: Program, january: Path) -> None:
    said = ganzhi("observe", "hotline.calls", "--grain", "month", "--by", "call_type", "--format", "csv", "-w", january)
    assert said.raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(said.raw.decode("utf-8-sig"))))
    assert {row["call_type"] for row in rows} == {"PS", "PE", "IN", "NE", "NW", "TT", "other"}
    assert sum(int(row["value"]) for row in rows) == 31_359


def test_parquet_goes_to_a_file_and_reads_back(ganzhi: Program, january: Path, tmp_path: Path) -> None:
    out = tmp_path / "days.parquet"
    said = ganzhi("observe", "hotline.calls", "--format", "parquet", "--out", out, "-w", january)
    assert (said.status, said.raw) == (0, b"")
    found = pq.read_table(out)
    assert found.column_names == KEYS
    assert found.num_rows == 31


def test_a_misspelt_indicator_is_wrong_use_with_the_nearest_names(ganzhi: Program, january: Path) -> None:
    said = ganzhi("observe", "hotline.answer_rat", "-w", january)
    assert said.status == 2
    assert said.err.startswith("REQ010")
    assert "hotline.answer_rate" in said.err


@pytest.mark.parametrize(
    ("option", "value", "code"),
    [
        ("--grain", "fortnight", "REQ002"),
        ("--from", "1999-13-01", "REQ003"),
        ("--unit", "nowhere", "REQ012"),
        ("--where", "x", "CLI002"),
    ],
)
def test_a_wrong_request_says_which_part(option: str, value: str, code: str, ganzhi: Program, january: Path) -> None:
    said = ganzhi("observe", "hotline.calls", option, value, "-w", january)
    assert said.status == 2
    assert code in said.err
    assert said.out == ""


def test_rows_are_as_many_as_the_number_says_and_masked(ganzhi: Program, january: Path) -> None:
    number = ganzhi("observe", "hotline.abandoned", "--from", "1999-01-31", "--format", "json", "-w", january).json[0][
        "value"
    ]
    said = ganzhi("rows", "hotline.abandoned", "--period", "1999-01-31", "--format", "json", "-w", january)
    assert said.status == 0
    assert len(said.json) == number > 20
    assert all(row["_file"].endswith("january.txt.gz") and row["_line"] > 1 for row in said.json)
    assert all("*" in row["customer_id"] for row in said.json if row["customer_id"])
    assert all(row["arrived_at"].startswith("1999-01-31T") for row in said.json)


def test_rows_in_a_table_are_few_and_their_total_is_told(ganzhi: Program, january: Path) -> None:
    said = ganzhi("rows", "hotline.calls", "--period", "1999-01-31", "--limit", "3", "-w", january)
    assert len(said.out.splitlines()) == 5
    assert "3 shown" in said.err


def test_score_of_the_whole_hotline_names_its_coverage(ganzhi: Program, january: Path) -> None:
    said = ganzhi(
        "score", "hotline.experience", "hotline.answer_rate", "--grain", "month", "--format", "json", "-w", january
    )
    assert said.status == 0
    top, leaf = said.json
    assert 0 <= top["score"] <= 120
    assert top["coverage"] is not None
    assert {each["code"] for each in top["contributions"]} >= {"hotline.access", "hotline.waiting"}
    assert leaf["observation"]["numerator"] == 27_060


@pytest.mark.parametrize("form", ["table", "csv", "parquet"])
def test_scores_come_in_every_form(form: str, ganzhi: Program, january: Path, tmp_path: Path) -> None:
    out = tmp_path / "scores"
    said = ganzhi("score", "hotline.answer_rate", "--grain", "week", "--format", form, "--out", out, "-w", january)
    assert said.status == 0
    assert out.stat().st_size > 100


def test_a_score_cannot_be_cut(ganzhi: Program, january: Path) -> None:
    said = ganzhi("score", "hotline.answer_rate", "--by", "call_type", "-w", january)
    assert said.status == 2
    assert "CLI007" in said.err


def test_sql_is_what_runs_and_names_its_steps(ganzhi: Program, january: Path) -> None:
    said = ganzhi("sql", "hotline.answer_rate", "-w", january)
    assert said.status == 0
    heads = re.findall(r"^-- calls: (scan|roll|observe) \(\w+\)$", said.out, re.MULTILINE)
    assert (heads[0], heads[-1]) == ("scan", "observe")
    assert "nullif" in said.out.lower()


def test_sql_needs_no_data(ganzhi: Program, workspace: Path) -> None:
    assert ganzhi("sql", "hotline.answer_rate", "-w", workspace).status == 0


def test_sql_for_an_engine_without_a_dialect_is_refused(ganzhi: Program, workspace: Path) -> None:
    said = ganzhi("sql", "hotline.answer_rate", "--engine", "oracle", "-w", workspace)
    assert said.status == 2
    assert said.out == ""


def test_asking_before_anything_arrived_says_so(ganzhi: Program, workspace: Path) -> None:
    said = ganzhi("observe", "hotline.calls", "-w", workspace)
    assert said.status == 2
    assert "CLI006" in said.err
