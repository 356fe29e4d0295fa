"""The schedule fires once per due time among processes, and what fails is tried again."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ganzhi.base.errors import EngineError, GanzhiError, Issue
from ganzhi.jobs import LEASE_S, SCHEDULE, Runner, Scheduled, due_times
from ganzhi.store.jobs import NewJob
from ganzhi.store.leases import LeaseLostError, is_gone, worker_name
from ganzhi.wiring import Workspace, init_workspace, open_workspace

START = datetime(2026, 11, 21, 8, 0, 30, tzinfo=UTC)


class MovableClock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def workspace(tmp_path: Path, clock: MovableClock) -> Iterator[Workspace]:
    init_workspace(tmp_path / "w")
    made = open_workspace(tmp_path / "w", clock)
    yield made
    made.close()


def _counting(done: list[str], kind: str = "count", every_s: int = 60) -> Scheduled:
    return Scheduled(kind, every_s, lambda _: done.append(kind))


def test_due_times_are_the_same_for_every_process() -> None:
    at = datetime(2026, 1, 1, 0, 3, 20, tzinfo=UTC)
    assert due_times(60, None, at) == (datetime(2026, 1, 1, 0, 3, tzinfo=UTC),)
    assert due_times(60, at - timedelta(seconds=20), at) == ()
    found = due_times(60, datetime(2026, 1, 1, tzinfo=UTC), at)
    assert [t.minute for t in found] == [1, 2, 3]


def test_two_runners_on_one_store_do_a_due_time_once(workspace: Workspace, clock: MovableClock) -> None:
    done: list[str] = []
    runners = [Runner(workspace, [_counting(done)]) for _ in range(2)]
    for _ in range(5):
        for runner in runners:
            while runner.turn():
                pass
        clock.at += timedelta(seconds=60)
    assert len(done) == 5


def test_what_pages_wait_for_goes_first_and_is_due_when_a_server_starts(
    workspace: Workspace, clock: MovableClock
) -> None:
    done: list[str] = []
    waited = Scheduled("waited", 3600, lambda _: done.append("waited"), first=True)
    runner = Runner(workspace, [_counting(done), waited])
    while runner.turn():
        pass
    assert done == ["waited", "count"]
    clock.at += timedelta(minutes=2)
    again = Runner(workspace, [_counting(done), waited])
    while again.turn():
        pass
    assert done == ["waited", "count", "waited", "count"]


def test_what_was_missed_is_done_once_and_the_rest_is_recorded(workspace: Workspace, clock: MovableClock) -> None:
    done: list[str] = []
    runner = Runner(workspace, [_counting(done)])
    while runner.turn():
        pass
    clock.at += timedelta(minutes=30)
    while runner.turn():
        pass
    assert len(done) == 2
    due = [START.replace(second=0) + timedelta(minutes=m) for m in range(31)]
    assert workspace.workplace.store.jobs.missed("count", due) == ()


def test_a_failing_job_is_reported_and_tried_again_later(workspace: Workspace, clock: MovableClock) -> None:
    attempts: list[str] = []
    told: list[tuple[str, GanzhiError]] = []

    def work(_: Workspace) -> None:
        attempts.append("x")
        if len(attempts) < 3:
            raise EngineError(Issue("POR010", "disk", params={"detail": "full"}), retryable=True)

    runner = Runner(workspace, [Scheduled("flaky", 86_400, work)], on_failure=lambda k, e: told.append((k, e)))
    for _ in range(40):
        runner.turn()
        clock.at += timedelta(minutes=5)
    assert len(attempts) == 3
    assert [kind for kind, _ in told] == ["flaky", "flaky"]
    assert workspace.workplace.store.jobs.jobs(("dead",)) == ()


def test_a_running_loop_stops_when_asked(workspace: Workspace) -> None:
    done: list[str] = []
    runner = Runner(workspace, [_counting(done)])
    runner.start()
    assert runner.stop(20.0)
    assert runner.last_turn is not None


def test_the_schedule_refreshes_as_often_as_the_settings_say(workspace: Workspace, clock: MovableClock) -> None:
    quick = replace(workspace, settings=workspace.settings.model_copy(update={"serve": workspace.settings.serve}))
    done: list[str] = []
    refresh = next(each for each in SCHEDULE if each.kind == "refresh")
    runner = Runner(quick, [replace(refresh, work=lambda _: done.append("refresh"))])
    for _ in range(3):
        while runner.turn():
            pass
        clock.at += timedelta(seconds=quick.settings.serve.refresh_every_s)
    assert len(done) == 3


KILLED_AMID = """
import os, signal, sys
from pathlib import Path
from tests.test_jobs import MovableClock
from ganzhi.jobs import Runner, Scheduled
from ganzhi.wiring import open_workspace
workspace = open_workspace(Path(sys.argv[1]), MovableClock())
runner = Runner(workspace, [Scheduled("count", 86_400, lambda _: os.kill(os.getpid(), signal.SIGKILL))])
runner.turn()
"""


def test_what_a_killed_server_had_begun_the_next_one_takes_over(workspace: Workspace, clock: MovableClock) -> None:
    where = [sys.executable, "-c", KILLED_AMID, str(workspace.root)]
    ended = subprocess.run(where, check=False, timeout=60)
    assert ended.returncode == -signal.SIGKILL
    jobs = workspace.workplace.store.jobs
    (held,) = jobs.jobs(("running",))
    done: list[str] = []
    assert Runner(workspace, [_counting(done, every_s=86_400)]).turn(), "the next server need not wait"
    assert (done, jobs.jobs(), clock.at) == (["count"], (), START)
    finished = jobs.get(held.id)
    assert finished is not None
    assert (finished.state, finished.attempts) == ("done", 2)


ELSEWHERE = "elsewhere:boot:pid:1:1"


def test_what_another_machine_had_begun_is_taken_over_when_its_lease_is_over(workspace: Workspace) -> None:
    jobs, done = workspace.workplace.store.jobs, list[str]()
    jobs.fire("count", START.replace(hour=0, minute=0, second=0), NewJob("count", "schedule"))
    claim = jobs.claim(ELSEWHERE, ("count",), LEASE_S)
    assert claim is not None
    assert not Runner(workspace, [_counting(done, every_s=86_400)]).turn()
    claim = jobs.heartbeat(claim, -1)
    assert Runner(workspace, [_counting(done, every_s=86_400)]).turn()
    assert done == ["count"]
    with pytest.raises(LeaseLostError):
        jobs.finish(claim)


def test_a_worker_is_gone_only_when_that_is_sure() -> None:
    own = worker_name()
    *place, pid, begun = own.split(":")
    assert not is_gone(own)
    assert is_gone(":".join([*place, pid, str(int(begun) + 1)])), "its number is another's now"
    assert not is_gone(":".join(["other", *place[1:], pid, "1"])), "another machine's processes are not seen from here"
    assert not is_gone("a name of an older program")
