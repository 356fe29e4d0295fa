"""The voice menu as it is used, from sessions and their events: outcomes, functions, exits, keys, nodes, options.

Every statement reads the sessions that begin in the span, for a place, as the feed of sessions has them, and the
events of exactly these sessions. Reads relations `rows_ivr_sessions`, `rows_ivr_events`, `members(unit, since, until)`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ganzhi.compile.dialects import DUCKDB, comment, identifier, instant_literal, literal

OUTCOME = """case
    when goal_reached and ended_by in ('agent', 'media') then 'agent_after_goal'
    when goal_reached then 'goal'
    when ended_by in ('agent', 'media') then 'agent'
    when ended_by in ('error', 'timeout') then 'broken'
    else 'gave_up' end"""
"""How a session came out; every session has exactly one."""


@dataclass(frozen=True, slots=True)
class MenuQuestion:
    """Sessions that begin in [start, end). where: column of the session to its value, the empty text for unknown."""

    start: datetime
    end: datetime
    where: Mapping[str, str] = field(default_factory=dict)


def _chosen(asked: MenuQuestion, title: str) -> str:
    conditions = [f"started_at >= {instant_literal(asked.start)}", f"started_at < {instant_literal(asked.end)}"]
    for column, value in asked.where.items():
        conditions.append(
            f"coalesce(cast({identifier(column)} as varchar), '') = {literal(value) if value else chr(39) * 2}"
        )
    return (
        f"{comment(f'voice menu: {title}')}\nwith chosen as (\n  select s.*, {OUTCOME} as outcome\n  from rows_ivr_sessions s"
        "\n  join members m on m.unit = s.unit and s.started_at >= m.since and s.started_at < m.until\n"
        f"  where {' and '.join(conditions)}\n)"
    )


def _events(asked: MenuQuestion, title: str) -> str:
    middle = asked.start + (asked.end - asked.start) / 2
    return f"""{_chosen(asked, title)},
steps as (
  select e.session_id, e."at" as moment, e._line, e.node, e.menu_level, e.menu_key, e.position, e.ivr_function, e.event,
    e.prompt_s, c.started_at >= {instant_literal(middle)} as later
  from rows_ivr_events e join chosen c on c.session_id = e.session_id
),
walk as (
  select *, lead(node) over w as next_node, lead(event) over w as next_event, lead(moment) over w as next_moment
  from steps
  window w as (partition by session_id order by moment, _line)
)"""


def outcomes_sql(asked: MenuQuestion) -> str:
    """outcome, menu_version, n, functions (sessions that reached one), again_24, again_72, any_24, any_72 (called
    again), open_24 (not known yet, or caller unknown), seconds, goal_seconds, goals."""
    return f"""{_chosen(asked, "outcomes")}
select outcome, coalesce(menu_version, '') as menu_version, count(*) as n,
  count_if(ivr_function is not null) as functions,
  coalesce(count_if(called_again), 0) as again_24, coalesce(count_if(called_again_72h), 0) as again_72,
  coalesce(count_if(called_again_any), 0) as any_24, coalesce(count_if(called_again_any_72h), 0) as any_72,
  count_if(called_again_any is null) as open_24,
  cast(coalesce(sum(cast(date_diff('second', started_at, ended_at) as bigint)), 0) as bigint) as seconds,
  cast(coalesce(sum(cast(date_diff('second', started_at, goal_at) as bigint)), 0) as bigint) as goal_seconds,
  count_if(goal_reached) as goals
from chosen
group by outcome, menu_version
order by outcome, menu_version"""


def functions_sql(asked: MenuQuestion) -> str:
    """ivr_function, outcome, bucket of the milliseconds to the goal (none without), n."""
    ms = "date_diff('second', started_at, goal_at) * 1000"
    return f"""{_chosen(asked, "functions")}
select ivr_function, outcome, case when goal_at is not null then {DUCKDB.write("bucket", value=ms)} end as bucket, count(*) as n
from chosen
where ivr_function is not null
group by all
order by ivr_function, outcome, bucket"""


def exits_sql(asked: MenuQuestion) -> str:
    """exit_node, outcome, n: where sessions were left."""
    return f"""{_chosen(asked, "exits")}
select exit_node, outcome, count(*) as n
from chosen
group by exit_node, outcome
order by exit_node, outcome"""


def first_keys_sql(asked: MenuQuestion) -> str:
    """first_key (empty for none), outcome, n."""
    return f"""{_chosen(asked, "first keys")}
select coalesce(first_key, '') as first_key, outcome, count(*) as n
from chosen
group by first_key, outcome
order by first_key, outcome"""


def astray_sql(asked: MenuQuestion) -> str:
    """sessions, with any step back or repeat, with an invalid key, with a timeout, with three of the first two or more."""
    return f"""{_chosen(asked, "astray")}
select count(*) as n, coalesce(count_if(backs > 0), 0) as backs, coalesce(count_if(invalid_keys > 0), 0) as invalid,
  coalesce(count_if(timeouts > 0), 0) as timeouts,
  coalesce(count_if(coalesce(backs, 0) + coalesce(invalid_keys, 0) >= 3), 0) as astray
from chosen"""


def nodes_sql(asked: MenuQuestion) -> str:
    """node, menu_level, position, ivr_function, enters, ms at the node, timed, backs, repeats, invalid, timeouts."""
    return f"""{_events(asked, "nodes")}
select node, min(menu_level) as menu_level, mode(position) as position, max(ivr_function) as ivr_function,
  count_if(event = 'enter') as enters,
  cast(coalesce(sum(case when event = 'enter' then epoch_ms(next_moment) - epoch_ms(moment) end), 0) as bigint) as ms,
  count_if(event = 'enter' and next_moment is not null) as timed,
  count_if(event = 'back') as backs, count_if(event = 'repeat') as repeats,
  count_if(event = 'invalid') as invalid, count_if(event = 'timeout') as timeouts
from walk
group by node
order by node"""


def options_sql(asked: MenuQuestion) -> str:
    """node, menu_key, child (the node the key led to), later (in the second half of the span), n."""
    return f"""{_events(asked, "options")}
select node, menu_key, next_node as child, later, count(*) as n
from walk
where event = 'key' and menu_key is not null and next_node is not null and next_node <> node
group by all
order by node, menu_key, child, later"""
