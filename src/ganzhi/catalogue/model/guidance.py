"""What decides where to look first: priorities, key-process selection, shortfalls, agreements, interfaces, reports."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ganzhi.catalogue.model.indicators import Limits
from ganzhi.catalogue.model.parts import Code, Day, Model, Name, Number, Text


class ProcessWeight(Model):
    """How much a process matters to a priority: 1 little, 5 most; within its validity, both days included."""

    process: Code
    weight: Annotated[Number, Field(ge=0, le=5)]
    valid_from: Day | None = None
    valid_to: Day | None = None


class Priority(Model):
    """A business-development priority with the processes it rests on (S000-027)."""

    name: Text
    weights: Annotated[tuple[ProcessWeight, ...], Field(min_length=1)]
    description: Text | None = None
    owner: Text | None = None


class Pressure(Model):
    """An indicator counted by process whose values are problem pressure: complaints, faults, requirements.

    dimension: the dimension of its feed that holds the process code. reason: the reason for choosing
    a process that a high value gives.
    """

    indicator: Code
    weight: Annotated[Number, Field(gt=0)]
    dimension: Name = "process"
    reason: Name | None = None


class Chosen(Model):
    """A process that was chosen, why (S000-024), and which contact types it stands for."""

    process: Code
    processes: tuple[Code, ...] = ()
    name: Text
    reasons: Annotated[tuple[Name, ...], Field(min_length=1)]
    contact_steps: tuple[Code, ...] = ()
    initiative: Text | None = None


class Selection(Model):
    """Selection of key processes: problem pressure against business importance (S000-023 to S000-025).

    pressures: weighted measures of problem pressure. priorities: whose weights make business
    importance. high_from: share of the best process (0 to 1) from which pressure or importance is high.
    reasons: the reasons by which a process may be chosen; importance_reason, shortfall_reason: those
    that high business importance and an open shortfall give. contact_steps: contact types that the
    chosen processes together have to cover.
    """

    name: Text
    pressures: Annotated[tuple[Pressure, ...], Field(min_length=1)]
    priorities: Annotated[tuple[Code, ...], Field(min_length=1)]
    high_from: Annotated[Number, Field(gt=0, lt=1)]
    reasons: Annotated[dict[Name, Text], Field(min_length=1)]
    importance_reason: Name | None = None
    shortfall_reason: Name | None = None
    contact_steps: tuple[Code, ...] = ()
    chosen: tuple[Chosen, ...] = ()


class Shortfall(Model):
    """A known shortfall in what customers perceive, linked to process and indicators (S000-026)."""

    name: Text
    process: Code
    indicators: Annotated[tuple[Code, ...], Field(min_length=1)]
    attribute: Code | None = None
    evidence: Text
    owner: Text
    since: Day | None = None
    state: Literal["open", "closed"] = "open"


class Sla(Model):
    """A service-level agreement as the source of targets (S000-129).

    scope: slice of the indicator it holds for, dimension to value; empty for all. use: which targets it sets.
    """

    name: Text
    customer: Text
    indicator: Code
    scope: dict[Name, str] = Field(default_factory=dict)
    limits: Limits
    use: Literal["management", "operations"] = "management"
    valid_from: Day | None = None
    valid_to: Day | None = None
    reference: Text | None = None


class Interface(Model):
    """A flow between service quality management and another system (S000-131).

    direction: as seen from here. feed: where an incoming flow arrives; None when it is no record feed.
    """

    name: Text
    flow: Text
    system: Code
    direction: Literal["in", "out"]
    content: Annotated[tuple[Text, ...], Field(min_length=1)]
    feed: Code | None = None
    rhythm: Literal["real_time", "hour", "day", "month", "event"] = "day"
    form: Text | None = None


class Report(Model):
    """A report specified as data: goal, function, audience, definitions, presentation (S004-001, S004-002).

    number: in the numbering of the standard it belongs to (`codes` names the standard). group: heading
    it stands under. by: dimensions it is cut by. presentation: parts in the order they are shown.
    """

    name: Text
    number: str | None = None
    group: Text
    goal: Text
    function: Text
    audience: Text
    indicators: Annotated[tuple[Code, ...], Field(min_length=1)]
    by: tuple[Name, ...] = ()
    presentation: Annotated[
        tuple[Literal["table", "trend", "ranking", "breakdown", "hours", "matrix", "records"], ...], Field(min_length=1)
    ]
    rhythm: Literal["hour", "day", "week", "month", "query"] = "month"
    codes: dict[Code, str] = Field(default_factory=dict)
    source: Text
    order: int = 100
