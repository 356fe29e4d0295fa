"""A small workspace with a first load, and a second file that adds, corrects, repeats and breaks rows."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ganzhi.wiring import init_workspace
from tests.kill.harness import Worker, copy_of

DAYS = ("990103", "990104", "990105")
PER_DAY = 40


@dataclass(frozen=True, slots=True)
class Ground:
    """before: a workspace with the first file loaded and computed. second: the file to load next.
    loaded: what an undisturbed load of it leaves; computed: after the refresh too."""

    before: Path
    before_refresh: Path
    second: Path
    base: dict[str, Any]
    loaded: dict[str, Any]
    computed: dict[str, Any]


def _lines(sample: Path) -> tuple[str, dict[str, list[str]]]:
    with gzip.open(sample, "rt", encoding="utf-8", newline="") as text:
        header, *lines = text.read().split("\r\n")
    by_day: dict[str, list[str]] = {day: [] for day in DAYS}
    for line in lines:
        day = line.split("\t")[5] if line else ""
        if day in by_day and len(by_day[day]) < 2 * PER_DAY:
            by_day[day].append(line)
    return header, by_day


def _write(path: Path, header: str, lines: list[str]) -> Path:
    path.write_text("\r\n".join([header, *lines, ""]), encoding="utf-8", newline="")
    return path


def write_files(folder: Path, sample: Path) -> tuple[Path, Path]:
    """The first file, and a second one with new rows, repeated rows, corrections of which one moves
    to another day, and rows that must be refused."""
    header, by_day = _lines(sample)
    first = [line for day in DAYS[:2] for line in by_day[day][:PER_DAY]]
    second = [line for day in DAYS for line in by_day[day][PER_DAY : 2 * PER_DAY]]
    second += first[:5]
    for line in first[5:9]:
        cells = line.split("\t")
        cells[4] = "NE"
        second.append("\t".join(cells))
    moved = first[10].split("\t")
    moved[5] = DAYS[2]
    broken = first[11].split("\t")
    broken[0], broken[6] = "AA9999", "25:61:00"
    second += ["\t".join(moved), "\t".join(broken), "too\tfew\tfields"]
    return _write(folder / "first.txt", header, first), _write(folder / "second.txt", header, second)


@pytest.fixture(scope="session")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    made = Worker(tmp_path_factory.mktemp("worker"))
    yield made
    made.close()


@pytest.fixture(scope="session")
def ground(worker: Worker, tmp_path_factory: pytest.TempPathFactory, sample_calls: Path) -> Ground:
    folder = tmp_path_factory.mktemp("ground")
    first, second = write_files(folder, sample_calls)
    before = folder / "before"
    init_workspace(before)
    worker.run("ingest", before, files=[str(first)])
    worker.run("refresh", before)
    base = worker.run("inspect", before, observe=True)
    after = copy_of(before, folder / "after")
    worker.run("ingest", after, files=[str(second)])
    loaded = worker.run("inspect", after)
    before_refresh = copy_of(after, folder / "before_refresh")
    worker.run("refresh", after)
    computed = worker.run("inspect", after, observe=True)
    assert computed["observations"] != base["observations"], "the second file must change numbers"
    return Ground(before, before_refresh, second, base, loaded, computed)
