"""View models of the pages of flows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ganzhi.catalogue.model.parts import Text
from ganzhi.compile.flow.conformance import DEVIATIONS, Deviation
from ganzhi.measure.views.parts import Scope

KINDS = DEVIATIONS
"""The kinds of deviation there are."""


@dataclass(frozen=True, slots=True)
class FlowEntry:
    """A flow in the list. data: whether anything arrived for its feed. judged: whether an order is declared."""

    code: str
    name: Text
    feed: str
    feed_name: Text
    description: Text | None
    judged: bool
    data: bool


@dataclass(frozen=True, slots=True)
class FlowsPage:
    """All flows."""

    catalogue_version: str
    flows: tuple[FlowEntry, ...]


@dataclass(frozen=True, slots=True)
class StepView:
    """An activity. starts, ends: cases that begin or end with it; position: its mean place in a case."""

    activity: str
    events: int
    cases: int
    starts: int
    ends: int
    position: float


@dataclass(frozen=True, slots=True)
class PassageView:
    """One activity directly after another. stressed: it goes against the declared order."""

    source: str
    target: str
    n: int
    mean_s: float | None
    p50_s: float | None
    p90_s: float | None
    stressed: bool


@dataclass(frozen=True, slots=True)
class VariantView:
    """A sequence. key: its short name in addresses; n: cases."""

    key: str
    path: tuple[str, ...]
    n: int
    mean_s: float


@dataclass(frozen=True, slots=True)
class DeviationView:
    """A kind of deviation, and where it occurs. cases: distinct ones."""

    kind: Deviation
    cases: int
    passages: int
    places: tuple[tuple[str, str, int], ...]
    """Step, other, cases; most first."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A column cases are chosen by, what was chosen, and the values there are with their cases."""

    column: str
    title: Text
    value: str | None
    options: tuple[tuple[str, Text, int], ...]


@dataclass(frozen=True, slots=True)
class FlowPage:
    """A flow over a period and a place. names: of every activity that occurs or is declared. hidden: parts with so
    few cases that this viewer is not shown them."""

    scope: Scope
    code: str
    name: Text
    description: Text | None
    feed: str
    feed_name: Text
    window_days: int
    cases: int
    events: int
    mean_s: float | None
    p50_s: float | None
    p90_s: float | None
    steps: tuple[StepView, ...]
    passages: tuple[PassageView, ...]
    variants: tuple[VariantView, ...]
    n_variants: int
    judged: bool
    deviating: int
    deviations: tuple[DeviationView, ...]
    read: int
    no_case: int
    no_activity: int
    hidden: int
    choices: tuple[Chosen, ...]
    where: Mapping[str, str]
    names: Mapping[str, Text]
    lists: bool
    others: tuple[FlowEntry, ...]


@dataclass(frozen=True, slots=True)
class FlowQuery:
    """What the address said: column to value of the cases."""

    where: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class CasesQuery:
    """Which cases of a flow. variant: the short name of a sequence; kind, step, other: a deviation; source, target: a
    passage; activity: a step. page: from 1."""

    where: tuple[tuple[str, str], ...] = ()
    kind: str | None = None
    step: str | None = None
    other: str | None = None
    source: str | None = None
    target: str | None = None
    activity: str | None = None
    variant: str | None = None
    page: int = 1


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case, longest first."""

    case: str
    begun: datetime
    ended: datetime
    events: int
    path: tuple[str, ...]
    duration_s: float


@dataclass(frozen=True, slots=True)
class CasesPage:
    """A page of cases. column: the feed's column that holds the case, None for a derived one."""

    scope: Scope
    code: str
    name: Text
    feed: str
    column: str | None
    query: CasesQuery
    rows: tuple[CaseRow, ...]
    total: int
    page: int
    pages: int
    names: Mapping[str, Text]
