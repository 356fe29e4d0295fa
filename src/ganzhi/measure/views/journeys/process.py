"""One process: what it is, its system steps, touchpoints, indicators, shortfalls and states."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ganzhi.catalogue.model.framework import LifecycleState, StateChange
from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.views.journeys.frame import ProcessRow
from ganzhi.measure.views.journeys.parts import Named, TouchpointRow
from ganzhi.measure.views.parts import Reading, Scope, Subject


@dataclass(frozen=True, slots=True)
class StepRow:
    """A system step (S000-028). number: from 1 in its order. system: with its domain. feed: where its record arrives.

    touchpoints: what customers meet that this step supports (S000-039). indicators: those that watch it.
    """

    number: int
    code: str
    name: Text
    side: str
    function: Text
    system: Named
    inputs: tuple[Text, ...]
    outputs: tuple[Text, ...]
    tables: tuple[str, ...]
    feed: Named | None
    limit_s: int | None
    touchpoints: tuple[Named, ...]
    indicators: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class ProcessIndicator:
    """An indicator of the process. reading: None where it has no measure of its own or no data ever arrived for it."""

    subject: Subject
    state: LifecycleState
    step: Text | None
    reading: Reading | None


@dataclass(frozen=True, slots=True)
class ShortfallRow:
    """A known shortfall in what customers perceive (S000-026)."""

    code: str
    name: Text
    process: Named
    attribute: Named | None
    indicators: tuple[Named, ...]
    evidence: Text
    owner: Text
    since: date | None
    state: str


@dataclass(frozen=True, slots=True)
class StateRow:
    """A state with the events that lead from it, one cell per state of the machine in its order; empty: not allowed."""

    state: Named
    resting: bool
    cells: tuple[tuple[Text, ...], ...]


@dataclass(frozen=True, slots=True)
class Machine:
    """A state machine as a table of states by states (S000-012)."""

    code: str
    name: Text
    states: tuple[Named, ...]
    rows: tuple[StateRow, ...]


@dataclass(frozen=True, slots=True)
class ProcessPage:
    """All of one process. layers: its indicators by layer from the top. codes: name of the code system and code.
    blueprints: that it belongs to or whose encounters are its touchpoints; flows: how it really goes."""

    scope: Scope
    row: ProcessRow
    description: Text | None
    channels: tuple[Named, ...]
    systems: tuple[Named, ...]
    codes: tuple[tuple[Text, str], ...]
    variants: tuple[Named, ...]
    rhythm: Text | None
    history: tuple[StateChange, ...]
    chain: tuple[Named, ...]
    activities: tuple[Named, ...]
    steps: tuple[StepRow, ...]
    touchpoints: tuple[TouchpointRow, ...]
    layers: tuple[tuple[str, tuple[ProcessIndicator, ...]], ...]
    shortfalls: tuple[ShortfallRow, ...]
    machines: tuple[Machine, ...]
    blueprints: tuple[Named, ...]
    flows: tuple[Named, ...]
