"""The organisation's tree as tables of an engine: which units count for which, and when; never as text patterns."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa

from ganzhi.base.periods import midnight
from ganzhi.catalogue.membership import Membership, memberships
from ganzhi.catalogue.model.whole import Catalogue


def children_of(catalogue: Catalogue, unit: str) -> tuple[str, ...]:
    """Direct children of a unit today, in catalogue order."""
    return tuple(code for code, each in catalogue.units.items() if each.parent == unit)


def units_asked(catalogue: Catalogue, unit: str, *, children: bool, units: Sequence[str]) -> tuple[str, ...]:
    """Of whom a question is: of the units it names, each once; else of a unit, or of its direct children.

    Raises: InputError REQ012 for a unit there is not.
    """
    if units:
        for each in units:
            catalogue.unit(each)
        return tuple(dict.fromkeys(units))
    return children_of(catalogue, unit) if children else (unit,)


def units_above(catalogue: Catalogue) -> frozenset[str]:
    """Units that have, or had, others below them."""
    key = ("units_above", "")
    if key not in catalogue.computed:
        above = {m.ancestor for each in memberships(catalogue).values() for m in each if m.unit != m.ancestor}
        catalogue.computed[key] = frozenset(above)
    kept: frozenset[str] = catalogue.computed[key]
    return kept


def wanted_table(catalogue: Catalogue, units: Sequence[str]) -> pa.Table:
    """Table `wanted`: the asked units, and whether others are below (`above`)."""
    above = units_above(catalogue)
    return pa.table({"unit": pa.array(units, pa.string()), "above": pa.array([u in above for u in units], pa.bool_())})


def members_table(catalogue: Catalogue, units: Collection[str]) -> pa.Table:
    """Table `members`: per asked unit (`ancestor`) each `unit` that counts for it, from `first_day` to `last_day`."""
    return _table(m for m in _all(catalogue) if m.ancestor in units)


def ancestors_table(catalogue: Catalogue) -> pa.Table:
    """Table `ancestors`: the same of all units that have others below them."""
    return members_table(catalogue, units_above(catalogue))


def members_by_time(catalogue: Catalogue, unit: str, zone: ZoneInfo) -> pa.Table:
    """Table `members` of one unit with instants: each `unit` counts from `since` until before `until`."""
    found = [m for m in _all(catalogue) if m.ancestor == unit]
    instant = pa.timestamp("us", tz="UTC")
    return pa.table(
        {
            "unit": pa.array([m.unit for m in found], pa.string()),
            "since": pa.array([midnight(m.first, zone) for m in found], instant),
            "until": pa.array([midnight(m.last + timedelta(days=1), zone) for m in found], instant),
        }
    )


def _all(catalogue: Catalogue) -> Iterator[Membership]:
    return (m for each in memberships(catalogue).values() for m in each)


def _table(found: Iterator[Membership]) -> pa.Table:
    rows = list(found)
    return pa.table(
        {
            "unit": pa.array([m.unit for m in rows], pa.string()),
            "ancestor": pa.array([m.ancestor for m in rows], pa.string()),
            "first_day": pa.array([m.first for m in rows], pa.date32()),
            "last_day": pa.array([m.last for m in rows], pa.date32()),
        }
    )
