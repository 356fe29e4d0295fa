"""What is asked of written chains and hops: lists of stuck transactions, distributions of hops, one chain's story.

Reads relations `rows_<chains>` and `rows_<hops>` of the asked days, and `units(unit)`: what the viewer may see.
"""

from __future__ import annotations

from collections.abc import Sequence

from ganzhi.compile.dialects import identifier, literal
from ganzhi.compile.trace.plan import TracePlan
from ganzhi.compile.trace.records import relation

PERCENTILES = (0.5, 0.9, 0.95, 0.99)
SURE = 0.995
"""The share of a hop's usual times that a wait must exceed before it is called unusual."""


def _chains(plan: TracePlan) -> str:
    return f"(select * from {identifier(relation(plan.trace.chains))} semi join units on unit = {identifier(plan.chains.unit)})"


def _hops(plan: TracePlan) -> str:
    return f"(select * from {identifier(relation(plan.trace.hops))} semi join units on unit = {identifier(plan.hops.unit)})"


def states_sql(plan: TracePlan) -> str:
    """Chains by state, and how many hold an ambiguous link."""
    return (
        "select state, count(*) as n, coalesce(count_if(ambiguous), 0) as ambiguous"
        f" from {_chains(plan)} group by 1 order by 1"
    )


def reach_sql(plan: TracePlan) -> str:
    """When the latest hop was finished: how far the chains reach."""
    return f"select max(finished_at) as at from {_hops(plan)}"


def hops_sql(plan: TracePlan, by: str | None = None) -> str:
    """Per hop (and value of a column): how many, how linked, times in milliseconds, share over the limit. Times are of
    hops from the step just before; longer ones, over a missing record, are counted in `spanning`."""
    group = "hop" if by is None else f"hop, {by} as slice"
    times = ", ".join(
        f"quantile_disc(duration_ms, {p}) filter (where not spans) as p{int(p * 1000):03d}" for p in PERCENTILES
    )
    before = " ".join(f"when {literal(step.name)} then {literal(step.after or '')}" for step in plan.steps[1:])
    return (
        f"select {group}, count(*) as n, count(*) filter (where spans) as spanning,"
        " count(*) filter (where how = 'order') as ordered, count(*) filter (where how = 'record') as shared,"
        f" count(*) filter (where ambiguous) as ambiguous, count(*) filter (where over_limit) as over, {times},"
        " cast(sum(duration_ms) filter (where not spans) as bigint) as total, max(limit_ms) filter (where not spans) as limit_ms"
        f" from (select *, from_step <> (case hop {before} end) as spans from {_hops(plan)}) group by all order by all"
    )


def stuck_sql(plan: TracePlan, which: str, until: int, most: int, columns: Sequence[str]) -> str:
    """Chains of a list, the longest wait first, with the usual times of the missing step in the same hour of the day.

    until: how far the records reach, microseconds. columns: of the chain feed, as they are to be shown. `usual` holds,
    per hop and hour of day, `usual_p50` and `usual_sure`, and `shorter` the share of its times below this wait.
    """
    shown = ", ".join(f"s.{identifier(name)}" for name in columns)
    return (
        f"with s as (select *, coalesce(stuck_at, '') as hop_due, ({until} - epoch_us(waiting_since)) // 1000 as waited_ms,"
        f" epoch_us({identifier(plan.chains.time)}) // 3600000000 % 24 as hour from {_chains(plan)}"
        f" where state in ('stuck', 'lost') and coalesce({plan.stuck[which]}, false)),\n"
        + _usual(plan)
        + f"\nselect {shown}, s.state, s.stuck_at, s.last_step, s.waiting_since, s.waited_ms, u.n as usual_n, u.p50 as usual_p50,"
        " u.sure as usual_sure, (select count(*) from times t where t.hop = s.hop_due and t.hour = s.hour"
        " and t.duration_ms < s.waited_ms) as below"
        " from s left join usual u on u.hop = s.hop_due and u.hour = s.hour"
        f" order by s.waited_ms desc, s.chain_id limit {int(most)}"
    )


def _usual(plan: TracePlan) -> str:
    """The usual times of every hop by the hour of day (UTC) its chain began, from hops that came."""
    before = " ".join(f"when {literal(step.name)} then {literal(step.after or '')}" for step in plan.steps[1:])
    return (
        "times as (select hop, epoch_us(begun_at) // 3600000000 % 24 as hour, duration_ms"
        f" from {identifier(relation(plan.trace.hops))} where from_step = (case hop {before} end)),\n"
        "usual as (select hop, hour, count(*) as n, quantile_disc(duration_ms, 0.5) as p50, case when count(*) >= 200 then"
        f" quantile_disc(duration_ms, least(1, ({SURE} * (count(*) + 1)) / count(*))) end as sure from times group by all)"
    )


def count_stuck_sql(plan: TracePlan, which: str) -> str:
    """How many chains, customers and how much money a list holds, by the step where they stopped."""
    money = plan.trace.amount
    amount = "cast(null as bigint)" if money is None else f"cast(sum({identifier(money)}) as bigint)"
    subject = identifier(plan.trace.subject)
    return (
        f"select stuck_at, state, count(*) as n, count(distinct {subject}) as customers, {amount} as amount"
        f" from {_chains(plan)} where state in ('stuck', 'lost') and coalesce({plan.stuck[which]}, false)"
        " group by all order by n desc, stuck_at, state"
    )


def chain_sql(plan: TracePlan, chain_id: str) -> str:
    """The row of one chain."""
    return f"select * from {_chains(plan)} where chain_id = {literal(chain_id)}"


def chain_hops_sql(plan: TracePlan, chain_id: str) -> str:
    """Its hops, with the share of the hop's times that are shorter than this one."""
    return (
        f"with h as (select * from {_hops(plan)} where chain_id = {literal(chain_id)}),\n{_usual(plan)}\n"
        "select h.*, u.n as usual_n, u.p50 as usual_p50, (select count(*) from times t where t.hop = h.hop"
        " and t.hour = epoch_us(h.begun_at) // 3600000000 % 24 and t.duration_ms < h.duration_ms) as below"
        " from h left join usual u on u.hop = h.hop and u.hour = epoch_us(h.begun_at) // 3600000000 % 24"
        " order by h.finished_at, h.hop"
    )


def hourly_gaps_sql(plan: TracePlan, least: float) -> str:
    """Per pair of systems and hour: the least time between them, in microseconds; a clock that jumps shows here."""
    system = " ".join(f"when {literal(step.name)} then {literal(step.system)}" for step in plan.steps)
    return (
        f"select case from_step {system} end as origin, case hop {system} end as target,"
        " epoch_us(finished_at) // 3600000000 as hour, count(*) as n,"
        f" quantile_disc(epoch_us(finished_at) - epoch_us(started_at), {least}) as least,"
        " quantile_disc(epoch_us(finished_at) - epoch_us(started_at), 0.5) as usual"
        f" from {_hops(plan)} where how <> 'order' group by all having origin <> target order by all"
    )


def gaps_between_sql(plan: TracePlan, least: float) -> str:
    """The same without the hours."""
    system = " ".join(f"when {literal(step.name)} then {literal(step.system)}" for step in plan.steps)
    return (
        f"select case from_step {system} end as origin, case hop {system} end as target, count(*) as n,"
        f" quantile_disc(epoch_us(finished_at) - epoch_us(started_at), {least}) as least,"
        " quantile_disc(epoch_us(finished_at) - epoch_us(started_at), 0.5) as usual"
        f" from {_hops(plan)} where how <> 'order' group by all having origin <> target order by all"
    )
