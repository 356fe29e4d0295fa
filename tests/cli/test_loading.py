"""`init`, `check`, `ingest`, `quarantine`, `refresh`: from a folder to data, and what goes wrong on the way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from tests.cli.conftest import Program, call_line

pytestmark = pytest.mark.xdist_group("cli")

CallFile = Callable[..., Path]


def test_init_makes_a_workspace_that_passes_its_check(ganzhi: Program, tmp_path: Path) -> None:
    assert ganzhi("init", tmp_path / "new").status == 0
    said = ganzhi("check", "-w", tmp_path / "new")
    assert said.status == 0
    assert "0 errors" in said.err


def test_init_never_touches_what_is_there(ganzhi: Program, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep", encoding="utf-8")
    said = ganzhi("init", tmp_path)
    assert said.status == 2
    assert "CFG005" in said.err
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_check_reports_every_issue_with_file_and_line_and_ends_with_1(ganzhi: Program, workspace: Path) -> None:
    (workspace / "catalogue" / "own.yaml").write_text(
        "indicators:\n"
        "  own.first:\n"
        "    name: {zh: 甲, en: First}\n"
        "    definition: {zh: 甲, en: First}\n"
        "    layer: KPI\n"
        "    type: business_perception\n"
        "    unit: count\n"
        "    feed: cals\n"
        "    count: {where: wait_s > 60}\n"
        "    treshold: 3\n",
        encoding="utf-8",
    )
    said = ganzhi("check", "-w", workspace)
    assert said.status == 1
    assert "own.yaml:10" in said.err
    assert "treshold" in said.err
    found = ganzhi("check", "--format", "json", "-w", workspace)
    assert found.status == 1
    assert {each["line"] for each in found.json} >= {10}
    assert all(each["cause"] and each["remedy"] for each in found.json)


def test_ingest_prints_what_became_of_every_record(ganzhi: Program, workspace: Path, call_file: CallFile) -> None:
    file = call_file("calls.txt", call_line(1), call_line(2), call_line(2), call_line(3, wait="soon"))
    said = ganzhi("ingest", "calls", file, "--format", "json", "-w", workspace)
    assert said.status == 0
    report = said.json[0]
    assert (report["read"], report["accepted"], report["duplicate"], report["rejected"]) == (4, 2, 1, 1)
    assert "ganzhi quarantine list" in said.err


def test_the_same_file_again_counts_once(ganzhi: Program, workspace: Path, call_file: CallFile) -> None:
    file = call_file("calls.txt", call_line(1))
    first = ganzhi("ingest", "calls", file, "-w", workspace)
    again = ganzhi("ingest", "calls", file, "--format", "json", "-w", workspace)
    assert (first.status, again.status) == (0, 0)
    assert again.json[0]["state"] == "already"


def test_a_refused_file_ends_with_3_and_the_others_are_loaded(
    ganzhi: Program, workspace: Path, call_file: CallFile
) -> None:
    good = call_file("good.txt", call_line(1))
    empty = workspace.parent / "empty.txt"
    empty.write_bytes(b"")
    said = ganzhi("ingest", "calls", empty, good, "--format", "json", "-w", workspace)
    assert said.status == 3
    assert "empty.txt" in said.err
    assert [(Path(each["file"]).name, each["accepted"]) for each in said.json if each["accepted"]] == [("good.txt", 1)]


def test_a_file_that_is_not_there_is_rejected_input(ganzhi: Program, workspace: Path) -> None:
    said = ganzhi("ingest", "calls", workspace / "none.txt", "-w", workspace)
    assert said.status == 3
    assert "none.txt" in said.err


def test_an_unknown_feed_is_wrong_use_with_the_nearest_name(
    ganzhi: Program, workspace: Path, call_file: CallFile
) -> None:
    said = ganzhi("ingest", "cals", call_file("calls.txt", call_line(1)), "-w", workspace)
    assert said.status == 2
    assert "REQ011" in said.err
    assert "calls" in said.err


def test_ingest_without_files_is_wrong_use(ganzhi: Program, workspace: Path) -> None:
    said = ganzhi("ingest", "calls", "-w", workspace)
    assert said.status == 2
    assert "CLI003" in said.err


def test_the_template_lists_the_columns_of_the_feed(ganzhi: Program, workspace: Path, tmp_path: Path) -> None:
    said = ganzhi("ingest", "calls", "--template", "-w", workspace)
    assert said.status == 0
    assert "call_id" in said.raw.decode("utf-8-sig").splitlines()[0].split(",")
    assert ganzhi("ingest", "calls", "--template", "--out", tmp_path / "calls.xlsx", "-w", workspace).status == 0
    assert openpyxl.load_workbook(tmp_path / "calls.xlsx").sheetnames


def test_quarantine_lists_shows_and_loads_again(ganzhi: Program, workspace: Path, call_file: CallFile) -> None:
    file = call_file("calls.txt", call_line(1), call_line(2, outcome="LOST"), call_line(3))
    assert ganzhi("ingest", "calls", file, "-w", workspace).status == 0
    listed = ganzhi("quarantine", "list", "--format", "json", "-w", workspace).json
    assert [each["rows"] for each in listed] == [1]
    shown = ganzhi("quarantine", "show", listed[0]["load_id"], "--format", "json", "-w", workspace).json
    assert (shown[0]["line"], shown[0]["field"], shown[0]["value"]) == (3, "outcome", "LOST")
    assert shown[0]["meaning"]
    assert shown[0]["raw"] is None
    (workspace / "catalogue" / "outcomes.yaml").write_text(
        "code_lists:\n"
        "  outcomes:\n"
        "    name: {zh: 来话结果代码, en: Outcome codes}\n"
        "    unknown: reject\n"
        "    entries:\n"
        "      - {code: AGENT, to: AGENT}\n"
        "      - {code: HANG, to: HANG}\n"
        "      - {code: PHANTOM, to: PHANTOM}\n"
        "      - {code: LOST, to: LOST}\n",
        encoding="utf-8",
    )
    again = ganzhi("quarantine", "replay", "--load", listed[0]["load_id"], "--format", "json", "-w", workspace)
    assert again.status == 0
    assert [each["accepted"] for each in again.json] == [1]


def test_raw_records_are_shown_only_when_asked_for(ganzhi: Program, workspace: Path, call_file: CallFile) -> None:
    ganzhi("ingest", "calls", call_file("calls.txt", call_line(1), call_line(2, wait="soon")), "-w", workspace)
    load = ganzhi("quarantine", "list", "--format", "json", "-w", workspace).json[0]["load_id"]
    said = ganzhi("quarantine", "show", load, "--raw", "--format", "json", "-w", workspace)
    assert "soon" in said.json[0]["raw"]


def test_an_empty_quarantine_is_told_and_is_an_empty_list_for_programs(ganzhi: Program, workspace: Path) -> None:
    said = ganzhi("quarantine", "list", "-w", workspace)
    assert (said.status, said.out) == (0, "")
    assert said.err.strip()
    assert ganzhi("quarantine", "list", "--format", "json", "-w", workspace).json == []


def test_refresh_computes_only_what_changed(ganzhi: Program, workspace: Path, call_file: CallFile) -> None:
    ganzhi("ingest", "calls", call_file("a.txt", call_line(1), call_line(2, day="990106")), "-w", workspace)
    assert "2 days computed" in ganzhi("refresh", "-w", workspace).err
    assert "Nothing changed" in ganzhi("refresh", "-w", workspace).err
    ganzhi("ingest", "calls", call_file("b.txt", call_line(3)), "-w", workspace)
    assert "1 days computed" in ganzhi("refresh", "-w", workspace).err


def test_rows_corrected_by_hand_are_loaded_again(
    ganzhi: Program, workspace: Path, call_file: CallFile, tmp_path: Path
) -> None:
    ganzhi("ingest", "calls", call_file("calls.txt", call_line(1), call_line(2, wait="soon")), "-w", workspace)
    load = ganzhi("quarantine", "list", "--format", "json", "-w", workspace).json[0]["load_id"]
    rows = tmp_path / "rows.csv"
    assert ganzhi("quarantine", "show", load, "--raw", "--format", "csv", "--out", rows, "-w", workspace).status == 0
    rows.write_bytes(rows.read_bytes().replace(b"soon", b"6"))
    said = ganzhi("quarantine", "replay", "--corrected", rows, "--format", "json", "-w", workspace)
    assert said.status == 0
    assert [each["accepted"] for each in said.json] == [1]


def test_a_record_that_a_spreadsheet_would_run_survives_the_way_out_and_back(
    ganzhi: Program, workspace: Path, call_file: CallFile, tmp_path: Path
) -> None:
    ganzhi("ingest", "calls", call_file("calls.txt", call_line(1), "+" + call_line(2, wait="soon")), "-w", workspace)
    load = ganzhi("quarantine", "list", "--format", "json", "-w", workspace).json[0]["load_id"]
    rows = tmp_path / "rows.csv"
    ganzhi("quarantine", "show", load, "--raw", "--format", "csv", "--out", rows, "-w", workspace)
    assert b"'+AA0101" in rows.read_bytes()
    rows.write_bytes(rows.read_bytes().replace(b"soon", b"6"))
    assert ganzhi("quarantine", "replay", "--corrected", rows, "-w", workspace).status == 0
    ganzhi("refresh", "-w", workspace)
    found = ganzhi("rows", "hotline.calls", "--period", "1999-01-05", "--format", "json", "-w", workspace).json
    assert {each["call_id"] for each in found} == {"AA0101-1", "+AA0101-2"}
