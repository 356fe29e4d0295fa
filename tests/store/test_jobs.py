from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ganzhi.base.clock import SystemClock
from ganzhi.store.jobs import MAX_ATTEMPTS, RETRY_S, NewJob
from ganzhi.store.leases import LeaseLostError
from ganzhi.store.open import Store
from tests.store.conftest import START, HandClock

GONE = -1.0
"""A lease that has run out when it is given, as if its holder had vanished."""


def test_the_job_due_longest_is_claimed_first_and_one_that_is_not_due_never(store: Store) -> None:
    now = SystemClock().now()
    store.jobs.enqueue(NewJob("refresh", "late", due=now - timedelta(minutes=1)))
    store.jobs.enqueue(NewJob("refresh", "early", {"day": "1999-01-01"}, due=now - timedelta(minutes=2)))
    store.jobs.enqueue(NewJob("refresh", "tomorrow", due=now + timedelta(days=1)))
    claims = [store.jobs.claim("w") for _ in range(3)]
    assert [claim and claim.key for claim in claims] == ["early", "late", None]
    assert claims[0] is not None
    assert claims[0].payload == {"day": "1999-01-01"}


def test_a_worker_claims_only_the_kinds_it_can_do(store: Store) -> None:
    store.jobs.enqueue(NewJob("refresh", "a"))
    assert store.jobs.claim("w", kinds=["purge"]) is None
    assert store.jobs.claim("w", kinds=["purge", "refresh"]) is not None


def test_one_job_per_kind_and_key_is_open(store: Store) -> None:
    first = store.jobs.enqueue(NewJob("refresh", "a"))
    assert store.jobs.enqueue(NewJob("refresh", "a")) == first
    assert store.jobs.enqueue(NewJob("purge", "a")) != first
    assert len(store.jobs.jobs()) == 2


def test_asking_again_takes_the_earlier_due_time(store: Store) -> None:
    now = SystemClock().now()
    job_id = store.jobs.enqueue(NewJob("refresh", "a", due=now + timedelta(hours=2)))
    for hours in (3, 1, 2):
        store.jobs.enqueue(NewJob("refresh", "a", due=now + timedelta(hours=hours)))
    job = store.jobs.get(job_id)
    assert job is not None
    assert job.due == now + timedelta(hours=1)


def test_work_asked_for_while_it_runs_is_done_once_more(store: Store) -> None:
    store.jobs.enqueue(NewJob("refresh", "a"))
    claim = store.jobs.claim("w")
    assert claim is not None
    for _ in range(3):
        store.jobs.enqueue(NewJob("refresh", "a", {"round": 2}))
    assert store.jobs.claim("w") is None
    store.jobs.finish(claim)
    again = store.jobs.claim("w")
    assert again is not None
    assert again.id != claim.id
    assert again.payload == {"round": 2}
    store.jobs.finish(again)
    assert store.jobs.jobs() == ()


def test_a_finished_job_can_be_asked_for_anew(store: Store) -> None:
    first = store.jobs.enqueue(NewJob("refresh", "a"))
    claim = store.jobs.claim("w")
    assert claim is not None
    store.jobs.finish(claim)
    assert store.jobs.enqueue(NewJob("refresh", "a")) != first


def test_whoever_lost_the_lease_cannot_finish_fail_extend_or_release(store: Store) -> None:
    store.jobs.enqueue(NewJob("refresh", "a"))
    old = store.jobs.claim("slow", lease_s=GONE)
    new = store.jobs.claim("quick")
    assert old is not None
    assert new is not None
    assert (old.id, old.token + 1) == (new.id, new.token)
    with pytest.raises(LeaseLostError):
        store.jobs.finish(old)
    with pytest.raises(LeaseLostError):
        store.jobs.fail(old, "late")
    with pytest.raises(LeaseLostError):
        store.jobs.heartbeat(old)
    with pytest.raises(LeaseLostError):
        store.jobs.release(old)
    store.jobs.finish(new)
    with pytest.raises(LeaseLostError):
        store.jobs.finish(old)


def test_finishing_twice_with_the_same_claim_is_finishing_once(store: Store) -> None:
    store.jobs.enqueue(NewJob("refresh", "a"))
    claim = store.jobs.claim("w")
    assert claim is not None
    store.jobs.finish(claim)
    store.jobs.finish(claim)


def test_a_heartbeat_keeps_the_lease(store: Store) -> None:
    store.jobs.enqueue(NewJob("refresh", "a"))
    claim = store.jobs.claim("w", lease_s=GONE)
    assert claim is not None
    longer = store.jobs.heartbeat(claim, lease_s=60)
    assert longer.lease_until > claim.lease_until
    assert store.jobs.claim("x") is None
    store.jobs.finish(longer)


def test_a_failed_attempt_waits_longer_each_time_and_the_fifth_is_the_last(hand_store: Store, clock: HandClock) -> None:
    jobs = hand_store.jobs
    job_id = jobs.enqueue(NewJob("refresh", "a"))
    for attempt in range(1, MAX_ATTEMPTS + 1):
        claim = jobs.claim("w")
        assert claim is not None
        assert claim.attempt == attempt
        state = jobs.fail(claim, f"no {attempt}")
        if attempt < MAX_ATTEMPTS:
            assert state == "waiting"
            clock.pass_time(seconds=RETRY_S[attempt - 1] - 1)
            assert jobs.claim("w") is None
            clock.pass_time(seconds=1)
    job = jobs.get(job_id)
    assert job is not None
    assert (job.state, job.error, job.attempts) == ("dead", "no 5", MAX_ATTEMPTS)
    assert [(issue.code, issue.subject) for issue in hand_store.check()] == [("STO013", "refresh")]


def test_a_job_whose_workers_keep_vanishing_dies_too(store: Store) -> None:
    job_id = store.jobs.enqueue(NewJob("refresh", "a"))
    for _ in range(MAX_ATTEMPTS):
        assert store.jobs.claim("w", lease_s=GONE) is not None
    assert store.jobs.claim("w") is None
    job = store.jobs.get(job_id)
    assert job is not None
    assert job.state == "dead"


def test_a_dead_job_lives_again_when_somebody_who_saw_it_asks(store: Store) -> None:
    job_id = store.jobs.enqueue(NewJob("refresh", "a"))
    for _ in range(MAX_ATTEMPTS + 1):
        store.jobs.claim("w", lease_s=GONE)
    (dead,) = store.jobs.jobs(["dead"])
    assert not store.jobs.revive(job_id, dead.version - 1)
    assert store.jobs.revive(job_id, dead.version)
    assert not store.jobs.revive(job_id, dead.version)
    claim = store.jobs.claim("w")
    assert claim is not None
    assert claim.attempt == 1


def test_a_dead_job_stays_dead_when_the_work_is_open_anew(store: Store) -> None:
    job_id = store.jobs.enqueue(NewJob("refresh", "a"))
    for _ in range(MAX_ATTEMPTS + 1):
        store.jobs.claim("w", lease_s=GONE)
    store.jobs.enqueue(NewJob("refresh", "a"))
    (dead,) = store.jobs.jobs(["dead"])
    assert not store.jobs.revive(job_id, dead.version)


def test_a_released_job_is_free_at_once_and_has_lost_no_attempt(store: Store) -> None:
    store.jobs.enqueue(NewJob("refresh", "a"))
    claim = store.jobs.claim("w")
    assert claim is not None
    store.jobs.release(claim)
    again = store.jobs.claim("x")
    assert again is not None
    assert (again.attempt, again.token) == (1, claim.token + 1)


@pytest.mark.parametrize("hours", [1, -1])
def test_a_jump_of_the_wall_clock_neither_ends_nor_prolongs_a_lease(
    hand_store: Store, clock: HandClock, hours: int
) -> None:
    hand_store.jobs.enqueue(NewJob("refresh", "a", due=START - timedelta(hours=2)))
    assert hand_store.jobs.claim("w", lease_s=60) is not None
    clock.pass_time(seconds=30)
    clock.jump(hours=hours)
    assert hand_store.jobs.claim("x") is None
    clock.pass_time(seconds=29)
    assert hand_store.jobs.claim("x") is None
    clock.pass_time(seconds=2)
    assert hand_store.jobs.claim("x") is not None


def test_slow_adjustment_of_the_clock_is_not_a_jump(hand_store: Store, clock: HandClock) -> None:
    hand_store.jobs.enqueue(NewJob("refresh", "a"))
    assert hand_store.jobs.claim("w", lease_s=60) is not None
    clock.pass_time(seconds=59)
    clock.jump(seconds=1.5)
    assert hand_store.jobs.claim("x") is not None


def test_after_a_restart_of_the_machine_every_lease_is_over(hand_store: Store, clock: HandClock) -> None:
    hand_store.jobs.enqueue(NewJob("refresh", "a"))
    assert hand_store.jobs.claim("w", lease_s=3600) is not None
    clock.pass_time(seconds=30)
    clock.booted, clock.ticks_s = "boot-2", 5.0
    assert hand_store.jobs.claim("x") is not None


def test_a_schedule_fires_once_per_due_time_and_tells_its_job_which(store: Store) -> None:
    due = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
    assert store.jobs.fire("nightly", due)
    assert not store.jobs.fire("nightly", due)
    assert store.jobs.fire("hourly", due, NewJob("refresh", "all"))
    claims = [store.jobs.claim("w"), store.jobs.claim("w")]
    assert {(c.kind, c.key) for c in claims if c} == {("nightly", "2026-11-21T01:00:00.000000Z"), ("refresh", "all")}
    assert store.jobs.last_fired("nightly") == due
    assert store.jobs.last_fired("weekly") is None


def test_missed_due_times_are_those_up_to_now_that_nobody_dealt_with(hand_store: Store) -> None:
    due = [START + timedelta(hours=n) for n in range(-4, 3)]
    hand_store.jobs.fire("hourly", due[0])
    assert hand_store.jobs.missed("hourly", due) == tuple(due[1:5])
    assert hand_store.jobs.skip("hourly", due[1], "older than its window")
    assert not hand_store.jobs.fire("hourly", due[1])
    hand_store.jobs.fire("hourly", due[3])
    assert hand_store.jobs.missed("hourly", reversed(due)) == (due[2], due[4])
    assert hand_store.jobs.missed("hourly", []) == ()


def test_what_was_done_long_ago_is_forgotten_but_not_where_a_schedule_stands(
    hand_store: Store, clock: HandClock
) -> None:
    days = [START + timedelta(days=n) for n in range(5)]
    for day in days:
        clock.pass_time(seconds=(day - clock.now()).total_seconds())
        assert hand_store.jobs.fire("nightly", day)
        claim = hand_store.jobs.claim("w")
        assert claim is not None
        hand_store.jobs.finish(claim)
    waiting = hand_store.jobs.enqueue(NewJob("refresh", "a"))
    assert hand_store.jobs.forget(START + timedelta(days=30)) == 4
    assert hand_store.jobs.last_fired("nightly") == days[-1]
    assert hand_store.jobs.get(waiting) is not None
    assert not hand_store.jobs.fire("nightly", days[-1])
    assert hand_store.jobs.forget(START + timedelta(days=30)) == 0


def test_forgetting_works_on_both_stores(store: Store) -> None:
    now = SystemClock().now()
    for hours in (3, 2):
        assert store.jobs.fire("nightly", now - timedelta(hours=hours))
        claim = store.jobs.claim("w")
        assert claim is not None
        store.jobs.finish(claim)
    assert store.jobs.forget(now - timedelta(days=1)) == 0
    assert store.jobs.forget(now + timedelta(days=1)) == 1
    assert store.jobs.last_fired("nightly") == now - timedelta(hours=2)
