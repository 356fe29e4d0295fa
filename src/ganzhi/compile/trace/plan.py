"""A trace of the catalogue, checked and ready to be written as SQL.

Owns what is known of every step before any record is read: which columns of its feed are needed, which conditions and
carried values apply, what the step before it is. Opens no connection and reads no clock. Assumes a catalogue that
passed its checks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.ids import digest
from ganzhi.catalogue.checks.places import near
from ganzhi.catalogue.derive.chains import CHAIN_COLUMNS, available, chain_types, owner_of
from ganzhi.catalogue.expressions import parse
from ganzhi.catalogue.model.data import ColumnType, Feed
from ganzhi.catalogue.model.parts import Expression
from ganzhi.catalogue.model.traces import Trace, TraceLink, TraceStep, seconds_of
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.dialects import identifier

US = 1_000_000
"""Microseconds of a second: all times of a run are whole microseconds since 1970 (UTC)."""


@dataclass(frozen=True, slots=True)
class Source:
    """The records of one step, under the step's name. derived: columns of the feed that conditions or carried values
    read and that are computed. times: per step that takes its time from these records, the column. keys: columns that
    links compare. carried: chain columns and their checked expressions over the feed's columns."""

    step: str
    feed: str
    key: tuple[str, ...]
    order: str
    unit: str
    subject: str | None
    where: str | None
    derived: tuple[tuple[str, str], ...]
    times: tuple[tuple[str, str], ...]
    keys: tuple[str, ...]
    carried: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Step:
    """A step with everything worked out. source: the step whose records tell of it. limit, behind: microseconds it
    may take, and the sum of the limits of the main line up to it. due: checked condition, None for always."""

    name: str
    place: int
    system: str
    source: str
    column: str
    beside: bool
    after: str | None
    optional: bool
    due: str | None
    limit: int
    behind: int
    take: str
    links: tuple[TraceLink, ...]


@dataclass(frozen=True)
class TracePlan:
    """A trace ready for SQL. facts, forbidden, variants, stuck: checked expressions over the chain's columns.
    filled: columns that something fills; the others stay unknown.
    releases: the checked condition for changes of systems."""

    code: str
    trace: Trace
    chains: Feed
    hops: Feed
    first: str
    steps: tuple[Step, ...]
    sources: tuple[Source, ...]
    facts: tuple[tuple[str, str], ...]
    forbidden: tuple[tuple[str, str], ...]
    variants: tuple[tuple[str, str, tuple[str, ...]], ...]
    stuck: Mapping[str, str]
    nearby: Mapping[str, str | None]
    derived: Mapping[str, tuple[tuple[str, str], ...]]
    known_times: Mapping[str, str]
    filled: frozenset[str]
    releases: str | None
    closing: int
    clocks: int
    fingerprint: str

    @cached_property
    def main(self) -> tuple[Step, ...]:
        """The steps of the main line, in order."""
        return tuple(step for step in self.steps if not step.beside)

    def step(self, name: str) -> Step:
        """A step by its name."""
        return next(step for step in self.steps if step.name == name)

    def source(self, name: str) -> Source:
        """The records of a step, its own or those it shares."""
        owner = self.step(name).source
        return next(source for source in self.sources if source.step == owner)

    @property
    def feeds(self) -> tuple[str, ...]:
        """Feeds whose records become steps, each once, in order."""
        return tuple(dict.fromkeys(source.feed for source in self.sources))

    @property
    def asked_feeds(self) -> Mapping[str, tuple[int, int]]:
        """Feeds read for facts beside the steps: seconds before and after a chain's start that are looked at."""
        found: dict[str, tuple[int, int]] = {}
        for each in self.trace.nearby.values():
            before, after = found.get(each.feed, (0, 0))
            found[each.feed] = (max(before, seconds_of(each.before)), max(after, seconds_of(each.after)))
        return found

    @property
    def known_feeds(self) -> tuple[str, ...]:
        """Entity feeds whose latest version is looked up."""
        return tuple(dict.fromkeys(each.feed for each in self.trace.known.values()))


def plan_trace(catalogue: Catalogue, code: str) -> TracePlan:
    """The plan of a trace; InputError TRC001 when there is none of that code."""
    trace = catalogue.traces.get(code)
    if trace is None:
        raise InputError(Issue("TRC001", code[:64], params={"near": near(code, catalogue.traces)}))
    chains, hops = catalogue.feed(trace.chains), catalogue.feed(trace.hops)
    types = chain_types(catalogue, trace)
    written: dict[str, ColumnType] = {name: column.type for name, column in chains.columns.items()}

    def over_chain(text: Expression) -> str:
        return parse(text, types).sql

    first = next(iter(trace.steps))
    return TracePlan(
        code=code,
        trace=trace,
        chains=chains,
        hops=hops,
        first=first,
        steps=_steps(trace, types),
        sources=tuple(
            _source(catalogue, trace, name, step) for name, step in trace.steps.items() if step.feed is not None
        ),
        facts=tuple((name, over_chain(text)) for name, text in trace.facts.items()),
        forbidden=tuple((name, over_chain(text)) for name, text in trace.forbidden.items()),
        variants=tuple((name, over_chain(v.where), v.without) for name, v in trace.variants.items()),
        stuck={name: parse(each.where, written).sql for name, each in trace.stuck.items()},
        nearby={name: _where(catalogue, each.feed, each.where) for name, each in trace.nearby.items()},
        derived={feed: _all_derived(catalogue, feed) for feed in _with_conditions(trace)},
        known_times={each.feed: catalogue.feed(each.feed).time for each in trace.known.values()},
        releases=None if trace.releases is None else _where(catalogue, trace.releases.feed, trace.releases.where),
        filled=frozenset({*available(catalogue, trace), *trace.facts, *CHAIN_COLUMNS}),
        closing=seconds_of(trace.closing) * US,
        clocks=seconds_of(trace.clocks) * US,
        fingerprint=_fingerprint(catalogue, trace),
    )


def _steps(trace: Trace, columns: Mapping[str, ColumnType]) -> tuple[Step, ...]:
    found: list[Step] = []
    behind = 0
    previous = None
    for place, (name, step) in enumerate(trace.steps.items()):
        limit = seconds_of(step.limit) * US
        behind += 0 if step.beside or previous is None else limit
        found.append(
            Step(
                name=name,
                place=place,
                system=step.system,
                source=owner_of(trace, name),
                column=step.column,
                beside=step.beside,
                after=step.after if step.beside else previous,
                optional=step.optional,
                due=None if step.due is None else parse(step.due, columns).sql,
                limit=limit,
                behind=behind,
                take=step.take,
                links=step.links,
            )
        )
        previous = previous if step.beside else name
    return tuple(found)


def _source(catalogue: Catalogue, trace: Trace, name: str, step: TraceStep) -> Source:
    assert step.feed is not None
    feed = catalogue.feed(step.feed)
    mine = [other for other in trace.steps if owner_of(trace, other) == name]
    keys = [column for link in step.links for column in link.equal]
    for other in trace.steps.values():
        keys += [column for link in other.links if owner_of(trace, link.to) == name for column in link.equal.values()]
    types = {n: c.type for n, c in feed.columns.items()} | {n: d.type for n, d in feed.derived.items()}
    carried = tuple(
        (column, parse(text, types).sql) for other in mine for column, text in trace.steps[other].carry.items()
    )
    stored: dict[str, ColumnType] = {n: c.type for n, c in feed.columns.items()}
    derived = tuple((n, parse(d.expr, stored).sql) for n, d in feed.derived.items() if _uses(step, trace, mine, n))
    return Source(
        step=name,
        feed=step.feed,
        key=feed.key,
        order=feed.time,
        unit=feed.unit,
        subject=trace.subject if trace.subject in feed.columns else None,
        where=_where(catalogue, step.feed, step.where),
        derived=derived,
        times=tuple((other, trace.steps[other].at) for other in mine),
        keys=tuple(dict.fromkeys(keys)),
        carried=carried,
    )


def _with_conditions(trace: Trace) -> tuple[str, ...]:
    releases = () if trace.releases is None else (trace.releases.feed,)
    return tuple(dict.fromkeys((*(each.feed for each in trace.nearby.values() if each.where), *releases)))


def _all_derived(catalogue: Catalogue, feed: str) -> tuple[tuple[str, str], ...]:
    declared = catalogue.feed(feed)
    stored: dict[str, ColumnType] = {n: c.type for n, c in declared.columns.items()}
    return tuple((n, parse(d.expr, stored).sql) for n, d in declared.derived.items())


def _uses(step: TraceStep, trace: Trace, mine: list[str], name: str) -> bool:
    texts = [step.where or "", *(text for other in mine for text in trace.steps[other].carry.values())]
    return any(name in text for text in texts)


def _where(catalogue: Catalogue, feed: str, where: Expression | None) -> str | None:
    if where is None:
        return None
    declared = catalogue.feed(feed)
    types: dict[str, ColumnType] = {n: c.type for n, c in declared.columns.items()}
    return parse(where, types | {n: d.type for n, d in declared.derived.items()}).sql


def _fingerprint(catalogue: Catalogue, trace: Trace) -> str:
    """Changes with everything that the written rows depend on besides the records."""
    read = [step.feed for step in trace.steps.values() if step.feed] + [n.feed for n in trace.nearby.values()]
    feeds = [
        catalogue.feed(code) for code in (*read, trace.chains, trace.hops, *(k.feed for k in trace.known.values()))
    ]
    return digest(
        "trace 1", trace.model_dump_json(exclude=_SAID), *(repr((f.columns, f.derived, f.key, f.time)) for f in feeds)
    )[:16]


_SAID: Final = {"name", "description", "signs", "releases", "stuck", "order"}
"""Fields of a trace that no written row depends on."""


def quoted(prefix: str, name: str) -> str:
    """A column of ours made from a name of the catalogue.

    >>> quoted("t", "book")
    '"t_book"'
    """
    return identifier(f"{prefix}_{name}")
