"""Who directly follows whom, how long it takes, where cases begin and end; variants and whole throughput times.

One window over the log gives edges, starts, ends, mean positions and times at once: a row of the result is an
activity, the one that came next (none at the end of a case) and a bucket of the time between.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import md5

from ganzhi.compile.dialects import DUCKDB, identifier
from ganzhi.compile.flow.log import LogQuestion, log_sql, read_sql

VARIANT_KEY = "left(md5(array_to_string({path}, chr(31))), 16)"
"""A short name of a sequence; the same as `variant_key` gives."""
SPAN_MS = "(epoch_us({later}) - epoch_us({earlier})) // 1000"


def variant_key(path: Sequence[str]) -> str:
    """A short name of a sequence of activities.

    >>> variant_key(("a", "b"))
    'dde141cc50d6118a'
    """
    return md5("\x1f".join(path).encode(), usedforsecurity=False).hexdigest()[:16]


def _bucket(value: str) -> str:
    return DUCKDB.write("bucket", value=value)


def graph_sql(asked: LogQuestion) -> str:
    """activity, next, bucket, n, starts (first of their case), places (sum of positions), ms, least_ms, most_ms."""
    gap = SPAN_MS.format(later="next_at", earlier="moment")
    return f"""{log_sql(asked, "who follows whom")},
steps as (
  select activity, moment, lead(activity) over w as next, lead(moment) over w as next_at, row_number() over w as place
  from log
  window w as (partition by case_id order by {asked.order})
),
timed as (
  select activity, next, place, {gap} as ms
  from steps
)
select activity, next, {_bucket("ms")} as bucket, count(*) as n, count_if(place = 1) as starts,
  sum(cast(place as bigint)) as places, cast(sum(cast(ms as hugeint)) as decimal(38, 0)) as ms, min(ms) as least_ms, max(ms) as most_ms
from timed
group by all
order by activity, next, bucket"""


def activity_cases_sql(asked: LogQuestion) -> str:
    """activity, cases it occurs in, events of it; and one row with activity NULL: all cases, all events."""
    return f"""{log_sql(asked, "cases of activities")},
held as (
  select case_id, activity, count(*) as n
  from log
  group by case_id, activity
)
select activity, count(*) as cases, cast(sum(n) as bigint) as events
from held
group by activity
union all
select null, count(distinct case_id), coalesce(cast(sum(n) as bigint), 0)
from held
order by activity nulls last"""


def variants_sql(asked: LogQuestion, most: int) -> str:
    """The commonest sequences: path (list of activities), n, ms, least_ms, most_ms; with variants and cases of all."""
    whole = SPAN_MS.format(later="last_at", earlier="first_at")
    return f"""{log_sql(asked, "variants")},
paths as (
  select list(activity order by {asked.order}) as path, min(moment) as first_at, max(moment) as last_at
  from log
  group by case_id
),
counted as (
  select path, count(*) as n, cast(sum(cast({whole} as hugeint)) as decimal(38, 0)) as ms, min({whole}) as least_ms, max({whole}) as most_ms
  from paths
  group by path
)
select *, count(*) over () as variants, cast(sum(n) over () as bigint) as cases
from counted
order by n desc, path
limit {int(most)}"""


def throughput_sql(asked: LogQuestion) -> str:
    """Bucket of the time from the first to the last event of a case, n, ms."""
    whole = SPAN_MS.format(later="max(moment)", earlier="min(moment)")
    return f"""{log_sql(asked, "throughput time")},
wholes as (
  select {whole} as ms
  from log
  group by case_id
)
select {_bucket("ms")} as bucket, count(*) as n, cast(sum(cast(ms as hugeint)) as decimal(38, 0)) as ms
from wholes
group by bucket
order by bucket"""


def choices_sql(asked: LogQuestion, column: str, most: int) -> str:
    """Value of a column at the first event of a case (empty for unknown), cases; of all cases that are chosen.

    The column has to be among those of `asked.where`, or be none of a condition.
    """
    named = f"coalesce(cast({identifier(column)} as varchar), '')"
    case, moment = identifier(asked.case), identifier(asked.time)
    items = f"{named} as value, cast({case} as varchar) as case_id, {moment} as moment, _line as tie"
    rows = f"(select {items} from {read_sql(asked)})"
    return f"""{log_sql(asked, f"values of {column}")},
kept as (select distinct case_id from log),
valued as (
  select case_id, arg_min(value, (moment, tie)) as value
  from {rows} semi join kept using (case_id)
  group by case_id
)
select value, count(*) as cases
from valued
group by value
order by cases desc, value
limit {int(most)}"""
