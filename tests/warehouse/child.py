"""What the tests of this room run in processes of their own: `python -m tests.warehouse.child ACT ROOT …`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from ganzhi.base.clock import SystemClock
from ganzhi.store.backup import restore_backup
from ganzhi.warehouse.backup import backup, restore
from ganzhi.warehouse.compact import compact
from ganzhi.warehouse.duckdb.serving import ServingCache
from ganzhi.warehouse.engine import Relation
from ganzhi.warehouse.locks import writer_lock
from ganzhi.warehouse.shelf import Shelf
from ganzhi.warehouse.sweep import sweep
from tests.warehouse.place import STATE_SCHEMA, ZONE, counts, load, open_place, refresh


def _say(line: object) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _hold(root: Path, name: str) -> None:
    with writer_lock(root, name, 0, SystemClock(), "load of january.txt"):
        _say("held")
        sys.stdin.readline()


def _load(root: Path, day: str, count: str, tag: str) -> None:
    load(open_place(root), day, int(count), tag)


def _loads(root: Path, day: str, number: str) -> None:
    """Many loads, each followed by a refresh, until done; prints each number."""
    place = open_place(root)
    for n in range(int(number)):
        load(place, day, 10, f"{day}-{n}")
        refresh(place, day)
        _say(n)


def _read(root: Path, seconds: str) -> None:
    """Read whole states in a loop; prints `TOTAL` of each answer, or `torn …`."""
    place = open_place(root)
    until = time.monotonic() + float(seconds)
    while time.monotonic() < until:
        for day, (said, behind) in counts(place, place.store.manifest.snapshot()).items():
            _say(said if said == behind else f"torn {day} {said} {behind}")


def _sweep(root: Path) -> None:
    sweep(open_place(root), grace_s=0)


def _compact(root: Path) -> None:
    compact(open_place(root), "rows/calls", at_least_files=2)


def _backup(root: Path, to: str) -> None:
    backup(open_place(root), Path(to))


def _restore(root: Path, to: str) -> None:
    """Here `root` is the backup."""
    restore(root, Path(to), lambda copy: restore_backup(copy, f"sqlite:///{to}/store.sqlite"))


def _serve(root: Path) -> None:
    place = open_place(root)
    cache = ServingCache(place.files.root, ZONE, SystemClock(), grace=timedelta(0))
    states = Relation(place.store.manifest.snapshot().table("day/calls/add"), STATE_SCHEMA)
    with cache.session({"day_calls_add": states}) as session:
        _say(session.query("SELECT sum(rows)::BIGINT AS n FROM day_calls_add")["n"][0].as_py())


def _shelve(root: Path) -> None:
    place = open_place(root)
    (file, *_) = place.store.manifest.snapshot().table("day/calls/add")
    _say(Shelf(place.files, group="unit", item="unit").columns(file).rows.num_rows)


ACTS: dict[str, Callable[..., None]] = {
    "hold": _hold,
    "load": _load,
    "loads": _loads,
    "read": _read,
    "sweep": _sweep,
    "compact": _compact,
    "backup": _backup,
    "restore": _restore,
    "serve": _serve,
    "shelve": _shelve,
}

if __name__ == "__main__":
    ACTS[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:])
