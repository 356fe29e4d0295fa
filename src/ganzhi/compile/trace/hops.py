"""From chains to hops: how long each step took after the one before it, by clocks that are put right.

The hops of the main line follow each other without a gap, so their times add up to the whole; where a record is missing,
one hop spans both steps and may take as long as both. Also the least times between systems, from which the skew of
their clocks is estimated.
"""

from __future__ import annotations

from collections.abc import Mapping

from ganzhi.catalogue.derive.chains import HOP_COLUMNS
from ganzhi.compile.dialects import identifier, literal
from ganzhi.compile.trace.chains import cast_sql, previous, skew_sql
from ganzhi.compile.trace.links import EXACT, ORDER
from ganzhi.compile.trace.plan import Step, TracePlan, quoted

LEAST = 0.001
"""The share of hops that may be shorter than what is called the least time: a few wrong clocks do not decide."""

QUIET_HOURS = 0.25
"""Which of the hours' least times is taken."""
LINES = 100
"""A hop's line is its chain's, times this, and its place; no trace has so many steps."""


def _how(plan: TracePlan, step: Step) -> tuple[str, str]:
    """How the record was found, in words, and whether others would have fitted."""
    if step.source == plan.first:
        return "'record'", "false"
    how = f"case {quoted('h', step.source)} when {EXACT} then 'exact' when {ORDER} then 'order' end"
    if step.source != step.name:
        how = "'record'"
    return how, f"coalesce({quoted('a', step.source)}, false)"


def gaps_sql(plan: TracePlan) -> str:
    """Per pair of systems that follow each other, from links that are sure: how many, and the least time between, of the
    hours' least times a low one but not the lowest, so that a clock that was wrong for some hours does not decide."""
    parts = []
    for step in plan.steps[1:]:
        before = plan.step(step.after or plan.first)
        if before.system == step.system:
            continue
        how, _ = _how(plan, step)
        gap = f"{quoted('t', step.name)} - {quoted('t', before.name)}"
        parts.append(
            f"select {literal(before.system)} as origin, {literal(step.system)} as target, sum(n)::bigint as n,"
            f" quantile_disc(least, {QUIET_HOURS}) as least, quantile_disc(usual, 0.5) as usual from (select count(*) as n,"
            f" quantile_disc({gap}, {LEAST}) as least, quantile_disc({gap}, 0.5) as usual from wide"
            f" where {gap} is not null and {how} <> 'order' group by o // 3600000000) having sum(n) > 0"
        )
    nothing = "select '' as origin, '' as target, 0::bigint as n, 0::bigint as least, 0::bigint as usual from wide where false"
    return "\nunion all\n".join([*parts, nothing])


def hop_rows_sql(plan: TracePlan, skew: Mapping[str, int]) -> str:
    """The rows of the hop feed, as they are written; reads `chains`."""
    parts = [_hop(plan, step, skew) for step in plan.steps[1:]]
    chain = {plan.hops.unit: "u", plan.trace.subject: "s"}
    columns = []
    for name, column in plan.hops.columns.items():
        value = chain.get(name, identifier(name))
        if name in plan.chains.columns and name not in (*HOP_COLUMNS, *chain):
            value = identifier(name)
        columns.append(f"{cast_sql(value, column)} as {identifier(name)}")
    load = literal(f"trace:{plan.code}")
    union = "\nunion all\n".join(parts)
    return f"select {', '.join(columns)}, {load} as _load, line as _line from (\n{union}\n)"


def _hop(plan: TracePlan, step: Step, skew: Mapping[str, int]) -> str:
    time, name = previous(plan, step)
    how, ambiguous = _how(plan, step)
    right = f"{skew_sql(plan, name, skew)} - {skew.get(step.system, 0)}"
    whens = " ".join(f"when {literal(each.name)} then {each.behind}" for each in plan.main)
    limit = str(step.limit) if step.beside else f"({step.behind} - case {name} {whens} end)"
    took = f"({quoted('t', step.name)} - {time} + ({right}))"
    also = [
        n
        for n in plan.hops.columns
        if n in plan.chains.columns and n not in (*HOP_COLUMNS, plan.hops.unit, plan.trace.subject)
    ]
    shared = "".join(f", {identifier(n)}" for n in also)
    return (
        f"select chain_id || ':' || {literal(step.name)} as hop_id, chain_id, make_timestamptz(o) as begun_at, u, s, variant,"
        f" {literal(step.name)} as hop, {name} as from_step, {literal(plan.source(step.name).feed)} as feed,"
        f" {quoted('k', step.source)} as record, make_timestamptz({time}) as started_at,"
        f" make_timestamptz({quoted('t', step.name)}) as finished_at, {took} // 1000 as duration_ms,"
        f" ({right}) // 1000 as skew_ms, {limit} // 1000 as limit_ms, {took} > {limit} as over_limit,"
        f" {'true' if step.beside else 'false'} as beside, {how} as how, {ambiguous} as ambiguous{shared},"
        f" line * {LINES} + {step.place} as line"
        f"\nfrom chains where {quoted('t', step.name)} is not null and {time} is not null"
    )


def claims_sql(plan: TracePlan, end: int) -> str:
    """What the chains of the day took of later days' records, as one number: it changes when any of them does."""
    parts = [
        f"select hash({literal(source.feed)}, r.k) as h from {quoted('m', source.step)} m"
        f" join {quoted('r', source.step)} r on r.rowid = m.r join wide on wide.c = m.c where r.o >= {end - plan.clocks}"
        for source in plan.sources
        if source.step != plan.first
    ]
    parts.append("select hash(chain_id) as h from wide where false")
    return f"select count(*) as n, coalesce(bit_xor(h), 0) as h from ({' union all '.join(parts)})"


def twice_sql(plan: TracePlan) -> str | None:
    """Records that stand in more than one chain: there must be none. Within a step each record is taken once; only
    steps that read one feed could take the same."""
    feeds = [source.feed for source in plan.sources]
    shared = sorted({feed for feed in feeds if feeds.count(feed) > 1})
    if not shared:
        return None
    listed = ", ".join(literal(feed) for feed in shared)
    return (
        f"select feed, record from written where how <> 'record' and feed in ({listed})"
        " group by feed, record having count(*) > 1 limit 1"
    )
