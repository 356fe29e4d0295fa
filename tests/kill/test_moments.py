"""kill -9 at random moments of a load and the refresh after it (promise P3); seeds are fixed."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from tests.kill.conftest import Ground
from tests.kill.harness import Worker, copy_of

pytestmark = pytest.mark.scattered

MOMENTS = 4


def _took(worker: Worker, root: Path, op: str, **more: object) -> float:
    started = time.monotonic()
    worker.run(op, root, **more)
    return time.monotonic() - started


@pytest.mark.parametrize("op", ["ingest", "refresh"])
def test_work_killed_at_a_random_moment_can_be_finished(
    worker: Worker, ground: Ground, tmp_path: Path, op: str
) -> None:
    files = [str(ground.second)]
    source = ground.before if op == "ingest" else ground.before_refresh
    whole = _took(worker, copy_of(source, tmp_path / "time"), op, files=files)
    moments = random.Random(20261121)
    killed = 0
    for _ in range(MOMENTS):
        root = copy_of(source, tmp_path / "w")
        ended = worker.killed_after(op, root, moments.uniform(0.0, whole), files=files)
        killed += ended.signal == 9
        found = worker.run("finish", root, files=files)
        left, done = found["left"], found["done"]
        assert left["lost"] == []
        assert left["rows"] in (ground.base["rows"], ground.loaded["rows"])
        assert {k: done[k] for k in ("rows", "loads", "quarantine", "observations")} == {
            **{k: ground.loaded[k] for k in ("rows", "loads", "quarantine")},
            "observations": ground.computed["observations"],
        }
    assert killed >= MOMENTS // 2, "most runs must have been killed before they were done"
