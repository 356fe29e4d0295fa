"""What goes against the declared order, case by case, and the lists of cases behind every count of a flow.

Kinds of deviation: `skipped` a required step is missing although a later one came; `wrong_order` a step directly
after one that belongs later, unless that way back is allowed; `self_loop` A directly after A; `ping_pong` A, B, A;
`loop` A again after two others or more; `repeated` a step that may come once came more than once; `undeclared` a
step the order does not know; `unfinished` the case does not end in an end step. Loops of a step that may repeat
are no deviation of their own. Reads relation `flow_steps(step, rank, optional, repeats, is_end)` and
`flow_returns(source, target)`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

from ganzhi.compile.dialects import literal
from ganzhi.compile.flow.graph import SPAN_MS, VARIANT_KEY
from ganzhi.compile.flow.log import LogQuestion, log_sql

Deviation = Literal[
    "skipped", "wrong_order", "self_loop", "ping_pong", "loop", "repeated", "undeclared", "unfinished"
]  # fmt: skip
DEVIATIONS: Final[tuple[Deviation, ...]] = get_args(Deviation)


def _walk(order: str) -> str:
    """Every event with the steps around it, and the deviations found in them."""
    return f"""walk as (
  select case_id, activity, moment, place, next,
    lag(activity) over w as before, lag(activity, 2) over w as before_2,
    row_number() over (partition by case_id, activity order by {order}) as occurrence
  from (select *, lead(activity) over w as next, row_number() over w as place from log
    window w as (partition by case_id order by {order}))
  window w as (partition by case_id order by place)
),
judged as materialized (
  select w.*, s.rank, coalesce(s.repeats, false) as repeats, coalesce(s.is_end, false) as is_end, n.rank as next_rank
  from walk w
  left join flow_steps s on s.step = w.activity
  left join flow_steps n on n.step = w.next
),
reach as (
  select case_id, max(rank) as furthest from judged group by case_id
),
found as (
  select case_id, 'undeclared' as kind, activity as step, '' as other from judged where rank is null
  union all
  select case_id, 'repeated', activity, '' from judged where occurrence > 1 and rank is not null and not repeats
  union all
  select case_id, case when before = activity then 'self_loop' when before_2 = activity then 'ping_pong' else 'loop' end,
    activity, case when before = activity then '' else coalesce(before, '') end
  from judged
  where occurrence > 1 and not repeats
  union all
  select j.case_id, 'wrong_order', j.activity, j.next
  from judged j anti join flow_returns r on r.source = j.activity and r.target = j.next
  where j.next_rank < j.rank
  union all
  select case_id, 'unfinished', activity, '' from judged
  where next is null and not is_end and exists (select 1 from flow_steps where is_end)
  union all
  select r.case_id, 'skipped', s.step, ''
  from (select r.case_id, s.step from reach r join flow_steps s on s.rank < r.furthest and not s.optional) s
  join reach r on r.case_id = s.case_id
  anti join log l on l.case_id = s.case_id and l.activity = s.step
)"""


def deviations_sql(asked: LogQuestion) -> str:
    """kind, step, other, cases, passages; and one row with kind `any`: cases with at least one deviation."""
    return f"""{log_sql(asked, "against the declared order")},
{_walk(asked.order)}
select kind, step, other, count(distinct case_id) as cases, count(*) as passages
from found
group by kind, step, other
union all
select kind, '', '', count(distinct case_id), count(*)
from found
group by kind
union all
select 'any', '', '', count(distinct case_id), count(*)
from found
order by kind, step, other"""


@dataclass(frozen=True, slots=True)
class CasesWanted:
    """Which cases of a log, one way of choosing: those with a deviation (of a step, to another), with a step
    directly after another, with a step, or of one variant (see `variant_key`); all without any."""

    kind: Deviation | None = None
    step: str = ""
    other: str = ""
    edge: tuple[str, str] | None = None
    activity: str | None = None
    variant: str | None = None


def _wanted(asked: LogQuestion, wanted: CasesWanted) -> str:
    """A statement up to `wanted(case_id)`."""
    head = log_sql(asked, "cases")
    if wanted.kind is not None:
        conditions = [f"kind = {literal(wanted.kind)}"]
        conditions += [f"step = {literal(wanted.step)}"] if wanted.step else []
        conditions += [f"other = {literal(wanted.other)}"] if wanted.other else []
        return f"{head},\n{_walk(asked.order)},\nwanted as (select distinct case_id from found where {' and '.join(conditions)})"
    if wanted.edge is not None:
        source, target = wanted.edge
        lead = f"lead(activity) over (partition by case_id order by {asked.order})"
        return (
            f"{head},\nsteps as (select case_id, activity, {lead} as next from log),\n"
            f"wanted as (select distinct case_id from steps where activity = {literal(source)} and next = {literal(target)})"
        )
    if wanted.activity is not None:
        return f"{head},\nwanted as (select distinct case_id from log where activity = {literal(wanted.activity)})"
    if wanted.variant is not None:
        key = VARIANT_KEY.format(path=f"list(activity order by {asked.order})")
        return (
            f"{head},\nwanted as (\n  select case_id from log group by case_id\n"
            f"  having {key} = {literal(wanted.variant)}\n)"
        )
    return f"{head},\nwanted as (select distinct case_id from log)"


def cases_sql(asked: LogQuestion, wanted: CasesWanted, limit: int, offset: int = 0) -> str:
    """case_id, begun, ended, events, path, ms; longest first; `total` counts them all."""
    ms = SPAN_MS.format(later="max(moment)", earlier="min(moment)")
    return f"""{_wanted(asked, wanted)}
select case_id, min(moment) as begun, max(moment) as ended, count(*) as events, list(activity order by {asked.order}) as path,
  {ms} as ms, count(*) over () as total
from log semi join wanted using (case_id)
group by case_id
order by ms desc, case_id
limit {int(limit)} offset {int(offset)}"""


def events_sql(asked: LogQuestion) -> str:
    """Every event, case by case: case_id, activity, moment."""
    return (
        f"{log_sql(asked, 'every event')}\nselect case_id, activity, moment\nfrom log\norder by case_id, {asked.order}"
    )
