"""`backup`, `restore`, `doctor`, `serve`, `demo`: running a workspace."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.cli.conftest import Program

pytestmark = pytest.mark.xdist_group("cli")


def test_a_backup_restores_to_the_same_numbers(ganzhi: Program, january: Path, tmp_path: Path) -> None:
    ask = ("observe", "hotline.answer_rate", "--grain", "month", "--format", "json", "-w")
    before = ganzhi(*ask, january).json
    assert ganzhi("backup", tmp_path / "kept", "-w", january).status == 0
    assert ganzhi("restore", tmp_path / "kept", tmp_path / "again").status == 0
    assert ganzhi(*ask, tmp_path / "again").json == before
    assert ganzhi("doctor", "--deep", "-w", tmp_path / "again").status == 0


def test_restoring_over_something_is_refused(ganzhi: Program, january: Path, tmp_path: Path) -> None:
    assert ganzhi("backup", tmp_path / "kept", "-w", january).status == 0
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("keep", encoding="utf-8")
    said = ganzhi("restore", tmp_path / "kept", tmp_path / "full")
    assert said.status == 3
    assert (tmp_path / "full" / "mine.txt").read_text(encoding="utf-8") == "keep"


def test_doctor_finds_a_data_file_that_is_gone(ganzhi: Program, january: Path, tmp_path: Path) -> None:
    ganzhi("backup", tmp_path / "kept", "-w", january)
    ganzhi("restore", tmp_path / "kept", tmp_path / "hurt")
    next((tmp_path / "hurt" / "warehouse").rglob("*.parquet")).unlink()
    said = ganzhi("doctor", "--format", "json", "-w", tmp_path / "hurt")
    assert said.status == 1
    assert any(each["severity"] == "error" for each in said.json)


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    for line in process.stderr:
        found = re.search(r"http://\S+", line)
        if found:
            return found.group()
    raise AssertionError("the program ended without telling an address")


def test_serve_tells_its_address_answers_and_stops_when_told(january: Path) -> None:
    environment = os.environ | {"GANZHI_LANG": "en"}
    command = [sys.executable, "-m", "ganzhi.cli.main", "serve", "--port", "0", "-w", str(january)]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        try:
            address = _address(process)
            with urllib.request.urlopen(address, timeout=30) as answer:
                assert answer.status == 200
                assert b"<html" in answer.read()
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)
    assert process.returncode == 0


@pytest.mark.slow
def test_demo_prepares_everything_and_can_be_repeated(ganzhi: Program, tmp_path: Path) -> None:
    first = ganzhi("demo", "--no-serve", "--days", 0, "-w", tmp_path / "demo")
    assert first.status == 0
    assert "Technion" in first.err
    assert "31,599" in first.out
    again = ganzhi("demo", "--no-serve", "--days", 0, "-w", tmp_path / "demo")
    assert again.status == 0
    assert "Nothing changed" in again.err
