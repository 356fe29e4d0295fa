"""`ganzhi warn` on the sample and on text cases."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Program

CASES = Path(__file__).parents[1] / "warn" / "cases" / "grades.txt"


def test_signals_of_a_day_as_data_and_as_a_table(ganzhi: Program, january: Path) -> None:
    said = ganzhi(
        "warn", "run", "performance.answered", "--on", "1999-01-25", "--all", "--format", "json", "-w", january
    )
    (signal,) = said.json
    assert (signal["rule"], signal["unit"], signal["period"]) == ("performance.answered", "all", "1999-01-25")
    assert (signal["verdict"] == "warned") == (said.status == 1)
    assert signal["made"]["how"] == "fixed"
    shown = ganzhi("warn", "run", "performance.answered", "--on", "1999-01-25", "--all", "-w", january)
    assert "1999-01-25" in shown.out
    assert "1 judged" in shown.err


def test_nothing_is_quiet_that_is_unknown(ganzhi: Program, january: Path) -> None:
    said = ganzhi("warn", "run", "data.calls", "--on", "1999-01-10", "--all", "--format", "json", "-w", january)
    assert [each["verdict"] for each in said.json] == ["unknown"]
    assert said.json[0]["reasons"][0]["code"] == "too_little_history"


def test_backtests_set_kept_limits_beside_renewed_ones(ganzhi: Program, january: Path, tmp_path: Path) -> None:
    truth = tmp_path / "truth.csv"
    truth.write_text("first,last\n1999-01-20,1999-01-21\n", encoding="utf-8")
    options = ("--from", "1999-01-20", "--to", "1999-01-25", "--truth", truth, "--format", "json", "-w", january)
    said = ganzhi("warn", "backtest", "performance.answered", *options)
    counted = {each["count"]: (each["kept"], each["renewed"]) for each in said.json}
    assert counted["evaluations"] == (6, 6)
    assert [sum(pair) for pair in zip(counted["found"], counted["missed"], strict=True)] == [1, 1]


def test_thresholds_are_proposed_of_counts_and_taken_in_for_any_rule(
    ganzhi: Program, january: Path, tmp_path: Path
) -> None:
    refused = ganzhi("warn", "thresholds", "data.calls", "-w", january)
    assert refused.status == 3
    assert "WRN037" in refused.err
    table = tmp_path / "limits.csv"
    rows = "rule,from,busy_days,unit,slice,band,blue,yellow,orange,red\ndata.calls,1999-01-20,,all,,daily,900,800,700,600\n"
    table.write_text(rows, encoding="utf-8")
    assert "1 new version" in ganzhi("findings", "thresholds", "import", table, "--lang", "en", "-w", january).err
    (made,) = ganzhi("findings", "thresholds", "list", "--rule", "data.calls", "--format", "json", "-w", january).json
    assert made["content"]["lines"][0]["daily"] == {"blue": 900.0, "yellow": 800.0, "orange": 700.0, "red": 600.0}
    own = ganzhi("findings", "thresholds", "approve", made["id"], "-w", january)
    assert (own.status, "FND016" in own.err) == (2, True)


def test_text_cases_pass_or_are_told_with_file_and_line(ganzhi: Program, tmp_path: Path) -> None:
    assert ganzhi("warn", "test", CASES, "-w", tmp_path).status == 0
    wrong = tmp_path / "wrong.txt"
    wrong.write_text("case one\nlimits blue=10\n 12 -\n", encoding="utf-8")
    said = ganzhi("warn", "test", wrong, "-w", tmp_path)
    assert said.status == 1
    assert "wrong.txt:3" in said.out
    wrong.write_text("case one\nlimits blue=10\n twelve -\n", encoding="utf-8")
    assert ganzhi("warn", "test", wrong, "-w", tmp_path).status == 3


def test_an_unknown_rule_is_wrong_use(ganzhi: Program, january: Path) -> None:
    said = ganzhi("warn", "run", "data.call", "-w", january)
    assert said.status == 2
    assert "data.calls" in said.err


@pytest.mark.requirement("S003-011")
def test_who_would_be_told_is_known_before_anything_happens(ganzhi: Program, january: Path) -> None:
    red = ganzhi("warn", "route", "complaints.volume", "--grade", "red", "--format", "json", "-w", january)
    blue = ganzhi("warn", "route", "complaints.volume", "--grade", "blue", "--format", "json", "-w", january)
    roles = [{each["role"] for each in said.json} for said in (red, blue)]
    assert {"leader", "owner"} <= roles[0]
    assert "leader" not in roles[1]
    assert {each["reason"] for each in red.json} <= {"no_target", "on_page"}  # the workspace names no targets
    assert ganzhi("findings", "list", "--format", "json", "-w", january).json == []
    assert ganzhi("warn", "route", "no.rule", "-w", january).status == 2
