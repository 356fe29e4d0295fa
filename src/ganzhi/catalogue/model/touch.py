"""Where the customer meets the operator: channels, contact steps and contents, attributes, touchpoints."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ganzhi.catalogue.model.parts import Code, Model, Name, Text


class Channel(Model):
    """A contact channel, the third dimension of touchpoints (S000-037). parent: of a sub-channel.

    ownership: the operator's own or a third party's (S000-038). electronic: self-service over a network.
    """

    name: Text
    parent: Code | None = None
    ownership: Literal["own", "partner"]
    electronic: bool = False
    order: Annotated[int, Field(ge=1)] = 1
    description: Text | None = None


class ContactStep(Model):
    """A phase of contact, the first dimension of touchpoints (S000-035). order: along the customer's way."""

    name: Text
    order: Annotated[int, Field(ge=1)]
    description: Text | None = None


class ContactContent(Model):
    """What is touched, the second dimension of touchpoints (S000-036). parent: the group it belongs to."""

    name: Text
    parent: Code | None = None
    order: Annotated[int, Field(ge=1)] = 1
    description: Text | None = None


class Attribute(Model):
    """A perception attribute, an open list (S000-041). family: service attributes, product attributes
    (S000-044) or elements of experience (S000-045)."""

    name: Text
    family: Literal["service", "product", "experience"]
    question: Text
    order: Annotated[int, Field(ge=1)] = 1


class Touchpoint(Model):
    """A point of a process where the customer perceives something (S000-033, S000-034).

    step, content, channels: its place in the matrix. attributes: what the customer judges there, each
    with the sentence a customer would say; every marked pair asks for an indicator (S000-042).
    evidence: what the customer sees and keeps (S001-003). supported_by: system steps of the process
    behind it (S000-039).
    """

    name: Text
    process: Code
    step: Code
    content: Code
    channels: Annotated[tuple[Code, ...], Field(min_length=1)]
    attributes: dict[Code, Text] = Field(default_factory=dict)
    evidence: tuple[Text, ...] = ()
    supported_by: tuple[Name, ...] = ()
    description: Text | None = None
