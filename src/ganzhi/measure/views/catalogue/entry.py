"""Everything that is declared about one indicator beside its definition: place, state, origin, links, lineage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ganzhi.catalogue.model.framework import LifecycleState, StateChange
from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.views.catalogue.lineage import Lineage
from ganzhi.measure.views.journeys.parts import Named


@dataclass(frozen=True, slots=True)
class LinkRow:
    """An upper or lower indicator. weight: share of the upper score; points: of a risk, the most it takes off.

    origin, derived, sample: where the weight comes from (S003-001).
    """

    indicator: Named
    layer: str
    weight: float | None
    points: float | None
    origin: str
    derived: date | None
    sample: int | None


@dataclass(frozen=True, slots=True)
class SlaRow:
    """An agreement that sets targets (S000-129). scope: dimension and value, in words."""

    code: str
    name: Text
    customer: Text
    indicator: Named
    scope: tuple[tuple[Text, Text], ...]
    floor: float
    target: float
    challenge: float
    unit_of_value: str
    use: str
    valid_from: date | None
    valid_to: date | None
    reference: Text | None


@dataclass(frozen=True, slots=True)
class Secured:
    """The level of perception an internal target is meant to secure (S001-008)."""

    indicator: Named
    level: float
    unit_of_value: str
    note: Text | None


@dataclass(frozen=True, slots=True)
class EntryPlace:
    """Where the indicator stands in the frame. touchpoints: with their process."""

    commercial_process: Named | None
    processes: tuple[Named, ...]
    step: tuple[Named, Named] | None
    touchpoints: tuple[tuple[Named, str], ...]
    attribute: Named | None
    products: tuple[Named, ...]
    phase: str | None


@dataclass(frozen=True, slots=True)
class EntryState:
    """How far it is and what blocks it (S000-029, S000-030). checks: name of the check and whether it passed."""

    state: LifecycleState
    history: tuple[StateChange, ...]
    checks: tuple[tuple[str, bool | None], ...]
    blocked_by: Text | None
    retired: bool


@dataclass(frozen=True, slots=True)
class EntryOrigin:
    """Where the definition comes from. codes: name of the code system and code. repeats: what it repeats of
    another list; repeated_by: what repeats it."""

    kind: str
    reference: str | None
    item: str | None
    codes: tuple[tuple[Text, str], ...]
    repeats: Named | None
    repeated_by: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class EntryUse:
    """Who rests on it. rates: rates that divide by it. secured_by: internal targets that are to secure it."""

    topics: tuple[Named, ...]
    reports: tuple[Named, ...]
    shortfalls: tuple[Named, ...]
    slas: tuple[SlaRow, ...]
    secures: Secured | None
    secured_by: tuple[Secured, ...]
    rates: tuple[Named, ...]
    parts: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class EntryAbout:
    """All of it. parents: from the heaviest; children: the same, risks last. arrived: None for a score of children."""

    place: EntryPlace
    state: EntryState
    origin: EntryOrigin
    parents: tuple[LinkRow, ...]
    children: tuple[LinkRow, ...]
    use: EntryUse
    lineage: Lineage | None
    arrived: bool | None
