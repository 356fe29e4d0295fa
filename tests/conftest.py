"""Fixtures that several test folders share."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ganzhi import wiring
from ganzhi.catalogue import kept
from ganzhi.catalogue.expressions import SecondOpinion
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.store.database import Database
from ganzhi.store.migrations import HEAD, run

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


@pytest.fixture(scope="session", autouse=True)
def _catalogues_are_loaded_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Workspaces of equal files have an equal catalogue: of all workspaces of all processes the first one loads it.

    Each workspace keeps its copy beside it, so that processes of its own find it there.
    """
    shared = tmp_path_factory.getbasetemp().parent / "catalogues"
    shared.mkdir(exist_ok=True)
    known: dict[str, Catalogue] = {}

    def load(pack: str, overlay: Path | None, folder: Path, *, second: SecondOpinion | None = None) -> Catalogue:
        own, issues = kept.read_overlay(overlay)
        name = kept._name([*kept.read_pack(pack), *own])
        if (shared / name).exists() and not issues:
            folder.mkdir(mode=0o700, exist_ok=True)
            shutil.copy(shared / name, folder / name)
        if name not in known or issues:
            known[name] = kept.load_kept(pack, overlay, folder, second=second)
            if not (shared / name).exists():
                shutil.copy(folder / name, shared / f"{name}.{os.getpid()}")
                (shared / f"{name}.{os.getpid()}").replace(shared / name)
        return known[name]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wiring, "load_kept", load)
        yield


@pytest.fixture(scope="session", autouse=True)
def _stores_begin_as_copies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Every new store on SQLite is written from one that all migrations have made."""
    steps, made = run._run_steps, dict[str, Any]()

    def written(database: Database, to: str) -> None:
        if database.sqlite is None or to != HEAD:
            steps(database, to)
            return
        driver = database.sqlite.__name__
        with closing(database.sqlite.connect(database.location)) as base:
            if base.execute("SELECT count(*) FROM sqlite_master").fetchone() != (0,):
                steps(database, to)
            elif driver in made:
                made[driver].backup(base)
            else:
                steps(database, to)
                made[driver] = database.sqlite.connect(":memory:")
                base.backup(made[driver])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "_run_steps", written)
        yield


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
