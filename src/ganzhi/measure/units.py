"""Which units count for which, and when: the organisation's tree as a closure, never as text patterns.

A unit may have belonged elsewhere before (`Unit.formerly`); what happened then counts there for ever.
Refuses to place anything outside the days from 1900 to 2299, which every engine can compare.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa

from ganzhi.base.periods import midnight
from ganzhi.catalogue.model.whole import Catalogue

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2299, 12, 31)


@dataclass(frozen=True, slots=True)
class Membership:
    """That what happens in `unit` counts for `ancestor`, from `first` to `last`, both included."""

    unit: str
    ancestor: str
    first: date = FIRST_DAY
    last: date = LAST_DAY


def children_of(catalogue: Catalogue, unit: str) -> tuple[str, ...]:
    """Direct children of a unit today, in catalogue order."""
    return tuple(code for code, each in catalogue.units.items() if each.parent == unit)


def memberships(catalogue: Catalogue) -> Mapping[str, tuple[Membership, ...]]:
    """Per unit everything it counts for, itself first."""
    key = ("memberships", "")
    if key not in catalogue.computed:
        found: dict[str, tuple[Membership, ...]] = {}
        for code in catalogue.units:
            _above(catalogue, code, found)
        catalogue.computed[key] = found
    kept: Mapping[str, tuple[Membership, ...]] = catalogue.computed[key]
    return kept


def _above(catalogue: Catalogue, unit: str, found: dict[str, tuple[Membership, ...]]) -> tuple[Membership, ...]:
    if unit not in found:
        climbed = [Membership(unit, unit)]
        for parent, first, last in _parents(catalogue, unit):
            for higher in _above(catalogue, parent, found):
                since, until = max(first, higher.first), min(last, higher.last)
                if since <= until:
                    climbed.append(Membership(unit, higher.ancestor, since, until))
        found[unit] = tuple(climbed)
    return found[unit]


def _parents(catalogue: Catalogue, unit: str) -> Iterator[tuple[str, date, date]]:
    """The parents of a unit with the first and last day of each."""
    declared, first = catalogue.units[unit], FIRST_DAY
    for former in declared.formerly:
        yield former.parent, first, former.until
        first = former.until + timedelta(days=1)
    if declared.parent is not None:
        yield declared.parent, first, LAST_DAY


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
