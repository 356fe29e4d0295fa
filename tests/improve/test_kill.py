"""A finding that is being raised when the process is killed is absent, with its notices; heard again it is whole."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from ganzhi.base.clock import SystemClock
from ganzhi.store.open import open_store

ROOT = Path(__file__).resolve().parent.parent.parent


def _hear(url: str, point: str = "") -> int:
    environment = {**os.environ, **({"GANZHI_FAILPOINT": point} if point else {})}
    return subprocess.run(
        [sys.executable, "-m", "tests.improve.raiser", url], cwd=ROOT, env=environment, check=False
    ).returncode


def test_killed_before_the_commit_it_is_absent_and_heard_again_it_is_whole(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    store = open_store(url, SystemClock())
    assert _hear(url, "findings.before_commit") == -signal.SIGKILL
    assert store.findings.list() == ()
    assert store.outbox.notices() == ()
    assert store.audit.entries() == ()
    assert _hear(url) == 0
    (found,) = store.findings.list()
    assert [each.act for each in store.findings.history(found.id)] == ["raise", "publish"]
    assert sorted(each.change for each in store.outbox.notices()) == ["1.raise", "2.publish"]
    assert _hear(url) == 0
    assert store.findings.list() == (found,)
    store.close()
