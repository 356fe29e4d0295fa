"""Sessions of the voice menu, rebuilt from its events: one row per session that began within a span.

A session begins with its first event and ends with its last. Its end is what the last event says; without one
that ends a session, the caller is taken to have hung up. The node it is left at is the last one entered, since
an agent is often asked for from the top again. Called again: the same caller's next session for the same function
(strict), or for anything (broad), begins within the hours after the end; unknown while those hours are not over.
Reads relation `rows_ivr_events`; wants the sessions of a day before the span and of four days after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ganzhi.compile.dialects import comment, instant_literal

EVENTS, SESSIONS = "ivr_events", "ivr_sessions"
DAYS_BEFORE, DAYS_AFTER = 1, 4
"""Days around a day whose events decide its sessions: a session that passes midnight, and 72 hours after its end."""
HOURS = (24, 72)

_ORDER = "(moment, _line)"


@dataclass(frozen=True, slots=True)
class SessionSpan:
    """Sessions that begin in [start, end). known_until: no event before it is still to come."""

    start: datetime
    end: datetime
    known_until: datetime


def sessions_sql(span: SessionSpan) -> str:
    """The rows of feed `ivr_sessions`, with `_load` unknown and `_line` counting them."""
    return f"""{comment("ivr_sessions: rebuilt from events")}
with events as (
  select session_id, "at" as moment, _line, unit, customer_id, brand, menu_version, node, menu_level, menu_key, ivr_function, event,
    count_if(event = 'goal') over (
      partition by session_id order by "at", _line rows between unbounded preceding and current row) as goals
  from rows_{EVENTS}
),
top as (select min(menu_level) as level from events),
sessions as (
  select session_id,
    min(moment) as started_at, max(moment) as ended_at,
    arg_min(unit, {_ORDER}) as unit, arg_min(customer_id, {_ORDER}) as customer_id,
    arg_min(brand, {_ORDER}) as brand, arg_min(menu_version, {_ORDER}) as menu_version,
    arg_min(menu_key, {_ORDER}) filter (event = 'key' and menu_level = top.level) as first_key,
    coalesce(
      arg_min(ivr_function, {_ORDER}) filter (event = 'goal'),
      arg_max(ivr_function, {_ORDER}) filter (event = 'enter')) as ivr_function,
    coalesce(arg_max(node, {_ORDER}) filter (event = 'enter'), arg_max(node, {_ORDER})) as exit_node,
    count_if(event = 'goal') > 0 as goal_reached,
    min(moment) filter (event = 'goal') as goal_at,
    arg_min(menu_level, {_ORDER}) filter (event = 'goal') as goal_level,
    arg_max(event, {_ORDER}) as last_event,
    count_if(event = 'key' and goals = 0) as selections,
    count_if(event in ('back', 'repeat')) as backs,
    count_if(event = 'invalid') as invalid_keys,
    count_if(event = 'timeout') as timeouts
  from events cross join top
  group by session_id
),
followed as (
  select *,
    lead(started_at) over (partition by customer_id order by started_at, session_id) as next_any,
    lead(started_at) over (partition by customer_id, ivr_function order by started_at, session_id) as next_same,
    lag(session_id) over (partition by customer_id, ivr_function order by started_at, session_id) as before_same,
    lag(ended_at) over (partition by customer_id, ivr_function order by started_at, session_id) as before_ended
  from sessions
)
select session_id, started_at, ended_at, unit, customer_id, brand, menu_version, first_key, ivr_function, exit_node,
  goal_reached,
  case last_event when 'to_agent' then 'agent' when 'to_media' then 'media' when 'error' then 'error'
    when 'timeout' then 'timeout' when 'goal' then 'goal' else 'caller' end as ended_by,
  customer_id is not null as identified,
  cast(selections as bigint) as selections, cast(backs as bigint) as backs, cast(invalid_keys as bigint) as invalid_keys,
  case when customer_id is not null and ivr_function is not null and before_ended >= started_at - interval 24 hours
    then before_same end as repeat_of,
  {_again("next_same", 24, span, function=True)} as called_again,
  {_again("next_same", 72, span, function=True)} as called_again_72h,
  {_again("next_any", 24, span)} as called_again_any,
  {_again("next_any", 72, span)} as called_again_any_72h,
  goal_at, cast(goal_level as bigint) as goal_level, cast(timeouts as bigint) as timeouts,
  cast(null as varchar) as _load, row_number() over (order by started_at, session_id) as _line
from followed
where started_at >= {instant_literal(span.start)} and started_at < {instant_literal(span.end)}"""


def _again(column: str, hours: int, span: SessionSpan, *, function: bool = False) -> str:
    """Whether the caller's next session begins within hours of the end: unknown callers are unknown."""
    unknown = "customer_id is null" + (" or ivr_function is null" if function else "")
    until = f"ended_at + interval {hours} hours"
    return (
        f"case when {unknown} then null when {column} <= {until} then true"
        f" when {until} <= {instant_literal(span.known_until)} then false end"
    )
