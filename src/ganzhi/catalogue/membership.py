"""Which units count for which, and when: the closure of the organisation's tree.

A unit may have belonged elsewhere before (`Unit.formerly`); what happened then counts there for ever.
Refuses to place anything outside the days from 1900 to 2299, which every engine can compare.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from ganzhi.catalogue.model.whole import Catalogue

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2299, 12, 31)


@dataclass(frozen=True, slots=True)
class Membership:
    """That what happens in `unit` counts for `ancestor`, from `first` to `last`, both included."""

    unit: str
    ancestor: str
    first: date = FIRST_DAY
    last: date = LAST_DAY


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
