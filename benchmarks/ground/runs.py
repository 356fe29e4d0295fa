"""Runs in fresh processes, interleaved; their medians; a table that says of each figure whether it is reached.

A script that measures is its own child: `run` starts it again with `--side NAME`, and what `report`
prints there is the `Cost`. Processor time is that of the measured stretch in all threads, peak memory
that of the whole process (VmHWM: `ru_maxrss` of a new process begins with its parent's).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.abc import MetaPathFinder
from pathlib import Path

import duckdb

FEWEST_ROUNDS = 5


@dataclass(slots=True)
class Cost:
    """What a stretch of work used. peak_mib: of the process up to its end. note: anything that was counted."""

    wall_s: float = 0.0
    cpu_s: float = 0.0
    peak_mib: float = 0.0
    note: int = 0


@dataclass(frozen=True, slots=True)
class Median:
    """The middle one of several runs, figure by figure; peak_mib is the highest."""

    wall_s: float
    cpu_s: float
    peak_mib: float
    runs: tuple[Cost, ...]


def peak_mib() -> float:
    """The most memory this process has held."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmHWM"))) / 1024


@contextmanager
def measured() -> Iterator[Cost]:
    """The cost of what is done inside, filled in at its end."""
    cost = Cost()
    wall, cpu = time.perf_counter(), time.process_time()
    yield cost
    cost.wall_s, cost.cpu_s = time.perf_counter() - wall, time.process_time() - cpu
    cost.peak_mib = peak_mib()


def report(cost: Cost) -> int:
    """Hand a cost to the process that started this one."""
    print(json.dumps(asdict(cost)))
    return 0


def run(module: str, side: str, options: Mapping[str, object]) -> Cost:
    """One side of a benchmark in a process of its own."""
    command = [sys.executable, "-m", module, "--side", side]
    command += [word for name, value in options.items() for word in (f"--{name}", str(value))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.stderr.write(done.stderr)
        raise SystemExit(f"{module} {side} ended with status {done.returncode}")
    return Cost(**json.loads(done.stdout.splitlines()[-1]))


def interleave(rounds: int, sides: Mapping[str, Callable[[], Cost]]) -> dict[str, Median]:
    """Every side once, then every side again, so that what disturbs the machine disturbs all of them."""
    found: dict[str, list[Cost]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, one in sides.items():
            found[name].append(one())
    return {name: median(costs) for name, costs in found.items()}


def median(costs: Sequence[Cost]) -> Median:
    """The median of each figure."""
    return Median(
        statistics.median(each.wall_s for each in costs),
        statistics.median(each.cpu_s for each in costs),
        max(each.peak_mib for each in costs),
        tuple(costs),
    )


def ratios(ours: Median, theirs: Median) -> tuple[float, float]:
    """The median over rounds of processor time and of wall time of one side in that of another."""
    pairs = list(zip(ours.runs, theirs.runs, strict=True))
    return (
        statistics.median(o.cpu_s / t.cpu_s for o, t in pairs),
        statistics.median(o.wall_s / t.wall_s for o, t in pairs),
    )


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure and what it should be. floor: lowest value that is right. ceiling: highest."""

    what: str
    value: float
    ceiling: float | None = None
    floor: float | None = None
    unit: str = ""

    @property
    def reached(self) -> bool:
        """Whether the figure is within its bounds."""
        above = self.ceiling is not None and self.value > self.ceiling
        below = self.floor is not None and self.value < self.floor
        return not (above or below)

    def line(self) -> str:
        """The figure, the goal, pass or miss."""
        bounds = [f"≥ {self.floor:g}"] if self.floor is not None else []
        bounds += [f"≤ {self.ceiling:g}"] if self.ceiling is not None else []
        verdict = ("pass" if self.reached else "MISS") if bounds else "stated"
        goal = f"goal {' and '.join(bounds)}{self.unit}" if bounds else ""
        return f"  {self.what:<76} {self.value:>10.3f}{self.unit:<4} {goal:<22} {verdict}"


def conclude(goals: Sequence[Goal]) -> int:
    """Print every figure beside its goal; 1 when one is missed."""
    for goal in goals:
        print(goal.line())
    return int(not all(goal.reached for goal in goals))


def show(medians: Mapping[str, Median], per: Mapping[str, int] | None = None) -> None:
    """A line for each side. per: rows of each side, for a speed."""
    print(f"  {'':<40} {'wall s':>9} {'CPU s':>9} {'peak MiB':>9} {'rows/s':>12}   CPU s of each run")
    for name, each in medians.items():
        rows = (per or {}).get(name)
        speed = f"{rows / each.wall_s:>12,.0f}" if rows else f"{'':>12}"
        runs = " ".join(f"{one.cpu_s:.2f}" for one in each.runs)
        peak = f"{each.peak_mib:.0f}" if each.peak_mib else ""
        print(f"  {name:<40} {each.wall_s:>9.3f} {each.cpu_s:>9.3f} {peak:>9} {speed}   {runs}", flush=True)


def head(title: str, rounds: int) -> None:
    """What is measured, on what, with what."""
    lines = [line for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines() if "model name" in line]
    cpu = lines[0].partition(":")[2].strip() if lines else platform.machine()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0))
    print(f"# {title}")
    print(f"{cpu}, {cores} cores, {memory:.0f} GiB; load before {os.getloadavg()[0]:.1f}", end="; ")
    print(f"Python {platform.python_version()}, duckdb {duckdb.__version__}; medians of {rounds} fresh processes")
    if rounds < FEWEST_ROUNDS:
        print(f"fewer than {FEWEST_ROUNDS} rounds: a try-out, not a measurement")


def arguments(text: str | None, *, rows: int, quick: int, rounds: int = FEWEST_ROUNDS) -> argparse.ArgumentParser:
    """What every script takes. quick: the number of rows of a try-out."""
    parser = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, help=f"rows of the day; {rows:,} by default, {quick:,} with --quick")
    parser.add_argument("--rounds", type=int, help=f"runs of each side; {rounds} by default, 1 with --quick")
    parser.add_argument("--quick", action="store_true", help="a try-out in seconds that proves nothing but itself")
    parser.add_argument("--temp", type=Path, help="where the temporary folder is made; the system's place by default")
    parser.add_argument("--side", help=argparse.SUPPRESS)
    parser.add_argument("--place", type=Path, help=argparse.SUPPRESS)
    parser.set_defaults(usual_rows=rows, quick_rows=quick, usual_rounds=rounds)
    return parser


class _WithoutPandas(MetaPathFinder):
    """pandas comes with the optional engines; an installation without them has none that pyarrow would load."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(name, name=name)


def given(parser: argparse.ArgumentParser) -> argparse.Namespace:
    """The options with sizes filled in."""
    found = parser.parse_args()
    found.rows = found.rows or (found.quick_rows if found.quick else found.usual_rows)
    found.rounds = found.rounds or (1 if found.quick else found.usual_rounds)
    if found.side:
        sys.meta_path.insert(0, _WithoutPandas())
    return found
