"""What a late file costs: one with a hundredth of a day's rows, and one with a single row.

A day of generated channel transactions, computed; then a further file of the same day arrives, its rows spread over all
units and hours. Each run is `refresh` in a fresh process on a copy of the same place; the start of the interpreter and
the reading of the catalogue are not counted. The day's full refresh is that of the same rows with no states yet. First
the numbers are compared: the states after the late file, merged, must be those of a day computed at once, measure by
measure and bucket by bucket.

Run: python -m benchmarks.late [--rows N] [--rounds N] [--quick] [--temp FOLDER]
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from functools import partial
from pathlib import Path

import duckdb

from benchmarks.ground.day import add_day, catalogue_of, copy_place, place_at
from benchmarks.ground.runs import (
    Cost,
    Goal,
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
from benchmarks.ground.transactions import FEED, PROVINCE
from ganzhi.compile.plan import FeedPlan, plan_feed
from ganzhi.compile.states import state_schema
from ganzhi.measure.refresh import refresh

ROWS, QUICK_ROWS = 10_000_000, 100_000
LATE_SHARE = 0.01
GOAL_SHARE, GOAL_CONSTANT_S = 0.05, 0.5
COMPARED_ROWS = 200_000


def _child(asked: argparse.Namespace) -> int:
    workplace = place_at(asked.place, catalogue_of(PROVINCE))
    with measured() as cost:
        done = refresh(workplace)
    workplace.store.close()
    cost.note = sum(feed.rows for feed in done.feeds)
    return report(cost)


def _make(folder: Path, rows: int, late: int, *, computed: bool) -> Path:
    """A place with a day of `rows` rows, computed or not, and, when there are any, `late` further ones beside them."""
    workplace = place_at(folder, catalogue_of(PROVINCE))
    add_day(workplace, rows, PROVINCE)
    if computed:
        refresh(workplace)
    if late:
        add_day(workplace, late, PROVINCE, first=rows)
    workplace.store.close()
    return folder


def _refresh_copy(original: Path, expected: int) -> Cost:
    copy = copy_place(original, original.parent / "copy")
    try:
        cost = run("benchmarks.late", "refresh", {"place": copy})
    finally:
        shutil.rmtree(copy)
    if cost.note != expected:
        raise AssertionError(f"{cost.note:,} rows were read, expected {expected:,}")
    return cost


def _live(folder: Path, table: str) -> str:
    workplace = place_at(folder, catalogue_of(PROVINCE))
    files = workplace.store.manifest.snapshot().table(table)
    listed = ", ".join(f"'{workplace.files.path(file)}'" for file in files)
    workplace.store.close()
    return f"read_parquet([{listed}])"


def _merged(plan: FeedPlan, table: str, source: str) -> str:
    """The cells of a table's states, each once; all of this feed's measures add."""
    names = state_schema(plan, table).names
    added = [n for n in names if n in ("rows", "n") or n.startswith("m_")]
    keys = ", ".join(n for n in names if n not in added)
    sums = ", ".join(f'sum("{n}")::HUGEINT AS "{n}"' for n in added)
    return f"SELECT {keys}, {sums} FROM {source} GROUP BY {keys}"


def compare(folder: Path, rows: int) -> int:
    """Cells that are equal after a late file and computed at once; AssertionError when any differs."""
    late = max(1, round(rows * LATE_SHARE))
    parts, whole = (_make(folder / name, rows, late, computed=name == "parts") for name in ("parts", "whole"))
    for place in (parts, whole):
        workplace = place_at(place, catalogue_of(PROVINCE))
        refresh(workplace)
        workplace.store.close()
    plan, cells = plan_feed(catalogue_of(PROVINCE), FEED), 0
    for table in (*plan.tables(), *plan.tables_of("total")):
        left, right = (_merged(plan, table, _live(place, table)) for place in (parts, whole))
        with duckdb.connect(":memory:") as connection:
            connection.execute(f"CREATE TABLE l AS {left}; CREATE TABLE r AS {right}")
            differ = "SELECT count(*) FROM ((FROM {} EXCEPT ALL FROM {}))"
            wrong = sum(connection.execute(differ.format(*pair)).fetchall()[0][0] for pair in (("l", "r"), ("r", "l")))
            cells += connection.execute("SELECT count(*) FROM l").fetchall()[0][0]
        if wrong:
            raise AssertionError(f"{table}: {wrong} cells differ")
    shutil.rmtree(parts)
    shutil.rmtree(whole)
    return cells


def main() -> int:
    """Compare, then measure; 1 when a goal is missed."""
    asked = given(arguments(__doc__, rows=ROWS, quick=QUICK_ROWS))
    if asked.side:
        return _child(asked)
    late = max(1, round(asked.rows * LATE_SHARE))
    head(f"a late file for a day of {asked.rows:,} channel transactions", asked.rounds)
    with tempfile.TemporaryDirectory(dir=asked.temp) as temporary:
        folder = Path(temporary)
        print(f"equal in {compare(folder, min(COMPARED_ROWS, asked.rows)):,} cells")
        full = _make(folder / "full", asked.rows, 0, computed=False)
        some = _make(folder / "some", asked.rows, late, computed=True)
        single = _make(folder / "single", asked.rows, 1, computed=True)
        names = "the day in full", f"{late:,} late rows", "1 late row"
        sides = (
            partial(_refresh_copy, full, asked.rows),
            partial(_refresh_copy, some, late),
            partial(_refresh_copy, single, 1),
        )
        found = interleave(asked.rounds, dict(zip(names, sides, strict=True)))
    show(found, dict(zip(names, (asked.rows, late, 1), strict=True)))
    whole, part, constant = (found[name] for name in names)
    goals = []
    for unit, (each, at_once, least) in {
        "CPU": (part.cpu_s, whole.cpu_s, constant.cpu_s),
        "wall": (part.wall_s, whole.wall_s, constant.wall_s),
    }.items():
        beyond = max(0.0, each - least) / at_once
        goals += [
            Goal(f"constant: {unit} of a late file of one row", least, ceiling=GOAL_CONSTANT_S, unit=" s"),
            Goal(f"{unit} beyond the constant in that of the day's full refresh", beyond, ceiling=GOAL_SHARE, unit="×"),
        ]
    cpu, wall = ratios(part, whole)
    goals += [Goal("late file in all, share of the full refresh, CPU", cpu, unit="×"), Goal("  wall", wall, unit="×")]
    return conclude(goals)


if __name__ == "__main__":
    sys.exit(main())
