"""The records around findings, and the conflict that two edits at once end in. Times are aware and in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

from ganzhi.base.errors import InputError, Issue

State = Literal[
    "raised",
    "published",
    "acknowledged",
    "analysing",
    "measured",
    "checking",
    "closed",
    "merged",
    "suppressed",
    "withheld",
]
STATES: tuple[State, ...] = get_args(State)
SilenceKind = Literal["silence", "maintenance"]
ThresholdState = Literal["proposed", "approved", "rejected"]


@dataclass(frozen=True, slots=True)
class Series:
    """What a finding is about, whenever it happens. slice: canonical JSON of dimension to value, `{}` for all."""

    rule: str
    unit: str
    slice: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding as it stands.

    grade: in force now, 0 none (it is over) to 4 red; highest: ever; told: the one that was last made known, 0 for
    none. parent: the finding it is part of. due: by when somebody has to do the next thing; remind_at: when
    it is told again. escalations: how often a deadline passed. version: number of its last line of history.
    """

    id: str
    kind: str
    rule: str
    indicator: str
    unit: str
    slice: str
    first_period: str
    last_period: str
    grade: int
    highest: int
    told: int
    state: State
    owner: str
    parent: str | None
    due: datetime | None
    remind_at: datetime | None
    escalations: int
    raised_at: datetime
    closed_at: datetime | None
    catalogue_version: str
    version: int

    @property
    def series(self) -> Series:
        """What it is about."""
        return Series(self.rule, self.unit, self.slice)

    @property
    def open(self) -> bool:
        """Whether something remains to be done about it, or it is kept from being told."""
        return self.state != "closed"


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of history: who did what when, from which state to which, and why. before: empty for the first."""

    finding: str
    number: int
    at: datetime
    actor: str
    act: str
    before: str
    after: str
    grade: int
    reason: str
    detail: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an evaluation said. content: the signal, as the evaluation wrote it."""

    finding: str
    number: int
    at: datetime
    period: str
    grade: int
    content: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class NewEvidence:
    """An evaluation to be kept with a finding."""

    period: str
    grade: int
    content: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Sample:
    """Records drawn at random (S003-017, S003-019).

    seed: what the draw was made from; with the same records it gives the same sample again. population: how
    many records there were. rows: those drawn, as `load:line`. causes, phenomena: of those that were looked at.
    """

    id: str
    finding: str
    period: str
    seed: str
    population: int
    rows: tuple[str, ...]
    causes: Mapping[str, str]
    drawn_at: datetime
    version: int
    phenomena: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Feedback:
    """The feedback form of an anomaly; all three parts are mandatory (S003-018)."""

    phenomenon: str
    analysis: str
    measures: str


@dataclass(frozen=True, slots=True)
class KeptFeedback(Feedback):
    """A form that was handed in, by whom and when. number: of the line of history it came with."""

    finding: str
    number: int
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Silence:
    """A time in which warnings are recorded and not told. rule, unit, slice: of which; empty for all. owner: who asked.

    unit: with all units below it. It holds from `starts_at` on and no longer from `ends_at` on.
    """

    id: str
    kind: SilenceKind
    rule: str
    unit: str
    slice: str
    owner: str
    reason: str
    starts_at: datetime
    ends_at: datetime
    made_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class Threshold:
    """A version of a rule's thresholds. content: per unit and slice the limits, as proposed. source: where they come from.

    Of a rule the approved version with the highest number holds.
    """

    id: str
    rule: str
    number: int
    content: Mapping[str, object]
    state: ThresholdState
    proposed_by: str
    reason: str
    source: str
    made_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    note: str
    version: int


@dataclass(frozen=True, slots=True)
class Move:
    """One act, decided: the line of history it becomes and the fields of the finding it changes."""

    act: str
    after: State
    reason: str = ""
    detail: Mapping[str, object] = field(default_factory=dict)
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of a finding in one transaction. new: the finding, where there is none yet."""

    moves: tuple[Move, ...] = ()
    new: Finding | None = None
    evidence: NewEvidence | None = None
    feedback: Feedback | None = None
    sample: Sample | None = None


class FindingChangedError(InputError):
    """Somebody else changed the finding meanwhile. seen: what the changer saw; now: what it has become."""

    def __init__(self, seen: Finding, now: Finding) -> None:
        params = {"seen": f"{seen.state} ({seen.version})", "now": f"{now.state} ({now.version})"}
        super().__init__(Issue("FND102", seen.id, params=params))
        self.seen = seen
        self.now = now
