"""`close` and `observe --as`: what was reported stays, and stands beside what is known now."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import pytest

from ganzhi.base.settings import read_settings_file
from ganzhi.jobs import closing_rules
from tests.cli.conftest import Program

pytestmark = pytest.mark.xdist_group("cli")

ASK = ("hotline.calls", "hotline.answer_rate", "--grain", "month", "-w")


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory, sample_calls: Path) -> Path:
    """January without the last line of the file, refreshed; and that line as a file of its own."""
    from ganzhi.cli.main import run

    folder = tmp_path_factory.mktemp("closing")
    with gzip.open(sample_calls, "rt", encoding="utf-8") as file:
        head, *lines = file.read().splitlines()
    (folder / "most.txt").write_text("\n".join([head, *lines[:-1]]) + "\n", encoding="utf-8")
    (folder / "late.txt").write_text("\n".join([head, lines[-1]]) + "\n", encoding="utf-8")
    for line in (
        ["init", folder / "ws"],
        ["ingest", "calls", folder / "most.txt", "-w", folder / "ws"],
        ["refresh", "-w", folder / "ws"],
    ):
        assert run([*map(str, line), "--lang", "en"]) == 0
    return folder / "ws"


def test_a_closed_month_is_shown_as_it_was_beside_what_a_late_file_made_of_it(ganzhi: Program, own: Path) -> None:
    before = ganzhi("observe", *ASK, own, "--format", "json").json
    assert ganzhi("observe", *ASK, own, "--as", "reported", "--format", "json").json == []
    said = ganzhi("close", "month", "1999-01", "--note", "monthly report", "--author", "lin", "-w", own)
    assert (said.status, said.err.split(" as of ")[0]) == (0, "Closed 1999-01, edition 1,")
    listed = ganzhi("close", "--list", "--format", "json", "-w", own).json
    assert [(each["period"], each["edition"], each["actor"], each["note"]) for each in listed] == [
        ("1999-01", 1, "lin", "monthly report")
    ]
    assert "monthly report" in ganzhi("close", "--list", "-w", own).out
    assert ganzhi("ingest", "calls", own.parent / "late.txt", "-w", own).status == 0
    assert ganzhi("refresh", "-w", own).status == 0

    reported = ganzhi("observe", *ASK, own, "--as", "reported", "--format", "json").json
    assert [{name: each[name] for name in before[0]} for each in reported] == before
    assert {(each["edition"], each["closed_by"]) for each in reported} == {(1, "lin")}
    now = ganzhi("observe", *ASK, own, "--format", "json").json
    assert [list(each) for each in now] == [list(each) for each in before]
    both = ganzhi("observe", *ASK, own, "--as", "both", "--format", "json").json
    assert [{name: each[name] for name in now[0]} for each in both] == now
    calls = both[0]["reported"]
    assert calls["value"] == before[0]["value"] == now[0]["value"] - 1
    assert (calls["difference"], calls["reasons"], calls["files"]) == (1, ["late"], ["late.txt"])
    rows = list(csv.DictReader(io.StringIO(ganzhi("observe", *ASK, own, "--as", "both", "--format", "csv").out[1:])))
    assert float(rows[0]["reported_value"]) + float(rows[0]["reported_difference"]) == float(rows[0]["value"])
    table = ganzhi("observe", *ASK, own, "--as", "both").out
    assert "late data" in table
    assert "1999-01-01" not in table
    assert " 31,358 " in ganzhi("observe", *ASK, own, "--as", "reported").out

    part = ("hotline.calls", "--grain", "month", "--by", "call_type", "--todate", "-w", own)
    cut = ganzhi("observe", *part, "--as", "both", "--format", "json").json
    assert sum(each["reported"]["value"] for each in cut) == calls["value"]
    assert {each["slice"]["call_type"] for each in cut if each["reported"]["reasons"]} == {late_type(own)}
    rows = list(csv.DictReader(io.StringIO(ganzhi("observe", *part, "--as", "reported", "--format", "csv").out[1:])))
    assert [(row["call_type"], float(row["value"])) for row in rows] == [
        (each["slice"]["call_type"], each["reported"]["value"]) for each in cut
    ]
    first = ("hotline.calls", "--period", "1999-01-02", "--since", "quarter", "--where", "call_type=PS", "-w", own)
    listed = ganzhi("rows", *first, "--format", "json").json
    day = ("--from", "1999-01-02", "--to", "1999-01-02", "--since", "quarter", "--where", "call_type=PS", "-w", own)
    assert len(listed) == ganzhi("observe", "hotline.calls", *day, "--format", "json").json[0]["value"]
    assert {each["arrived_at"][:10] for each in listed} == {"1999-01-01", "1999-01-02"}


def late_type(own: Path) -> str:
    """The type of call of the late line, read off the file."""
    head, line = (own.parent / "late.txt").read_text(encoding="utf-8").splitlines()
    return line.split("\t")[head.split("\t").index("type")]


def test_scores_of_a_closed_day_are_shown_as_they_were_beside_what_they_are_now(ganzhi: Program, own: Path) -> None:
    ask = ("hotline.answer_rate", "--from", "1999-01-04", "--to", "1999-01-05", "-w", own)
    before = ganzhi("score", *ask, "--format", "json").json
    assert ganzhi("close", "day", "1999-01-04", "--author", "lin", "-w", own).status == 0
    reported = ganzhi("score", *ask, "--as", "reported", "--format", "json").json
    shared = set(before[0]) - {"observation"}
    assert [{name: each[name] for name in shared} for each in reported] == [{name: before[0][name] for name in shared}]
    assert (reported[0]["edition"], reported[0]["closed_by"]) == (1, "lin")
    both = ganzhi("score", *ask, "--as", "both", "--format", "json").json
    assert [{name: each[name] for name in before[0]} for each in both] == before
    assert both[1]["reported"] is None
    assert (both[0]["reported"]["score"], both[0]["reported"]["difference"]) == (before[0]["score"], 0)
    rows = list(csv.DictReader(io.StringIO(ganzhi("score", *ask, "--as", "both", "--format", "csv").out[1:])))
    assert [row["reported_edition"] for row in rows] == ["1", ""]
    assert "lin" in ganzhi("score", *ask, "--as", "reported").out
    assert ganzhi("score", *ask, "--as", "both", "--todate").status == 2


def test_wrong_uses_are_refused_with_a_reason(ganzhi: Program, own: Path) -> None:
    def code(*arguments: object) -> tuple[int, str]:
        said = ganzhi(*arguments, "-w", own)
        return said.status, said.err.partition(" ")[0]

    assert code("close", "month", "1999-W01") == (2, "MEA025")
    assert code("close", "hour", "1999-01-04T09") == (2, "MEA020")
    assert code("close", "month", "1998-01") == (2, "MEA023")
    assert code("close", "year", "2999") == (2, "MEA021")
    assert code("observe", "hotline.calls", "--as", "both", "--by", "hour_of_day") == (2, "MEA024")
    assert ganzhi("close", "month", "-w", own).status == 2


def test_the_settings_say_after_how_many_days_a_period_is_closed(tmp_path: Path) -> None:
    file = tmp_path / "ganzhi.toml"
    file.write_text("[close]\nmonth_after_days = 5\nweek_after_days = 2\n", encoding="utf-8")
    rules = closing_rules(read_settings_file(file, {}))
    assert [(rule.grain.value, rule.after_days) for rule in rules] == [("week", 2), ("month", 5)]
    own = '[workspace]\noperator_week = "week-sat"\n[close]\noperator_week_after_days = 3\n'
    file.write_text(own, encoding="utf-8")
    rules = closing_rules(read_settings_file(file, {}))
    assert [(rule.grain.value, rule.after_days) for rule in rules] == [("week-sat", 3)]
    file.write_text("", encoding="utf-8")
    assert closing_rules(read_settings_file(file, {})) == ()
