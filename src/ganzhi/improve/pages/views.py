"""What the pages of warnings show, as frozen values; times are aware and in UTC, grades by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

from ganzhi.base.periods import Period
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.warning import Grade
from ganzhi.improve.crisis import PlanStep
from ganzhi.improve.effect import Effect
from ganzhi.improve.sample import Share
from ganzhi.measure.views.occasions import Occurs
from ganzhi.measure.views.parts import Subject
from ganzhi.store.findings.records import Entry, KeptFeedback, Silence, State

Shown = Literal[
    "open", "overdue", "raised", "published", "acknowledged", "analysing", "measured", "checking",
    "merged", "suppressed", "withheld", "closed", "all",
]  # fmt: skip
"""Which findings a list shows. open: raised, made known or worked on; overdue: those of them whose clock ran out."""

SHOWN: tuple[Shown, ...] = get_args(Shown)


@dataclass(frozen=True, slots=True)
class AlertsQuery:
    """Conditions of the list; None is no condition. unit: with all below it. level: who watches (`centre`, `product`)."""

    shown: Shown = "open"
    grade: Grade | None = None
    unit: str | None = None
    rule: str | None = None
    level: str | None = None
    page: int = 1


@dataclass(frozen=True, slots=True)
class Why:
    """A reason: its code and what its sentence needs, as the evaluation or the history keeps it. names: those of the
    parameters that have a name; of a unit out of the viewer's reach neither name nor code is left."""

    code: str
    params: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, Text] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Judged:
    """An evaluation of one period.

    value: None where it is unknown, or hidden from the viewer (`hidden`). how: the way the expectation was made,
    from `history` days or slots; fell_back: why not the better way. threshold: the version
    of approved ones that judged. Chances and excesses are None where unknown.
    """

    period: Period
    at: datetime
    verdict: str
    grade: Grade | None
    value: float | None
    expected: float | None
    limits: Mapping[Grade, float]
    chance: float | None
    adjusted: float | None
    excess_absolute: float | None
    excess_relative: float | None
    drift_sigmas: float | None
    how: str
    history: int
    fell_back: Why | None
    reasons: tuple[Why, ...]
    catalogue_version: str
    hidden: bool = False
    threshold: int | None = None


@dataclass(frozen=True, slots=True)
class AlertRow:
    """A finding in a list.

    grade: in force now, None when it is over; highest: ever. subject: None where the catalogue has no such indicator
    any more. cut: names of dimension and value. first, last: periods. left_s: seconds until the clock runs out,
    negative after; None without a clock. overdue: it ran out, once or more. kept: why a program or a person keeps it
    back. parent: the id of the finding it is part of, when the viewer may see that.
    """

    id: str
    state: State
    grade: Grade | None
    highest: Grade
    rule: str
    rule_name: Text
    level: str | None
    indicator: str
    subject: Subject | None
    unit: str
    unit_name: Text
    cut: tuple[tuple[Text, Text], ...]
    slice: Mapping[str, str]
    first: Period
    last: Period
    judged: Judged | None
    owner: Text
    due: datetime | None
    left_s: float | None
    overdue: bool
    escalations: int
    raised_at: datetime
    closed_at: datetime | None
    kept: Why | None
    parent: str | None
    version: int


@dataclass(frozen=True, slots=True)
class AlertsPage:
    """The list under its conditions. counts: of each `Shown` under the other conditions; grades: of each grade among
    what is shown otherwise. rules: codes and names of those that ever raised something in reach. telling: kinds of
    channels that notices go out on; empty when nothing is sent anywhere."""

    query: AlertsQuery
    rows: tuple[AlertRow, ...]
    total: int
    pages: int
    counts: Mapping[Shown, int]
    grades: Mapping[Grade, int]
    rules: tuple[tuple[str, Text], ...]
    units: tuple[tuple[str, Text], ...]
    unit_name: Text | None
    telling: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Point:
    """A period of the chart. expected, limits, grade: as evaluated then; None where it was not."""

    period: Period
    value: float | None
    expected: float | None
    grade: Grade | None


@dataclass(frozen=True, slots=True)
class Step:
    """What is done at a grade: who is told how, by when it is answered."""

    roles: tuple[str, ...]
    channels: tuple[str, ...]
    acknowledge_min: int
    feedback_min: int
    approval: str | None


@dataclass(frozen=True, slots=True)
class RuleWords:
    """A warning rule as its page tells it. tails: chance per grade; least: smallest excess, absolute and relative."""

    grain: str
    side: str
    baseline: str
    by: Text | None
    tails: Mapping[Grade, float]
    least: tuple[float, float]
    persist: int
    hold: int
    discovery: float
    drift_sigmas: float | None
    description: Text | None
    publication: Text | None
    step: Step | None


@dataclass(frozen=True, slots=True)
class Drawn:
    """The records that were drawn at random. rows: load and line; looked_at: how many have a cause. shares, phenomena: of
    causes and of phenomena among those looked at."""

    period: Period
    feed: str
    seed: str
    population: int
    rows: tuple[tuple[str, int], ...]
    causes: Mapping[str, str]
    shares: tuple[Share, ...]
    looked_at: int
    phenomena: tuple[Share, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """A notice as it stands; withheld: why it was not sent at once."""

    channel: str
    change: str
    state: str
    due: datetime
    finished_at: datetime | None
    error: str | None
    withheld: str | None


@dataclass(frozen=True, slots=True)
class AlertPage:
    """One finding.

    rule: None when the catalogue has it no more. judged: evaluations, the latest first; fired: the one in which its
    highest grade was first reached. points: values before and since, oldest first, empty when they could not be read. occasions: of the calendar, within
    them. whys: the reason of each line of history. samples: None for viewers who may not see records. acts: what the viewer may do now; candidates: what it may
    be merged into. effect: so far, from the moment measures were agreed. crisis: steps of the plan that is in force.
    """

    row: AlertRow
    rule: RuleWords | None
    judged: tuple[Judged, ...]
    fired: Judged | None
    points: tuple[Point, ...]
    occasions: tuple[Occurs, ...]
    history: tuple[Entry, ...]
    whys: tuple[Why, ...]
    feedback: tuple[KeptFeedback, ...]
    effect: Effect | None
    samples: tuple[Drawn, ...] | None
    parts: tuple[AlertRow, ...]
    parent: AlertRow | None
    acts: tuple[str, ...]
    candidates: tuple[AlertRow, ...]
    silences: tuple[Silence, ...]
    notices: tuple[Told, ...]
    telling: tuple[str, ...]
    crisis: tuple[PlanStep, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """What a form asks for. version: of the finding as its page showed it. hours: of a silence; until: an instant.
    step: of the crisis plan."""

    act: str
    version: int
    reason: str = ""
    until: datetime | None = None
    owner: str = ""
    parent: str = ""
    feedback: Mapping[str, str] = field(default_factory=dict)
    despite: bool = False
    hours: int = 0
    kind: str = "silence"
    step: int = 0
