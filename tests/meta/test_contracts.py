"""The shape of the package: import contracts hold, dependencies are pinned and free of copyleft."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest

from tests.meta.tree import ROOT, SOURCE

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PIN = re.compile(r"([A-Za-z0-9._-]+)==([^\s;]+)")


def _name(requirement: str) -> str:
    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert match, requirement
    return re.sub(r"[-_.]+", "-", match.group()).lower()


def _pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [PIN.fullmatch(line) for line in lines if line and not line.startswith("#")]
    assert all(pins), "constraints.txt holds exact versions and comments, nothing else"
    return {_name(pin.group(1)): pin.group(2) for pin in pins if pin}


def test_import_contracts_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    result = subprocess.run(
        [linter, "--no-cache"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_layer_contract_lists_every_room() -> None:
    layers = PYPROJECT["tool"]["importlinter"]["contracts"][0]
    assert layers["exhaustive"] is True
    listed = {room.strip(" ()") for line in layers["layers"] for room in line.split("|")}
    rooms = {p.stem for p in SOURCE.iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()} - {"__init__"}
    assert rooms <= listed


def test_no_source_file_is_ignored_by_version_control() -> None:
    """What is ignored is neither committed nor put into the wheel."""
    files = [str(p.relative_to(ROOT)) for p in (ROOT / "src").rglob("*") if p.is_file() and p.suffix != ".pyc"]
    command = ["git", "check-ignore", "--no-index", "--stdin"]
    found = subprocess.run(command, cwd=ROOT, input="\n".join(files), capture_output=True, text=True, check=False)
    assert not [name for name in found.stdout.splitlines() if "__pycache__" not in name and ".egg-info" not in name]


def test_every_declared_dependency_is_pinned() -> None:
    project = PYPROJECT["project"]
    declared = [*project["dependencies"], *(r for extra in project["optional-dependencies"].values() for r in extra)]
    assert not {_name(requirement) for requirement in declared} - _pins().keys()


def test_everything_installed_for_us_is_pinned() -> None:
    missing: set[str] = set()
    todo, seen = ["ganzhi"], set[str]()
    project = PYPROJECT["project"]
    wanted = {"ganzhi": project["dependencies"] + project["optional-dependencies"]["postgres"]}
    while todo:
        name = todo.pop()
        try:
            requires = wanted.get(name) or distribution(name).requires or []
        except PackageNotFoundError:
            continue
        for requirement in requires:
            if "extra ==" in requirement or _name(requirement) in seen or not _applies(requirement):
                continue
            seen.add(_name(requirement))
            todo.append(_name(requirement))
    missing = {name for name in seen if name not in _pins() and _installed(name)}
    assert not missing


def _applies(requirement: str) -> bool:
    from packaging.requirements import Requirement

    marker = Requirement(requirement).marker
    return marker is None or marker.evaluate({"extra": ""})


def _installed(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


@pytest.mark.parametrize("requirement", PYPROJECT["project"]["dependencies"])
def test_no_runtime_dependency_is_under_a_strong_copyleft_licence(requirement: str) -> None:
    try:
        metadata = distribution(_name(requirement)).metadata
    except PackageNotFoundError:
        pytest.skip(f"{requirement} is not installed on this machine")
    stated = " ".join([metadata.get("License-Expression") or "", *(metadata.get_all("Classifier") or [])])
    assert not re.search(r"\bA?GPL|GNU (Affero )?General Public", stated), stated
