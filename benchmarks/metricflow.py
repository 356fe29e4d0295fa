"""Twenty of the pack's indicators by day and city: `ganzhi refresh` and `observe` against dbt MetricFlow on DuckDB.

Both read the same Parquet file of generated channel transactions. MetricFlow gets a dbt project with one view over the
file, a dimension for the city, a measure for each of ours, and a simple, ratio or derived metric for each indicator,
all written from the plan's formulas; first the numbers of both are compared, city by city. It runs in a virtual
environment of its own, made in the temporary folder (`--venv` takes one that is there).

MetricFlow computes from the rows at every question. ganzhi computes once from the rows (for all of the feed's
indicators at all grains, not these twenty by day and city alone) and answers from states. So shown are a question to
each and our refresh, whole processes with their start; and the same without: MetricFlow's own SQL in DuckDB, the answer
from states and the refresh in a workspace that is open.

dbt-core 1.12 and later build a part that downloads a program while being installed; below 1.12 everything comes from
the package index, so that is what is installed.

Run: python -m benchmarks.metricflow [--rows N] [--rounds N] [--quick] [--temp FOLDER] [--venv FOLDER]
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import duckdb

from benchmarks.ground.day import add_day
from benchmarks.ground.mfproject import Project, chosen_indicators
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
    show,
)
from benchmarks.ground.transactions import DAY, FEED, PROVINCE, ZONE
from ganzhi.base.periods import Grain
from ganzhi.measure.observe import ObserveRequest, observe
from ganzhi.measure.open import open_states
from ganzhi.measure.refresh import refresh
from ganzhi.wiring import init_workspace, opened

ROWS, QUICK_ROWS = 10_000_000, 100_000
INDICATORS = 20
PACKAGES = ("dbt-core<1.12", "dbt-metricflow", "dbt-duckdb")
QUIET = {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DO_NOT_TRACK": "1"}
CLOSE = 1e-9
QUERY, EXPLAIN, SQL = "mf query", "mf query --explain (nothing is run)", "MetricFlow's SQL alone"
OBSERVE, ANSWER = "ganzhi observe", "ganzhi's answer alone"
REFRESH, COMPUTE = "ganzhi refresh, all indicators", "ganzhi's refresh alone"
PAIRS = ((QUERY, OBSERVE), (SQL, ANSWER), (COMPUTE, SQL))


def make_venv(folder: Path) -> str | None:
    """Install MetricFlow; what went wrong, or None."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, capture_output=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", *PACKAGES]
    done = subprocess.run(pip, capture_output=True, text=True, check=False)
    return None if done.returncode == 0 else "\n".join(done.stderr.splitlines()[-12:])


def versions(folder: Path) -> str:
    """What was installed."""
    code = "from importlib.metadata import version as v; print(', '.join(f'{p} {v(p)}' for p in "
    code += "('dbt-metricflow', 'metricflow', 'dbt-core', 'dbt-duckdb', 'duckdb')))"
    return subprocess.run(
        [str(folder / "bin" / "python"), "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()


def spent(command: Sequence[str], folder: Path, environment: dict[str, str]) -> tuple[Cost, str]:
    """A whole process and its output."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **QUIET, **environment}, capture_output=True, text=True, check=False
    )
    wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.stderr.write(done.stdout[-4000:] + done.stderr[-4000:])
        raise SystemExit(f"{' '.join(command)[:100]} ended with status {done.returncode}")
    return Cost(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime), done.stdout


# --- ours ----------------------------------------------------------------------------------------


def make_workspace(root: Path, rows: int) -> Path:
    """A workspace with the generated day; the file of its rows."""
    init_workspace(root)
    lines = [
        f"  {code}: {unit.model_dump_json(exclude_defaults=True)}"
        for code, unit in PROVINCE.units().items()
        if code != "all"
    ]
    (root / "catalogue").mkdir(exist_ok=True)
    (root / "catalogue" / "units.yaml").write_text("units:\n" + "\n".join(lines) + "\n", encoding="utf-8")
    with opened(root) as workspace:
        add_day(workspace.workplace, rows, PROVINCE)
        files = workspace.workplace.store.manifest.snapshot().table(f"rows/{FEED}")
        return workspace.workplace.files.path(files[0])


def _ganzhi(root: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "ganzhi.cli.main", *words, "-w", str(root)]


def _observe(root: Path, codes: Sequence[str]) -> list[str]:
    return _ganzhi(root, "observe", *codes, "--unit", "all", "--children", "--grain", "day", "--format", "json")


def _copy(root: Path, copy: Path) -> Path:
    """A workspace of equal content."""
    shutil.copytree(root, copy, copy_function=os.link, ignore=shutil.ignore_patterns("store.sqlite*"))
    for file in root.glob("store.sqlite*"):
        shutil.copy2(file, copy)
    return copy


def _refreshed_copy(root: Path, *, started: bool) -> Cost:
    """A refresh of a copy that has no states yet: the whole process, or without its start."""
    copy = _copy(root, root.parent / "copy")
    try:
        return spent(_ganzhi(copy, "refresh"), copy, {})[0] if started else _side("refresh", copy)
    finally:
        shutil.rmtree(copy)


def _run_ours(side: str, root: Path) -> int:
    """In a process of its own: a refresh, or the answer from states, once the workspace is open."""
    with opened(root) as workspace:
        place = workspace.workplace
        codes = chosen_indicators(INDICATORS)
        request = ObserveRequest(codes, "all", Grain.DAY, DAY, DAY, children=True)
        with measured() as cost:
            if side == "refresh":
                refresh(place)
            else:
                with open_states(place, {FEED}) as reading:
                    cost.note = len(observe(place, reading, request))
    return report(cost)


def _side(side: str, place: Path, *words: str) -> Cost:
    command = [sys.executable, "-m", "benchmarks.metricflow", "--side", side, "--place", str(place), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.stderr.write(done.stderr)
        raise SystemExit(f"{side} ended with status {done.returncode}")
    return Cost(**json.loads(done.stdout.splitlines()[-1]))


# --- theirs --------------------------------------------------------------------------------------


def _mf(venv: Path, project: Project, *words: str) -> list[str]:
    group = "metric_time__day,transaction__city"
    return [str(venv / "bin" / "mf"), "query", "--metrics", ",".join(project.metrics), "--group-by", group, *words]


def build_project(venv: Path, project: Project) -> None:
    """The dbt project's views and its semantic manifest."""
    spent([str(venv / "bin" / "dbt"), "build", "--quiet", "--profiles-dir", "."], project.folder, {})


def their_sql(venv: Path, project: Project) -> str:
    """The SELECT that MetricFlow itself writes for the question."""
    _, shown = spent(_mf(venv, project, "--explain", "--quiet"), project.folder, project.environment)
    lines = shown.splitlines()
    first = next(n for n, line in enumerate(lines) if line.strip().upper().startswith(("SELECT", "WITH")))
    return "\n".join(lines[first:])


def _run_sql(base: Path, sql: Path) -> int:
    """In a process of its own: MetricFlow's SQL and nothing else."""
    with duckdb.connect(str(base), read_only=True) as connection:
        connection.execute(f"SET TimeZone = '{ZONE.key}'")
        with measured() as cost:
            cost.note = len(connection.execute(sql.read_text(encoding="utf-8")).fetchall())
    return report(cost)


# --- comparing and measuring ---------------------------------------------------------------------


def compare(observed: str, theirs: Path, project: Project) -> int:
    """Numbers that are the same on both sides; AssertionError for one that is not."""
    ours = {(each["unit"], each["code"]): each["value"] for each in json.loads(observed)}
    with theirs.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    compared = 0
    for row in rows:
        for code, metric in zip(project.codes, project.metrics, strict=True):
            own, text = ours[row["transaction__city"], code], row[metric]
            value = float(text) * project.factors[code] if text not in ("", "nan") else None
            same = own == value if own is None or value is None else abs(own - value) <= CLOSE * max(1.0, abs(own))
            if not same:
                raise AssertionError(f"{row['transaction__city']} {code}: {own} and {value}")
            compared += 1
    if compared != PROVINCE.cities * len(project.codes):
        raise AssertionError(f"{compared} numbers compared")
    return compared


def main() -> int:
    """Compare, then measure; the ratios are stated, there is no goal for them."""
    parser = arguments(__doc__, rows=ROWS, quick=QUICK_ROWS)
    parser.add_argument("--venv", type=Path, help="a virtual environment that has MetricFlow")
    parser.add_argument("--sql", type=Path, help=argparse.SUPPRESS)
    asked = given(parser)
    if asked.side:
        return _run_sql(asked.place, asked.sql) if asked.side == "sql" else _run_ours(asked.side, asked.place)
    head(f"{INDICATORS} indicators by day and city over {asked.rows:,} channel transactions", asked.rounds)
    with tempfile.TemporaryDirectory(dir=asked.temp) as temporary:
        folder = Path(temporary)
        venv = (asked.venv or folder / "venv").absolute()
        failure = None if asked.venv else make_venv(venv)
        if failure is not None:
            print(f"MetricFlow could not be installed; nothing was measured:\n{failure}")
            return 0
        print(versions(venv))
        return _measure(folder, venv, asked.rows, asked.rounds)


def _sides(folder: Path, venv: Path, root: Path, project: Project) -> dict[str, Callable[[], Cost]]:
    def theirs(*words: str) -> Cost:
        return spent(_mf(venv, project, *words), project.folder, project.environment)[0]

    untouched = folder / "untouched"
    return {
        QUERY: partial(theirs, "--quiet"),
        EXPLAIN: partial(theirs, "--explain", "--quiet"),
        SQL: partial(_side, "sql", project.base, "--sql", str(folder / "theirs.sql")),
        OBSERVE: lambda: spent(_observe(root, project.codes), root, {})[0],
        ANSWER: partial(_side, "observe", root),
        REFRESH: partial(_refreshed_copy, untouched, started=True),
        COMPUTE: partial(_refreshed_copy, untouched, started=False),
    }


def _measure(folder: Path, venv: Path, rows: int, rounds: int) -> int:
    root = folder / "workspace"
    file = make_workspace(root, rows)
    codes = chosen_indicators(INDICATORS)
    project = Project(folder / "project", file, codes)
    project.write(DAY)
    build_project(venv, project)
    (folder / "theirs.sql").write_text(their_sql(venv, project), encoding="utf-8")
    _copy(root, folder / "untouched")
    spent(_ganzhi(root, "refresh"), root, {})
    answer = folder / "theirs.csv"
    spent(_mf(venv, project, "--csv", str(answer)), project.folder, project.environment)
    observed = spent(_observe(root, codes), root, {})[1]
    print(f"equal: {compare(observed, answer, project)} numbers")

    found = interleave(rounds, _sides(folder, venv, root, project))
    show(found)
    goals = []
    for top, bottom in PAIRS:
        cpu, wall = ratios(found[top], found[bottom])
        goals += [Goal(f"{top} in {bottom}, CPU", cpu, unit="×"), Goal("  wall", wall, unit="×")]
    return conclude(goals)


if __name__ == "__main__":
    sys.exit(main())
