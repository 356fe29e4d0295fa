"""Traces: how the records of several systems become the story of one transaction."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field

from ganzhi.catalogue.model.parts import Code, Expression, Model, Name, Text

Span = Annotated[str, Field(pattern=r"^[0-9]{1,4}(s|min|h|d)$")]
"""A length of time: a number and its unit, such as `90s`, `30min`, `6h`, `2d`."""

_UNITS = {"s": 1, "min": 60, "h": 3_600, "d": 86_400}


def seconds_of(span: str) -> int:
    """A span in seconds.

    >>> seconds_of("30min"), seconds_of("2d")
    (1800, 172800)
    """
    found = re.fullmatch(r"([0-9]+)(s|min|h|d)", span)
    if found is None:
        raise ValueError(span)
    return int(found[1]) * _UNITS[found[2]]


class TraceLink(Model):
    """A way in which a record of this step is found to belong to a chain; ways are tried in their order.

    to: the earlier step whose record is compared. equal: columns of this step's feed and the columns of the earlier
    step's feed they must equal. exact: equal columns identify the transaction; otherwise records are matched one to
    one in the order of time among those with equal columns. within: how long after the earlier step it may come.
    """

    to: Name
    equal: Annotated[dict[Name, Name], Field(min_length=1)]
    exact: bool = True
    within: Span


class TraceStep(Model):
    """A step of a trace.

    system: whose clock stamps it. feed: where its record arrives; or `same_record`, the step whose record also tells
    this one's time. at: the column with the time. where: which records of the feed are meant. column: the column of
    the chain feed that keeps the time. take: where several records belong to one chain by exact keys, the one that
    counts. beside: it runs beside the main line, from the step `after`. due: when it must come (a condition over
    the chain's columns; unknown is no); `optional` steps are never due. limit: how long it may take.
    carry: columns of the chain feed filled from this record.
    """

    name: Text
    system: Code
    feed: Code | None = None
    same_record: Name | None = None
    at: Name
    where: Expression | None = None
    links: tuple[TraceLink, ...] = ()
    column: Name
    take: Literal["one", "first", "last"] = "one"
    beside: bool = False
    after: Name | None = None
    optional: bool = False
    due: Expression | None = None
    limit: Span
    carry: dict[Name, Expression] = Field(default_factory=dict)


class TraceVariant(Model):
    """A form of the transaction, such as an entry. where: chains of this form (over the chain's columns); the first
    that holds counts. without: steps that this form does not have."""

    name: Text
    where: Expression
    without: tuple[Name, ...] = ()


class Nearby(Model):
    """A fact about what else the customer did around the start of the chain.

    feed, at: records and their time. equal: columns of that feed and the chain columns they must equal.
    before, after: how far from the start they are looked for. tell: their number, whether there is one, or the `value`
    of the latest. The chain's own first record never counts.
    """

    feed: Code
    at: Name
    equal: Annotated[dict[Name, Name], Field(min_length=1)]
    where: Expression | None = None
    before: Span = "0s"
    after: Span = "0s"
    tell: Literal["count", "any", "last"] = "any"
    value: Name | None = None


class Known(Model):
    """A fact that an entity feed holds about the customer: its latest version. equal: as of `Nearby`."""

    feed: Code
    equal: Annotated[dict[Name, Name], Field(min_length=1)]
    value: Name


class Stuck(Model):
    """A list of customers whose transaction stopped: chains for which `where` holds (over the chain's columns) and
    that are stuck or lost. finished: chains that went through belong to it as well, such as those that ended wrongly.
    symptom: how customers put it."""

    name: Text
    symptom: Text
    where: Expression
    finished: bool = False


class Releases(Model):
    """Where changes of systems are recorded. at: the column with their time; shown: columns that say what was changed."""

    feed: Code
    at: Name
    where: Expression | None = None
    shown: Annotated[tuple[Name, ...], Field(min_length=1)]


class Trace(Model):
    """How one kind of transaction is followed through all systems.

    subject: the column of the first step's feed that names the customer. amount: a column of the chain feed with the
    money at stake, in fen. chains, hops: the feeds it writes: a row per
    chain, and a row per chain and hop. The first step opens a chain; the others follow in their usual order.
    carry, known, nearby, facts: further columns, in this order; those the chain feed does not have serve the ones after
    them. closing: how long after its start
    a chain waits for late records. clocks: how far the clocks of two systems may be apart.
    signs: indicators of the systems behind it, looked at when it breaks; releases: changes of systems likewise.
    forbidden: conditions over the chain's columns that must not hold; a chain for which one does is impossible.
    """

    name: Text
    description: Text | None = None
    process: Code | None = None
    subject: Name
    amount: Name | None = None
    chains: Code
    hops: Code
    steps: Annotated[dict[Name, TraceStep], Field(min_length=2)]
    facts: dict[Name, Expression] = Field(default_factory=dict)
    nearby: dict[Name, Nearby] = Field(default_factory=dict)
    known: dict[Name, Known] = Field(default_factory=dict)
    variants: dict[Name, TraceVariant] = Field(default_factory=dict)
    stuck: dict[Name, Stuck] = Field(default_factory=dict)
    forbidden: dict[Name, Expression] = Field(default_factory=dict)
    signs: tuple[Code, ...] = ()
    releases: Releases | None = None
    closing: Span
    clocks: Span = "10s"
    order: Annotated[int, Field(ge=1)] = 1
