"""Simulating a province: seconds for each feed against DuckDB writing the same rows to Parquet.

All time of the days is given to feeds: what passes until a feed is delivered, and the writing of its files, is that
feed's. So a feed pays for the phase that made it, and a phase's first feed for what the phase does for all. The rival
holds the feed's finished rows in a table of its own and only writes them (one COPY, zstd, one thread). Both are
processor seconds of one process. Peak memory is that of a simulation alone, in a process of its own.

Run: python -m benchmarks.province [--scale S] [--days N] [--first YYYY-MM-DD]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from ganzhi.province.calendar import days_of
from ganzhi.province.delivery.dirt import Dirt
from ganzhi.province.delivery.office import FileOffice
from ganzhi.province.delivery.render import is_text, plain_moments
from ganzhi.province.delivery.shape import is_moment
from ganzhi.province.simulate import Request, build, live

LIMIT = 4.0
SMALL = 20_000
"""Feeds with fewer rows are summed: their time is that of a few calls."""


class Timed(FileOffice):
    """A file office that gives every processor second to a feed."""

    seconds: dict[str, float]
    _since: float

    def start_clock(self) -> None:
        """Before the first day."""
        self.seconds = defaultdict(float)
        self._since = time.process_time()

    def deliver(self, feed: str, **columns: Any) -> None:
        """Write, and take the time since the last feed."""
        super().deliver(feed, **columns)
        now = time.process_time()
        self.seconds[feed] += now - self._since
        self._since = now


class Held:
    """A sink that keeps the finished rows of every feed, moments as time stamps."""

    def __init__(self) -> None:
        self.tables: dict[str, list[pa.Table]] = defaultdict(list)

    def deliver(self, feed: str, **columns: Any) -> None:
        """Keep them."""
        self.tables[feed].append(pa.table({name: _typed(name, column) for name, column in columns.items()}))

    def know(self, table: str, **columns: Any) -> None:
        """The truth is nobody's feed."""


def _typed(name: str, column: Any) -> Any:
    if is_moment(name) and not is_text(column):
        return plain_moments(np.asarray(column, dtype=np.int64))
    return column


def run_timed(root: Path, request: Request) -> dict[str, float]:
    """Seconds of each feed."""
    world, _ = build(request)
    days = days_of(request.first, request.days)
    office = Timed(root, request.seed, days[-1].day, world.levers, request.dirt)
    office.start_clock()
    for today in days:
        office.begin(today)
        live(world, office, today)
        office.end()
    office.finish()
    return office.seconds


def rivals(request: Request, to: Path) -> dict[str, tuple[int, float]]:
    """Rows of each feed, and the processor seconds DuckDB takes to write them to Parquet."""
    world, _ = build(request)
    held = Held()
    for today in days_of(request.first, request.days):
        live(world, held, today)
    found = {}
    for feed, tables in held.tables.items():
        with duckdb.connect(config={"threads": "1"}) as base:
            base.register("rows", pa.concat_tables(tables, promote_options="permissive"))
            base.execute("create temp table held as select * from rows")
            (rows,) = base.execute("select count(*) from held").fetchall()[0]
            began = time.process_time()
            base.execute(f"copy held to '{to}' (format parquet, compression zstd)")
            found[feed] = int(rows), time.process_time() - began
        tables.clear()
    return found


PEAK = """
import sys, tempfile
from datetime import date
from pathlib import Path
from ganzhi.province.simulate import Request, simulate
with tempfile.TemporaryDirectory() as folder:
    simulate(Path(folder) / "p", Request(float(sys.argv[1]), int(sys.argv[2]), 1, date.fromisoformat(sys.argv[3])))
# not ru_maxrss: that of a new process begins with its parent's
print(next(line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")))
"""


def peak_mib(request: Request) -> float:
    """Peak memory of a simulation in a process of its own."""
    asked = [sys.executable, "-c", PEAK, str(request.scale), str(request.days), request.first.isoformat()]
    return int(subprocess.run(asked, check=True, capture_output=True, text=True).stdout) / 1024


def main() -> None:
    """Print a line for each feed, the median ratio, and the feeds over the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=0.1)
    parser.add_argument("--days", type=int, default=1)
    parser.add_argument("--first", type=date.fromisoformat, default=date(2012, 3, 1))
    given = parser.parse_args()
    request = Request(given.scale, given.days, 1, given.first, dirt=Dirt.none())
    with tempfile.TemporaryDirectory() as folder:
        ours = run_timed(Path(folder) / "province", request)
        theirs = rivals(request, Path(folder) / "rival.parquet")
    total = sum(rows for rows, _ in theirs.values())
    print(f"scale {given.scale:g}, {given.days} days from {given.first}: {total:,} rows")
    print(f"{'feed':<24}{'rows':>12}{'rows/s':>12}{'rival rows/s':>14}{'ratio':>8}")
    ratios = {}
    for feed, (rows, seconds) in sorted(theirs.items(), key=lambda item: -item[1][0]):
        if rows >= SMALL:
            ratios[feed] = ours[feed] / seconds
            print(f"{feed:<24}{rows:>12,}{rows / ours[feed]:>12,.0f}{rows / seconds:>14,.0f}{ratios[feed]:>8.2f}")
    small = [feed for feed in theirs if feed not in ratios]
    pairs = [sum(ours[feed] for feed in small), sum(theirs[feed][1] for feed in small)]
    print(f"{len(small)} feeds below {SMALL:,} rows: {pairs[0]:.1f} s, rival {pairs[1]:.1f} s")
    print(f"all feeds: {sum(ours.values()):.1f} s, rival {sum(seconds for _, seconds in theirs.values()):.1f} s")
    print(f"median ratio {statistics.median(ratios.values()):.2f}")
    over = {feed: round(ratio, 1) for feed, ratio in ratios.items() if ratio > LIMIT}
    print(f"over {LIMIT:g}: {over or 'none'}")
    print(f"peak memory {peak_mib(request):,.0f} MiB")


if __name__ == "__main__":
    main()
