"""What an analysis of another package is: a name, and a function from what it may ask to a table (S003-057, S004-036).

An installed package names its analyses as entry points of the group `ganzhi.analyses`; the name of the entry point is
the code in the address, its value an `Analysis`. An analysis sees what the viewer who opened it may see and nothing
else: values of their units, without those that are withheld from them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from ganzhi.catalogue.model.parts import Text
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
    rows: Sequence[tuple[Value, ...]]
    note: Text | None = None


class Asking:
    """What an analysis may ask, for the viewer who opened it. scope: place, period, comparison and basis of the page."""

    def __init__(self, reader: Reader, scope: Scope) -> None:
        self._reader = reader
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


@dataclass(frozen=True, slots=True)
class Analysis:
    """An analysis. name: in lists; about: what it tells, in a sentence; run: makes its table."""

    name: Text
    about: Text
    run: Callable[[Asking], Table]
