"""The life-cycle panorama: stages and activities with weight, score and problems (S001-096)."""

from __future__ import annotations

from dataclasses import dataclass

from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.views.journeys.parts import Named
from ganzhi.measure.views.parts import Level, Scope


@dataclass(frozen=True, slots=True)
class Mark:
    """A score over several indicators: their equally weighted mean, where enough of them are known.

    known, total: how many of the indicators have a score."""

    score: float | None
    before: float | None
    level: Level | None
    known: int
    total: int


@dataclass(frozen=True, slots=True)
class Problem:
    """An indicator in alert."""

    code: str
    name: Text
    level: Level


@dataclass(frozen=True, slots=True)
class LifecycleRow:
    """A stage or an activity.

    weight: share within the life cycle, None where nobody gave one; origin: `expert` or `survey`. problems: worst
    first. places: the units directly below, in the order of `LifecyclePage.places`.
    """

    code: str
    name: Text
    weight: float | None
    origin: str | None
    mark: Mark
    problems: tuple[Problem, ...]
    processes: tuple[Named, ...]
    places: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class LifecycleStage:
    """A stage with its activities; the stage's own mark is over their marks, by weight."""

    row: LifecycleRow
    activities: tuple[LifecycleRow, ...]


@dataclass(frozen=True, slots=True)
class LifecyclePage:
    """The whole life cycle of a unit and period."""

    scope: Scope
    stages: tuple[LifecycleStage, ...]
    places: tuple[Named, ...]
