"""Writers' locks: who waits, who is named, what a killed or suspended holder means."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ganzhi.base.clock import SystemClock
from ganzhi.base.errors import EngineError, InternalError
from ganzhi.base.messages import cause
from ganzhi.warehouse.locks import holder, holders, writer_lock
from tests.warehouse.conftest import start_child

CLOCK = SystemClock()


@contextmanager
def held(root: Path, name: str) -> Iterator[int]:
    """Another process holds a lock; its process id."""
    with start_child("hold", str(root), name) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process.pid
        process.kill()


def _refusal(root: Path, wait_s: float) -> EngineError:
    with pytest.raises(EngineError) as caught, writer_lock(root, "feed-calls", wait_s, CLOCK):
        pass
    return caught.value


def test_a_second_writer_waits_and_is_told_who_holds_the_lock_since_when(tmp_path: Path) -> None:
    with held(tmp_path, "feed-calls") as pid:
        began = time.monotonic()
        error = _refusal(tmp_path, 0.5)
        waited = time.monotonic() - began
    assert 0.5 <= waited < 1.5
    assert error.retryable
    assert error.issue.code == "WHS010"
    assert error.issue.params["pid"] == str(pid)
    assert error.issue.params["what"] == "load of january.txt"
    assert error.issue.params["since"].startswith("20")
    assert str(pid) in cause("zh", error.issue)


def test_the_lock_of_a_killed_holder_is_free_at_once(tmp_path: Path) -> None:
    with held(tmp_path, "feed-calls") as pid:
        os.kill(pid, signal.SIGKILL)
        with writer_lock(tmp_path, "feed-calls", 2, CLOCK):
            pass


def test_a_suspended_holder_is_reported_as_suspended(tmp_path: Path) -> None:
    with held(tmp_path, "feed-calls") as pid:
        os.kill(pid, signal.SIGSTOP)
        time.sleep(0.1)
        error = _refusal(tmp_path, 0.2)
        found = holder(tmp_path, "feed-calls")
    assert error.issue.code == "WHS011"
    assert error.issue.params["pid"] == str(pid)
    assert found is not None
    assert found.stopped


def test_waiting_ends_when_the_holder_is_done(tmp_path: Path) -> None:
    with start_child("hold", str(tmp_path), "feed-calls") as process:
        assert process.stdout is not None
        assert process.stdin is not None
        process.stdout.readline()
        process.stdin.write("go\n")
        process.stdin.flush()
        with writer_lock(tmp_path, "feed-calls", 10, CLOCK):
            pass


def test_locks_of_different_names_do_not_wait_for_each_other(tmp_path: Path) -> None:
    with held(tmp_path, "feed-calls"), writer_lock(tmp_path, "feed-visits", 0, CLOCK):
        assert [found.name for found in holders(tmp_path)] == ["feed-calls", "feed-visits"]


def test_two_threads_of_one_process_exclude_each_other_too(tmp_path: Path) -> None:
    with writer_lock(tmp_path, "feed-calls", 0, CLOCK):
        assert _refusal(tmp_path, 0.1).issue.params["pid"] == str(os.getpid())


def test_a_free_lock_has_no_holder_and_its_record_is_gone(tmp_path: Path) -> None:
    with writer_lock(tmp_path, "feed-calls", 0, CLOCK):
        pass
    assert holder(tmp_path, "feed-calls") is None
    assert holders(tmp_path) == ()
    assert (tmp_path / "locks" / "feed-calls.lock").read_bytes() == b""


def test_looking_at_a_lock_does_not_make_a_writer_fail(tmp_path: Path) -> None:
    with writer_lock(tmp_path, "feed-calls", 0, CLOCK):
        pass
    for _ in range(50):
        holder(tmp_path, "feed-calls")
        with writer_lock(tmp_path, "feed-calls", 0, CLOCK):
            pass


def test_a_record_that_cannot_be_read_still_gives_a_refusal(tmp_path: Path) -> None:
    with writer_lock(tmp_path, "feed-calls", 0, CLOCK):
        (tmp_path / "locks" / "feed-calls.lock").write_text("nonsense")
        assert _refusal(tmp_path, 0).issue.code == "WHS010"


def test_the_record_is_readable_by_the_owner_only(tmp_path: Path) -> None:
    with writer_lock(tmp_path, "feed-calls", 0, CLOCK):
        assert (tmp_path / "locks" / "feed-calls.lock").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ["../x", "", "A", "a/b"])
def test_refuses_names_that_are_not_names(tmp_path: Path, name: str) -> None:
    with pytest.raises(InternalError), writer_lock(tmp_path, name, 0, CLOCK):
        pass
