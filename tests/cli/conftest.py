"""A workspace with the sample in it, and a way to run the program on it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ganzhi.cli.main import run


@dataclass(frozen=True, slots=True)
class Said:
    """What a run of the program left: exit status, standard output, standard error."""

    status: int
    raw: bytes
    err: str

    @property
    def out(self) -> str:
        return self.raw.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.raw)


Program = Callable[..., Said]


@pytest.fixture
def ganzhi(capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Program:
    """Runs the program in English unless told otherwise."""
    monkeypatch.setenv("GANZHI_LANG", "en")

    def call(*arguments: object) -> Said:
        capfdbinary.readouterr()
        status = run([str(a) for a in arguments])
        out, err = capfdbinary.readouterr()
        return Said(status, out, err.decode())

    return call


@pytest.fixture(scope="session")
def january(tmp_path_factory: pytest.TempPathFactory, sample_calls: Path) -> Path:
    """A workspace with the sample loaded and computed; tests only read it."""
    root = tmp_path_factory.mktemp("january") / "hotline"
    assert run(["init", str(root), "--lang", "en"]) == 0
    assert run(["ingest", "calls", str(sample_calls), "-w", str(root), "--lang", "en"]) == 0
    assert run(["refresh", "-w", str(root), "--lang", "en"]) == 0
    return root


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A new workspace of the test's own."""
    root = tmp_path / "own"
    assert run(["init", str(root), "--lang", "en"]) == 0
    return root


HEADER = (
    "vru+line\tcall_id\tcustomer_id\tpriority\ttype\tdate\tvru_entry\tvru_exit\tvru_time"
    "\tq_start\tq_exit\tq_time\toutcome\tser_start\tser_exit\tser_time\tserver"
)


def call_line(number: int, *, outcome: str = "AGENT", wait: str = "6", day: str = "990105") -> str:
    """One line as the sample's file writes it."""
    return (
        f"AA0101\t{number}\t9664491\t2\tPS\t{day}\t8:00:00\t8:00:05\t5\t8:00:05\t8:00:11\t{wait}\t{outcome}"
        f"\t8:00:11\t8:01:11\t60\tANAT"
    )


@pytest.fixture
def call_file(tmp_path: Path) -> Callable[..., Path]:
    """Writes a file in the sample's form."""

    def write(name: str, *lines: str, header: str = HEADER) -> Path:
        path = tmp_path / name
        path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
        return path

    return write
