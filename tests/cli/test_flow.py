"""`ganzhi flow`: a log comes in, is counted, goes out and comes in again as it was."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ganzhi.trace.flow.exchange.event import LogEvent
from ganzhi.trace.flow.exchange.xes import write_xes
from tests.cli.conftest import Program

AT = datetime(2012, 3, 1, 8, tzinfo=UTC)
PATHS = {"1": "abcd", "2": "abcd", "3": "abd", "4": "aabcd"}


def test_a_log_comes_in_is_counted_and_goes_out_again(ganzhi: Program, tmp_path: Path) -> None:
    root, file, again = tmp_path / "w", tmp_path / "tickets.xes.gz", tmp_path / "again.json"
    events = [
        LogEvent(case, step, AT + timedelta(hours=10 * int(case) + n))
        for case, path in PATHS.items()
        for n, step in enumerate(path)
    ]
    file.write_bytes(gzip.compress("".join(write_xes(events, "tickets")).encode()))
    ganzhi("init", root)
    told = ganzhi("flow", "import", file, "-w", root)
    assert (told.status, told.err.split(":")[0]) == (0, "tickets")
    assert "16 events of 4 cases read, 16 stand" in told.err
    shown = ganzhi("flow", "show", "outside", "--format", "json", "-w", root)
    assert {(row["source"], row["target"]): row["n"] for row in shown.json} == {
        ("a", "b"): 4, ("b", "c"): 3, ("c", "d"): 3, ("b", "d"): 1, ("a", "a"): 1,
    }  # fmt: skip
    assert shown.json[0]["mean_s"] == 3600
    variants = ganzhi("flow", "show", "outside", "--part", "variants", "--format", "json", "-w", root).json
    assert next((row["path"], row["cases"]) for row in variants) == ("a → b → c → d", 2)
    cases = ganzhi("flow", "cases", "outside", "--activity", "c", "--format", "json", "-w", root).json
    assert {row["case"] for row in cases} == {"tickets / 1", "tickets / 2", "tickets / 4"}

    assert ganzhi("flow", "export", "outside", "--form", "ocel", "--out", again, "-w", root).status == 0
    assert ganzhi("flow", "import", again, "--log", "copy", "-w", root).status == 0
    copied = ganzhi("flow", "show", "outside", "--where", "log=copy", "--format", "json", "-w", root)
    assert copied.json == shown.json

    assert ganzhi("flow", "show", "nowhere", "-w", root).status == 2
    assert ganzhi("flow", "show", "outside", "--where", "unit=x", "-w", root).status == 2
    assert ganzhi("flow", "cases", "outside", "--kind", "odd", "-w", root).status == 2
