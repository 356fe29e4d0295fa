"""Text cases: what they say about rules, and that the runner finds what differs."""

from __future__ import annotations

from pathlib import Path

import pytest

from ganzhi.base.errors import InputError
from ganzhi.catalogue.load import load_catalogue
from ganzhi.warn.cases import read_cases, run_case

HERE = Path(__file__).parent / "cases"
RULES = load_catalogue("telecom", None).warning_rules
CASES = [case for path in sorted(HERE.glob("*.txt")) for case in read_cases(path.read_text("utf-8"), path.name, RULES)]


@pytest.mark.requirement("S003-010")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_step_is_in_the_state_expected(case) -> None:  # type: ignore[no-untyped-def]
    assert case.steps
    assert list(run_case(case)) == []


def test_a_step_that_differs_is_told_with_what_was_found_and_which_reason_is_missing() -> None:
    text = "case x\nset hold=0 drift=none\nlimits blue=10 red=20\n 12 red held\n 25 red\n"
    (found,) = [each for case in read_cases(text, "x.txt", {}) for each in run_case(case)]
    assert (found.line, found.expected, found.found, found.missing) == (4, "red", "blue", ("held",))


@pytest.mark.parametrize(
    "line",
    [
        "12 purple", "12 +weather blue", "nan blue", "1e3 blue", "12 blue because", "12", "set hold=soon", "set hold",
        "set colour=red", "normal mean=0", "normal mean=5 dispersion=0.5", "limits pink=3", "rule no.such",
        "limits blue=1 blue=2",
    ],
)  # fmt: skip
def test_lines_that_say_nothing_are_refused_with_their_number(line: str) -> None:
    with pytest.raises(InputError) as refused:
        read_cases(f"case x\nlimits blue=10\n{line}\n", "x.txt", RULES)
    (issue,) = refused.value.issues
    assert issue.code == "WRN020"
    assert issue.at is not None
    assert (issue.at.file, issue.at.line) == ("x.txt", 3)


@pytest.mark.parametrize("text", ["", "# nothing\n", "12 blue\n"])
def test_a_file_without_a_case_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        read_cases(text, "x.txt", {})
