"""A portal with accounts for each test, from a migrated store."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ganzhi.store.open import Store, open_store
from tests.portal.accounts.house import House
from tests.store.conftest import HandClock, clock, sqlite_template

__all__ = ["clock", "sqlite_template"]


@pytest.fixture
def build(sqlite_template: Path, clock: HandClock, tmp_path: Path) -> Iterator[Callable[..., House]]:
    """Makes houses; keywords as `House` takes them."""
    opened: list[Store] = []

    def made(**more: object) -> House:
        path = tmp_path / f"store{len(opened)}.sqlite"
        shutil.copy(sqlite_template, path)
        opened.append(open_store(f"sqlite:///{path}", clock))
        return House(opened[-1], clock, **more)  # type: ignore[arg-type]

    yield made
    for store in opened:
        store.close()


@pytest.fixture
def house(build: Callable[..., House]) -> House:
    """With an administrator `ada` and an analyst `ben` of city 11."""
    made = build()
    made.add("ada", "administrator")
    made.add("ben", "analyst", ("11",))
    return made
