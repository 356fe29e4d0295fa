"""Generated hotline calls for benchmarks: any number, the same for the same seed.

Written by DuckDB itself, so that ten million take seconds. The distributions follow the sample of
January 1999 roughly (call types, share answered, waits, talk times), spread over units, agents and
a daily profile of a large hotline.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

CSV_HEADER = (
    "vru+line", "call_id", "customer_id", "priority", "type", "date", "vru_entry", "vru_exit", "vru_time",
    "q_start", "q_exit", "q_time", "outcome", "ser_start", "ser_exit", "ser_time", "server",
)  # fmt: skip
"""Columns of the sample file, which `write_csv` imitates."""


def _chance(salt: int, seed: int) -> str:
    """A number in [0, 1) per row. The row number is spread before hashing: neighbouring salts of
    DuckDB's two-argument hash correlate."""
    return f"((hash(i * 1009 + {salt * 7919 + seed * 104729}) >> 11) / 9007199254740992.0)"


def _calls_sql(rows: int, first: date, days: int, units: int, agents: int, seed: int, zone: str) -> str:
    start = int(datetime.combine(first, time(), ZoneInfo(zone)).astimezone(UTC).timestamp())

    def chance(salt: int) -> str:
        return _chance(salt, seed)

    return f"""
    WITH drawn AS (
      SELECT i, {chance(1)} AS c_day, {chance(2)} AS c_hour, {chance(3)} AS c_type, {chance(4)} AS c_outcome,
        {chance(5)} AS c_wait, {chance(6)} AS c_talk, {chance(7)} AS c_agent, {chance(8)} AS c_ivr,
        {chance(9)} AS c_customer, {chance(10)} AS c_priority, {chance(11)} AS c_queue
      FROM range({rows}) r(i)
    ), shaped AS (
      SELECT i, c_customer,
        {start} + CAST(floor(c_day * {days}) AS BIGINT) * 86400
          + CAST(floor(86400 * (0.30 + 0.55 * c_hour + 0.10 * sin(6.283 * c_hour))) AS BIGINT) AS at_s,
        CASE WHEN c_type < 0.73 THEN 'PS' WHEN c_type < 0.90 THEN 'NW' WHEN c_type < 0.95 THEN 'NE'
          WHEN c_type < 0.98 THEN 'TT' WHEN c_type < 0.99 THEN 'IN' ELSE 'PE' END AS call_type,
        CASE WHEN c_priority < 0.3 THEN 2 WHEN c_priority < 0.6 THEN 1 ELSE 0 END AS priority,
        CASE WHEN c_outcome < 0.856 THEN 'AGENT' WHEN c_outcome < 0.992 THEN 'HANG' ELSE 'PHANTOM' END AS outcome,
        c_queue < 0.6 AS queued,
        CAST(floor(4 - 8 * ln(1 - c_ivr)) AS BIGINT) AS ivr_s,
        CAST(floor(-50 * ln(1 - c_wait)) AS BIGINT) AS wait,
        CASE WHEN c_talk < 0.01 THEN 0 ELSE CAST(floor(-185 * ln(1 - c_talk)) AS BIGINT) END AS talk,
        CAST(floor(c_agent * {agents}) AS BIGINT) AS who
      FROM drawn
    )
    SELECT i, at_s, call_type, priority, outcome, ivr_s, who,
      CAST(c_customer * {max(rows // 3, 1)} AS BIGINT) AS customer,
      queued AND outcome <> 'PHANTOM' AS queued,
      CASE WHEN queued AND outcome <> 'PHANTOM' THEN wait ELSE 0 END AS wait_s,
      CASE WHEN outcome = 'AGENT' THEN talk ELSE 0 END AS talk_s,
      who % {units} AS unit_number
    FROM shaped
    """


def write_rows(
    to: Path,
    *,
    rows: int,
    first: date = date(2026, 10, 1),
    days: int = 31,
    units: int = 20,
    agents: int = 2000,
    seed: int = 1,
    zone: str = "Asia/Shanghai",
) -> None:
    """Write rows of feed `calls` as one Parquet file in the warehouse's types, sorted by day, unit and time."""
    sql = f"""
    COPY (
      SELECT 'C' || i AS call_id, 'c' || lpad(CAST(unit_number AS VARCHAR), 6, '0') AS unit,
        CASE WHEN customer % 3 = 0 THEN NULL ELSE CAST(customer AS VARCHAR) END AS customer_id,
        CAST(priority AS BIGINT) AS priority, call_type, outcome,
        CASE WHEN outcome = 'AGENT' THEN 'A' || lpad(CAST(who AS VARCHAR), 5, '0') END AS agent,
        to_timestamp(at_s) AS arrived_at,
        to_timestamp(at_s + ivr_s) AS ivr_exit_at, ivr_s,
        CASE WHEN queued THEN to_timestamp(at_s + ivr_s) END AS queue_at,
        CASE WHEN queued THEN to_timestamp(at_s + ivr_s + wait_s) END AS queue_exit_at,
        wait_s,
        CASE WHEN outcome = 'AGENT' THEN to_timestamp(at_s + ivr_s + wait_s) END AS answered_at,
        CASE WHEN outcome = 'AGENT' THEN to_timestamp(at_s + ivr_s + wait_s + talk_s) END AS released_at,
        talk_s, 'generated' AS _load, i AS _line
      FROM ({_calls_sql(rows, first, days, units, agents, seed, zone)})
      ORDER BY CAST(arrived_at AS DATE), unit, arrived_at
    ) TO '{to}' (FORMAT parquet, COMPRESSION zstd)
    """
    _run(sql, zone)


def write_csv(to: Path, *, rows: int, first: date = date(2026, 10, 1), days: int = 31, seed: int = 1) -> None:
    """Write the same kind of calls as a tab-separated file laid out like the sample (mapping `anonymous_bank`)."""

    def clock(seconds: str) -> str:
        return f"strftime(make_timestamp(({seconds}) * 1000000), '%-H:%M:%S')"

    never = "'0:00:00'"
    sql = f"""
    COPY (
      SELECT 'AA01' || lpad(CAST(i % 16 AS VARCHAR), 2, '0') AS "vru+line", i AS call_id,
        CASE WHEN customer % 3 = 0 THEN 0 ELSE customer END AS customer_id, priority, call_type AS "type",
        strftime(make_timestamp(at_s * 1000000), '%y%m%d') AS "date",
        {clock("at_s")} AS vru_entry, {clock("at_s + ivr_s")} AS vru_exit, ivr_s AS vru_time,
        CASE WHEN queued THEN {clock("at_s + ivr_s")} ELSE {never} END AS q_start,
        CASE WHEN queued THEN {clock("at_s + ivr_s + wait_s")} ELSE {never} END AS q_exit,
        wait_s AS q_time, outcome,
        CASE WHEN outcome = 'AGENT' THEN {clock("at_s + ivr_s + wait_s")} ELSE {never} END AS ser_start,
        CASE WHEN outcome = 'AGENT' THEN {clock("at_s + ivr_s + wait_s + talk_s")} ELSE {never} END AS ser_exit,
        talk_s AS ser_time,
        CASE WHEN outcome = 'AGENT' THEN 'A' || lpad(CAST(who AS VARCHAR), 5, '0') ELSE 'NO_SERVER' END AS server
      FROM ({_calls_sql(rows, first, days, 1, 2000, seed, "UTC")})
    ) TO '{to}' (FORMAT csv, DELIMITER '\t', HEADER, QUOTE '')
    """
    _run(sql, "UTC")


def _run(sql: str, zone: str) -> None:
    with duckdb.connect(":memory:") as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.execute("SET preserve_insertion_order = false")
        connection.execute("SET memory_limit = '4GB'")
        connection.execute(f"SET TimeZone = '{zone}'")
        connection.execute(sql)
