"""What the operator does for its customers: life cycles, processes, the system steps behind them.

Two frames stand side by side and are linked: the operator's (stage, class, process; S000-001 to 004)
and the customer's (stage and activity, S001-093; and the chain learn, interact, order, use, S000-005).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ganzhi.catalogue.model.parts import Code, Day, Model, Name, Number, Text

LifecycleState = Literal["planned", "designed", "live"]
LIFECYCLE: tuple[LifecycleState, ...] = ("planned", "designed", "live")
"""States of processes and indicators in the order they are passed (S000-030)."""


class StateChange(Model):
    """Since when an entry is in a state, and why."""

    state: LifecycleState
    since: Day
    note: Text | None = None


class CodeSystem(Model):
    """An external system of codes that entries can be mapped to: eTOM, BusMet, a group specification (S000-021, S000-051).

    applies_to: kinds of entry that carry its codes.
    """

    name: Text
    publisher: Text
    edition: str | None = None
    applies_to: tuple[Literal["processes", "indicators", "reports", "feeds", "products"], ...]
    note: Text | None = None


class System(Model):
    """A system of the operator: what it is, which domain it belongs to and who runs it."""

    name: Text
    domain: Literal["BSS", "OSS", "MSS", "channel", "partner"]
    owner: Text | None = None
    description: Text | None = None


class Stage(Model):
    """A stage of a life cycle. frame: whose view it is. order: place in its frame, from 1."""

    name: Text
    frame: Literal["operator", "customer"]
    order: Annotated[int, Field(ge=1)]
    description: Text | None = None


class ProcessClass(Model):
    """The second level of the process frame: a class within a stage (S000-003)."""

    name: Text
    stage: Code
    order: Annotated[int, Field(ge=1)]
    note: Text | None = None


class CommercialProcess(Model):
    """A top-level commercial process: a row of the service-quality matrix (S001-006).

    owner: the specialty department that answers for it (S000-032).
    """

    name: Text
    order: Annotated[int, Field(ge=1)]
    owner: Text
    description: Text | None = None


class Capability(Model):
    """A group of processes by the back-office capability that serves them (S000-022)."""

    name: Text
    order: Annotated[int, Field(ge=1)]
    description: Text | None = None


class ActivityWeight(Model):
    """Importance of an activity to customers (S001-095). weight: share, 0 to 1, within its life cycle.

    segment, product: whom and what it holds for; None for all. sample: number of answers.
    """

    weight: Annotated[Number, Field(gt=0, le=1)]
    segment: str | None = None
    product: Code | None = None
    origin: Literal["expert", "survey"] = "expert"
    surveyed: Day | None = None
    sample: Annotated[int, Field(ge=1)] | None = None


class Activity(Model):
    """Something customers do in a stage of their life cycle (S001-093). needs: what they need there (S001-094)."""

    name: Text
    stage: Code
    order: Annotated[int, Field(ge=1)]
    processes: tuple[Code, ...] = ()
    needs: tuple[Code, ...] = ()
    weights: tuple[ActivityWeight, ...] = ()
    description: Text | None = None


class Need(Model):
    """A category of need: availability, ease of use, functions, performance, content (S001-094)."""

    name: Text
    order: Annotated[int, Field(ge=1)]
    description: Text


class Product(Model):
    """A product of the operator. key_for: the customer types for which it is a key product (S001-100)."""

    name: Text
    key_for: tuple[Literal["personal", "family", "corporate"], ...] = ()
    description: Text | None = None


class ChainLink(Model):
    """A link of the customer-eye chain (S000-005): an activity, or with `parent` a step of one."""

    name: Text
    parent: Code | None = None
    order: Annotated[int, Field(ge=1)]
    description: Text | None = None


class SystemStep(Model):
    """A step of a process as systems carry it out (S000-028).

    side: whether the customer meets it (front) or not (back, S000-039). inputs, outputs: data that
    goes in and comes out. tables: names of tables as the system writes them. feed: where its record
    arrives here. limit_s: seconds within which it should be done.
    """

    name: Text
    side: Literal["front", "back"]
    function: Text
    system: Code
    inputs: tuple[Text, ...] = ()
    outputs: tuple[Text, ...] = ()
    tables: tuple[str, ...] = ()
    feed: Code | None = None
    limit_s: Annotated[int, Field(ge=0)] | None = None


class Process(Model):
    """A commercial process of the frame (S000-004), the entry that indicators, complaints and surveys point at.

    steps: the system steps in their order. variants: forms counted apart, such as order and cancel.
    chain: links of the customer-eye chain it belongs to. rhythm: when it runs by the calendar. codes:
    external codes by code system. key: whether it is worked out as a key process (S000-025).
    """

    name: Text
    process_class: Code
    commercial_process: Code
    capability: Code | None = None
    owner: Text
    description: Text | None = None
    channels: tuple[Code, ...] = ()
    systems: tuple[Code, ...] = ()
    steps: dict[Name, SystemStep] = Field(default_factory=dict)
    variants: dict[Name, Text] = Field(default_factory=dict)
    chain: tuple[Code, ...] = ()
    rhythm: Text | None = None
    codes: dict[Code, str] = Field(default_factory=dict)
    key: bool = False
    order: Annotated[int, Field(ge=1)] = 1
    state: LifecycleState = "live"
    history: tuple[StateChange, ...] = ()


class Transition(Model):
    """An allowed change between two states. event: what causes it."""

    source: Name
    target: Name
    event: Text


class StateRecord(Model):
    """Where changes of state are recorded: a feed, the column that names the thing, the states before and after, and when."""

    feed: Code
    subject: Name
    before: Name
    after: Name
    at: Name


class StateMachine(Model):
    """States of a thing and the changes that may happen between them (S000-012).

    A state names the reasons that hold in it; `resting` is the state without any. record: where changes are seen.
    """

    name: Text
    process: Code
    states: Annotated[dict[Name, Text], Field(min_length=2)]
    resting: Name
    record: StateRecord | None = None
    transitions: Annotated[tuple[Transition, ...], Field(min_length=1)]
