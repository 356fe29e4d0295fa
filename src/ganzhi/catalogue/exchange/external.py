"""External codes as a report: what of the catalogue is mapped to eTOM, BusMet and other systems, and what is not.

(S000-021, S000-051.) A code system says which kinds of entry carry its codes; an entry of these kinds
without one is unmapped, which is worth knowing, not wrong.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ganzhi.base.errors import InputError
from ganzhi.catalogue.model.framework import CodeSystem
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import Catalogue, unknown


@dataclass(frozen=True, slots=True)
class MappedEntry:
    """An entry and its code in a system; None where it has none."""

    kind: str
    code: str
    name: Text
    external: str | None


@dataclass(frozen=True, slots=True)
class SystemReport:
    """A code system with every entry that may carry its codes."""

    code: str
    system: CodeSystem
    entries: tuple[MappedEntry, ...]

    @property
    def mapped(self) -> tuple[MappedEntry, ...]:
        """Entries with a code."""
        return tuple(each for each in self.entries if each.external is not None)

    @property
    def unmapped(self) -> tuple[MappedEntry, ...]:
        """Entries without one."""
        return tuple(each for each in self.entries if each.external is None)


def code_reports(catalogue: Catalogue, systems: Iterable[str] = ()) -> tuple[SystemReport, ...]:
    """A report per code system, of those asked for or of all.

    Raises: InputError REQ025 for a system that is not declared.
    """
    asked = list(systems) or list(catalogue.code_systems)
    lost = [unknown("REQ025", each, catalogue.code_systems) for each in asked if each not in catalogue.code_systems]
    if lost:
        raise InputError(lost)
    return tuple(SystemReport(code, catalogue.code_systems[code], _entries(catalogue, code)) for code in asked)


def _entries(catalogue: Catalogue, system: str) -> tuple[MappedEntry, ...]:
    found = []
    for kind in catalogue.code_systems[system].applies_to:
        for code, entry in getattr(catalogue, kind).items():
            if not getattr(entry, "retired", False):
                found.append(MappedEntry(kind, code, entry.name, getattr(entry, "codes", {}).get(system)))
    return tuple(found)
