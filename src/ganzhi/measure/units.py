"""Which units count for which: the organisation's tree as a closure, never as text patterns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from ganzhi.catalogue.model.whole import Catalogue


def children_of(catalogue: Catalogue, unit: str) -> tuple[str, ...]:
    """Direct children of a unit, in catalogue order."""
    return tuple(code for code, each in catalogue.units.items() if each.parent == unit)


def subtree(catalogue: Catalogue, unit: str) -> tuple[str, ...]:
    """A unit and everything below it."""
    below: Mapping[str | None, list[str]] = _by_parent(catalogue)
    found, pending = [], [unit]
    while pending:
        code = pending.pop()
        found.append(code)
        pending += reversed(below.get(code, []))
    return tuple(found)


def _by_parent(catalogue: Catalogue) -> dict[str | None, list[str]]:
    below: dict[str | None, list[str]] = {}
    for code, unit in catalogue.units.items():
        below.setdefault(unit.parent, []).append(code)
    return below


def members_table(catalogue: Catalogue, units: Sequence[str]) -> pa.Table:
    """Table `members`: per asked unit (`ancestor`) each `unit` whose rows count for it."""
    pairs = [(member, unit) for unit in units for member in subtree(catalogue, unit)]
    return pa.table(
        {
            "unit": pa.array([member for member, _ in pairs], pa.string()),
            "ancestor": pa.array([unit for _, unit in pairs], pa.string()),
        }
    )
