"""The list of requirements and the tests that claim to prove them."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.meta.tree import ROOT, calls, name_of, parsed, python_files
from tools.requirements import capabilities, lines, requirements, state_of


def test_the_list_holds_all_466_requirements_of_26_capabilities() -> None:
    known = requirements()
    assert len(known) == 466
    assert len(capabilities()) == 26
    assert {r.capability for r in known.values()} == set(capabilities())
    assert {r.priority for r in known.values()} == {"K", "S", "P"}
    assert all(r.zh and r.en for r in known.values())


def test_every_requirement_id_that_a_test_carries_exists() -> None:
    unknown = [
        f"{name_of(path)}:{call.lineno} {argument.value}"
        for path in python_files("tests")
        for call in calls(parsed(path), "requirement")
        for argument in call.args
        if isinstance(argument, ast.Constant) and argument.value not in requirements()
    ]
    assert not unknown


PASSING = """
import pytest

@pytest.mark.requirement("{id}")
def test_it():
    assert {truth}
"""


@pytest.mark.parametrize(
    ("identity", "truth", "status", "said"),
    [
        ("S000-046", "True", 0, "proven  S000-046"),
        ("S000-046", "False", 1, "failing S000-046"),
        ("S999-001", "True", 2, "not in docs/requirements.tsv: S999-001"),
    ],
)
@pytest.mark.parametrize("processes", ["0", "1"])
def test_the_program_runs_the_tests_and_says_what_they_prove(
    processes: str, identity: str, truth: str, status: int, said: str, tmp_path: Path
) -> None:
    (tmp_path / "test_one.py").write_text(PASSING.format(id=identity, truth=truth), encoding="utf-8")
    options = [
        "-c",
        str(ROOT / "pyproject.toml"),
        "--rootdir",
        str(tmp_path),
        "-p",
        "no:cacheprovider",
        "-n",
        processes,
    ]
    command = [sys.executable, str(ROOT / "tools" / "requirements.py"), *options, str(tmp_path)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == status, result.stdout + result.stderr
    assert said in result.stdout + result.stderr


def test_tests_that_cannot_be_run_prove_nothing(tmp_path: Path) -> None:
    (tmp_path / "test_one.py").write_text("import nothing_of_that_name", encoding="utf-8")
    options = ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(tmp_path), "-p", "no:cacheprovider", str(tmp_path)]
    command = [sys.executable, str(ROOT / "tools" / "requirements.py"), *options]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert "could not be run" in result.stderr


def test_a_requirement_is_proven_only_when_all_its_tests_passed() -> None:
    assert state_of({"a": "passed", "b": "passed"}) == "proven"
    assert state_of({"a": "passed", "b": "failed"}) == "failing"
    assert state_of({"a": "passed", "b": "skipped"}) == "not proven"
    assert state_of({}) == "not proven"


def test_the_report_counts_per_capability_and_in_all() -> None:
    report = list(lines(requirements(), {"S000-046": {"t": "passed"}, "S000-048": {"t": "failed"}}))
    assert report[-1] == "all: 1 proven, 1 failing, 464 not proven, of 466"
    assert any(line.startswith("C03") and "1 of 22 proven" in line for line in report)
    assert (ROOT / "docs" / "requirements.tsv").exists()
