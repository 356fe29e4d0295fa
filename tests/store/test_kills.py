"""kill -9 at every named point and at random moments: whatever was begun is whole or absent."""

from __future__ import annotations

import random
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ganzhi.store.backup import restore_backup
from ganzhi.store.jobs import NewJob
from ganzhi.store.manifest import Change
from ganzhi.store.open import Store
from tests.store.conftest import Opener
from tests.store.processes.remote import Remote
from tests.store.samples import a_file

KILLED = int(signal.SIGKILL)


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
    assert [path.name for path in tmp_path.iterdir() if "copy" in path.name] == ["copy.backup"]
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


def test_what_was_acknowledged_is_there_after_a_kill(processes: list[Remote], url: str, opened: Opener) -> None:
    store = opened(url)
    moments = random.Random(7)
    for round_ in range(5):
        child = processes[0].do("fork_off", url, ["acknowledge", f"round-{round_}", 1_000])
        acknowledged = [processes[0].hear() for _ in range(moments.randint(5, 20))]
        acknowledged += processes[0].end(child, kill=True)
        files = {file.path for file in store.manifest.snapshot().files}
        missing = [n for n in acknowledged if f"data/rows/calls/round-{round_}-{n}.parquet" not in files]
        assert not missing
    assert store.check() == []


def test_effects_of_jobs_count_exactly_once_while_workers_are_killed(
    processes: list[Remote], url: str, opened: Opener
) -> None:
    store = opened(url)
    for n in range(60):
        store.jobs.enqueue(NewJob("refresh", f"job-{n}"))
    moments = random.Random(11)
    work = ("fork_off", url, ["work", "w", 0.5])
    workers = [(process, process.do(*work)) for process in processes[:2]]
    kills = 0
    while kills < 6 and store.jobs.jobs(limit=1):
        if len(store.manifest.snapshot().files) < 8 * kills + moments.randint(1, 8):
            continue
        process, child = workers.pop(0)
        process.end(child, kill=True)
        kills += 1
        workers.append((process, process.do(*work)))
    for process, child in workers:
        assert process.end(child, kill=False) == ["end"]
    effects = Counter(file.path.rpartition("/")[2].rpartition("-")[0] for file in store.manifest.snapshot().files)
    assert effects == {f"job-{n}": 1 for n in range(60)}
    assert {job.state for job in store.jobs.jobs(["waiting", "running", "done", "dead"], limit=200)} == {"done"}
    assert kills == 6
    assert store.check() == []


def test_a_full_disk_loses_nothing_that_was_acknowledged(
    processes: list[Remote], sqlite_url: str, opened: Opener
) -> None:
    store = opened(sqlite_url)
    child = processes[0].do("fork_off", sqlite_url, ["limit_files", 250_000], ["acknowledge", "full", 10_000])
    _, *acknowledged, refused = processes[0].end(child, kill=False)
    assert refused == {"code": "STO007", "retryable": True}
    assert {file.rows for file in store.manifest.snapshot().files} == set(acknowledged)
    assert store.check() == []
