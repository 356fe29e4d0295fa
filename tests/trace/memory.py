"""A province played in memory and linked there: rows as tables of a private DuckDB, without files or a store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import duckdb
import pyarrow as pa

from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.states import rows_schema
from ganzhi.compile.trace.chains import chain_rows_sql
from ganzhi.compile.trace.plan import US, TracePlan, plan_trace
from ganzhi.compile.trace.records import Span
from ganzhi.province.chains.arrears import collect
from ganzhi.province.chains.recharge import recharge
from ganzhi.province.chains.usage import books_of, charge
from ganzhi.province.levers import Pull
from ganzhi.trace.run import link
from ganzhi.trace.skew import Skew
from tests.province.stage import Kept, build_world, play

HOPS: Mapping[str, str] = {
    "book": "payment_no",
    "create_notice": "notice_id",
    "update_balance": "change_id",
    "send_funds_change": "split_id",
    "credit_check": "alarm_id",
    "record_order": "order_id",
    "split_order": "task_id",
    "execute_order": "provision_id",
    "set_state": "state_id",
    "notify": "sms_id",
}
"""Hops from recharge to resume, and the column of the truth that names the record."""


class Memory:
    """A session over tables in memory; moments are wall clock, taken as UTC."""

    def __init__(self, threads: int = 1) -> None:
        self.base = duckdb.connect(config={"threads": threads})
        self.base.execute("set TimeZone = 'UTC'")

    def execute(self, sql: str) -> None:
        self.base.execute(sql)

    def query(self, sql: str) -> pa.Table:
        return self.base.sql(sql).to_arrow_table()

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        return self.base.execute(sql).fetchall()

    def one(self, sql: str) -> Any:
        return self.ask(sql)[0][0]

    def put(self, catalogue: Catalogue, feed: str, rows: pa.Table | None) -> None:
        """The rows of a feed with all its columns; columns that are not given are unknown."""
        schema = rows_schema(catalogue.feed(feed))
        empty = schema.empty_table()
        self.base.register("_empty", empty)
        self.base.execute(f'create or replace table "rows_{feed}" as select * from _empty')
        if rows is not None:
            self.base.register("_rows", rows)
            names = [name for name in rows.column_names if name in schema.names]
            listed = ", ".join(f'"{name}"' for name in names)
            given = ", ".join(
                f"date '1970-01-01' + cast(\"{n}\" as integer)" if schema.field(n).type == pa.date32() else f'"{n}"'
                for n in names
            )
            self.base.execute(f'insert into "rows_{feed}" ({listed}) select {given} from _rows')

    def take(self, rows: Sequence[tuple[str, str]] = ()) -> None:
        """Records that chains of earlier days have."""
        table = pa.table({"feed": [r[0] for r in rows], "record": [r[1] for r in rows]})
        table = table.cast(pa.schema([("feed", pa.string()), ("record", pa.string())]))
        self.base.register("_taken", table)
        self.base.execute("create or replace table taken as select * from _taken")


@dataclass
class Linked:
    """A day that was linked: `chains`, `written` (its hops), `wide` and the feeds are tables of `memory`."""

    memory: Memory
    plan: TracePlan
    skews: tuple[Skew, ...]


def span_of(day: date, days: int = 1) -> Span:
    """The chains that start on these days."""
    start = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * US
    return Span(start, start + days * 86_400 * US)


def province(
    *, scale: float = 0.004, days: int = 4, first: date = date(2012, 2, 24), seed: int = 5, pulls: Sequence[Pull] = ()
) -> Kept:
    """Money and lines of a small province."""
    world = build_world(scale=scale, days=days, first=first, seed=seed, pulls=pulls)
    books_of(world)
    return play(world, (charge, collect, recharge))


def remember(catalogue: Catalogue, plan: TracePlan, kept: Kept) -> Memory:
    """The province's records as tables; feeds that were not played are empty."""
    memory = Memory()
    feeds = dict.fromkeys((*plan.feeds, *plan.asked_feeds, *plan.known_feeds))
    for feed in feeds:
        memory.put(catalogue, feed, kept.table(feed) if feed in kept.feeds else None)
    for table in kept.tables:
        memory.base.register(f"truth_{table}", kept.truth(table))
    memory.take()
    return memory


def linked(catalogue: Catalogue, kept: Kept, day: date, days: int = 1, code: str = "recharge_resume") -> Linked:
    """Some days' chains of a trace."""
    plan = plan_trace(catalogue, code)
    memory = remember(catalogue, plan, kept)
    return link_again(memory, plan, day, days)


def link_again(memory: Memory, plan: TracePlan, day: date, days: int = 1, *, closed: bool = True) -> Linked:
    """Link over tables that are there."""
    skews = link(memory, plan, span_of(day, days), closed=closed)  # type: ignore[arg-type]
    memory.execute(f"create or replace temp table rows_chains as {chain_rows_sql(plan)}")
    return Linked(memory, plan, skews)


def scores(found: Linked, first: date, last: date) -> dict[str, tuple[int, int, int]]:
    """Per hop: links that the truth knows and whose record was written down, links made, and links that are both."""
    result = {}
    low, high = first.isoformat(), (last + timedelta(days=1)).isoformat()
    for hop, column in HOPS.items():
        source = found.plan.source(hop)
        truth = (
            f"select payment_id as c, {column} as r from truth_recharge_chains"
            f" where {column} in (select {source.key[0]} from rows_{source.feed})"
            f" and paid_at >= '{low}' and paid_at < '{high}'"
        )
        made = f"select chain_id as c, record as r from written where hop = '{hop}'"
        counts = f"(select count(*) from ({truth})), (select count(*) from ({made}))"
        result[hop] = found.memory.ask(f"select {counts}, count(*) from ({truth}) join ({made}) using (c, r)")[0]
    return result
