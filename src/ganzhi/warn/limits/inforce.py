"""Which approved thresholds hold on a day, and what they make of what a model expects.

Every approved version holds from its own day on until a later one does; of two that begin on one day the newer. A day
is judged by the version that holds on it, and the signal says which; where none holds, or the one that does has no line
for a series, the limits are the model's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

from ganzhi.store.open import Store
from ganzhi.warn.baseline import Expectation
from ganzhi.warn.limits.content import EVERY, Key, Limit, Limits, Line, limits_of
from ganzhi.warn.signal import Made


@dataclass(frozen=True)
class Approved:
    """A version in force. number: of the rule's versions."""

    number: int
    limits: Limits

    @cached_property
    def _lines(self) -> Mapping[Key, Line]:
        return {line.key: line for line in self.limits.lines}

    def line(self, key: Key) -> Line | None:
        """The line of a unit and slice, or the one for every unit."""
        return self._lines.get(key) or self._lines.get((EVERY, key[1]))

    def of_day(self, line: Line, day: date) -> Limit:
        """The limits of one value on a day."""
        return line.busy if line.busy and day.day in self.limits.busy_days else line.daily


@dataclass(frozen=True, slots=True)
class InForce:
    """The approved versions of a rule, in the order of their first days, then of their numbers."""

    versions: tuple[Approved, ...] = field(default=())

    @property
    def standing(self) -> tuple[tuple[int, date], ...]:
        """What tells one set of versions from another."""
        return tuple((each.number, each.limits.first) for each in self.versions)

    @property
    def monthly(self) -> bool:
        """Whether any version limits totals of months."""
        return any(line.monthly for each in self.versions for line in each.limits.lines)

    def at(self, day: date) -> Approved | None:
        """The version that holds on a day."""
        return next((each for each in reversed(self.versions) if each.limits.first <= day), None)

    def over(self, found: Expectation, key: Key, day: date) -> Expectation:
        """What is expected, with the approved limits in place of the model's where there are any."""
        version = self.at(day)
        line = None if version is None else version.line(key)
        if version is None or line is None or not line.daily:
            return found
        made = found.made
        told = Made("approved", made.history, made.fell_back, made.month, made.dispersion, version.number)
        return replace(found, limits=dict(version.of_day(line, day)), made=told)

    def month(self, key: Key, day: date) -> tuple[int, Limit] | None:
        """The number of the version that limits the month's total on a day, and its limits."""
        version = self.at(day)
        line = None if version is None else version.line(key)
        return (version.number, line.monthly) if version is not None and line is not None and line.monthly else None


def in_force(store: Store, code: str) -> InForce:
    """The approved versions of a rule; raises InputError WRN030 for one whose content cannot be read."""
    kept = [each for each in store.thresholds.list(code) if each.state == "approved"]
    found = [Approved(each.number, limits_of(each.content)) for each in kept]
    return InForce(tuple(sorted(found, key=lambda each: (each.limits.first, each.number))))
