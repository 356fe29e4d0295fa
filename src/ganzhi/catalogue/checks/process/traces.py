"""A trace can be followed: its steps come in order, their columns exist, and its two feeds hold what it writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ganzhi.base.errors import Issue
from ganzhi.catalogue.checks.places import issue_at, near
from ganzhi.catalogue.derive.chains import CHAIN_COLUMNS, HOP_COLUMNS, available, feed_of, owner_of, types_of
from ganzhi.catalogue.model.data import ColumnType, Feed
from ganzhi.catalogue.model.traces import Trace, TraceStep, seconds_of
from ganzhi.catalogue.model.whole import Catalogue

Path = tuple[str, ...]


def check(catalogue: Catalogue) -> Iterator[Issue]:
    """Report steps out of order, columns that are not there, windows beyond the closing, and feeds that lack columns."""
    for code, trace in catalogue.traces.items():
        for name, step in trace.steps.items():
            yield from _step(catalogue, ("traces", code, "steps", name), trace, name, step)
        yield from _lookups(catalogue, code, trace)
        yield from _feeds(catalogue, code, trace)
        for name, variant in trace.variants.items():
            for number, step_name in enumerate(variant.without):
                if step_name not in trace.steps:
                    path = ("traces", code, "variants", name, "without", str(number))
                    yield issue_at(catalogue, "CAT250", path, step=step_name, near=near(step_name, trace.steps))


def check_machines(catalogue: Catalogue) -> Iterator[Issue]:
    """Report columns of recorded changes of state that are not there, and times that are none."""
    for code, machine in catalogue.state_machines.items():
        record = machine.record
        feed = None if record is None else catalogue.feeds.get(record.feed)
        if record is None or feed is None:
            continue
        path = ("state_machines", code, "record")
        for field in ("subject", "before", "after"):
            yield from _column(catalogue, (*path, field), getattr(record, field), feed)
        yield from _time(catalogue, (*path, "at"), record.at, types_of(feed))


def _step(catalogue: Catalogue, path: Path, trace: Trace, name: str, step: TraceStep) -> Iterator[Issue]:
    before = list(trace.steps)[: list(trace.steps).index(name)]
    if (step.feed is None) == (step.same_record is None):
        yield issue_at(catalogue, "CAT251", path)
    elif not before and (step.feed is None or step.links or step.beside):
        yield issue_at(catalogue, "CAT252", path, step=name)
    elif before and step.feed is not None and not step.links:
        yield issue_at(catalogue, "CAT253", path, step=name)
    named: list[tuple[Path, str]] = []
    named += [(("same_record",), step.same_record)] if step.same_record is not None else []
    named += [(("after",), step.after)] if step.after is not None else []
    named += [(("links", str(number), "to"), link.to) for number, link in enumerate(step.links)]
    for where, other in named:
        if other not in before or (where == ("same_record",) and trace.steps[other].feed is None):
            yield issue_at(catalogue, "CAT250", (*path, *where), step=other, near=near(other, before))
    if step.beside != (step.after is not None):
        yield issue_at(catalogue, "CAT254", path, step=name)
    feed = feed_of(catalogue, trace, name)
    if feed is not None:
        yield from _time(catalogue, (*path, "at"), step.at, types_of(feed))
    for number, link in enumerate(step.links):
        theirs = feed_of(catalogue, trace, link.to)
        for mine, other in link.equal.items():
            place = (*path, "links", str(number), "equal", mine)
            yield from _column(catalogue, place, mine, feed)
            yield from _column(catalogue, place, other, theirs)
        if seconds_of(link.within) > seconds_of(trace.closing):
            yield issue_at(catalogue, "CAT255", (*path, "links", str(number), "within"), limit=trace.closing)


def _column(catalogue: Catalogue, path: Path, name: str, feed: Feed | None) -> Iterator[Issue]:
    if feed is not None and name not in feed.columns:
        yield issue_at(catalogue, "CAT082", path, column=name, near=near(name, feed.columns))


def _time(catalogue: Catalogue, path: Path, name: str, types: Mapping[str, ColumnType]) -> Iterator[Issue]:
    if name not in types:
        yield issue_at(catalogue, "CAT082", path, column=name, near=near(name, types))
    elif types[name] != "timestamp":
        yield issue_at(catalogue, "CAT084", path, column=name, type=types[name], wanted="timestamp")


def _lookups(catalogue: Catalogue, code: str, trace: Trace) -> Iterator[Issue]:
    for name, nearby in trace.nearby.items():
        path = ("traces", code, "nearby", name)
        feed = catalogue.feeds.get(nearby.feed)
        if feed is None:
            continue
        yield from _time(catalogue, (*path, "at"), nearby.at, types_of(feed))
        for theirs in nearby.equal:
            yield from _column(catalogue, (*path, "equal", theirs), theirs, feed)
        if (nearby.tell == "last") != (nearby.value is not None):
            yield issue_at(catalogue, "CAT258", path)
        elif nearby.value is not None:
            yield from _column(catalogue, (*path, "value"), nearby.value, feed)
    releases = None if trace.releases is None else catalogue.feeds.get(trace.releases.feed)
    if trace.releases is not None and releases is not None:
        root: Path = ("traces", code, "releases")
        yield from _time(catalogue, (*root, "at"), trace.releases.at, types_of(releases))
        for number, shown in enumerate(trace.releases.shown):
            yield from _column(catalogue, (*root, "shown", str(number)), shown, releases)
    for name, known in trace.known.items():
        path = ("traces", code, "known", name)
        feed = catalogue.feeds.get(known.feed)
        for theirs in known.equal:
            yield from _column(catalogue, (*path, "equal", theirs), theirs, feed)
        yield from _column(catalogue, (*path, "value"), known.value, feed)


def _feeds(catalogue: Catalogue, code: str, trace: Trace) -> Iterator[Issue]:
    chains, hops = catalogue.feeds.get(trace.chains), catalogue.feeds.get(trace.hops)
    if chains is not None:
        wanted: dict[str, ColumnType] = dict(CHAIN_COLUMNS) | {trace.subject: "text"}
        for step in trace.steps.values():
            wanted[step.column] = "timestamp"
        if trace.amount is not None:
            wanted[trace.amount] = "int"
        yield from _holds(catalogue, ("traces", code, "chains"), trace.chains, chains, wanted)
        filled = available(catalogue, trace) | set(trace.facts) | set(CHAIN_COLUMNS)
        for name, column in chains.columns.items():
            if column.required and name not in filled:
                yield issue_at(catalogue, "CAT257", ("traces", code, "chains"), feed=trace.chains, column=name)
    if hops is not None:
        yield from _holds(catalogue, ("traces", code, "hops"), trace.hops, hops, {**HOP_COLUMNS, trace.subject: "text"})
    first = feed_of(catalogue, trace, next(iter(trace.steps)))
    if first is not None and owner_of(trace, next(iter(trace.steps))) == next(iter(trace.steps)):
        yield from _column(catalogue, ("traces", code, "subject"), trace.subject, first)


def _holds(
    catalogue: Catalogue, path: Path, name: str, feed: Feed, wanted: Mapping[str, ColumnType]
) -> Iterator[Issue]:
    lacking = [f"{n} ({t})" for n, t in wanted.items() if n not in feed.columns or feed.columns[n].type != t]
    if lacking or feed.made_by != "trace":
        yield issue_at(catalogue, "CAT256", path, feed=name, columns=", ".join(lacking) or "made_by: trace")
