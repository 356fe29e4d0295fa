"""The list of requirements and the tests that claim to prove them."""

from __future__ import annotations

import ast

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
