"""Which requirements the tests prove: `make requirements`.

A requirement is proven when at least one test carries its id (`@pytest.mark.requirement`) and every
test that carries it passed in this run; it is failing when one of them failed; a test that was
skipped proves nothing. Reads the ids from `docs/requirements.tsv` and refuses ids that are not there.

    python tools/requirements.py [pytest arguments]

This file is both the program and the pytest plugin it loads.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest

ROOT = Path(__file__).resolve().parent.parent
REPORT_VARIABLE = "GANZHI_REQUIREMENTS_REPORT"

RAN = (0, 1)
"""Exit statuses of pytest that say all tests were run: passed, or some failed."""

State = Literal["proven", "failing", "not proven"]


@dataclass(frozen=True, slots=True)
class Requirement:
    """A line of `docs/requirements.tsv`; priority K core, S supporting, P peripheral."""

    id: str
    capability: str
    zh: str
    en: str
    priority: str


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def requirements() -> dict[str, Requirement]:
    """All requirements by id, in the order of the list."""
    rows = _table(ROOT / "docs" / "requirements.tsv")
    return {r["id"]: Requirement(r["id"], r["capability"], r["zh"], r["en"], r["priority"]) for r in rows}


def capabilities() -> dict[str, str]:
    """English names of the capabilities by code."""
    return {row["code"]: row["en"] for row in _table(ROOT / "docs" / "capabilities.tsv")}


# --- the pytest plugin --------------------------------------------------------------------------


def marked(item: pytest.Item) -> list[str]:
    """Requirement ids that a test carries."""
    return [str(value) for mark in item.iter_markers("requirement") for value in mark.args]


@dataclass(slots=True, eq=False)
class Recorder:
    """Collects, in the process that gathers all reports, the outcomes of the tests of each requirement."""

    outcomes: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Let every report carry its test's requirement ids, also from other processes."""
        for item in items:
            item.user_properties.extend(("requirement", identity) for identity in marked(item))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the worst outcome of a test's set-up, call and tear-down."""
        for name, identity in report.user_properties:
            if name == "requirement":
                seen = self.outcomes[str(identity)]
                if report.outcome != "passed" or report.nodeid not in seen:
                    seen[report.nodeid] = report.outcome

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the outcomes where the program reads them."""
        target = os.environ.get(REPORT_VARIABLE)
        if target and not hasattr(session.config, "workerinput"):
            Path(target).write_text(json.dumps(self.outcomes), encoding="utf-8")


def pytest_configure(config: pytest.Config) -> None:
    """Load the recorder once per process."""
    config.pluginmanager.register(Recorder(), "ganzhi-requirements")


# --- the program --------------------------------------------------------------------------------


def state_of(outcomes: Mapping[str, str]) -> State:
    """What the tests of one requirement say together.

    >>> state_of({"a": "passed"}), state_of({"a": "passed", "b": "failed"}), state_of({"a": "skipped"})
    ('proven', 'failing', 'not proven')
    """
    if "failed" in outcomes.values():
        return "failing"
    return "proven" if outcomes and set(outcomes.values()) == {"passed"} else "not proven"


def lines(known: Mapping[str, Requirement], outcomes: Mapping[str, Mapping[str, str]]) -> Iterable[str]:
    """The report: one block per capability, then the totals."""
    states = {identity: state_of(outcomes.get(identity, {})) for identity in known}
    for code, name in capabilities().items():
        own = [r for r in known.values() if r.capability == code]
        proven = [r for r in own if states[r.id] == "proven"]
        yield f"{code} {name}: {len(proven)} of {len(own)} proven"
        for requirement in own:
            if states[requirement.id] != "not proven":
                tests = len(outcomes[requirement.id])
                yield f"  {states[requirement.id]:8}{requirement.id} {requirement.priority} {requirement.en} / {requirement.zh} ({tests} tests)"
        open_ids = [r.id for r in own if states[r.id] == "not proven"]
        if open_ids:
            yield f"  not proven: {' '.join(open_ids)}"
    counts = {state: sum(s == state for s in states.values()) for state in ("proven", "failing", "not proven")}
    yield f"all: {counts['proven']} proven, {counts['failing']} failing, {counts['not proven']} not proven, of {len(states)}"


def main(arguments: list[str]) -> int:
    """Run the tests that carry a requirement, print the report; 1 when one fails, 2 for unknown ids."""
    known = requirements()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "outcomes.json"
        paths = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
        environment = os.environ | {REPORT_VARIABLE: str(report), "PYTHONPATH": paths}
        command = [sys.executable, "-m", "pytest", "-q", "-p", "tools.requirements", "-m", "requirement", "--no-header"]
        status = subprocess.run([*command, *arguments], cwd=ROOT, env=environment, check=False).returncode
        if status not in RAN or not report.exists():
            print(f"the tests could not be run: pytest ended with {status}", file=sys.stderr)
            return 2
        outcomes: dict[str, dict[str, str]] = json.loads(report.read_text(encoding="utf-8"))
    print("\n".join(lines(known, outcomes)))
    unknown = sorted(set(outcomes) - set(known))
    if unknown:
        print(f"not in docs/requirements.tsv: {' '.join(unknown)}", file=sys.stderr)
        return 2
    return 1 if any(state_of(o) == "failing" for o in outcomes.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
