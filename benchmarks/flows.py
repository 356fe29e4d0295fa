"""How long the directly-follows graph of five million events takes, against one window query written by hand.

Both run in one process over the same table, in turns; the ratio of the medians of their processor times is the
result. `python -m benchmarks.flows [events] [rounds]`.
"""

from __future__ import annotations

import statistics
import sys
import time

import duckdb

from ganzhi.compile.flow.graph import graph_sql
from ganzhi.compile.flow.log import LogQuestion

BY_HAND = """
with steps as (
  select activity, lead(activity) over w as next, epoch_us(lead(happened) over w) - epoch_us(happened) as us
  from rows_log window w as (partition by case_id order by happened, _line))
select activity, next, count(*) as n, sum(us) as us from steps group by activity, next"""
MADE = """
create table rows_log as
select 'c' || (i * 48271 % {cases}) as case_id, 'step ' || (hash(i) % 17) as activity,
  timestamptz '2012-03-01 00:00:00+00' + to_seconds(i * 7919 % 2592000) as happened, 'u' as unit, i as _line, 'load' as _load
from range({events}) t(i)"""


def measured(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[float, float, int]:
    """Processor time, wall time and rows of one run."""
    cpu, wall = time.process_time(), time.perf_counter()
    rows = connection.execute(sql).to_arrow_table().num_rows
    return time.process_time() - cpu, time.perf_counter() - wall, rows


def main() -> None:
    """Print one line for each query and the ratio."""
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000_000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    connection = duckdb.connect(config={"threads": 2, "memory_limit": "2GB"})
    connection.execute("set TimeZone = 'UTC'")
    connection.execute(MADE.format(events=events, cases=events // 8))
    queries = {"by hand": BY_HAND, "ours": graph_sql(LogQuestion("log", "happened", "unit", "case_id", "activity"))}
    found: dict[str, list[tuple[float, float, int]]] = {name: [] for name in queries}
    for _ in range(rounds):
        for name, sql in queries.items():
            found[name].append(measured(connection, sql))
    cpu = {name: statistics.median(each[0] for each in runs) for name, runs in found.items()}
    for name, runs in found.items():
        wall = statistics.median(each[1] for each in runs)
        print(
            f"{name:8}  {events:>10,} events  {cpu[name]:6.2f} s processor  {wall:6.2f} s wall  {runs[0][2]:>7,} rows"
        )
    print(f"ratio     {cpu['ours'] / cpu['by hand']:.2f}")


if __name__ == "__main__":
    main()
