"""Who may see what: rights, the roles that bundle them, and a viewer's reach over the organisation.

This is the one place that decides. Whatever builds an answer (page, file, API, command of a service)
takes a `Viewer` and asks it: `require` for what may be done, `Ground` for which units exist for it.
A unit outside a viewer's reach does not exist for that viewer: asking for it is answered exactly
like asking for a unit that nobody has (S002-112). Depths are those of S002-113: `macro` are
indicators and topics, `dynamic` what happens now, `list` the records behind numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

from ganzhi.base.errors import GanzhiError, InputError, Issue
from ganzhi.catalogue.model.data import Unit
from ganzhi.catalogue.model.whole import Catalogue, unknown

Right = Literal["macro", "dynamic", "list", "unmask", "query", "act", "import", "accounts", "audit"]
"""macro, dynamic, list: depths. unmask: see one masked value in full, with a reason, into the audit trail.
query: ask freely. act: take up warnings and deal with them until they are closed. import: hand in files and see
what was refused. accounts: manage users and tokens of others. audit: read the audit trail."""

RIGHTS: tuple[Right, ...] = get_args(Right)

RoleName = Literal["leader", "analyst", "manager", "handler", "owner", "support", "operations", "administrator"]


@dataclass(frozen=True, slots=True)
class Role:
    """A kind of user. landing: the page a visit begins with (ui.md section 1)."""

    rights: frozenset[Right]
    landing: str


def _role(landing: str, *rights: Right) -> Role:
    return Role(frozenset(rights), landing)


ROLES: Mapping[RoleName, Role] = {
    "leader": _role("/overview", "macro", "dynamic"),
    "analyst": _role("/overview", "macro", "dynamic", "list", "query", "act", "import"),
    "manager": _role("/overview", "macro", "dynamic", "act"),
    "handler": _role("/overview", "macro", "dynamic", "list", "query", "act", "unmask"),
    "owner": _role("/topics", "macro", "dynamic", "query", "act"),
    "support": _role("/blueprints/panorama", "macro", "dynamic", "query", "act"),
    "operations": _role("/traces", "macro", "dynamic", "list", "act"),
    "administrator": _role("/accounts", "macro", "dynamic", "accounts", "audit", "import"),
}
"""省市领导, 服务分析人员, 营业厅与热线班长, 投诉处理人员, 产品经理, 支撑管理人员, 运维人员, 系统管理员.

List level is for those who analyse or handle (S002-113); who administers accounts sees no records. Support managers and
operations staff are the users behind the processes (S000-143): the ones begin with the support system from front to
back and answer for it, the others with the transactions that are stuck, and handle them record by record."""

SMALLEST_CELL = 5
"""Counts of events below this are not shown in parts of a number to viewers without list depth."""


class AccessError(GanzhiError):
    """A viewer asked for what their role does not give; answered with 403."""

    def __init__(self, issue: Issue) -> None:
        self.issue = issue
        super().__init__(f"{issue.code} {issue.subject}")


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who looks: an account, an API token, or the one user of a workspace without accounts.

    login: written into the audit trail and exports. units: codes they see with all below them, first
    the one their pages begin with; empty means the whole organisation.
    """

    login: str
    name: str
    role: RoleName
    units: tuple[str, ...]
    rights: frozenset[Right]

    @property
    def whole(self) -> bool:
        """Whether the viewer sees the whole organisation."""
        return not self.units

    def require_whole(self) -> None:
        """Raise AccessError ACC003 for a viewer bound to units."""
        if self.units:
            raise AccessError(Issue("ACC003"))

    def may(self, right: Right) -> bool:
        """Whether the viewer has a right."""
        return right in self.rights

    def require(self, right: Right) -> None:
        """Raise AccessError ACC001 without the right."""
        if right not in self.rights:
            raise AccessError(Issue("ACC001", right, params={"role": self.role}))

    @property
    def reach(self) -> tuple[tuple[str, ...], frozenset[Right]]:
        """What an answer depends on: viewers of one reach get equal answers."""
        return self.units, self.rights


LOCAL = Viewer("local", "local", "analyst", (), frozenset(RIGHTS))
"""The one user of a workspace without accounts: may do everything, on this machine only."""


class Ground:
    """The units that exist for a viewer."""

    def __init__(self, catalogue: Catalogue, viewer: Viewer) -> None:
        self._catalogue = catalogue
        self._tops = tuple(code for code in viewer.units if code in catalogue.units) if viewer.units else ()
        self._bound = bool(viewer.units)

    @cached_property
    def units(self) -> Mapping[str, Unit]:
        """Each unit within reach, in the order of the catalogue."""
        every = self._catalogue.units
        return {code: unit for code, unit in every.items() if self.within(code)} if self._bound else every

    @property
    def top(self) -> str:
        """The unit that pages begin with; AccessError ACC002 where none of the viewer's units is left."""
        if not self._bound:
            return self._catalogue.root_unit
        if not self._tops:
            raise AccessError(Issue("ACC002"))
        return self._tops[0]

    def within(self, unit: str) -> bool:
        """Whether the unit is one of the viewer's or lies below one."""
        if not self._bound:
            return unit in self._catalogue.units
        code: str | None = unit
        while code is not None and code not in self._tops:
            found = self._catalogue.units.get(code)
            code = None if found is None else found.parent
        return code is not None

    def unit(self, code: str) -> Unit:
        """The unit; InputError REQ012, whether nobody has it or it is out of reach."""
        if code not in self._catalogue.units or not self.within(code):
            raise InputError(unknown("REQ012", code, self.units))
        return self._catalogue.units[code]

    def children(self, unit: str) -> Mapping[str, Unit]:
        """The units directly below one, all of which are within reach when it is."""
        return {code: each for code, each in self._catalogue.units.items() if each.parent == unit and self.within(code)}
