"""Both databases, clocks that tests can set, and processes with a store of their own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ganzhi.base.clock import SystemClock
from ganzhi.store.open import Store, open_store
from tests.postgres import database, need_postgres, postgres_url, url_of
from tests.store.processes.remote import Remote

__all__ = ["postgres_url"]

START = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


@dataclass
class HandClock:
    """A wall clock and ticks since boot, moved by hand: together, or the wall clock alone."""

    at: datetime = START
    ticks_s: float = 1000.0
    booted: str = "boot-1"

    def now(self) -> datetime:
        return self.at

    def boot(self) -> str:
        return self.booted

    def seconds(self) -> float:
        return self.ticks_s

    def pass_time(self, **span: float) -> None:
        self.at += timedelta(**span)
        self.ticks_s += timedelta(**span).total_seconds()

    def jump(self, **span: float) -> None:
        self.at += timedelta(**span)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of a SQLite store that is not there yet."""
    return f"sqlite:///{tmp_path / 'store.sqlite'}"


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty place for a store, on each database in turn."""
    found: str = request.getfixturevalue(f"{request.param}_url")
    return found


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "store.sqlite"
    open_store(f"sqlite:///{path}", SystemClock()).close()
    return path


@pytest.fixture(scope="session")
def postgres_template() -> Iterator[str]:
    need_postgres()
    with database() as name:
        open_store(url_of(name), SystemClock()).close()
        yield name


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a new store, on each database in turn; copied, because building the schema takes time."""
    if request.param == "sqlite":
        path = tmp_path / "store.sqlite"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    with database(request.getfixturevalue("postgres_template")) as name:
        yield url_of(name)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


Opener = Callable[[str], Store]


@pytest.fixture
def opened() -> Iterator[Opener]:
    """Opens stores by the system's clock and closes them after the test."""
    with ExitStack() as stack:

        def opener(url: str) -> Store:
            store = open_store(url, SystemClock())
            stack.callback(store.close)
            return store

        yield opener


@pytest.fixture
def store(url: str, opened: Opener) -> Store:
    """A new store by the system's clock."""
    return opened(url)


@pytest.fixture
def hand_store(sqlite_url: str, clock: HandClock) -> Iterator[Store]:
    """A SQLite store whose clock and ticks the test moves."""
    store = open_store(sqlite_url, clock, ticks=clock)
    yield store
    store.close()


@pytest.fixture(scope="session")
def processes() -> Iterator[list[Remote]]:
    """Three processes that open any store they are told to, kept for all tests because they start slowly."""
    with ExitStack() as stack:
        crew = [Remote() for _ in range(3)]
        for process in crew:
            stack.callback(process.close)
        yield crew


@pytest.fixture
def crew(processes: list[Remote], url: str) -> list[Remote]:
    """Three processes with the same store open; on each database in turn."""
    for process in processes:
        process.say("open", url)
    assert [process.hear() for process in processes] == ["ready"] * 3
    return processes
