"""A generated day of feed `calls`."""

from __future__ import annotations

from pathlib import Path

from benchmarks.generate import write_rows
from benchmarks.ground.transactions import DAY, PROVINCE, ZONE

AGENTS = 2000


def write_day(to: Path, rows: int) -> None:
    """Write a day as one Parquet file: agents of a province of scale 1, calls at its cities."""
    write_rows(to, rows=rows, first=DAY, days=1, units=PROVINCE.cities, agents=AGENTS, zone=ZONE.key)
