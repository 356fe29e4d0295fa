"""What conditions over a trace's chains may read, and every expression a trace holds, from the catalogue alone.

Tolerates entries that are not right: what cannot be read is left out, and the checks say why.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ganzhi.base.errors import InputError
from ganzhi.catalogue.expressions import parse
from ganzhi.catalogue.expressions.parse import Want
from ganzhi.catalogue.model.data import ColumnType, Feed
from ganzhi.catalogue.model.traces import Trace
from ganzhi.catalogue.model.whole import Catalogue

CHAIN_COLUMNS: Mapping[str, ColumnType] = {
    "chain_id": "text",
    "variant": "text",
    "state": "text",
    "last_step": "text",
    "stuck_at": "text",
    "waiting_since": "timestamp",
    "ambiguous": "bool",
}
"""Columns of every chain feed that no entry fills."""
HOP_COLUMNS: Mapping[str, ColumnType] = {
    "hop_id": "text",
    "chain_id": "text",
    "begun_at": "timestamp",
    "variant": "text",
    "hop": "text",
    "from_step": "text",
    "feed": "text",
    "record": "text",
    "started_at": "timestamp",
    "finished_at": "timestamp",
    "duration_ms": "int",
    "skew_ms": "int",
    "limit_ms": "int",
    "over_limit": "bool",
    "beside": "bool",
    "how": "text",
    "ambiguous": "bool",
}
"""Columns of every hop feed."""


@dataclass(frozen=True, slots=True)
class TraceExpression:
    """An expression of a trace: where it stands, what it may read, and what it must give. feed: whose records it reads;
    None for conditions over the chain. gives: the name that its value gets."""

    path: tuple[str, ...]
    text: str
    types: Mapping[str, ColumnType]
    want: Want
    feed: str | None = None
    gives: str | None = None


def owner_of(trace: Trace, name: str) -> str:
    """The step whose records tell of a step: itself, or the one it shares them with."""
    step = trace.steps.get(name)
    return name if step is None or step.same_record is None else step.same_record


def types_of(feed: Feed | None) -> dict[str, ColumnType]:
    """Columns and derived columns of a feed."""
    if feed is None:
        return {}
    return {n: c.type for n, c in feed.columns.items()} | {n: d.type for n, d in feed.derived.items()}


def feed_of(catalogue: Catalogue, trace: Trace, step: str) -> Feed | None:
    """The feed whose records tell of a step."""
    owner = trace.steps.get(owner_of(trace, step))
    return None if owner is None or owner.feed is None else catalogue.feeds.get(owner.feed)


def chain_types(catalogue: Catalogue, trace: Trace) -> dict[str, ColumnType]:
    """Names and types that conditions over a chain may read: the columns of its feed, and whatever else steps carry,
    lookups find and facts say."""
    types = _before_facts(catalogue, trace)
    for name, text in trace.facts.items():
        found = _type(text, types)
        if found is not None:
            types[name] = found
    return types


def _before_facts(catalogue: Catalogue, trace: Trace) -> dict[str, ColumnType]:
    chains = catalogue.feeds.get(trace.chains)
    types: dict[str, ColumnType] = {} if chains is None else {n: c.type for n, c in chains.columns.items()}
    for name, step in trace.steps.items():
        over = types_of(feed_of(catalogue, trace, name))
        for carried, text in step.carry.items():
            found = _type(text, over)
            if found is not None:
                types[carried] = found
    for name, known in trace.known.items():
        column = types_of(catalogue.feeds.get(known.feed)).get(known.value)
        if column is not None:
            types[name] = column
    for name, nearby in trace.nearby.items():
        types[name] = "int" if nearby.tell == "count" else "bool"
        if nearby.tell == "last":
            types[name] = types_of(catalogue.feeds.get(nearby.feed)).get(nearby.value or "", "text")
    return types


def _type(text: str, types: Mapping[str, ColumnType]) -> ColumnType | None:
    try:
        return parse(text, types).type
    except InputError:
        return None


def available(catalogue: Catalogue, trace: Trace) -> set[str]:
    """Names that have a value before any fact is computed; a fact may read these and the facts before it."""
    named = {"chain_id", trace.subject, *(step.column for step in trace.steps.values())}
    for step in trace.steps.values():
        named |= set(step.carry)
    chains = catalogue.feeds.get(trace.chains)
    return named | set(trace.known) | set(trace.nearby) | ({chains.unit} if chains is not None else set())


def expressions_of(catalogue: Catalogue, code: str, trace: Trace) -> Iterator[TraceExpression]:
    """Every expression of a trace, in order."""
    root = ("traces", code)
    for name, step in trace.steps.items():
        feed = feed_of(catalogue, trace, name)
        own = None if feed is None else trace.steps[owner_of(trace, name)].feed
        if feed is not None and step.where is not None:
            yield TraceExpression((*root, "steps", name, "where"), step.where, types_of(feed), "bool", own)
        for carried, text in step.carry.items():
            if feed is not None:
                yield TraceExpression(
                    (*root, "steps", name, "carry", carried), text, types_of(feed), "any", own, carried
                )
    for name, nearby in trace.nearby.items():
        over = types_of(catalogue.feeds.get(nearby.feed))
        if nearby.where is not None and over:
            yield TraceExpression((*root, "nearby", name, "where"), nearby.where, over, "bool", nearby.feed)
    releases = trace.releases
    if releases is not None and releases.where is not None and releases.feed in catalogue.feeds:
        over = types_of(catalogue.feeds[releases.feed])
        yield TraceExpression((*root, "releases", "where"), releases.where, over, "bool", releases.feed)
    yield from _over_chain(catalogue, root, trace)


def _over_chain(catalogue: Catalogue, root: tuple[str, str], trace: Trace) -> Iterator[TraceExpression]:
    if trace.chains not in catalogue.feeds:
        return
    everything = chain_types(catalogue, trace)
    ready = available(catalogue, trace)
    for name, text in trace.facts.items():
        yield TraceExpression(
            (*root, "facts", name), text, {n: t for n, t in everything.items() if n in ready}, "any", gives=name
        )
        ready.add(name)
    known = {n: t for n, t in everything.items() if n in ready}
    for name, variant in trace.variants.items():
        yield TraceExpression((*root, "variants", name, "where"), variant.where, known, "bool")
    for name, step in trace.steps.items():
        if step.due is not None:
            yield TraceExpression((*root, "steps", name, "due"), step.due, known | {"variant": "text"}, "bool")
    for name, text in trace.forbidden.items():
        yield TraceExpression((*root, "forbidden", name), text, known, "bool")
    written: dict[str, ColumnType] = {n: c.type for n, c in catalogue.feeds[trace.chains].columns.items()}
    for name, stuck in trace.stuck.items():
        yield TraceExpression((*root, "stuck", name, "where"), stuck.where, written, "bool")
