"""Generated days of feed `ivr_events`, the feed with most rows of an ordinary provincial day.

Shaped like a provincial day at scale 0.02: 6.9 events a session, a level below the other, 37 nodes, 13 cities, in the
warehouse's types and order. Sorted by unit and time without a sort, as `benchmarks.ground.transactions` is.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path

from benchmarks.ground.transactions import DAY, PROVINCE, ZONE, Weights, chance, pick, write_rows

FEED = "ivr_events"
EVENTS_BY_LEVEL: tuple[Weights, ...] = (
    (("key", 9958), ("enter", 8845), ("repeat", 545), ("invalid", 444), ("hang_up", 277), ("timeout", 254)),
    (("enter", 8121), ("key", 6676), ("to_agent", 1833), ("back", 958), ("hang_up", 489), ("repeat", 451), ("invalid", 451)),
    (("enter", 6678), ("goal", 5920), ("hang_up", 5542), ("key", 718), ("back", 376), ("error", 40)),
    (("enter", 720), ("goal", 712), ("hang_up", 660), ("back", 55), ("error", 6)),
)  # fmt: skip
LEVELS: Weights = (("0", 20323), ("1", 18979), ("2", 19274), ("3", 2153))
BRANDS: Weights = (("easyown", 33367), ("mzone", 15157), ("gotone", 9204), ("", 3001))
NODES_BY_LEVEL = (1, 8, 20, 8)
FUNCTIONS, KEYS, EVENTS_PER_SESSION = 24, 8, 7


def rows_sql(rows: int, day: date = DAY, first: int = 0) -> str:
    """A SELECT of that many rows of a day in the feed's columns and types, in order, numbered from `first`."""
    start = int(datetime.combine(day, time(), ZONE).astimezone(UTC).timestamp())
    events = " ".join(f"WHEN {n} THEN {pick(each, 'c_event')}" for n, each in enumerate(EVENTS_BY_LEVEL))
    nodes = " ".join(f"WHEN {n} THEN {count}" for n, count in enumerate(NODES_BY_LEVEL))
    return f"""
    WITH drawn AS (
      SELECT i, (i - {first}) / {rows}.0::DOUBLE * {PROVINCE.cities} AS stands, CAST({pick(LEVELS, chance(21))} AS BIGINT) AS menu_level,
        {chance(22)} AS c_event, {chance(23)} AS c_node, {chance(24)} AS c_key, i // {EVENTS_PER_SESSION} AS session
      FROM range({first}, {first + rows}) r(i)
    ), chosen AS (
      SELECT *, CASE menu_level {events} END AS event, stands - floor(stands) AS c_hour,
        CAST(floor(c_node * c_node * CASE menu_level {nodes} END) AS BIGINT) AS number,
        {pick(BRANDS, chance(25).replace("i *", "session *"))} AS brand
      FROM drawn
    )
    SELECT 'V' || lpad(CAST(i AS VARCHAR), 15, '0') AS event_id, 'H' || lpad(CAST(session AS VARCHAR), 15, '0') AS session_id,
      to_timestamp({start} + CAST(floor(86400 * (0.29 + 0.62 * c_hour + 0.07 * sin(6.283 * c_hour))) AS BIGINT)) AS at,
      'c' || lpad(CAST(CAST(floor(stands) AS BIGINT) AS VARCHAR), 6, '0') AS unit,
      'C' || CAST(session AS VARCHAR) AS customer_id, nullif(brand, '') AS brand, '2011B' AS menu_version,
      'R' || CASE WHEN menu_level > 0 THEN '.' || CAST(menu_level AS VARCHAR) || '.' || CAST(number AS VARCHAR) ELSE '' END AS node,
      menu_level, CASE WHEN event = 'key' THEN CAST(1 + CAST(floor(c_key * {KEYS}) AS BIGINT) AS VARCHAR) END AS menu_key,
      CAST(1 + i % {EVENTS_PER_SESSION} AS BIGINT) AS position,
      CASE WHEN menu_level > 1 THEN 'f' || CAST(number % {FUNCTIONS} AS VARCHAR) END AS ivr_function,
      event, CAST(CASE WHEN event = 'enter' THEN 4 + number % 9 END AS BIGINT) AS prompt_s,
      'generated' AS _load, i AS _line
    FROM chosen"""


def write_day(to: Path, rows: int) -> None:
    """Write a day as one Parquet file."""
    write_rows(to, rows_sql(rows))
