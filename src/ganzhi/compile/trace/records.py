"""The records of the steps, each feed read once: `r_<step>`.

Columns: `k` the record's key as text, `o` its event time and `t_<step>` the times of the steps it tells, in whole
microseconds; `u` unit, `s` subject; `e_<column>` what links compare, `c_<column>` what the chain carries. What chains
of earlier days have taken (relation `taken(feed, record)`) is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ganzhi.compile.dialects import identifier, literal
from ganzhi.compile.trace.plan import Source, TracePlan, quoted


@dataclass(frozen=True, slots=True)
class Span:
    """The chains of one run: those that start in [start, end), microseconds since 1970."""

    start: int
    end: int


def relation(feed: str) -> str:
    """Name of the relation that shows a feed's rows."""
    return f"rows_{feed}"


def key_sql(key: tuple[str, ...], row: str = "") -> str:
    """A record's key as one text."""
    parts = [f"cast({row}{identifier(name)} as varchar)" for name in key]
    return parts[0] if len(parts) == 1 else f"concat_ws('|', {', '.join(parts)})"


def records_sql(plan: TracePlan, span: Span) -> Iterator[str]:
    """One statement for each step with records of its own."""
    for source in plan.sources:
        yield f"create or replace temp table {quoted('r', source.step)} as\n{_select(plan, source, span)}"


def _select(plan: TracePlan, source: Source, span: Span) -> str:
    order = identifier(source.order)
    first = source.step == plan.first
    low = span.start if first else span.start - plan.clocks
    columns = [
        f"{key_sql(source.key)} as k",
        f"epoch_us({order}) as o",
        *(f"epoch_us({identifier(at)}) as {quoted('t', step)}" for step, at in source.times),
        f"{identifier(source.unit)} as u",
        f"{identifier(source.subject) if source.subject else 'cast(null as varchar)'} as s",
        *(f"{identifier(name)} as {quoted('e', name)}" for name in source.keys),
        *(f"{sql} as {quoted('c', name)}" for name, sql in source.carried),
    ]
    conditions = [f"epoch_us({order}) >= {low}", f"epoch_us({order}) < {span.end + plan.closing}"]
    if source.where is not None:
        conditions.append(f"coalesce({source.where}, false)")
    rows = identifier(relation(source.feed))
    if source.derived:
        more = "".join(f", {sql} as {identifier(name)}" for name, sql in source.derived)
        rows = f"(select *{more} from {rows})"
    conditions.append(
        f"not exists (select 1 from taken where taken.feed = {literal(source.feed)} and taken.record = {key_sql(source.key)})"
    )
    return f"select {', '.join(columns)}\nfrom {rows}\nwhere " + "\n  and ".join(conditions)


def watermark_sql(plan: TracePlan) -> str:
    """How far the records reach: the middle one of the latest times of all feeds, so that one feed that stopped, or one
    clock that is wrong, does not decide."""
    latest = " union all ".join(
        f"select max(epoch_us({identifier(s.order)})) as m from {identifier(relation(s.feed))}" for s in _one_each(plan)
    )
    return f"select quantile_disc(m, 0.5) as w from ({latest}) where m is not null"


def _one_each(plan: TracePlan) -> tuple[Source, ...]:
    return tuple({source.feed: source for source in plan.sources}.values())


def counts_sql(plan: TracePlan, span: Span) -> str:
    """Per step with records: how many of the day there are, and how many no chain took."""
    parts = []
    for source in plan.sources:
        name = literal(source.step)
        if source.step == plan.first:
            taken = "true"
        else:
            taken = (
                f"exists (select 1 from {quoted('m', source.step)} m where m.r = r.rowid)"
                f" or exists (select 1 from {quoted('x', source.step)} x where x.r = r.rowid)"
            )
        parts.append(
            f"select {name} as step, count(*) as n, coalesce(count_if(not ({taken})), 0) as unmatched"
            f" from {quoted('r', source.step)} r where r.o >= {span.start} and r.o < {span.end}"
        )
    return "\nunion all\n".join(parts)
