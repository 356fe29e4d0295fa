"""What an analysis of another package is: a name, and a function from what it may ask to a table (S003-057, S004-036).

An installed package names its analyses as entry points of the group `ganzhi.analyses`; the name of the entry point is
the code in the address, its value an `Analysis`. An analysis sees what the viewer who opened it may see and nothing
else: values of their units, without those that are withheld from them. A cell that opens to records is one that
`Asking.records` made from an observation, so its count is the number of rows that stand behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from ganzhi.catalogue.model.parts import Text
from ganzhi.compile.measures import Kind
from ganzhi.compile.plan import plan_feed
from ganzhi.compile.records import Part
from ganzhi.measure.build.cells.above import withheld_above
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.observation import Observation, ObserveRequest
from ganzhi.measure.observe import observe
from ganzhi.measure.views.parts import Scope

GROUP = "ganzhi.analyses"
"""The group of entry points."""

Value = str | int | float | date | Text | None
"""What stands in a cell; None is unknown and never zero. A `Text` is shown in the reader's language."""


@dataclass(frozen=True, slots=True)
class Records:
    """The records behind a part of an observation, as `Asking.records` gives them and nobody else may make them. As a
    cell it shows how many they are. period: the key of the observation's. where: its slice. count: of the rows."""

    feed: str
    indicator: str
    unit: str
    period: str
    part: Part
    where: tuple[tuple[str, str], ...]
    count: int


@dataclass(frozen=True, slots=True)
class Opened:
    """A cell that shows a value of its own and opens to records; None for those where there are none to show."""

    value: Value
    records: Records | None


AnyCell = Value | Records | Opened


def value_of(cell: AnyCell) -> Value:
    """What a cell shows, without what it opens to."""
    if isinstance(cell, Records):
        return cell.count
    return cell.value if isinstance(cell, Opened) else cell


def records_of(cell: AnyCell) -> Records | None:
    """What a cell opens to."""
    return cell if isinstance(cell, Records) else cell.records if isinstance(cell, Opened) else None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an analysis' table. code: its name in json. decimals: places that are shown."""

    code: str
    name: Text
    kind: Literal["text", "number", "percent", "day"] = "text"
    decimals: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """What an analysis found. rows: as many cells each as there are columns. note: what a reader should know of it."""

    columns: tuple[Column, ...]
    rows: Sequence[tuple[AnyCell, ...]]
    note: Text | None = None


class Asking:
    """What an analysis may ask, for the viewer who opened it. scope: place, period, comparison and basis of the page."""

    def __init__(self, reader: Reader, scope: Scope) -> None:
        self._reader = reader
        self._given: set[Records] = set()
        self.scope = scope

    def unit_name(self, code: str) -> Text:
        """The name of a unit within reach."""
        return self._reader.ground.units[code].name

    def observe(
        self, *codes: str, children: bool = False, by: tuple[str, ...] = (), periods: int = 1
    ) -> tuple[Observation, ...]:
        """Observations of indicators for the page's place (or its direct children) in its period and those before it.

        by: dimensions to cut by, for viewers with list depth. What is withheld from the viewer is left out.
        Raises: InputError for codes and dimensions that are not declared; AccessError without the depth.
        """
        if by:
            self._reader.viewer.require("list")
        first = self.scope.period
        for _ in range(periods - 1):
            first = first.previous()
        request = ObserveRequest(
            codes=codes,
            unit=self.scope.unit,
            grain=self.scope.period.grain,
            first=first.first_day,
            last=self.scope.period.last_day,
            by=by,
            basis=self.scope.basis,
            children=children,
            stale="show",
        )
        found = observe(self._reader.workplace, self._reader.states, request)
        out = withheld_above(self._reader, found, self.scope.basis)
        return tuple(each for each in found if (each.code, each.unit, each.period) not in out)

    def records(self, observation: Observation, part: Part = "all") -> Records | None:
        """The records behind an observation that `observe` gave: those of its numerator, its denominator, or all.

        None for viewers without list depth, for what has no records of its own, and where the number does not say how
        many they are (the numerator of a sum, say).
        """
        indicator = self._reader.workplace.catalogue.indicators.get(observation.code)
        if indicator is None or indicator.feed is None or not self._reader.viewer.may("list"):
            return None
        self._reader.ground.unit(observation.unit)
        count = _count(self._reader, indicator.feed, observation, part)
        if count is None or not observation.completeness:
            return None
        key, where = observation.period.key, tuple(sorted(observation.slice.items()))
        made = Records(indicator.feed, observation.code, observation.unit, key, part, where, count)
        self._given.add(made)
        return made

    def gave(self, records: Records) -> bool:
        """Whether these records came from here."""
        return records in self._given


def _count(reader: Reader, feed: str, observation: Observation, part: Part) -> int | None:
    """How many records a part has, as the observation says it and the list of records is held to."""
    if part == "all":
        return observation.n
    formula = plan_feed(reader.workplace.catalogue, feed).formula(observation.code)
    term = formula.numerator if part == "numerator" else formula.denominator
    if term is None or term.measure.kind is not Kind.COUNT or term.times != 1:
        return None
    number = observation.numerator if part == "numerator" else observation.denominator
    return None if number is None else int(number)


@dataclass(frozen=True, slots=True)
class Analysis:
    """An analysis. name: in lists; about: what it tells, in a sentence; run: makes its table."""

    name: Text
    about: Text
    run: Callable[[Asking], Table]
