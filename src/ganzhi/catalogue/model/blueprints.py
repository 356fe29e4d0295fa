"""Service blueprints as data: lanes, steps, links, evidence, standards, variants by segment (C20)."""

from __future__ import annotations

from typing import Annotated, Final, Literal, get_args

from pydantic import Field

from ganzhi.catalogue.model.parts import Code, Day, Model, Name, Text, UnitCode

Lane = Literal["customer", "front", "back", "support"]
LANES: Final[tuple[Lane, ...]] = get_args(Lane)
"""客户行为、前台、后台、支撑系统, from top to bottom."""
Line = Literal["interaction", "visibility", "internal"]
LINES: Final[tuple[Line, ...]] = get_args(Line)
"""互动线、可视线、内部互动线: each lies below the lane of the same place in `LANES`."""
Procedure = Literal["choose", "experience", "key_points", "describe", "support", "pilot", "consolidate"]
PROCEDURE: Final[tuple[Procedure, ...]] = get_args(Procedure)
"""The seven steps in which a blueprint is worked out (S001-047)."""


class Standard(Model):
    """What is promised at a step (S001-054). limit: the figure of the promise, in words; owner: who keeps it;
    indicator: what tells whether it is kept."""

    what: Text
    limit: Text | None = None
    owner: Text
    indicator: Code | None = None


class Contact(Model):
    """What an encounter is as a touchpoint: its place in the matrix, what the customer judges there."""

    step: Code
    content: Code
    channels: Annotated[tuple[Code, ...], Field(min_length=1)]
    attributes: dict[Code, Text] = Field(default_factory=dict)


class BlueprintStep(Model):
    """A step of a lane, in a phase. evidence: what the customer sees and keeps. measure: the indicator whose value
    stands on the step; perception: the one that says how customers find it. touchpoint: the one that this step of
    the customer is; contact: instead, what it is registered as. system: of a step of the support lane.
    key_point: where the process is decided."""

    name: Text
    lane: Lane
    phase: Name
    evidence: tuple[Text, ...] = ()
    measure: Code | None = None
    perception: Code | None = None
    touchpoint: Code | None = None
    contact: Contact | None = None
    system: Code | None = None
    standard: Standard | None = None
    key_point: bool = False


class BlueprintLink(Model):
    """One step leads to another. standard: what those inside promise each other where it is a hand-over (S001-058);
    perception: the indicator that says how staff find what they are given there."""

    source: Name
    target: Name
    standard: Standard | None = None
    perception: Code | None = None


class Pilot(Model):
    """A changed way of working that was tried in some places first (S001-057). change: what was changed; first, last: its
    days, without `last` it goes on; measures: indicators that tell what came of it; kept: whether it was made the rule,
    empty while that is not decided."""

    name: Text
    change: Text
    units: Annotated[tuple[UnitCode, ...], Field(min_length=1)]
    first: Day
    last: Day | None = None
    measures: Annotated[tuple[Code, ...], Field(min_length=1)]
    kept: bool | None = None


class BlueprintVariant(Model):
    """A segment's own blueprint (S001-056): steps it does not have, and standards of its own."""

    name: Text
    segment: Text
    drops: tuple[Name, ...] = ()
    standards: dict[Name, Standard] = Field(default_factory=dict)


class Blueprint(Model):
    """A service blueprint. business: the key business it belongs to (S001-055). process: the process that its
    touchpoints belong to. phases: columns from left to right. flow: the flow that shows how it really goes.
    done: how far its seven steps have been worked out. version: of the standards."""

    name: Text
    business: Text
    process: Code
    description: Text | None = None
    phases: Annotated[dict[Name, Text], Field(min_length=1)]
    steps: Annotated[dict[Name, BlueprintStep], Field(min_length=1)]
    links: tuple[BlueprintLink, ...] = ()
    variants: dict[Name, BlueprintVariant] = Field(default_factory=dict)
    flow: Code | None = None
    pilots: dict[Name, Pilot] = Field(default_factory=dict)
    done: tuple[Procedure, ...] = ()
    version: Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)*$")] = "1"
    order: Annotated[int, Field(ge=1)] = 1
