from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from ganzhi.base.clock import SystemClock
from ganzhi.base.errors import InternalError
from ganzhi.store.jobs import NewJob
from ganzhi.store.leases import LeaseLostError
from ganzhi.store.manifest import AlreadyLoadedError, Change, ConflictError, Manifest, Merge, Snapshot
from ganzhi.store.open import Store
from tests.store.samples import a_file, a_load, an_arrival

LATER = timedelta(seconds=1)


def test_a_file_counts_from_the_commit_that_adds_it_to_the_one_that_retires_it(store: Store) -> None:
    assert store.manifest.snapshot() == Snapshot(0, ())
    first = store.manifest.commit(Change("load", (a_file("rows/calls", "a"),)))
    before = store.manifest.snapshot()
    second = store.manifest.commit(Change("compact", (a_file("rows/calls", "b"),), (before.files[0].id,)))
    after = store.manifest.snapshot()
    assert (first, second, before.commit, after.commit) == (1, 2, 1, 2)
    assert [file.path for file in before.files] == ["data/rows/calls/a.parquet"]
    assert [file.path for file in after.files] == ["data/rows/calls/b.parquet"]
    (old,) = store.manifest.files([before.files[0].id])
    assert (old.added, old.removed) == (1, 2)


def test_a_snapshot_finds_files_by_table_and_partition(store: Store) -> None:
    files = (
        a_file("rows/calls", "a", partition="1999-01-02"),
        a_file("rows/calls", "b", partition="1999-01-01"),
        a_file("day/calls/add", "c", partition="1999-01-01", plan="p"),
    )
    store.manifest.commit(Change("load", files))
    now = store.manifest.snapshot()
    assert now.tables() == ("day/calls/add", "rows/calls")
    assert now.partitions("rows/calls") == ("1999-01-01", "1999-01-02")
    assert [f.sha256 for f in now.table("rows/calls", {"1999-01-02"})] == [files[0].sha256]
    assert len(now.table("rows/calls")) == 2
    assert now.table("rows/none") == ()


def test_a_snapshot_is_the_same_object_while_nothing_was_committed(store: Store, opened: Any, url: str) -> None:
    store.manifest.commit(Change("load", (a_file("rows/calls", "a"),)))
    now = store.manifest.snapshot()
    assert store.manifest.snapshot() is now
    opened(url).manifest.commit(Change("load", (a_file("rows/calls", "b"),)))
    assert len(store.manifest.snapshot().files) == 2


def test_states_remember_the_row_files_they_were_computed_from(store: Store) -> None:
    store.manifest.commit(Change("load", (a_file("rows/calls", "a"), a_file("rows/calls", "b"))))
    ids = tuple(file.id for file in store.manifest.snapshot().files)
    store.manifest.commit(Change("refresh", (a_file("day/calls/add", "s", plan="p", inputs=ids),)))
    (state,) = store.manifest.snapshot().table("day/calls/add")
    assert (state.plan, state.inputs) == ("p", ids)


def test_a_load_becomes_true_with_its_ledger_row_arrivals_jobs_and_audit_entry(store: Store) -> None:
    load = a_load("x")
    arrivals = (an_arrival(load, date(1999, 1, 1), 2), an_arrival(load, date(1999, 1, 2), 1, shard="gz"))
    number = store.manifest.commit(
        Change("load", (a_file("rows/calls", "a"),), load=load, arrivals=arrivals, jobs=(NewJob("refresh", "calls"),))
    )
    assert store.ledger.load(load.id) == load
    assert store.ledger.arrivals("calls") == arrivals
    assert [(job.kind, job.key) for job in store.jobs.jobs()] == [("refresh", "calls")]
    (entry,) = store.audit.entries()
    assert (entry.act, entry.subject, entry.detail["commit"]) == ("manifest.load", f"load {load.id}", number)


def test_a_commit_that_fails_at_its_last_step_leaves_nothing(store: Store) -> None:
    load = a_load("x")
    foreign = an_arrival(a_load("y"), date(1999, 1, 1))
    with pytest.raises(InternalError):
        store.manifest.commit(
            Change("load", (a_file("rows/calls", "a"),), load=load, arrivals=(foreign,), jobs=(NewJob("r", "k"),))
        )
    assert store.manifest.snapshot() == Snapshot(0, ())
    assert (store.ledger.loads(), store.jobs.jobs(), store.audit.entries()) == ((), (), ())


def test_retiring_a_file_twice_is_a_conflict(store: Store) -> None:
    store.manifest.commit(Change("load", (a_file("rows/calls", "a"),)))
    (file,) = store.manifest.snapshot().files
    store.manifest.commit(Change("compact", (a_file("rows/calls", "b"),), (file.id,)))
    with pytest.raises(ConflictError) as caught:
        store.manifest.commit(Change("compact", (a_file("rows/calls", "c"),), (file.id,)))
    assert caught.value.retryable
    assert [f.path for f in store.manifest.snapshot().files] == ["data/rows/calls/b.parquet"]


def test_a_watched_table_that_changed_is_a_conflict_and_another_one_is_not(store: Store) -> None:
    seen = store.manifest.snapshot()
    store.manifest.commit(Change("load", (a_file("rows/calls", "a"),)))
    change = Change("refresh", (a_file("day/calls/add", "s"),), tables=frozenset({"rows/calls"}))
    with pytest.raises(ConflictError):
        store.manifest.commit(change, seen)
    other = Change("refresh", (a_file("day/calls/add", "s"),), tables=frozenset({"rows/visits"}))
    assert store.manifest.commit(other, seen) == 2


def test_a_retired_file_also_changes_its_table(store: Store) -> None:
    store.manifest.commit(Change("load", (a_file("rows/calls", "a"),)))
    seen = store.manifest.snapshot()
    store.manifest.commit(Change("purge", retire=(seen.files[0].id,)))
    with pytest.raises(ConflictError):
        store.manifest.commit(Change("refresh", tables=frozenset({"rows/calls"})), seen)


def test_the_same_file_cannot_count_twice(store: Store) -> None:
    store.manifest.commit(Change("refresh", (a_file("day/calls/add", "s"),)))
    with pytest.raises(ConflictError):
        store.manifest.commit(Change("refresh", (a_file("day/calls/add", "s"),)))
    assert len(store.manifest.snapshot().files) == 1


def test_the_same_content_counts_once_and_the_second_load_is_told_which_one_has_it(store: Store) -> None:
    first = a_load("x")
    store.manifest.commit(Change("load", (a_file("rows/calls", "a"),), load=first))
    with pytest.raises(AlreadyLoadedError) as caught:
        store.manifest.commit(Change("load", (a_file("rows/calls", "b"),), load=a_load("x", file="other.csv")))
    assert caught.value.load_id == first.id
    assert len(store.manifest.snapshot().files) == 1


def test_a_change_that_is_committed_again_counts_once(store: Store) -> None:
    load = a_load("x")
    change = Change("load", (a_file("rows/calls", "a"),), load=load, jobs=(NewJob("refresh", "calls"),))
    assert store.manifest.commit(change) == store.manifest.commit(change) == 1
    assert len(store.manifest.snapshot().files) == len(store.audit.entries()) == len(store.jobs.jobs()) == 1


def test_a_commit_for_a_lost_job_is_refused_and_leaves_nothing(store: Store) -> None:
    store.jobs.enqueue(NewJob("refresh", "calls"))
    claim = store.jobs.claim("w", lease_s=-1)
    assert claim is not None
    taken = store.jobs.claim("x")
    assert taken is not None
    assert taken.token == claim.token + 1
    with pytest.raises(LeaseLostError):
        store.manifest.commit(Change("refresh", (a_file("day/calls/add", "s"),), claim=claim))
    assert store.manifest.head() == 0


def test_a_job_is_finished_in_the_commit_of_its_effect(store: Store) -> None:
    store.jobs.enqueue(NewJob("refresh", "calls"))
    claim = store.jobs.claim("w")
    assert claim is not None
    store.manifest.commit(Change("refresh", (a_file("day/calls/add", "s"),), claim=claim))
    assert [job.state for job in store.jobs.jobs()] == ["running"]
    store.manifest.commit(Change("refresh", (a_file("day/calls/add", "t"),), claim=claim, finishes_job=True))
    job = store.jobs.get(claim.id)
    assert job is not None
    assert job.state == "done"


def test_thousands_of_files_fit_in_one_commit(store: Store) -> None:
    files = tuple(a_file("rows/calls", str(n)) for n in range(5_200))
    store.manifest.commit(Change("load", files))
    ids = tuple(file.id for file in store.manifest.snapshot().files)
    assert len(ids) == 5_200
    store.manifest.commit(Change("compact", retire=ids))
    assert store.manifest.snapshot().files == ()
    assert len(store.manifest.files(ids)) == 5_200
    assert store.manifest.forget(ids) == 5_200


def _retired(store: Store) -> set[str]:
    return {file.path.split("/")[-1] for file in store.manifest.retired_before(SystemClock().now() + LATER)}


def test_what_a_live_state_was_computed_from_is_kept(store: Store) -> None:
    store.manifest.commit(Change("load", (a_file("rows/calls", "a"), a_file("rows/calls", "b"))))
    a, b = store.manifest.snapshot().files
    store.manifest.commit(Change("refresh", (a_file("day/calls/add", "s", inputs=(a.id,)),)))
    (state,) = store.manifest.snapshot().table("day/calls/add")
    store.manifest.commit(Change("compact", (a_file("rows/calls", "ab"),), (a.id, b.id)))
    assert _retired(store) == {"b.parquet"}
    store.manifest.commit(Change("refresh", retire=(state.id,)))
    assert _retired(store) == {"a.parquet", "b.parquet", "s.parquet"}


def test_what_a_state_was_computed_from_is_kept_as_long_as_that_state_may_be_read(store: Store) -> None:
    store.manifest.commit(Change("load", (a_file("rows/calls", "a"),)))
    (a,) = store.manifest.snapshot().files
    store.manifest.commit(Change("refresh", (a_file("day/calls/add", "s", inputs=(a.id,)),)))
    store.manifest.commit(Change("compact", (a_file("rows/calls", "ab"),), (a.id,)))
    between = SystemClock().now()
    (state,) = store.manifest.snapshot().table("day/calls/add")
    store.manifest.commit(Change("refresh", retire=(state.id,)))
    assert store.manifest.retired_before(between) == ()


def test_a_file_that_is_live_again_can_be_forgotten_as_what_it_was_and_stays(store: Store) -> None:
    store.manifest.commit(Change("refresh", (a_file("day/calls/add", "s"),)))
    (first,) = store.manifest.snapshot().files
    store.manifest.commit(Change("refresh", retire=(first.id,)))
    store.manifest.commit(Change("refresh", (a_file("day/calls/add", "s"),)))
    (again,) = store.manifest.snapshot().files
    assert _retired(store) == {Path(first.path).name}
    assert store.manifest.forget([first.id]) == 1
    assert store.manifest.snapshot().files == (again,)


def test_only_retired_files_that_nothing_needs_can_be_forgotten(store: Store) -> None:
    store.manifest.commit(Change("load", (a_file("rows/calls", "a"),)))
    (a,) = store.manifest.snapshot().files
    with pytest.raises(ConflictError):
        store.manifest.forget([a.id])
    store.manifest.commit(Change("refresh", (a_file("day/calls/add", "s", inputs=(a.id,)),), (a.id,)))
    with pytest.raises(ConflictError):
        store.manifest.forget([a.id])
    (state,) = store.manifest.snapshot().files
    assert state.inputs == (a.id,)
    store.manifest.commit(Change("refresh", retire=(state.id,)))
    assert store.manifest.forget([a.id, state.id]) == 2
    assert store.manifest.files([a.id, state.id]) == ()


def test_a_retired_state_that_a_live_file_names_stays_and_lets_go_what_it_was_computed_from(store: Store) -> None:
    store.manifest.commit(Change("load", (a_file("rows/calls", "a"),)))
    (a,) = store.manifest.snapshot().files
    store.manifest.commit(Change("refresh", (a_file("day/calls/add", "s", inputs=(a.id,)),)))
    (state,) = store.manifest.snapshot().table("day/calls/add")
    store.manifest.commit(Change("close", (a_file("reported_days/day", "k", inputs=(state.id,)),)))
    store.manifest.commit(Change("expire", retire=(a.id, state.id)))
    assert _retired(store) == {"a.parquet"}
    with pytest.raises(ConflictError):
        store.manifest.forget([state.id])
    assert store.manifest.forget([a.id]) == 1
    assert [file.id for file in store.manifest.files([a.id, state.id])] == [state.id]


def test_a_forgotten_id_is_not_given_to_another_file(store: Store) -> None:
    store.manifest.commit(Change("load", (a_file("rows/calls", "a"),)))
    (a,) = store.manifest.snapshot().files
    store.manifest.commit(Change("purge", retire=(a.id,)))
    store.manifest.forget([a.id])
    store.manifest.commit(Change("load", (a_file("rows/calls", "b"),)))
    assert store.manifest.snapshot().files[0].id > a.id


def test_a_state_cannot_be_computed_from_a_forgotten_file(store: Store) -> None:
    with pytest.raises(ConflictError):
        store.manifest.commit(Change("refresh", (a_file("day/calls/add", "s", inputs=(7,)),)))


def test_a_snapshot_that_follows_the_changes_is_the_one_read_anew(store: Store) -> None:
    """What a reader that has looked before sees is what a reader sees that looks for the first time."""
    chance = random.Random(7)
    for number in range(60):
        live = store.manifest.snapshot().files
        retire = tuple(file.id for file in chance.sample(live, min(len(live), chance.randrange(3))))
        inputs = tuple(file.id for file in live if file.table == "rows/calls" and file.id not in retire)[:2]
        add = [
            a_file(chance.choice(("day/calls/add", "rows/calls", "fine/visits/add")), f"n{number}.{n}")
            for n in range(chance.randrange(4))
        ]
        if inputs:
            add.append(a_file("day/calls/add", f"s{number}", inputs=inputs))
        store.manifest.commit(Change("load", tuple(add), retire))
        if chance.random() < 0.3 and inputs:
            merged = a_file("rows/calls", f"m{number}")
            whole = {i for f in store.manifest.snapshot().files for i in f.inputs if set(f.inputs) & set(inputs)}
            if whole == set(inputs):
                change = Change("compact", (merged,), inputs, merges=(Merge(merged.path, inputs),))
                store.manifest.commit(change)
        if chance.random() < 0.7:
            fresh = Manifest(store.manifest._database, SystemClock())
            assert store.manifest.snapshot() == fresh.snapshot()
