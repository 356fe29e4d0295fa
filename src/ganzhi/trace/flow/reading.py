"""What a flow is asked over: its log as a question of the compiler, and a session that shows the rows; those of a table in
the operator's engine are read for the question and kept nowhere.

A case counts in the period in which it begins and for the place where it begins; its events are followed for
as many days as the flow says, before and after, so that a case that began before the period is known to have.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pyarrow as pa

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import midnight
from ganzhi.catalogue.expressions import parse
from ganzhi.catalogue.model.data import Feed
from ganzhi.catalogue.model.flows import Flow
from ganzhi.catalogue.model.whole import Catalogue, unknown
from ganzhi.compile.asked import AskedColumn
from ganzhi.compile.dialects import identifier
from ganzhi.compile.flow.log import LogQuestion, keep_sql
from ganzhi.compile.states import relation_of, rows_schema
from ganzhi.measure.build.ask.columns import asked_columns
from ganzhi.measure.calendar import days_from_to, slots_table
from ganzhi.measure.open import States
from ganzhi.measure.states.live import live_feeds, live_relation
from ganzhi.measure.units import members_by_time
from ganzhi.warehouse.engine import Relation, Session
from ganzhi.warehouse.workplace import Workplace

MOST_LIVE_ROWS = 1_000_000
"""Rows of the operator's table that are read for one question."""


@dataclass(frozen=True, slots=True)
class FlowRequest:
    """Which flow, where its cases begin, from the first to the last local day, of which values (column to value)."""

    code: str
    unit: str
    first: date
    last: date
    where: Mapping[str, str] = field(default_factory=dict)


def flow_of(catalogue: Catalogue, code: str) -> Flow:
    """The flow; InputError REQ050 with near misses where there is none of that code."""
    if code not in catalogue.flows:
        raise InputError(unknown("REQ050", code, catalogue.flows))
    return catalogue.flows[code]


def question_of(workplace: Workplace, request: FlowRequest) -> LogQuestion:
    """The question of the compiler.

    Raises: InputError REQ050 for an unknown flow, REQ051 for a column cases cannot be chosen by.
    """
    catalogue, zone = workplace.catalogue, workplace.zone
    flow = flow_of(catalogue, request.code)
    feed = catalogue.feed(flow.feed)
    for name in request.where:
        if name not in flow.by:
            params = {"value": name[:40], "known": ", ".join(flow.by) or "–"}
            raise InputError(Issue("REQ051", "where", params=params))
    columns = asked_columns(catalogue, flow.feed)
    margin = timedelta(days=flow.window_days)
    return LogQuestion(
        feed=flow.feed,
        time=feed.time,
        unit=feed.unit,
        case=flow.case,
        activity=flow.activity,
        times=flow.times,
        derived=_derived(flow, feed, columns),
        read_from=midnight(request.first - margin, zone),
        read_until=midnight(request.last + margin + timedelta(days=1), zone),
        start=midnight(request.first, zone),
        end=midnight(request.last + timedelta(days=1), zone),
        where=request.where,
        place=True,
        condition=_condition(flow, feed),
    )


def _derived(flow: Flow, feed: Feed, columns: Mapping[str, AskedColumn]) -> dict[str, str]:
    named = {flow.case, *flow.by, *([flow.activity] if flow.activity else [])}
    if flow.where is not None:
        named |= set(feed.derived)
    return {name: columns[name].sql for name in feed.derived if name in named}


def _condition(flow: Flow, feed: Feed) -> str:
    if flow.where is None:
        return ""
    types = {name: column.type for name, column in feed.columns.items()}
    return parse(flow.where, types | {name: each.type for name, each in feed.derived.items()}, want="bool").sql


@contextmanager
def flow_session(workplace: Workplace, states: States, request: FlowRequest) -> Iterator[Session]:
    """A session that shows the flow's rows, who counts for the place, and the declared order.

    Raises: InputError REQ052 where the feed lives in the operator's own engine and has too many rows there.
    """
    flow = flow_of(workplace.catalogue, request.code)
    margin = timedelta(days=flow.window_days)
    days = days_from_to(request.first - margin, request.last + margin)
    table = f"rows/{flow.feed}"
    live = flow.feed in live_feeds(workplace.catalogue)
    files = () if live else states.snapshot.table(table, [day.isoformat() for day in days])
    relation = Relation(files, rows_schema(workplace.catalogue.feed(flow.feed)))
    with workplace.engine.session({} if live else {relation_of(table): relation}) as session:
        if live:
            session.register(relation_of(table), _live_rows(workplace, flow, days))
        session.register("members", members_by_time(workplace.catalogue, request.unit, workplace.zone))
        session.register("flow_steps", steps_table(flow))
        session.register("flow_returns", returns_table(flow))
        yield session


def keep_log(session: Session, asked: LogQuestion) -> LogQuestion:
    """The question over its log as the session keeps it from here on: read once, asked several times."""
    session.execute(keep_sql(asked, "flow_log"))
    return replace(asked, held="flow_log")


def _live_rows(workplace: Workplace, flow: Flow, days: Sequence[date]) -> pa.Table:
    """The rows that keep the feed's contract, read from the operator's table, those of one instant in the order of their
    keys: such a table knows no lines."""
    feed, view = workplace.catalogue.feed(flow.feed), relation_of(f"rows/{flow.feed}")
    wanted = _wanted(flow, feed)
    with workplace.scanner.session({}) as far:
        far.register("slots", slots_table(days, workplace.zone))
        live_relation(workplace, far, flow.feed, days)
        n = far.query(f"select count(*) as n from {view}").column("n")[0].as_py()
        if n > MOST_LIVE_ROWS:
            params = {"feed": flow.feed, "rows": f"{n:,}", "most": f"{MOST_LIVE_ROWS:,}"}
            raise InputError(Issue("REQ052", flow.feed, params=params))
        found = far.query(f"select {', '.join(map(identifier, wanted))} from {view}")
    rows = found.sort_by([(name, "ascending") for name in dict.fromkeys((feed.time, *feed.key))])
    types = rows_schema(feed)
    columns = {name: rows.column(name).cast(types.field(name).type) for name in wanted}
    return pa.table({**columns, "_line": pa.array(range(n), pa.int64()), "_load": pa.repeat("", n)})


def _wanted(flow: Flow, feed: Feed) -> tuple[str, ...]:
    """Columns that are read of a live feed: all where something is computed from them."""
    named = {feed.time, feed.unit, *feed.key, flow.case, *flow.times.values(), *flow.by}
    named |= {flow.activity} if flow.activity is not None else set()
    if flow.where is not None or not named <= set(feed.columns):
        return tuple(feed.columns)
    return tuple(name for name in feed.columns if name in named)


def steps_table(flow: Flow) -> pa.Table:
    """Relation `flow_steps`: the declared order."""
    steps = list(flow.steps.items())
    return pa.table(
        {
            "step": pa.array([code for code, _ in steps], pa.string()),
            "rank": pa.array(range(len(steps)), pa.int32()),
            "optional": pa.array([step.optional for _, step in steps], pa.bool_()),
            "repeats": pa.array([step.repeats for _, step in steps], pa.bool_()),
            "is_end": pa.array([step.end for _, step in steps], pa.bool_()),
        }
    )


def returns_table(flow: Flow) -> pa.Table:
    """Relation `flow_returns`: the ways back that are allowed."""
    return pa.table(
        {
            "source": pa.array([source for source, _ in flow.returns], pa.string()),
            "target": pa.array([target for _, target in flow.returns], pa.string()),
        }
    )
