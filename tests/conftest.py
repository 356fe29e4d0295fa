"""Fixtures that several test folders share."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LONG = (
    "tests/portal/test_axe.py",
    "tests/cli/test_province_commands.py",
    "tests/kill",
    "tests/province/test_exam.py",
    "tests/catalogue/pack/test_every_indicator.py",
    "tests/conformance",
    "tests/portal/test_browser.py",
    "tests/portal/test_pages.py",
    "tests/portal/test_files.py",
    "tests/whole",
    "tests/ingest",
    "tests/measure/states",
    "tests/cli",
    "tests/province",
)
"""What takes longest, and is begun first, so that no process is left alone with it at the end."""


def pytest_configure() -> None:
    """No test cuts the power: what the tests' own processes write may reach the disk whenever it does."""
    os.fsync = lambda _file: None


def pytest_collection_finish() -> None:
    """What was collected stays to the end: it need not be looked through for garbage again and again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of a module run in one process, so that what they share is built once, unless it says otherwise."""
    for item in items:
        if item.get_closest_marker("xdist_group") is None and item.get_closest_marker("scattered") is None:
            item.add_marker(pytest.mark.xdist_group(item.location[0]))
    items.sort(key=lambda item: next((n for n, part in enumerate(LONG) if item.nodeid.startswith(part)), len(LONG)))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data sets beside the repository; tests that need it skip where it is absent."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the shared data sets are not here")
    return folder


@pytest.fixture(scope="session")
def sample_calls() -> Path:
    """The real hotline file that ships with the project."""
    return ROOT / "samples" / "anonymous_bank" / "january.txt.gz"
