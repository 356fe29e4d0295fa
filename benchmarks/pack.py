"""The whole pack over a provincial day: seconds and rows per second of each step, and what is merged into what.

Simulates a day of the province (a tenth of ten million customers by default), receives its files, computes all of the
pack's indicators and publishes observations and scores for the pages, as the commands and the schedule do. A round is
all four steps in a new workspace, each in a process of its own, its start included. Then says how many indicators were
merged into how many measures, and how many scans of a partition computed them.

Run: python -m benchmarks.pack [--scale S] [--rounds N] [--quick] [--temp FOLDER]
"""

from __future__ import annotations

import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from benchmarks.ground.runs import Cost, arguments, given, head, measured, median, report, run, show
from ganzhi.compile.plan import plan_feed
from ganzhi.measure.publish.publish import publish
from ganzhi.measure.refresh import measured_feeds, preview
from ganzhi.wiring import init_workspace, opened

SCALE, QUICK_SCALE = 0.1, 0.002
DAY = date(2012, 2, 29)
REJECTED = 3
"""Exit status of a load some of whose files were refused, as the simulated deliveries' dirt wants it."""
STEPS = "simulate", "receive", "refresh", "publish"


def _command(*words: str) -> Cost:
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "ganzhi.cli.main", *words], capture_output=True, text=True, check=False
    )
    wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, REJECTED):
        sys.stderr.write(done.stderr)
        raise SystemExit(f"ganzhi {words[0]} ended with status {done.returncode}")
    return Cost(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def _publish(root: Path) -> int:
    """In a process of its own: publish, and the rows that were."""
    with opened(root) as workspace:
        with measured() as cost:
            done = publish(workspace.workplace)
        cost.note = sum(done.rows.values())
    return report(cost)


def _round(folder: Path, scale: float) -> dict[str, Cost]:
    """All steps in a new workspace; the workspace stays."""
    province, root = folder / "province", folder / "workspace"
    for old in (province, root):
        shutil.rmtree(old, ignore_errors=True)
    words = ("--scale", f"{scale:g}", "--days", "1", "--seed", "1", "--start", DAY.isoformat())
    costs = {"simulate": _command("simulate", str(province), *words)}
    init_workspace(root)
    (root / "catalogue").mkdir(exist_ok=True)
    shutil.copy(province / "catalogue" / "units.yaml", root / "catalogue" / "units.yaml")
    where = ("-w", str(root))
    costs["receive"] = _command("receive", str(province / "delivered"), *where)
    costs["refresh"] = _command("refresh", *where)
    costs["publish"] = run("benchmarks.pack", "publish", {"place": root})
    return costs


def _summary(root: Path) -> tuple[int, str]:
    """Rows that count; what was merged into what."""
    with opened(root) as workspace:
        place = workspace.workplace
        snapshot = place.store.manifest.snapshot()
        rows = sum(file.rows for t in snapshot.tables() if t.startswith("rows/") for file in snapshot.table(t))
        feeds = preview(place)
        stale = [feed.feed for feed in feeds if feed.touched]
        if stale:
            raise AssertionError(f"still to be computed: {stale}")
        indicators, measures, scans = (
            sum(getattr(f, name) for f in feeds) for name in ("indicators", "measures", "scans")
        )
        everything = [plan_feed(place.catalogue, feed).summary for feed in measured_feeds(place.catalogue)]
    total = [sum(each) for each in zip(*everything, strict=True)]
    return rows, (
        f"{indicators:,} indicators -> {measures:,} measures -> {scans} scans of a day in {len(feeds)} feeds with rows"
        f" (the pack in all: {total[0]:,} -> {total[1]:,} in {len(everything)} feeds)"
    )


def main() -> int:
    """Measure the steps; there is no goal but that they are stated."""
    parser = arguments(__doc__, rows=0, quick=0)
    parser.add_argument(
        "--scale", type=float, help=f"1 is ten million customers; {SCALE} by default, {QUICK_SCALE} with --quick"
    )
    asked = given(parser)
    if asked.side:
        return _publish(asked.place)
    scale = asked.scale or (QUICK_SCALE if asked.quick else SCALE)
    head(f"the whole pack over {DAY} of a province of scale {scale:g}", asked.rounds)
    with tempfile.TemporaryDirectory(dir=asked.temp) as temporary:
        folder = Path(temporary)
        rounds = [_round(folder, scale) for _ in range(asked.rounds)]
        rows, merged = _summary(folder / "workspace")
    print(f"{rows:,} rows count; {merged}")
    found = {step: median([each[step] for each in rounds]) for step in STEPS}
    show(found, dict.fromkeys(STEPS, rows))
    print(f"{rounds[-1]['publish'].note:,} observations, scores and contributions published")
    total = statistics.median(sum(each[step].wall_s for step in STEPS[1:]) for each in rounds)
    print(f"receive, refresh and publish together: {total:.1f} s, {rows / total:,.0f} rows/s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
