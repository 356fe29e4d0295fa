from __future__ import annotations

from datetime import timedelta

import pytest

from ganzhi.store.leases import LeaseLostError
from ganzhi.store.open import Store
from ganzhi.store.outbox import NewNotice
from tests.store.conftest import START, HandClock

RAISED = NewNotice("f1", "mail", "raised", {"grade": "red"})
GONE = -1.0


def test_a_change_of_a_finding_is_announced_once_per_channel(store: Store) -> None:
    lifted = NewNotice("f1", "mail", "lifted")
    by_webhook = NewNotice("f1", "webhook", "raised")
    assert store.outbox.enqueue([RAISED, RAISED, lifted, by_webhook]) == 3
    assert store.outbox.enqueue([RAISED]) == 0
    assert len(store.outbox.notices("f1")) == 3


def test_a_sent_notice_is_not_taken_again(store: Store) -> None:
    store.outbox.enqueue([RAISED])
    dispatch = store.outbox.claim("mail")
    assert dispatch is not None
    assert (dispatch.idempotency_key, dispatch.payload, dispatch.repeat) == ("f1:raised", {"grade": "red"}, 0)
    assert store.outbox.claim() is None
    store.outbox.sent(dispatch)
    store.outbox.sent(dispatch)
    assert store.outbox.claim() is None
    (notice,) = store.outbox.notices()
    assert notice.state == "sent"
    assert notice.finished_at is not None


def test_a_sender_takes_only_its_own_channel(store: Store) -> None:
    store.outbox.enqueue([RAISED])
    assert store.outbox.claim("webhook") is None


def test_a_notice_whose_sender_vanished_is_sent_again_under_the_same_key(store: Store) -> None:
    store.outbox.enqueue([RAISED])
    lost = store.outbox.claim(lease_s=GONE)
    again = store.outbox.claim()
    assert lost is not None
    assert again is not None
    assert (again.idempotency_key, again.repeat) == (lost.idempotency_key, 1)
    with pytest.raises(LeaseLostError):
        store.outbox.sent(lost)
    with pytest.raises(LeaseLostError):
        store.outbox.failed(lost, "late")
    store.outbox.sent(again)


def test_a_refused_notice_is_tried_for_24_hours_with_growing_pauses_and_then_named(
    hand_store: Store, clock: HandClock
) -> None:
    hand_store.outbox.enqueue([RAISED])
    state, tries, pauses = "waiting", 0, []
    while state == "waiting":
        dispatch = hand_store.outbox.claim()
        assert dispatch is not None
        assert dispatch.repeat == tries
        tries += 1
        state = hand_store.outbox.failed(dispatch, "500")
        (notice,) = hand_store.outbox.notices()
        pauses.append(notice.due - clock.now())
        clock.pass_time(seconds=pauses[-1].total_seconds())
    assert state == "failed"
    assert clock.now() - START >= timedelta(hours=24)
    assert pauses[0] <= timedelta(seconds=45)
    assert max(pauses) <= timedelta(minutes=90)
    assert 20 <= tries <= 60
    assert [(issue.code, issue.subject) for issue in hand_store.check()] == [("STO017", "mail")]


def test_withholding_moves_the_due_time_and_keeps_the_reason(hand_store: Store, clock: HandClock) -> None:
    hand_store.outbox.enqueue([RAISED])
    (notice,) = hand_store.outbox.notices()
    morning = START + timedelta(hours=8)
    assert hand_store.outbox.withhold(notice.id, notice.version, "quiet hours", morning)
    assert not hand_store.outbox.withhold(notice.id, notice.version, "silence", morning)
    assert hand_store.outbox.claim() is None
    clock.pass_time(hours=8)
    assert hand_store.outbox.claim() is not None
    (notice,) = hand_store.outbox.notices()
    assert notice.withheld == "quiet hours"


def test_a_notice_that_waits_too_long_is_reported(hand_store: Store, clock: HandClock) -> None:
    hand_store.outbox.enqueue([RAISED])
    assert hand_store.check() == []
    clock.pass_time(minutes=11)
    assert [issue.code for issue in hand_store.check()] == ["STO025"]
