"""What the pages of the handler's desk show, as frozen values; times are aware and in UTC, what was said is masked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal, get_args

from ganzhi.catalogue.model.handling import Layer, TimeLimit
from ganzhi.catalogue.model.parts import Text
from ganzhi.complaints.analysis.effects import Difference
from ganzhi.complaints.desk.acts import DeskForm, FaultState, Mode, ProblemState, Reproduced, TicketState
from ganzhi.complaints.desk.directory import Person
from ganzhi.complaints.desk.limits import Limit, Urgency
from ganzhi.complaints.desk.process.way import Stop
from ganzhi.complaints.desk.story import Held
from ganzhi.complaints.tickets.read import Turn
from ganzhi.store.desk.acts import DeskAct

Shown = Literal["open", "over", "soon", "fine", "waiting", "unknown", "must", "closed"]
SHOWN: Final[tuple[Shown, ...]] = get_args(Shown)
"""open: all open ones; then by urgency; must: that a rule says must be handled; closed: closed here or by their steps, while
their record is open."""
AGES: Final[tuple[tuple[str, timedelta | None], ...]] = (
    ("4h", timedelta(hours=4)), ("8h", timedelta(hours=8)), ("24h", timedelta(hours=24)),
    ("48h", timedelta(hours=48)), ("10d", timedelta(days=10)), ("more", None),
)  # fmt: skip
"""Bands of age on the board: name, and the age below which a ticket lies in it."""


@dataclass(frozen=True, slots=True)
class QueueQuery:
    """Conditions of the queue; None is no condition. unit: with all below it. kind: ordinary, batch or escalated.
    mine: tickets whose owner the viewer is, or that lie with a department they are an interface person of."""

    shown: Shown = "open"
    unit: str | None = None
    department: str | None = None
    category: str | None = None
    kind: str | None = None
    step: str | None = None
    age: str | None = None
    owner: str | None = None
    mine: bool = False
    page: int = 1


@dataclass(frozen=True, slots=True)
class TicketRow:
    """A ticket in a list. rank: 1 urgent to 5 ordinary, None where no rule held. rule: the rule that won. age: since
    receipt. content: what was said, numbers covered. version: of what was done at the desk."""

    id: str
    received_at: datetime
    unit: str
    unit_name: Text
    category: str | None
    category_name: Text | None
    product_name: Text | None
    nature: str | None
    nature_name: Text | None
    content: str
    customer: str | None
    state: TicketState
    step: str | None
    step_name: Text | None
    department: str
    department_name: Text
    owner: str
    first: Limit | None
    urgency: Urgency
    stay: Limit | None
    rank: int | None
    rule: str | None
    rule_name: Text | None
    must: bool
    age: timedelta
    repeats: int
    closed_by: str
    version: int


@dataclass(frozen=True, slots=True)
class Facet:
    """A value of a condition, its name, and how many tickets have it under the other conditions."""

    code: str
    name: Text
    count: int


@dataclass(frozen=True, slots=True)
class QueuePage:
    """The queue. now: the moment that clocks are read at; late: whether data ended so long ago that it lies in the past.
    counts: by `Shown`, under the other conditions. mine: how many are the viewer's, under the other conditions."""

    query: QueueQuery
    now: datetime
    late: bool
    unit: str
    unit_name: Text
    counts: Mapping[Shown, int]
    units: tuple[Facet, ...]
    departments: tuple[Facet, ...]
    categories: tuple[Facet, ...]
    kinds: tuple[Facet, ...]
    mine: int
    total: int
    pages: int
    rows: tuple[TicketRow, ...]


@dataclass(frozen=True, slots=True)
class HeldRule:
    """A rule that held: what in the ticket made it hold, in names."""

    code: str
    name: Text
    layer: Layer
    rank: int
    limit: TimeLimit
    must: bool
    because: tuple[tuple[str, Text], ...]
    source: Text | None


@dataclass(frozen=True, slots=True)
class Alike:
    """Another ticket about the same problem. why: what makes it one: part of the same batch, here or elsewhere, the same
    problem in the same place, or nearly the same words."""

    id: str
    received_at: datetime
    content: str
    why: str
    state: str


@dataclass(frozen=True, slots=True)
class Suggested:
    """A case of the library that may fit. wording: agreed words for the customer; words: what decided."""

    id: str
    title: str
    fix: str
    wording: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """A service problem in a list. due: by when a solution is to be there, the limit in working days from its report;
    kept: whether it was there by then, None while open."""

    id: str
    title: str
    mode: Mode
    state: ProblemState
    reported_at: datetime
    due: datetime
    left: timedelta
    urgency: Urgency
    kept: bool | None
    category: str | None
    category_name: Text | None
    product: str | None
    unit: str
    unit_name: Text
    owner: str
    links: tuple[tuple[str, str], ...]
    checked: bool
    version: int


@dataclass(frozen=True, slots=True)
class Tested:
    """What a trouble report of the same customer, near in time, says of whether the trouble could be brought about again."""

    found: Reproduced
    report: str


@dataclass(frozen=True, slots=True)
class TicketPage:
    """One ticket. persons: who is asked at the department that holds it; path: where it is escalated to. lead, beside:
    where it belongs by category and product. names: of departments, by code and as
    records write them; step_names: of steps of the flow. alike: the first of
    `alike_total` tickets about the same problem, which hit so many customers. way: from
    intake to closing. reproduced: as found at the desk; tested: as a trouble report of the customer has it. responsible: as
    found at the desk; party: as recorded. faults: opened for it. channels, parties: to choose from. handed: how acts reached
    the ticket system, by number: where (a target, or a file) and in which state. undo: the act that can be taken back."""

    row: TicketRow
    now: datetime
    late: bool
    channel: str | None
    channel_name: Text | None
    network: str | None
    customer_class: Text | None
    value_class: Text | None
    scenes: tuple[Text, ...]
    limits: tuple[Limit, ...]
    handovers: int
    reopened: int
    rules: tuple[HeldRule, ...]
    turns: tuple[Turn, ...]
    acts: tuple[DeskAct, ...]
    forms: tuple[DeskForm, ...]
    departments: tuple[tuple[str, Text], ...]
    asked: tuple[str, ...]
    lead: str
    beside: tuple[str, ...]
    persons: tuple[Person, ...]
    path: tuple[str, ...]
    names: Mapping[str, Text]
    step_names: Mapping[str, Text]
    problems: tuple[ProblemRow, ...]
    open_problems: tuple[ProblemRow, ...]
    alike: tuple[Alike, ...]
    alike_total: int
    alike_customers: int
    cases: tuple[Suggested, ...]
    manual: str | None
    origin: tuple[str, int]
    way: tuple[Stop, ...] = ()
    reproduced: Held | None = None
    tested: Tested | None = None
    responsible: Held | None = None
    party: str | None = None
    faults: tuple[FaultRow, ...] = ()
    channels: tuple[tuple[str, Text], ...] = ()
    parties: tuple[tuple[str, Text], ...] = ()
    handed: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    undo: DeskAct | None = None


@dataclass(frozen=True, slots=True)
class FlowCell:
    """Open tickets of a step and an age; over: those of them past their limit. None where small numbers are hidden."""

    count: int | None
    over: int | None


@dataclass(frozen=True, slots=True)
class FlowRow:
    """Tickets of a step, department or owner; cells by age."""

    code: str
    name: Text
    total: int | None
    over: int | None
    soon: int | None
    cells: Mapping[str, FlowCell]


@dataclass(frozen=True, slots=True)
class FlowPage:
    """The visual board (S002-010). lists: whether the viewer may open the tickets behind a count."""

    now: datetime
    late: bool
    unit: str
    unit_name: Text
    units: tuple[Facet, ...]
    total: int | None
    over: int | None
    soon: int | None
    steps: tuple[FlowRow, ...]
    departments: tuple[FlowRow, ...]
    owners: tuple[FlowRow, ...]
    lists: bool


@dataclass(frozen=True, slots=True)
class ProblemPage:
    """One problem with its history, what may be done, and whether it helped. reproduced: whether it could be brought about
    again; faults: opened for it."""

    row: ProblemRow
    now: datetime
    acts: tuple[DeskAct, ...]
    forms: tuple[DeskForm, ...]
    solution: str
    checks: tuple[DeskAct, ...]
    effect: Difference | None
    reproduced: Held | None = None
    faults: tuple[FaultRow, ...] = ()
    undo: DeskAct | None = None


@dataclass(frozen=True, slots=True)
class FaultRow:
    """A fault in a list (S003-023). due: by when it is to be cleared; kept: whether it was by then, None while open. ticket,
    problem: it was opened for, empty for none. cause: once it is cleared. tries: how often it could still be reproduced."""

    id: str
    title: str
    state: FaultState
    opened_at: datetime
    due: datetime
    left: timedelta
    urgency: Urgency
    kept: bool | None
    unit: str
    unit_name: Text
    element: str
    department: str
    department_name: Text
    owner: str
    ticket: str
    problem: str
    evidence: str
    cause: str
    tries: int
    version: int


@dataclass(frozen=True, slots=True)
class FaultPage:
    """One fault with its history and what may be done. problem: the title of the one it was opened for."""

    row: FaultRow
    now: datetime
    acts: tuple[DeskAct, ...]
    forms: tuple[DeskForm, ...]
    problem: str
    departments: tuple[tuple[str, Text], ...]
    names: Mapping[str, Text]
    undo: DeskAct | None = None


@dataclass(frozen=True, slots=True)
class FaultsPage:
    """Faults, open ones with least time left first."""

    rows: tuple[FaultRow, ...]
    now: datetime
    departments: tuple[tuple[str, Text], ...]
    may: bool


@dataclass(frozen=True, slots=True)
class ProblemsPage:
    """Service problems, open ones first and those with least time left before the others."""

    rows: tuple[ProblemRow, ...]
    now: datetime
    categories: tuple[tuple[str, Text], ...]
    may: bool


@dataclass(frozen=True, slots=True)
class DeskAsked:
    """What somebody asks for: the act, the version they saw, the fields of its form."""

    act: str
    version: int
    fields: Mapping[str, str] = field(default_factory=dict)
