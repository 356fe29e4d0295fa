"""kill -9 at every system call that changes the disk, of a load and of a refresh (promises P3, P4).

After each kill the workspace opens, the load is whole or absent, and finishing the work gives the
rows, the ledger and the numbers of an undisturbed run.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.kill.conftest import Ground
from tests.kill.harness import Worker, copy_of

pytestmark = pytest.mark.scattered

SHARDS = 2
WHOLE = os.environ.get("GANZHI_SWEEP") == "all"
"""Whether every call is a point; `make sweep` sets it."""
EVERY, EVERY_PRIVATE, AT_THE_END = 90, 600, 6
"""Otherwise every so-many-th is: of the calls that put files in place one after another in the same way, and of the
hundreds of writes into a staging file that nobody else sees. The last calls, around the commit, all are."""


def _points(worker: Worker, root: Path, op: str, **more: object) -> list[tuple[str, int]]:
    """The (system call, n-th time) of an undisturbed run at which to kill."""
    ended, seen = worker.traced(op, root, **more)
    assert ended.exit == 0, ended.result
    private, public = ([call for call in seen if call.private is wanted] for wanted in (True, False))
    taken = set(seen)
    if not WHOLE:
        taken = {*private[::EVERY_PRIVATE], *private[-1:], *public[::EVERY], *public[-AT_THE_END:]}
    return [(call.name, call.n) for call in seen if call in taken]


def _unfinished(found: dict[str, object]) -> dict[str, object]:
    return {key: found[key] for key in ("rows", "loads", "quarantine")}


@pytest.mark.parametrize("shard", range(SHARDS))
def test_a_load_killed_at_any_system_call_is_whole_or_absent(
    worker: Worker, ground: Ground, tmp_path: Path, shard: int
) -> None:
    files = [str(ground.second)]
    points = _points(worker, copy_of(ground.before, tmp_path / "count"), "ingest", files=files)
    assert len(points) >= 10, "the sweep must see the calls of a load"
    killed = 0
    for name, n in points[shard::SHARDS]:
        root = copy_of(ground.before, tmp_path / "w")
        ended, _ = worker.traced("ingest", root, inject=f"{name}:signal=SIGKILL:when={n}", files=files)
        killed += ended.signal == 9
        found = worker.run("finish", root, files=files)
        left, done = found["left"], found["done"]
        whole, absent = _unfinished(ground.loaded), _unfinished(ground.base)
        assert left["lost"] == [], (name, n)
        assert _unfinished(left) in (whole, absent), (name, n)
        if ended.exit == 0:
            assert _unfinished(left) == whole, f"acknowledged and lost at {name} {n}"
        assert _unfinished(done) == whole, (name, n)
        assert done["observations"] == ground.computed["observations"], (name, n)
    assert killed >= len(points[shard::SHARDS]) / 2, "the injections must have killed"


@pytest.mark.parametrize("shard", range(SHARDS))
def test_a_refresh_killed_at_any_system_call_leaves_old_or_new_numbers(
    worker: Worker, ground: Ground, tmp_path: Path, shard: int
) -> None:
    points = _points(worker, copy_of(ground.before_refresh, tmp_path / "count"), "refresh")
    assert len(points) >= 10, "the sweep must see the calls of a refresh"
    stale = worker.run("inspect", ground.before_refresh, observe=True)["observations"]
    killed = 0
    for name, n in points[shard::SHARDS]:
        root = copy_of(ground.before_refresh, tmp_path / "w")
        ended, _ = worker.traced("refresh", root, inject=f"{name}:signal=SIGKILL:when={n}")
        killed += ended.signal == 9
        found = worker.run("finish", root, observe=True)
        left, done = found["left"], found["done"]
        assert left["lost"] == [], (name, n)
        assert left["observations"] in (stale, ground.computed["observations"]), (name, n)
        assert _unfinished(done) == _unfinished(ground.loaded), (name, n)
        assert done["observations"] == ground.computed["observations"], (name, n)
        assert done["lost"] == [], (name, n)
    assert killed >= len(points[shard::SHARDS]) / 2, "the injections must have killed"
