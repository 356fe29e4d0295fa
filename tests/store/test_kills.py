"""kill -9 at every named point and at random moments: whatever was begun is whole or absent."""

from __future__ import annotations

import random
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ganzhi.store.backup import restore_backup
from ganzhi.store.jobs import NewJob
from ganzhi.store.manifest import Change
from ganzhi.store.open import Store
from tests.store.conftest import Opener
from tests.store.remote import Remote
from tests.store.samples import a_file

KILLED = int(signal.SIGKILL)
Starter = Callable[[str], Remote]


def _die(process: Remote, point: str, url: str, *acts: list[Any]) -> None:
    ended, _ = process.do("in_child", {"GANZHI_FAILPOINT": point}, url, *acts)
    assert ended == KILLED, f"{point} was never reached"


def _commits(store: Store) -> tuple[int, int, int, int]:
    counts = (store.manifest.head(), len(store.manifest.snapshot().files), len(store.ledger.loads()))
    return (*counts, len(store.jobs.jobs()))


@pytest.mark.parametrize(
    ("point", "committed"),
    [("store.within_commit", 0), ("store.before_commit", 0), ("store.after_commit", 1)],
)
def test_a_killed_commit_is_whole_or_absent(
    processes: list[Remote], url: str, opened: Opener, point: str, committed: int
) -> None:
    _die(processes[0], point, url, ["commit_load", "x"])
    store = opened(url)
    assert _commits(store) == (committed,) * 4
    assert store.check() == []
    answer = processes[0].do("in_child", {}, url, ["commit_load", "x"])
    assert answer[0] == 0
    assert _commits(store) == (1, 1, 1, 1)


def test_a_killed_migration_leaves_nothing_and_can_be_repeated(
    processes: list[Remote], empty_url: str, opened: Opener
) -> None:
    _die(processes[0], "store.within_migration", empty_url)
    store = opened(empty_url)
    assert store.manifest.commit(Change("load", (a_file("rows/calls", "a"),))) == 1
    assert store.check() == []


def test_a_schedule_killed_between_firing_and_enqueueing_fires_again(
    processes: list[Remote], url: str, opened: Opener
) -> None:
    due = "2026-11-21T08:00:00+00:00"
    _die(processes[0], "store.between_fired_and_job", url, ["fire", "nightly", due])
    assert processes[0].do("in_child", {}, url, ["fire", "nightly", due]) == [0, [True]]
    assert len(opened(url).jobs.jobs()) == 1


def test_a_worker_killed_with_a_job_leaves_it_to_the_next_one(
    processes: list[Remote], url: str, opened: Opener
) -> None:
    store = opened(url)
    store.jobs.enqueue(NewJob("refresh", "a"))
    _die(processes[0], "store.job_claimed", url, ["claim", "w", -1.0])
    claim = store.jobs.claim("x")
    assert claim is not None
    assert claim.attempt == 2


def test_a_sender_killed_with_a_notice_leaves_it_to_the_next_one(
    processes: list[Remote], url: str, opened: Opener
) -> None:
    store = opened(url)
    _die(processes[0], "store.notice_claimed", url, ["announce", "f1"], ["dispatch", -1.0])
    dispatch = store.outbox.claim()
    assert dispatch is not None
    assert dispatch.repeat == 1


def test_a_killed_backup_leaves_no_file_that_looks_like_one(
    processes: list[Remote], url: str, opened: Opener, tmp_path: Path
) -> None:
    opened(url).manifest.commit(Change("load", (a_file("rows/calls", "a"),)))
    target = tmp_path / "copy.backup"
    _die(processes[0], "store.before_backup_rename", url, ["backup", str(target)])
    assert not target.exists()
    opened(url).backup(target)
    restore_backup(target, f"sqlite:///{tmp_path}/restored.sqlite")
    assert len(opened(f"sqlite:///{tmp_path}/restored.sqlite").manifest.snapshot().files) == 1


def test_a_killed_restore_leaves_a_place_that_can_be_restored_into(
    processes: list[Remote], url: str, empty_url: str, opened: Opener, tmp_path: Path
) -> None:
    source = opened(url)
    source.manifest.commit(Change("load", (a_file("rows/calls", "a"),)))
    copy = tmp_path / "copy.backup"
    source.backup(copy)
    target = empty_url.replace("store.sqlite", "restored.sqlite")
    point = "store.before_backup_rename" if target.startswith("sqlite") else "store.before_restore_commit"
    _die(processes[0], point, url, ["restore", str(copy), target])
    restore_backup(copy, target)
    assert opened(target).manifest.snapshot() == source.manifest.snapshot()


def test_what_was_acknowledged_is_there_after_a_kill(start: Starter, url: str, opened: Opener) -> None:
    store = opened(url)
    moments = random.Random(7)
    for round_ in range(2):
        process = start(url)
        assert process.hear() == "ready"
        process.say("acknowledge", f"round-{round_}", 1_000)
        acknowledged = [process.hear() for _ in range(moments.randint(20, 60))]
        process.kill()
        process.process.wait()
        files = {file.path for file in store.manifest.snapshot().files}
        missing = [n for n in acknowledged if f"data/rows/calls/round-{round_}-{n}.parquet" not in files]
        assert not missing
    assert store.check() == []


def test_effects_of_jobs_count_exactly_once_while_workers_are_killed(start: Starter, url: str, opened: Opener) -> None:
    store = opened(url)
    for n in range(60):
        store.jobs.enqueue(NewJob("refresh", f"job-{n}"))
    moments = random.Random(11)
    workers = [start(url) for _ in range(2)]
    for worker in workers:
        worker.say("work", "w", 0.5)
    kills = 0
    while kills < 5 and store.jobs.jobs(limit=1):
        store.manifest.head()
        if len(store.manifest.snapshot().files) < 10 * kills + moments.randint(1, 8):
            continue
        victim = workers.pop(0)
        victim.kill()
        kills += 1
        workers.append(start(url))
        workers[-1].say("work", "w", 0.5)
    for worker in workers:
        assert [worker.hear(), worker.hear()] == ["ready", "end"]
    effects = Counter(file.path.rpartition("/")[2].rpartition("-")[0] for file in store.manifest.snapshot().files)
    assert effects == {f"job-{n}": 1 for n in range(60)}
    assert {job.state for job in store.jobs.jobs(["waiting", "running", "done", "dead"], limit=200)} == {"done"}
    assert kills == 5
    assert store.check() == []


def test_a_full_disk_loses_nothing_that_was_acknowledged(start: Starter, sqlite_url: str, opened: Opener) -> None:
    store = opened(sqlite_url)
    process = start(sqlite_url)
    assert process.hear() == "ready"
    process.do("limit_files", 400_000)
    process.say("acknowledge", "full", 10_000)
    answers: list[Any] = []
    while not answers or isinstance(answers[-1], int):
        answers.append(process.hear())
    refused = answers.pop()
    assert refused["code"] == "STO007"
    assert {file.rows for file in store.manifest.snapshot().files} == set(answers)
    assert store.check() == []
