"""Simulating a province: seconds for each feed against DuckDB writing the same rows to Parquet.

All time of a simulation is given to feeds: what passes until a feed is delivered, and the writing of its files, is
that feed's. The rival holds the feed's finished rows in memory and only writes them (one COPY, zstd, one
thread). Both are processor seconds of one process. Peak memory is that of the simulation alone, taken in a process
of its own.

Run: python -m benchmarks.province [--scale S] [--days N]
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import duckdb

from ganzhi.province.calendar import days_of
from ganzhi.province.delivery.dirt import Dirt
from ganzhi.province.delivery.office import FAMILIES, FileOffice
from ganzhi.province.simulate import Request, build, live, simulate

LIMIT = 4.0
SMALL = 20_000
"""Feeds with fewer rows are summed: their time is that of a few calls."""


class Timed(FileOffice):
    """A file office that gives every processor second to a feed."""

    seconds: dict[str, float]
    _since: float

    def start_clock(self) -> None:
        self.seconds = defaultdict(float)
        self._since = time.process_time()

    def deliver(self, feed: str, **columns: Any) -> None:
        super().deliver(feed, **columns)
        now = time.process_time()
        self.seconds[feed] += now - self._since
        self._since = now


def run_timed(root: Path, request: Request) -> Timed:
    world, _ = build(request)
    days = days_of(request.first, request.days)
    office = Timed(root, request.seed, days[-1].day, world.levers, request.dirt)
    office.start_clock()
    for today in days:
        office.begin(today)
        live(world, office, today)
        office.end()
    office.finish()
    return office


def rival(root: Path, feed: str, to: Path) -> tuple[int, float]:
    """Rows of a feed's files, and the processor seconds DuckDB takes to write them to Parquet."""
    base = duckdb.connect(config={"threads": "1"})
    parts = []
    for family in FAMILIES:
        if family.feed == feed:
            pattern = family.name
            for part in ("{yyyymmdd}", "{yyyymm}", "{shard}"):
                pattern = pattern.replace(part, "*")
            source = f"read_csv('{root}/delivered/*/{pattern}', delim='{family.delimiter}', union_by_name=true"
            strict = "all_varchar=false, sample_size=-1, ignore_errors=true"
            parts.append(f"select * from {source}, {strict}, encoding='utf-8')" if not family.free_text else "")
    sources = [part for part in parts if part]
    if not sources:
        return 0, 0.0
    base.execute(f"create temp table held as {' union all by name '.join(sources)}")
    rows = int(base.execute("select count(*) from held").fetchall()[0][0])
    began = time.process_time()
    base.execute(f"copy held to '{to}' (format parquet, compression zstd)")
    return rows, time.process_time() - began


def peak_mib(scale: float, days: int) -> float:
    """Peak memory of a simulation in a process of its own."""
    code = (
        "import sys, tempfile, pathlib, resource\n"
        "from benchmarks.province import plain\n"
        f"plain({scale}, {days})\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return float(done.stdout)


def plain(scale: float, days: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        simulate(Path(folder) / "p", Request(scale, days, 1, dirt=Dirt.none()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=0.1)
    parser.add_argument("--days", type=int, default=3)
    given = parser.parse_args()
    request = Request(given.scale, given.days, 1, dirt=Dirt.none())
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "province"
        office = run_timed(root, request)
        print(f"scale {given.scale:g}, {given.days} days: {sum(office.rows.values()):,} rows")
        print(f"{'feed':<24}{'rows':>12}{'rows/s':>12}{'rival rows/s':>14}{'ratio':>8}")
        small = [0.0, 0.0]
        for feed, rows in sorted(office.rows.items(), key=lambda item: -item[1]):
            held, theirs = rival(root, feed, Path(folder) / "rival.parquet")
            ours = office.seconds[feed]
            if rows < SMALL or not held or not theirs:
                small[0] += ours
                small[1] += theirs
                continue
            print(f"{feed:<24}{rows:>12,}{rows / ours:>12,.0f}{held / theirs:>14,.0f}{ours / theirs:>8.2f}")
        ours_all = sum(office.seconds.values())
        print(f"all feeds: {ours_all:.1f} s; feeds below {SMALL:,} rows: {small[0]:.1f} s")
    print(
        f"peak memory {peak_mib(given.scale, given.days):,.0f} MiB (this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024:,})"
    )


if __name__ == "__main__":
    main()
