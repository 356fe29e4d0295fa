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
    return _seen(plan.trace.chains, plan.chains.unit)


def _hops(plan: TracePlan) -> str:
    return _seen(plan.trace.hops, plan.hops.unit)


def _seen(feed: str, unit: str) -> str:
    rows = identifier(relation(feed))
    return f"(select {rows}.* from {rows} semi join units on units.unit = {rows}.{identifier(unit)})"


def states_sql(plan: TracePlan) -> str:
    """Chains by state, and how many hold an ambiguous link."""
    return (
        "select state, count(*) as n, coalesce(count_if(ambiguous), 0) as ambiguous"
        f" from {_chains(plan)} group by 1 order by 1"
    )


def reach_sql(plan: TracePlan) -> str:
    """When the latest hop was finished: how far the chains reach."""
    return f"select max(finished_at) as at from {_hops(plan)}"


def hops_sql(plan: TracePlan, by: str | None = None, key: str | None = None) -> str:
    """Per hop (and value of a column; with `key`, an expression over a hop, of relation `sides(side_key, side)`): how
    many, how linked, times in milliseconds, share over the limit. Times are of hops from the step just before; longer
    ones, over a missing record, are counted in `spanning`."""
    group = "hop" if by is None else f"hop, {by} as slice"
    times = ", ".join(
        f"quantile_disc(duration_ms, {p}) filter (where not spans) as p{int(p * 1000):03d}" for p in PERCENTILES
    )
    join = "" if key is None else f" left join sides on sides.side_key = {key}"
    before = " ".join(f"when {literal(step.name)} then {literal(step.after or '')}" for step in plan.steps[1:])
    return (
        f"select {group}, count(*) as n, count(*) filter (where spans) as spanning,"
        " count(*) filter (where how = 'order') as ordered, count(*) filter (where how = 'record') as shared,"
        f" count(*) filter (where ambiguous) as ambiguous, count(*) filter (where over_limit) as over, {times},"
        " cast(sum(duration_ms) filter (where not spans) as bigint) as total, max(limit_ms) filter (where not spans) as limit_ms"
        f" from (select *, from_step <> (case hop {before} end) as spans from {_hops(plan)} h{join}) group by all order by all"
    )


def stuck_sql(plan: TracePlan, which: str, until: int, most: int, columns: Sequence[str]) -> str:
    """Chains of a list, the longest wait first, with the usual times of the missing step for chains that began in the
    same hour of the day.

    until: how far the records reach, microseconds. columns: of the chain feed, to be shown. `usual_p50` and `usual_sure`
    are milliseconds, `below` of `usual_n` times were shorter than this wait.
    """
    named = dict.fromkeys((*columns, "chain_id", "state", "stuck_at", "last_step", "waiting_since"))
    shown = ", ".join(f"s.{identifier(name)}" for name in named)
    since = f"coalesce(s.waiting_since, s.{identifier(plan.chains.time)})"
    return (
        f"with s as (select s.*, coalesce(stuck_at, '') as hop, ({until} - epoch_us(waiting_since)) // 1000 as took,"
        f" {_hour(plan.chains.time)} as hour from {_chains(plan)} s"
        f" where {_listed(plan, which)} order by {since}, chain_id limit {int(most)}),\n{_usual(plan, 's')}"
        f"\nselect {shown}, s.took as waited_ms, {_COMPARED}\n{_COMPARING}\norder by {since}, s.chain_id"
    )


def _listed(plan: TracePlan, which: str) -> str:
    """Which chains belong to a list."""
    stopped = "" if plan.trace.stuck[which].finished else "state in ('stuck', 'lost') and "
    return f"{stopped}coalesce({plan.stuck[which]}, false)"


def _hour(time: str) -> str:
    """The hour of the day (UTC) of an instant."""
    return f"epoch_us({identifier(time)}) // 3600000000 % 24"


def _usual(plan: TracePlan, of: str) -> str:
    """The usual times of the hops in `of`, by the hour in which their chain began, from hops that came. Whatever units a
    viewer may see, what is usual is usual for all."""
    before = " ".join(f"when {literal(step.name)} then {literal(step.after or '')}" for step in plan.steps[1:])
    return (
        f"times as (select hop, {_hour('begun_at')} as hour, duration_ms from {identifier(relation(plan.trace.hops))}"
        f" where from_step = (case hop {before} end) and hop in (select hop from {of})),\n"
        "numbered as (select *, row_number() over (partition by hop, hour order by duration_ms) as rank,"
        " count(*) over (partition by hop, hour) as n from times),\n"
        "usual as (select hop, hour, any_value(n) as n, quantile_disc(duration_ms, 0.5) as p50, case when any_value(n) >= 200"
        f" then max(duration_ms) filter (where rank = least(n, ceil({SURE} * (n + 1)))) end as sure"
        " from numbered group by all),\n"
        "ranks as (select hop, hour, duration_ms, max(rank) as n from numbered group by all)"
    )


_COMPARED = "u.n as usual_n, u.p50 as usual_p50, u.sure as usual_sure, r.n as below"
_COMPARING = (
    "from s left join usual u on u.hop = s.hop and u.hour = s.hour"
    " asof left join ranks r on r.hop = s.hop and r.hour = s.hour and r.duration_ms < s.took"
)


def count_stuck_sql(plan: TracePlan, which: str) -> str:
    """How many chains, customers and how much money a list holds, by the step where they stopped."""
    money = plan.trace.amount
    amount = "cast(null as bigint)" if money is None else f"cast(sum({identifier(money)}) as bigint)"
    subject = identifier(plan.trace.subject)
    return (
        f"select coalesce(stuck_at, '') as stuck_at, state, count(*) as n, count(distinct {subject}) as customers, {amount} as amount"
        f" from {_chains(plan)} where {_listed(plan, which)}"
        " group by all order by n desc, stuck_at, state"
    )


def chain_sql(plan: TracePlan, chain_id: str) -> str:
    """The row of one chain."""
    return f"select * from {_chains(plan)} where chain_id = {literal(chain_id)}"


def chain_hops_sql(plan: TracePlan, chain_id: str) -> str:
    """Its hops, compared with the usual times as stuck chains are."""
    return (
        f"with s as (select *, duration_ms as took, {_hour('begun_at')} as hour from {_hops(plan)}"
        f" where chain_id = {literal(chain_id)}),\n{_usual(plan, 's')}"
        f"\nselect s.*, {_COMPARED}\n{_COMPARING}\norder by s.finished_at, s.hop"
    )


def gaps_between_sql(plan: TracePlan, least: float) -> str:
    """Per pair of systems and hour since 1970: the least and the usual time between them by their own clocks, in
    microseconds, from links that are sure. A clock that jumps shows from hour to hour."""
    system = " ".join(f"when {literal(step.name)} then {literal(step.system)}" for step in plan.steps)
    gap = "epoch_us(finished_at) - epoch_us(started_at)"
    return (
        f"select case from_step {system} end as origin, case hop {system} end as target,"
        " epoch_us(finished_at) // 3600000000 as hour, count(*) as n,"
        f" quantile_disc({gap}, {least}) as least, quantile_disc({gap}, 0.5) as usual"
        f" from {_hops(plan)} where how <> 'order' group by all having origin <> target order by all"
    )


def too_soon_sql(plan: TracePlan, origin: str, target: str, hours: tuple[int, int], below: int) -> str:
    """Of the sure links from one system to the next that were written in hours since 1970, both included: how many took
    less than so many microseconds by their own clocks, and when the first and the last of them was written."""
    before, after = (
        ", ".join(literal(s.name) for s in plan.steps if s.system == system) for system in (origin, target)
    )
    gap = "epoch_us(finished_at) - epoch_us(started_at)"
    return (
        f"select count(*) as n, min(finished_at) as first, max(finished_at) as last from {_hops(plan)}"
        f" where how <> 'order' and from_step in ({before}) and hop in ({after}) and {gap} < {int(below)}"
        f" and epoch_us(finished_at) // 3600000000 between {hours[0]} and {hours[1]}"
    )


def hop_days_sql(plan: TracePlan, start: int, end: int) -> str:
    """Per hop, of chains that began in [start, end) and of the earlier ones: how many, over the limit, 95th percentile."""
    return (
        f"select hop, epoch_us(begun_at) >= {start} as today, count(*) as n, count(*) filter (where over_limit) as over,"
        f" quantile_disc(duration_ms, 0.95) as p95 from {_hops(plan)} where epoch_us(begun_at) < {end} group by all order by all"
    )


def hop_hours_sql(plan: TracePlan, hop: str, start: int, end: int) -> str:
    """Per hour since 1970 in which chains began: how many took the hop, and how many over its limit."""
    return (
        "select epoch_us(begun_at) // 3600000000 as hour, count(*) as n, count(*) filter (where over_limit) as over"
        f" from {_hops(plan)} where hop = {literal(hop)} and epoch_us(begun_at) >= {start} and epoch_us(begun_at) < {end}"
        " group by all order by all"
    )


def affected_sql(plan: TracePlan, start: int, end: int) -> str:
    """Chains of a day that were late at a hop of the main line or did not finish, and whose they are."""
    begun, subject = identifier(plan.chains.time), identifier(plan.trace.subject)
    late = f"select distinct chain_id from {_hops(plan)} where over_limit and not beside"
    bad = f"(state in ('stuck', 'lost') or chain_id in ({late}))"
    return (
        f"select count(*) as chains, count(*) filter (where {bad}) as affected,"
        f" count(distinct {subject}) filter (where {bad}) as customers,"
        " count(*) filter (where state in ('stuck', 'lost')) as stopped"
        f" from {_chains(plan)} where epoch_us({begun}) >= {start} and epoch_us({begun}) < {end}"
    )


def releases_sql(plan: TracePlan, start: int, end: int, most: int) -> str:
    """Changes of systems in [start, end), the latest first."""
    releases = plan.trace.releases
    assert releases is not None
    at = identifier(releases.at)
    shown = "".join(f", {identifier(name)}" for name in releases.shown)
    derived = "".join(f", {sql} as {identifier(name)}" for name, sql in plan.derived.get(releases.feed, ()))
    where = "true" if plan.releases is None else f"coalesce({plan.releases}, false)"
    return (
        f"select {at} as at{shown} from (select *{derived} from {identifier(relation(releases.feed))}) where {where}"
        f" and epoch_us({at}) >= {start} and epoch_us({at}) < {end} order by {at} desc limit {int(most)}"
    )
