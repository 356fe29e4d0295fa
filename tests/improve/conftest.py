"""A town on a store whose clock the test moves."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from ganzhi.base.clock import SystemClock
from ganzhi.store.open import open_store
from tests.improve.town import Town
from tests.store.conftest import HandClock

NewTown = Callable[[], Town]


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("findings") / "store.sqlite"
    open_store(f"sqlite:///{path}", SystemClock()).close()
    return path


@pytest.fixture
def new_town(template: Path, tmp_path: Path) -> Iterator[NewTown]:
    """Makes towns that know nothing of each other."""
    with ExitStack() as stack:
        made = 0

        def make() -> Town:
            nonlocal made
            made += 1
            path = tmp_path / f"{made}.sqlite"
            shutil.copyfile(template, path)
            clock = HandClock()
            store = open_store(f"sqlite:///{path}", clock, ticks=clock)
            stack.callback(store.close)
            return Town(store, clock)

        yield make


@pytest.fixture
def town(new_town: NewTown) -> Town:
    return new_town()
