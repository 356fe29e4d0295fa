"""Fused computation of all hotline indicators against one hand-written DuckDB query for the same numbers.

The same numbers: every number of the hotline's indicators per unit, quarter hour and kept
combination of dimensions. Ours computes them as mergeable states in batches of days, as `refresh`
does; the hand-written query computes them with DuckDB's own aggregates over all rows at once, with
as much memory as it likes. Each run is a process of its own; runs alternate. First both sides'
numbers are compared on a tenth of the rows: counts, sums, extremes and distinct counts must be
equal, percentiles within 1 %.

Run: python -m benchmarks.engine [--rows N] [--rounds N]
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

from benchmarks.generate import write_rows
from ganzhi.catalogue.load import load_catalogue
from ganzhi.compile.plan import FeedPlan, plan_feed
from ganzhi.compile.scan import scan_sql
from ganzhi.measure.calendar import days_from_to, slots_table
from ganzhi.measure.refresh import MOST_ROWS

ZONE = "Asia/Shanghai"
FIRST, DAYS = date(2026, 10, 1), 31
GOAL_RATIO, GOAL_RSS_MIB = 1.3, 2048
OUR_MEMORY = "1024MiB"
DIMENSIONS = ("d_call_type", "d_priority", "d_agent", "d_wait_band")

BANDS = """CASE WHEN wait_s <= 10 THEN '000-010' WHEN wait_s <= 20 THEN '010-020' WHEN wait_s <= 40 THEN '020-040'
  WHEN wait_s <= 60 THEN '040-060' WHEN wait_s <= 120 THEN '060-120' WHEN wait_s <= 300 THEN '120-300'
  WHEN wait_s > 300 THEN '300+' END"""

HAND_WRITTEN = f"""
WITH calls AS (
  SELECT *, {BANDS} AS wait_band,
    outcome = 'AGENT' OR (outcome = 'HANG' AND queue_at IS NOT NULL) AS requested,
    outcome = 'HANG' AND queue_at IS NOT NULL AS abandoned
  FROM read_parquet('{{path}}')
)
SELECT unit, epoch_us(arrived_at) // 900000000 * 900 AS slot,
  call_type AS d_call_type, CAST(priority AS VARCHAR) AS d_priority, CASE WHEN grouping(agent) = 0 THEN coalesce(agent, '') END AS d_agent,
  wait_band AS d_wait_band,
  count(*) FILTER (outcome <> 'PHANTOM') AS calls,
  count(*) FILTER (requested) AS requested,
  count(*) FILTER (outcome = 'AGENT') AS answered,
  count(*) FILTER (abandoned) AS abandoned,
  count(*) FILTER (requested AND queue_at IS NOT NULL) AS queued,
  count(*) FILTER (outcome <> 'PHANTOM' AND customer_id IS NULL) AS unidentified,
  count(*) FILTER (outcome = 'AGENT' AND wait_s <= 20) AS within_20,
  count(*) FILTER (requested AND wait_s > 60) AS long_waits,
  count(*) FILTER (abandoned AND wait_s <= 10) AS quick_abandons,
  sum(wait_s) FILTER (requested) AS wait_sum,
  sum(wait_s) FILTER (abandoned) AS abandon_wait_sum,
  max(wait_s) FILTER (requested) AS wait_max,
  quantile_disc(wait_s, [0.5, 0.9]) FILTER (requested) AS wait_quantiles,
  count(*) FILTER (outcome = 'AGENT' AND talk_s >= 10) AS served,
  count(*) FILTER (outcome = 'AGENT' AND talk_s > 0 AND talk_s < 10) AS short_talks,
  count(*) FILTER (outcome = 'AGENT' AND talk_s = 0) AS zero_talks,
  count(*) FILTER (outcome = 'AGENT' AND talk_s > 0) AS talks,
  sum(talk_s) FILTER (outcome = 'AGENT') AS talk_sum,
  quantile_disc(talk_s, 0.5) FILTER (outcome = 'AGENT' AND talk_s > 0) AS talk_median,
  sum(ivr_s) FILTER (outcome <> 'PHANTOM') AS ivr_sum,
  count(ivr_s) FILTER (outcome <> 'PHANTOM') AS ivr_known,
  count(*) FILTER (outcome = 'HANG' AND queue_at IS NULL) AS ivr_only,
  count(*) FILTER (outcome = 'HANG' AND queue_at IS NULL AND ivr_s >= 10) AS ivr_contained,
  count(DISTINCT agent) FILTER (outcome = 'AGENT') AS agents,
  count(*) FILTER (outcome = 'AGENT' AND agent IS NOT NULL) AS handled,
  sum(talk_s) FILTER (outcome = 'AGENT' AND agent IS NOT NULL AND answered_at IS NOT NULL) AS busy_s,
  count(DISTINCT agent || '@' || CAST(epoch_us(answered_at) // 1800000000 AS VARCHAR))
    FILTER (outcome = 'AGENT' AND agent IS NOT NULL AND answered_at IS NOT NULL) AS manned_half_hours
FROM calls
GROUP BY GROUPING SETS ((unit, slot, call_type, priority), (unit, slot, agent), (unit, slot, wait_band))
"""

SAME: tuple[tuple[str, str], ...] = (
    ("hotline.calls", "calls"),
    ("hotline.requested", "requested"),
    ("hotline.answered", "answered"),
    ("hotline.abandoned", "abandoned"),
    ("hotline.queued", "queued"),
    ("hotline.unidentified_rate", "unidentified"),
    ("hotline.answered_within_20s", "within_20"),
    ("hotline.quick_abandon_rate", "quick_abandons"),
    ("hotline.wait.mean_s", "wait_sum"),
    ("hotline.abandon_wait.mean_s", "abandon_wait_sum"),
    ("hotline.agent_success_rate", "served"),
    ("hotline.short_talk_rate", "short_talks"),
    ("hotline.zero_talk_rate", "zero_talks"),
    ("hotline.talk.mean_s", "talk_sum"),
    ("hotline.talk.total_s", "talk_sum"),
    ("hotline.ivr.mean_s", "ivr_sum"),
    ("hotline.ivr.only", "ivr_only"),
    ("hotline.ivr.containment_rate", "ivr_contained"),
    ("hotline.handled_per_agent", "handled"),
    ("hotline.occupancy", "busy_s"),
)
"""Indicators whose numerator must equal a column of the hand-written query in every cell."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process used for the computation; rss_mib: its peak."""

    wall_s: float
    cpu_s: float
    rss_mib: float


def _connect(memory: str, spill: Path) -> duckdb.DuckDBPyConnection:
    config: dict[str, str | bool | int | float | list[str]] = {"memory_limit": memory, "temp_directory": str(spill)}
    connection = duckdb.connect(":memory:", config=config)
    connection.execute("SET enable_progress_bar = false")
    connection.execute(f"SET TimeZone = '{ZONE}'")
    return connection


def _plan() -> FeedPlan:
    return plan_feed(load_catalogue("telecom", None), "calls")


def _batches(connection: duckdb.DuckDBPyConnection, path: Path) -> list[tuple[date, date]]:
    rows = connection.execute(f"SELECT count(*) FROM read_parquet('{path}')").fetchall()[0][0]
    days = max(1, int(MOST_ROWS / (rows / DAYS)))
    starts = range(0, DAYS, days)
    return [(FIRST + timedelta(n), FIRST + timedelta(min(n + days, DAYS))) for n in starts]


def compute_ours(path: Path, spill: Path, keep: Path | None) -> Cost:
    """All states of quarter hours, batch after batch, as temporary tables."""
    queries = scan_sql(_plan()).by_kind()
    connection = _connect(OUR_MEMORY, spill)
    slots = slots_table(days_from_to(FIRST, FIRST + timedelta(DAYS)), ZoneInfo(ZONE))
    connection.register("slots", slots)
    batches = _batches(connection, path)
    started = time.monotonic(), time.process_time()
    for number, (first, after) in enumerate(batches):
        connection.execute(
            f"CREATE OR REPLACE TEMP VIEW rows_calls AS SELECT * FROM read_parquet('{path}')"
            f" WHERE arrived_at >= TIMESTAMPTZ '{first}' AND arrived_at < TIMESTAMPTZ '{after}'"
        )
        for kind, sql in queries.items():
            connection.execute(f"CREATE TEMP TABLE made_{kind} AS {sql}")
        if keep is not None:
            for kind in queries:
                connection.execute(f"COPY made_{kind} TO '{keep}/{kind}_{number}.parquet' (FORMAT parquet)")
        for kind in queries:
            connection.execute(f"DROP TABLE made_{kind}")
    return _cost(*started)


def compute_by_hand(path: Path, spill: Path, keep: Path | None) -> Cost:
    """The hand-written query, once."""
    connection = _connect("16GiB", spill)
    started = time.monotonic(), time.process_time()
    connection.execute(f"CREATE TEMP TABLE by_hand AS {HAND_WRITTEN.format(path=path)}")
    cost = _cost(*started)
    if keep is not None:
        connection.execute(f"COPY by_hand TO '{keep}/hand.parquet' (FORMAT parquet)")
    return cost


SIDES: dict[str, Callable[[Path, Path, Path | None], Cost]] = {"ours": compute_ours, "hand": compute_by_hand}


def _cost(wall: float, cpu: float) -> Cost:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Cost(time.monotonic() - wall, time.process_time() - cpu, peak)


def _run(side: str, path: Path, folder: Path, keep: Path | None = None) -> Cost:
    """One side in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.engine", "--side", side, "--path", str(path), "--spill", str(folder)]
    command += ["--keep", str(keep)] if keep else []
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return Cost(**json.loads(done.stdout))


def compare(keep: Path) -> int:
    """The number of cells compared; raises AssertionError where the two sides differ."""
    plan, connection = _plan(), duckdb.connect(":memory:")
    connection.execute("SET enable_progress_bar = false")
    on = " AND ".join(
        [*(f"o.{d} IS NOT DISTINCT FROM h.{d}" for d in DIMENSIONS), "o.unit = h.unit", "o.slot = h.slot"]
    )
    connection.execute(f"CREATE VIEW h AS SELECT * FROM read_parquet('{keep}/hand.parquet')")
    for kind in ("add", "hist", "set"):
        connection.execute(f"CREATE VIEW {kind} AS SELECT * FROM read_parquet('{keep}/{kind}_*.parquet')")
    different = []
    for code, column in SAME:
        numerator = plan.formula(code).numerator
        assert numerator is not None
        different.append(f"o.{numerator.measure.name} IS DISTINCT FROM coalesce(h.{column}, 0)")
    wrong = connection.execute(
        f"SELECT count(*), count_if(o.unit IS NULL OR h.unit IS NULL OR {' OR '.join(different)})"
        f" FROM add o FULL JOIN h ON {on}"
    ).fetchall()[0]
    assert wrong[1] == 0, f"{wrong[1]} of {wrong[0]} cells differ"
    _compare_percentile(connection, plan, "hotline.wait.p90_s", 0.9, "h.wait_quantiles[2]", on)
    _compare_percentile(connection, plan, "hotline.talk.p50_s", 0.5, "h.talk_median", on)
    _compare_distinct(connection, plan, "hotline.agents", "agents", on)
    cells: int = wrong[0]
    return cells


def _compare_percentile(
    connection: duckdb.DuckDBPyConnection, plan: FeedPlan, code: str, p: float, column: str, on: str
) -> None:
    subject = plan.formula(code).subject
    assert subject is not None
    keys = ", ".join(["cuboid", "unit", "slot", *DIMENSIONS])
    worst = connection.execute(f"""
        WITH ranked AS (
          SELECT *, sum(n) OVER (PARTITION BY {keys} ORDER BY bucket) AS reached, sum(n) OVER (PARTITION BY {keys}) AS total
          FROM hist WHERE measure = '{subject.name}'
        ), o AS (
          SELECT {keys}, min(bucket) FILTER (reached >= {p} * total) AS b FROM ranked GROUP BY ALL
        )
        SELECT max(abs(CASE WHEN b < 0 THEN 0 ELSE 2 * pow(101/99.0, b) / (101/99.0 + 1) END / {column} - 1))
        FROM o JOIN h ON {on} WHERE {column} >= 1""").fetchall()[0][0]
    assert worst <= 0.010001, f"{code} is off by {worst:.4%}"


def _compare_distinct(connection: duckdb.DuckDBPyConnection, plan: FeedPlan, code: str, column: str, on: str) -> None:
    numerator = plan.formula(code).numerator
    assert numerator is not None
    keys = ", ".join(["cuboid", "unit", "slot", *DIMENSIONS])
    wrong = connection.execute(f"""
        WITH o AS (SELECT {keys}, count(*) AS n FROM set WHERE measure = '{numerator.measure.name}' GROUP BY ALL)
        SELECT count(*) FROM o JOIN h ON {on} WHERE o.n <> h.{column}""").fetchall()[0][0]
    assert wrong == 0, f"{code}: {wrong} cells differ"


def main() -> int:
    """Compare, then measure; exit status 1 when a goal is missed."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, default=10_000_000)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--data", type=Path, help="a folder to keep the generated rows in")
    for hidden in ("--side", "--path", "--spill", "--keep"):
        arguments.add_argument(hidden, help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.side:
        cost = SIDES[given.side](
            Path(given.path), Path(given.spill) / given.side, Path(given.keep) if given.keep else None
        )
        print(json.dumps({"wall_s": cost.wall_s, "cpu_s": cost.cpu_s, "rss_mib": cost.rss_mib}))
        return 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        small, large = folder / "small.parquet", (given.data or folder) / f"calls_{given.rows}.parquet"
        write_rows(small, rows=given.rows // 10, days=DAYS, first=FIRST, zone=ZONE)
        for side in SIDES:
            _run(side, small, folder, keep=folder)
        print(f"equal in {compare(folder):,} cells of {given.rows // 10:,} calls")
        if not large.exists():
            write_rows(large, rows=given.rows, days=DAYS, first=FIRST, zone=ZONE)
        return _measure(large, folder, given.rounds, given.rows)


def _measure(path: Path, folder: Path, rounds: int, rows: int) -> int:
    costs: dict[str, list[Cost]] = {side: [] for side in SIDES}
    for _ in range(rounds):
        for side in SIDES:
            costs[side].append(_run(side, path, folder))
    for side, found in costs.items():
        walls, cpus = [f"{c.wall_s:.1f}" for c in found], [f"{c.cpu_s:.1f}" for c in found]
        print(f"{side}: wall s {' '.join(walls)}; CPU s {' '.join(cpus)}; peak {max(c.rss_mib for c in found):.0f} MiB")
    cpu = statistics.median(o.cpu_s / h.cpu_s for o, h in zip(costs["ours"], costs["hand"], strict=True))
    wall = statistics.median(o.wall_s / h.wall_s for o, h in zip(costs["ours"], costs["hand"], strict=True))
    rss = max(c.rss_mib for c in costs["ours"])
    print(
        f"{rows:,} calls: CPU {cpu:.2f}x, wall {wall:.2f}x of the hand-written query (goal {GOAL_RATIO}x); {rss:.0f} MiB"
    )
    return 0 if cpu <= GOAL_RATIO and wall <= GOAL_RATIO and rss < GOAL_RSS_MIB else 1


if __name__ == "__main__":
    sys.exit(main())
