"""How the cost of a refresh grows: with rows over three decades, with indicators, and what memory it takes.

Generated channel transactions of one day, all of the pack's indicators of that feed; each run is a refresh in a fresh
process whose address space is limited to 6 GiB (RLIMIT_AS, what `prlimit --as` sets) and whose engine has the memory
of an untouched workspace. Measured is `refresh` whole: plan, scan, roll-ups, files on the disk, commit; the start of
the interpreter and the reading of the catalogue are not.

Rows are grown twice: with an organisation that grows too, so that a unit has as many rows at every size (what a larger
province is), and with the full organisation at every size, where small sizes have fewer rows per cell. The slope is
that of the least-squares line through log CPU over log rows, nothing subtracted; beside it the same after the cost of
a day of one row is taken off. Indicators are ratios of the same 20 measures, 10 of them and 300.

Run: python -m benchmarks.scale [--rows N] [--rounds N] [--quick] [--temp FOLDER]
"""

from __future__ import annotations

import argparse
import math
import resource
import shutil
import sys
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from benchmarks.ground.day import add_day, catalogue_of, copy_place, place_at
from benchmarks.ground.ratios import ratio_indicators
from benchmarks.ground.runs import (
    Cost,
    Goal,
    Median,
    arguments,
    conclude,
    given,
    head,
    interleave,
    measured,
    ratios,
    report,
    run,
    show,
)
from benchmarks.ground.transactions import PROVINCE
from ganzhi.measure.refresh import refresh

ROWS, QUICK_ROWS = 100_000_000, 100_000
DECADES = 3
FEW, MANY = 10, 300
LIMIT_BYTES = 6 * 2**30
GOAL_PEAK_MIB = 4096
GOAL_SLOPE = 0.9, 1.1
GOAL_FLAT = 1.5
FLAT_ROWS = 1_000_000
FULL, GROWING = "full organisation", "growing organisation"


def _child(asked: argparse.Namespace) -> int:
    """One refresh under the limit; the copy of the place is used up."""
    resource.setrlimit(resource.RLIMIT_AS, (LIMIT_BYTES, LIMIT_BYTES))
    own = ratio_indicators(asked.indicators) if asked.indicators else None
    workplace = place_at(asked.place, catalogue_of(PROVINCE.scaled(asked.share), own))
    with measured() as cost:
        done = refresh(workplace)
    workplace.store.close()
    cost.note = sum(feed.rows for feed in done.feeds)
    return report(cost)


def _refresh_copy(original: Path, share: float, indicators: int, expected: int) -> Cost:
    copy = copy_place(original, original.parent / "copy")
    try:
        cost = run("benchmarks.scale", "refresh", {"place": copy, "share": share, "indicators": indicators})
    finally:
        shutil.rmtree(copy)
    if cost.note != expected:
        raise AssertionError(f"{cost.note:,} rows were computed of {expected:,}")
    return cost


def _make(folder: Path, rows: int, share: float) -> Path:
    organisation = PROVINCE.scaled(share)
    workplace = place_at(folder, catalogue_of(organisation))
    add_day(workplace, rows, organisation)
    workplace.store.close()
    return folder


def slope(points: Mapping[int, float]) -> float:
    """Of the least-squares line through the logarithms; rows to seconds.

    >>> round(slope({10: 2.0, 100: 20.0, 1000: 200.0}), 3)
    1.0
    """
    logs = [(math.log(rows), math.log(seconds)) for rows, seconds in points.items()]
    mean_x, mean_y = (sum(each) / len(logs) for each in zip(*logs, strict=True))
    return float(sum((x - mean_x) * (y - mean_y) for x, y in logs) / sum((x - mean_x) ** 2 for x, _ in logs))


def _grow(folder: Path, sizes: list[int], rounds: int, kind: str, known: dict[int, Median]) -> dict[int, Median]:
    """Medians by size. known: of sizes that are measured already; both kinds are equal at the largest size."""
    sides, found = {}, dict(known)
    for rows in sizes:
        share = 1.0 if kind == FULL else rows / sizes[-1]
        if rows not in known:
            original = _make(folder / f"{kind.split(maxsplit=1)[0]}{rows}", rows, share)
            sides[str(rows)] = partial(_refresh_copy, original, share, 0, rows)
    found |= {int(name): each for name, each in interleave(rounds, sides).items()}
    print(f"{kind}:")
    show(
        {f"{rows:,} rows": found[rows] for rows in sorted(found)},
        {f"{rows:,} rows": rows for rows in found},
    )
    return found


def _slopes(kind: str, found: Mapping[int, Median], constant_s: float) -> list[Goal]:
    low, high = GOAL_SLOPE
    raw = {rows: each.cpu_s for rows, each in found.items()}
    taken = {rows: cpu - constant_s for rows, cpu in raw.items() if cpu > constant_s}
    return [
        Goal(f"slope of log CPU over log rows, {kind}", slope(raw), floor=low, ceiling=high),
        Goal(f"  the same without the {constant_s:.2f} s that a day of one row takes", slope(taken)),
    ]


def _flat(folder: Path, rows: int, rounds: int) -> list[Goal]:
    original = _make(folder / "flat", rows, 1.0)
    sides = {str(n): partial(_refresh_copy, original, 1.0, n, rows) for n in (FEW, MANY)}
    found = interleave(rounds, sides)
    print(f"{FEW} and {MANY} indicators of the same 20 measures, {rows:,} rows:")
    show({f"{n} indicators": found[str(n)] for n in (FEW, MANY)})
    cpu, wall = ratios(found[str(MANY)], found[str(FEW)])
    return [
        Goal(f"CPU of {MANY} indicators in that of {FEW}", cpu, ceiling=GOAL_FLAT, unit="×"),
        Goal("  wall", wall, ceiling=GOAL_FLAT, unit="×"),
    ]


def main() -> int:
    """Measure all three; 1 when a goal is missed."""
    parser = arguments(__doc__, rows=ROWS, quick=QUICK_ROWS)
    parser.add_argument("--share", type=float, default=1.0, help=argparse.SUPPRESS)
    parser.add_argument("--indicators", type=int, default=0, help=argparse.SUPPRESS)
    asked = given(parser)
    if asked.side:
        return _child(asked)
    sizes = [max(1, asked.rows // 10**step) for step in range(DECADES, -1, -1)]
    head(f"refresh of {sizes[0]:,} to {sizes[-1]:,} channel transactions of a day", asked.rounds)
    with tempfile.TemporaryDirectory(dir=asked.temp) as temporary:
        folder = Path(temporary)
        one = interleave(asked.rounds, {"1 row": partial(_refresh_copy, _make(folder / "one", 1, 1.0), 1.0, 0, 1)})
        show(one)
        full = _grow(folder, sizes, asked.rounds, FULL, {})
        growing = _grow(folder, sizes, asked.rounds, GROWING, {sizes[-1]: full[sizes[-1]]})
        goals = [
            Goal(f"peak memory at {sizes[-1]:,} rows", full[sizes[-1]].peak_mib, ceiling=GOAL_PEAK_MIB, unit=" MiB")
        ]
        goals += _slopes(GROWING, growing, one["1 row"].cpu_s) + _slopes(FULL, full, one["1 row"].cpu_s)
        goals += _flat(folder, min(FLAT_ROWS, asked.rows), asked.rounds)
    return conclude(goals)


if __name__ == "__main__":
    sys.exit(main())
