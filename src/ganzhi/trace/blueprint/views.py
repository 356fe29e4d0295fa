"""View models of the pages of service blueprints, and of the handbook."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from ganzhi.base.periods import Period
from ganzhi.catalogue.model.blueprints import Lane, Line, Procedure
from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.views.journeys.parts import Named
from ganzhi.measure.views.parts import Change, Level, Reading, Scope, Subject


@dataclass(frozen=True, slots=True)
class Measured:
    """An indicator with its reading in the scope."""

    subject: Subject
    reading: Reading


@dataclass(frozen=True, slots=True)
class StandardView:
    """A service standard with the reading that tells whether it is kept."""

    what: Text
    limit: Text | None
    owner: Text
    measured: Measured | None


@dataclass(frozen=True, slots=True)
class StepView:
    """A step. level: the worst of its readings'; poor: it is circled."""

    code: str
    name: Text
    lane: Lane
    phase: str
    evidence: tuple[Text, ...]
    measure: Measured | None
    perception: Measured | None
    level: Level | None
    poor: bool
    key_point: bool
    touchpoint: Named | None
    system: Named | None
    standard: StandardView | None

    @property
    def readings(self) -> tuple[tuple[str, Measured], ...]:
        """Its indicators, each once, by what it says of the step: measure, perception, standard."""
        kept = self.standard.measured if self.standard is not None else None
        found: dict[str, tuple[str, Measured]] = {}
        for kind, each in (("measure", self.measure), ("perception", self.perception), ("standard", kept)):
            if each is not None:
                found.setdefault(each.subject.code, (kind, each))
        return tuple(found.values())

    @property
    def known(self) -> bool:
        """Whether any of its measures has a value."""
        return any(each.reading.value is not None for _, each in self.readings)

    @property
    def shown(self) -> Measured | None:
        """The reading that stands on the step: the one that gives it its level, else the first that has a value."""
        known = [each for _, each in self.readings if each.reading.value is not None]
        graded = [each for each in known if self.level is not None and each.reading.level == self.level]
        return next(iter([*graded, *known]), None)


def poor_of(steps: Iterable[StepView]) -> int | None:
    """How many of the steps of which anything is known are poor; None when nothing is known of any."""
    poor = [step.poor for step in steps if step.known]
    return sum(poor) if poor else None


@dataclass(frozen=True, slots=True)
class CrossingView:
    """A link that crosses lines. lines: from top to bottom. touchpoint: what it is registered as. standard: what those
    inside promise each other; perception: how the side that receives finds what it is given, asked of staff."""

    source: str
    target: str
    lines: tuple[Line, ...]
    touchpoint: Named | None
    standard: StandardView | None = None
    perception: Measured | None = None


@dataclass(frozen=True, slots=True)
class PilotRow:
    """An indicator in a place of a pilot: in the last period before it and in the latest of it, and how everybody fared."""

    unit: Named
    subject: Subject
    before: Reading
    now: Reading
    change: Change
    rest: Change


@dataclass(frozen=True, slots=True)
class PilotView:
    """A pilot. before, now: the periods compared; None where there is none of them yet. kept: whether it became the rule."""

    code: str
    name: Text
    change: Text
    first: date
    last: date | None
    kept: bool | None
    before: Period
    now: Period | None
    rows: tuple[PilotRow, ...]


@dataclass(frozen=True, slots=True)
class BlueprintEntry:
    """A blueprint in the list. poor: steps whose measures are in alert, among those of which anything is known (None when
    of none); unknown: the other steps; encounters: with the customer."""

    code: str
    name: Text
    business: Text
    steps: int
    encounters: int
    poor: int | None
    unknown: int
    done: int


@dataclass(frozen=True, slots=True)
class BlueprintsPage:
    """All blueprints, by business."""

    scope: Scope
    entries: tuple[BlueprintEntry, ...]

    @property
    def poor(self) -> int | None:
        """Poor steps of all; None when nothing is known of any step."""
        known = [entry.poor for entry in self.entries if entry.poor is not None]
        return sum(known) if known else None


@dataclass(frozen=True, slots=True)
class BlueprintPage:
    """One blueprint, or the variant of it for a segment. procedure: its seven steps and whether each was worked out."""

    scope: Scope
    code: str
    name: Text
    business: Text
    description: Text | None
    version: str
    process: Named
    flow: Named | None
    phases: tuple[Named, ...]
    steps: tuple[StepView, ...]
    links: tuple[tuple[str, str], ...]
    encounters: tuple[CrossingView, ...]
    handovers: tuple[CrossingView, ...]
    variant: str | None
    variants: tuple[tuple[str, Text, Text], ...]
    """Code, name, segment."""
    procedure: tuple[tuple[Procedure, bool], ...]
    catalogue_version: str
    pilots: tuple[PilotView, ...] = ()

    @property
    def poor(self) -> int | None:
        """How many steps are circled; None when nothing is known of any."""
        return poor_of(self.steps)

    @property
    def unknown(self) -> int:
        """Steps of which nothing is known."""
        return sum(not step.known for step in self.steps)

    def step(self, code: str) -> StepView:
        """The step of a code."""
        return next(step for step in self.steps if step.code == code)
