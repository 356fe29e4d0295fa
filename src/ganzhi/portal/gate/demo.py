"""The roles of a demonstration: one account each, nobody's, without passwords."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ganzhi.access.accounts import Accounts
from ganzhi.access.rights import RoleName
from ganzhi.base.errors import InputError
from ganzhi.base.messages import Lang, say
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.store.accounts.accounts import DEMO
from ganzhi.store.accounts.records import Account

DEMO_PAGE: Final = "/demo"


@dataclass(frozen=True, slots=True)
class DemoRole:
    """A role to try. id: names it in forms and messages. units: empty for the whole organisation."""

    id: str
    role: RoleName
    units: tuple[str, ...]


_ROLES: Final[tuple[tuple[str, RoleName, str | None], ...]] = (
    ("leader", "leader", None),
    ("city", "analyst", "city"),
    ("county", "analyst", "county"),
    ("hall", "manager", "hall"),
    ("handler", "handler", None),
    ("owner", "owner", None),
    ("support", "support", None),
    ("operations", "operations", None),
    ("administrator", "administrator", None),
)
"""Id, role, and the level of the one unit it has."""


def _first_below(catalogue: Catalogue, top: str, level: str) -> str | None:
    """The first unit of a level below another, in the order of the catalogue."""
    for code, unit in catalogue.units.items():
        if unit.level != level:
            continue
        above = unit.parent
        while above is not None and above != top:
            above = catalogue.units[above].parent
        if above == top:
            return code
    return None


def demo_roles(catalogue: Catalogue) -> tuple[DemoRole, ...]:
    """The roles that a catalogue's units allow: the county lies in the city and the hall in the county, so that each sees
    a part of what the one before sees. A role whose level there is not has the whole organisation."""
    top, found = catalogue.root_unit, []
    for identity, role, level in _ROLES:
        below = None if level is None else _first_below(catalogue, top, level)
        top = below or top
        found.append(DemoRole(identity, role, (below,) if below else ()))
    return tuple(found)


def demo_account(accounts: Accounts, catalogue: Catalogue, role: DemoRole, lang: Lang) -> Account:
    """The account of a role, made when it is not there yet, brought in line with the catalogue when it is. lang: of the
    name that lists of accounts show."""
    found = accounts.of_identity(DEMO, role.id)
    if found is None:
        identity, name = (DEMO, role.id), say(lang, f"portal.demo.role.{role.id}")
        try:
            return accounts.add(catalogue, f"demo-{role.id}", name, role.role, role.units, by=DEMO, identity=identity)
        except InputError:
            found = accounts.of_identity(DEMO, role.id)  # another visitor was quicker
            if found is None:
                raise
    if found.role != role.role:
        found = accounts.set_role(found, role.role, by=DEMO)
    return accounts.set_units(catalogue, found, role.units, by=DEMO)
