"""Loading a generated CSV of hotline calls against DuckDB's own `CREATE TABLE AS … read_csv` with the same casts.

Ours reads, checks, de-duplicates, sorts, writes one file per day and commits; the other only casts
into a database file. Each run is a process of its own over the same file. The ratio is of wall time;
processor time is printed beside it, because it moves less on a machine that has other work.

Run: python -m benchmarks.ingest [--rows N] [--rounds N]
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
from pathlib import Path

import duckdb

from benchmarks.generate import CSV_HEADER, write_csv
from ganzhi.ingest.load import load
from ganzhi.wiring import init_workspace, opened

GOAL_RATIO, GOAL_RSS_MIB = 2.0, 2048
MEMORY_MIB = 1024
TEXTS = ("outcome", "type")
WHOLE = ("priority", "vru_time", "q_time", "ser_time")
CLOCKS = ("vru_entry", "vru_exit", "q_start", "q_exit", "ser_start", "ser_exit")


def ours(file: Path, folder: Path) -> int:
    """One `ganzhi ingest` into a new workspace; rows that count."""
    root = folder / "workspace"
    init_workspace(root)
    with opened(root) as workspace:
        (report,) = load(workspace.workplace, "calls", [file], mapping="anonymous_bank")
    assert report.path == "fast"
    return report.accepted


def theirs(file: Path, folder: Path) -> int:
    """The casts of the mapping and nothing else, into a database file; rows in the table."""
    casts = [
        "\"vru+line\" || '-' || call_id AS call_id",
        "'all' AS unit",
        "nullif(trim(customer_id), '0') AS customer_id",
        "nullif(trim(server), 'NO_SERVER') AS agent",
        *(f'trim("{name}") AS "{name}"' for name in TEXTS),
        *(f"CAST({name} AS BIGINT) AS {name}" for name in WHOLE),
        *(f"strptime(\"date\" || ' ' || {name}, '%y%m%d %H:%M:%S')::TIMESTAMPTZ AS {name}" for name in CLOCKS),
    ]
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in CSV_HEADER)
    options = "delim = '\t', quote = '', escape = '', header = true, auto_detect = false"
    with duckdb.connect(str(folder / "theirs.duckdb")) as connection:
        connection.execute(f"SET memory_limit = '{MEMORY_MIB}MiB'")
        connection.execute("SET enable_progress_bar = false")
        connection.execute("SET TimeZone = 'Asia/Shanghai'")
        connection.execute(
            f"CREATE TABLE calls AS SELECT {', '.join(casts)} FROM read_csv('{file}', columns = {{{columns}}}, {options})"
        )
        return int(connection.execute("SELECT count(*) FROM calls").fetchall()[0][0])


SIDES: tuple[tuple[str, Callable[[Path, Path], int]], ...] = (("ours", ours), ("theirs", theirs))


def _one(side: str, file: Path) -> None:
    """Run one side in this process and print what it took."""
    with tempfile.TemporaryDirectory(dir=file.parent) as folder:
        began, used = time.perf_counter(), time.process_time()
        rows = dict(SIDES)[side](file, Path(folder))
        wall, cpu = time.perf_counter() - began, time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"rows": rows, "wall_s": wall, "cpu_s": cpu, "peak_mib": peak}))


def _child(side: str, file: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.ingest", "--side", side, "--file", str(file)],
        check=True,
        capture_output=True,
        text=True,
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main() -> int:
    """Compare; 0 when the goal holds."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--side", choices=[name for name, _ in SIDES])
    parser.add_argument("--file", type=Path)
    given = parser.parse_args()
    if given.side:
        _one(given.side, given.file)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "calls.tsv"
        write_csv(file, rows=given.rows)
        print(f"{given.rows:,} rows, {file.stat().st_size / 1e6:,.0f} MB")
        runs: dict[str, list[dict[str, float]]] = {name: [] for name, _ in SIDES}
        for number in range(given.rounds):
            for side, found in runs.items():
                found.append(_child(side, file))
                took = found[-1]
                assert took["rows"] == given.rows, took
                print(
                    f"{number + 1} {side:7} {took['wall_s']:7.1f} s wall {took['cpu_s']:7.1f} s CPU {took['peak_mib']:6.0f} MiB"
                )
    wall, cpu = (_median(runs["ours"], key) / _median(runs["theirs"], key) for key in ("wall_s", "cpu_s"))
    peak = max(run["peak_mib"] for run in runs["ours"])
    print(
        f"ratio {wall:.2f} (goal {GOAL_RATIO}), of processor time {cpu:.2f}; peak {peak:.0f} MiB (goal {GOAL_RSS_MIB})"
    )
    return int(wall > GOAL_RATIO or peak > GOAL_RSS_MIB)


def _median(runs: list[dict[str, float]], key: str) -> float:
    return statistics.median(run[key] for run in runs)


if __name__ == "__main__":
    sys.exit(main())
