"""What is shown of traces: frozen values without behaviour, the same for pages, commands and reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.views.parts import Scope, Subject
from ganzhi.trace.skew import Skew


@dataclass(frozen=True, slots=True)
class TraceRow:
    """A trace in the list of traces. days: with chains; chains: on the last of them, by state."""

    code: str
    name: Text
    description: Text | None
    steps: int
    days: int
    last_day: date | None
    stale: int


@dataclass(frozen=True, slots=True)
class HopRow:
    """A hop over some days, or one slice of it. n: chains that took it; spanning: over a step without record. Times in
    milliseconds, of hops from the step just before. over: longer than their limit. ordered: linked in the order of time."""

    hop: str
    name: Text
    system: Text
    slice: str | None
    n: int
    spanning: int
    ordered: int
    ambiguous: int
    over: int
    p50_ms: int | None
    p90_ms: int | None
    p95_ms: int | None
    p99_ms: int | None
    limit_ms: int | None
    beside: bool


@dataclass(frozen=True, slots=True)
class Side:
    """Something that hops can be split by."""

    code: str
    name: Text


@dataclass(frozen=True, slots=True)
class HopSlices:
    """Hops split by one of the sides. by: which; rows: in the order of the trace; names: of the values that have one."""

    sides: tuple[Side, ...]
    by: str | None
    rows: tuple[HopRow, ...]
    names: Mapping[str, Text]


@dataclass(frozen=True, slots=True)
class StuckCount:
    """How many chains of a list stopped at a step."""

    stuck_at: str
    step: Text
    state: str
    chains: int
    customers: int
    amount_fen: int | None


@dataclass(frozen=True, slots=True)
class StuckBoard:
    """A list of stuck chains in short. symptom: how customers put it."""

    code: str
    name: Text
    symptom: Text
    chains: int
    customers: int
    amount_fen: int | None
    steps: tuple[StuckCount, ...]


@dataclass(frozen=True, slots=True)
class TraceBoard:
    """A trace over some days. reach: when the latest hop was finished. states: chains by state. links: hops by how
    their record was found. ambiguous: hops for which another record would have fitted. days: those with chains."""

    code: str
    name: Text
    description: Text | None
    first: date
    last: date
    reach: datetime | None
    chains: int
    states: Mapping[str, int]
    ambiguous_chains: int
    links: Mapping[str, int]
    ambiguous: int
    hops: tuple[HopRow, ...]
    stuck: tuple[StuckBoard, ...]
    days: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A chain of a list; without waiting_since it went through. values: the shown columns. waited_ms against the usual time of the missing step in this hour:
    its median, the time that 99.5 % stay below (None where too few are known), and the share that were shorter."""

    chain_id: str
    state: str
    stuck_at: str
    step: Text
    last_step: Text
    waiting_since: datetime | None
    waited_ms: int | None
    usual_n: int
    usual_p50_ms: int | None
    usual_sure_ms: int | None
    shorter: float | None
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class StuckList:
    """A list of stuck chains, the longest wait first. columns: shown columns with their titles; names: what the
    codes in them mean. total: of all."""

    trace: str
    code: str
    name: Text
    symptom: Text
    first: date
    last: date
    reach: datetime | None
    total: int
    customers: int
    columns: Mapping[str, Text]
    names: Mapping[str, Mapping[str, Text]]
    rows: tuple[Waiting, ...]


@dataclass(frozen=True, slots=True)
class StoryStep:
    """A step of one chain's story. at: by the system's own clock; took_ms: since the step before, by clocks put right;
    None for the first. shorter: the share of usual times below it. feed, record: where it is written."""

    code: str
    name: Text
    system: Text
    at: datetime
    took_ms: int | None
    limit_ms: int | None
    over_limit: bool
    skew_ms: int
    how: str
    ambiguous: bool
    beside: bool
    usual_p50_ms: int | None
    shorter: float | None
    feed: str
    record: str


@dataclass(frozen=True, slots=True)
class Story:
    """One chain from its start. facts: shown values of the chain feed with their titles; names: what the
    codes in them mean; feeds: names of the feeds its records stand in, and the column that names a record, empty where it
    takes several; amount: the fact that is money, in fen."""

    trace: str
    name: Text
    chain_id: str
    unit: str
    variant: Text | None
    state: str
    stuck_at: Text | None
    waiting_since: datetime | None
    ambiguous: bool
    total_ms: int
    facts: Mapping[str, tuple[Text, object]]
    names: Mapping[str, Mapping[str, Text]]
    steps: tuple[StoryStep, ...]
    feeds: Mapping[str, tuple[Text, str]] = field(default_factory=dict)
    amount: str | None = None


@dataclass(frozen=True, slots=True)
class Jump:
    """A clock that was set back, or the one before it ahead: n records came sooner than they ever can. first, last: when
    the first and the last of them was written, by the clock of the target; by_ms: by how much the least time fell."""

    origin: Text
    target: Text
    first: datetime
    last: datetime
    n: int
    by_ms: int


@dataclass(frozen=True, slots=True)
class ClockSheet:
    """The skew of the systems of a trace, and clocks that jumped."""

    trace: str
    name: Text
    first: date
    last: date
    systems: Mapping[str, Text]
    skews: tuple[Skew, ...]
    jumps: tuple[Jump, ...]


@dataclass(frozen=True, slots=True)
class HopBreak:
    """A hop on one day against the days before. over, usual_over: share over the limit; None where too few are known."""

    hop: str
    name: Text
    system: Text
    n: int
    over: float
    usual_over: float | None
    p95_ms: int
    usual_p95_ms: int | None
    broken: bool


@dataclass(frozen=True, slots=True)
class Sign:
    """An indicator of the systems behind a trace on that day, against the middle one of the days before."""

    subject: Subject
    value: float | None
    usual: float | None
    days: int

    @property
    def factor(self) -> float | None:
        """How many times the usual it is."""
        return None if self.value is None or not self.usual else self.value / self.usual


@dataclass(frozen=True, slots=True)
class Release:
    """A change of a system: when, and what was recorded of it."""

    at: datetime
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class BreakSheet:
    """Where a trace broke on one day, whom it hit, and what changed before. broken_at: the first hop of the main line that
    broke; began, ended: the first and the last hour in which it was broken (start of the hour)."""

    trace: str
    name: Text
    day: date
    chains: int
    affected: int
    customers: int
    stopped: int
    hops: tuple[HopBreak, ...]
    broken_at: Text | None
    began: datetime | None
    ended: datetime | None
    signs: tuple[Sign, ...]
    releases: tuple[Release, ...]
    release_columns: Mapping[str, Text]
    release_names: Mapping[str, Mapping[str, Text]]


@dataclass(frozen=True, slots=True)
class TracesPage:
    """The traces there are."""

    traces: tuple[TraceRow, ...]


@dataclass(frozen=True, slots=True)
class TracePage:
    """A trace over the scope of a page; board, clocks and slices are None where it has no chains there. records: whether
    the viewer may ask for the records of the feeds of its chains and hops; unfilled: columns of chains that nothing in the
    definition fills, so that they are unknown."""

    scope: Scope
    code: str
    name: Text
    description: Text | None
    board: TraceBoard | None
    clocks: ClockSheet | None
    slices: HopSlices | None
    chains: str = ""
    hops: str = ""
    records: bool = False
    unfilled: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class StuckPage:
    """A list of stuck chains over the scope of a page; None where the trace has no chains there. amount: the column of the
    money at stake, in fen."""

    scope: Scope
    code: str
    trace: Text
    which: str
    name: Text
    symptom: Text
    found: StuckList | None
    amount: str | None = None


@dataclass(frozen=True, slots=True)
class StoryPage:
    """One chain, over the scope it was opened from."""

    scope: Scope
    story: Story


@dataclass(frozen=True, slots=True)
class BreakPage:
    """One day of a trace against the days before. hops: the feed of its hops; records: whether the viewer may ask for its
    records; earlier, later: the days with chains beside it."""

    scope: Scope
    sheet: BreakSheet
    hops: str = ""
    records: bool = False
    earlier: date | None = None
    later: date | None = None
