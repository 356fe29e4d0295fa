"""Access over both databases, by a clock the test moves, with a small organisation and a cheap password hash."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from argon2 import Parameters
from argon2.low_level import Type

from ganzhi.access.open import Access, open_access
from ganzhi.access.passwords import Passwords
from ganzhi.access.rights import RoleName
from ganzhi.base.errors import InputError
from ganzhi.base.settings import Settings
from ganzhi.catalogue.model.data import Unit
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.store.accounts.records import Account
from ganzhi.store.open import Store, open_store
from tests.catalogue.small import small_catalogue
from tests.store.conftest import HandClock, clock, postgres_template, postgres_url, sqlite_template, url

__all__ = ["clock", "postgres_template", "postgres_url", "sqlite_template", "url"]

CHEAP = Passwords(Parameters(Type.ID, 19, 16, 32, time_cost=1, memory_cost=8, parallelism=1))
GOOD = "梧桐树下两只松鼠在吵架呢"
OTHER = "seven kettles hum over Ningwan"


def organisation() -> Catalogue:
    """Province 10, cities 11 and 12, halls 1101 and 1102 in the first, 1201 in the second."""
    places = {"10": None, "11": "10", "12": "10", "1101": "11", "1102": "11", "1201": "12"}
    levels = {2: "city", 4: "hall"}
    return small_catalogue(
        units={
            code: Unit(
                name=Text(zh=code, en=code),
                level="province" if parent is None else levels[len(code)],  # type: ignore[arg-type]
                parent=parent,
            )
            for code, parent in places.items()
        }
    )


@dataclass(frozen=True)
class Office:
    """Access with what a test needs around it."""

    access: Access
    store: Store
    clock: HandClock
    catalogue: Catalogue

    def add(self, login: str, role: RoleName = "analyst", units: tuple[str, ...] = (), password: str = GOOD) -> Account:
        made = self.access.accounts.add(self.catalogue, login, login.title(), role, units, by="test")
        return self.access.accounts.set_password(made, password, by="test") if password else made

    def sign_in(self, login: str, password: str = GOOD, address: str = "10.0.0.1") -> str:
        return self.access.signin.password(login, password, address=address, agent="test").secret

    def acts(self) -> list[str]:
        return [entry.act for entry in self.store.audit.entries()]


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return organisation()


@pytest.fixture
def settings() -> Settings:
    return Settings()


@pytest.fixture
def office(url: str, clock: HandClock, catalogue: Catalogue, settings: Settings) -> Iterator[Office]:
    """A store without accounts, on each database in turn."""
    store = open_store(url, clock)
    yield Office(open_access(store, settings, CHEAP), store, clock, catalogue)
    store.close()


def codes(work: Callable[[], object]) -> list[str]:
    """The codes of the InputError that some work ends in."""
    with pytest.raises(InputError) as caught:
        work()
    return [issue.code for issue in caught.value.issues]
