"""Fixtures of the warehouse's tests."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ganzhi.warehouse.workplace import Workplace
from tests.conftest import ROOT
from tests.postgres import postgres_url
from tests.warehouse.place import open_place

__all__ = ["postgres_url"]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    """An open workspace with nothing in it."""
    opened = open_place(tmp_path / "w")
    yield opened
    opened.store.close()


def child_environment(failpoint: str = "") -> dict[str, str]:
    paths = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    return {**os.environ, "PYTHONPATH": paths, "GANZHI_FAILPOINT": failpoint}


def start_child(*arguments: str, failpoint: str = "") -> subprocess.Popen[str]:
    """Start `tests/warehouse/child.py`, a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.warehouse.child", *arguments],
        env=child_environment(failpoint),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def run_child(*arguments: str, failpoint: str = "") -> int:
    """Run a child to its end; its exit status, negative for a signal."""
    with start_child(*arguments, failpoint=failpoint) as process:
        process.communicate(timeout=60)
        return process.returncode


KILLED = -signal.SIGKILL
