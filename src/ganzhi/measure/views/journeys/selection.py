"""Key-process selection: problem pressure against business importance (S000-023 to S000-027)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from ganzhi.base.periods import Period
from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.views.journeys.parts import Named
from ganzhi.measure.views.journeys.process import ShortfallRow
from ganzhi.measure.views.parts import Scope

Rank = Literal["highest", "higher", "lowest"]
Quadrant = Literal["both", "pressure", "importance", "neither"]
"""What is high: both, only problem pressure, only business importance, neither."""


@dataclass(frozen=True, slots=True)
class SelectedProcess:
    """A process in the selection.

    pressure, importance: 0 to 1, as a share of the highest; pressure None: no indicator of it has data.
    parts: value of each pressure indicator in the order of `Selected.pressures`, None where unknown.
    rank, quadrant: None while the pressure is unknown. reasons: codes of the selection's reasons.
    """

    code: str
    name: Text
    pressure: float | None
    importance: float
    parts: tuple[tuple[str, float | None], ...]
    rank: Rank | None
    quadrant: Quadrant | None
    chosen: bool
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Selected:
    """The numbers of a selection for a period. missing: pressure indicators for which no data arrived.

    unit: place the counts are of. high_from: share from which pressure or importance is high.
    processes: highest rank first, then by pressure and importance.
    """

    code: str
    name: Text
    unit: str
    period: Period
    high_from: float
    pressures: tuple[Named, ...]
    processes: tuple[SelectedProcess, ...]
    missing: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class PressureSource:
    """Where the records behind a pressure indicator are: its feed, and the dimension that holds the process."""

    indicator: str
    feed: str
    dimension: str


@dataclass(frozen=True, slots=True)
class ChosenRow:
    """A chosen process as the catalogue declares it. place: its numbers; None for a process without any."""

    process: Named
    also: tuple[Named, ...]
    name: Text
    reasons: tuple[Text, ...]
    contact_steps: tuple[Named, ...]
    initiative: Text | None
    place: SelectedProcess | None


@dataclass(frozen=True, slots=True)
class Criterion:
    """A contact type that the chosen processes have to cover, and which of them do (S000-024)."""

    contact_step: Named
    by: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class WeightRow:
    """The weight of a process in a priority; valid: on the last day of the period."""

    process: Named
    weight: float
    valid_from: date | None
    valid_to: date | None
    valid: bool


@dataclass(frozen=True, slots=True)
class PriorityRow:
    """A business-development priority with its processes (S000-027)."""

    code: str
    name: Text
    owner: Text | None
    description: Text | None
    weights: tuple[WeightRow, ...]


@dataclass(frozen=True, slots=True)
class SelectionPage:
    """The selection with what it rests on. selected None: the catalogue declares no selection.

    reasons: of the selection, by code. selections: all that are declared, for the choice between them.
    """

    scope: Scope
    selections: tuple[Named, ...]
    selected: Selected | None
    sources: tuple[PressureSource, ...]
    reasons: tuple[tuple[str, Text], ...]
    chosen: tuple[ChosenRow, ...]
    criteria: tuple[Criterion, ...]
    priorities: tuple[PriorityRow, ...]
    shortfalls: tuple[ShortfallRow, ...]
    catalogue_version: str
