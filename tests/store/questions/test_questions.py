"""Saved questions as rows: bounded, audited, gone after a while, on both databases."""

from __future__ import annotations

import pytest

from ganzhi.base.errors import InputError
from ganzhi.store.open import Store
from ganzhi.store.questions import LONGEST_NAME, MOST_OWN, QuestionChangedError
from tests.store.conftest import HandClock


def test_every_change_is_in_the_trail_once(store: Store) -> None:
    made = store.questions.add(name=" 投诉 ", owner="ann", shared="unit", unit="LJ", content="mode=records&feed=calls")
    assert (made.name, made.unit, made.version) == ("投诉", "LJ", 1)
    changed = store.questions.change(made, "ann", shared="nobody")
    gone = store.questions.delete(changed, "ann")
    back = store.questions.restore(gone, "ann")
    assert store.questions.get(made.id) == back
    trail = [(entry.act, entry.subject, entry.actor) for entry in store.audit.entries()]
    acts = ("question.save", "question.change", "question.delete", "question.restore")
    assert trail == [(act, made.id, "ann") for act in acts]
    assert store.audit.verify() == []


def test_a_change_of_what_was_changed_meanwhile_leaves_no_trace(store: Store) -> None:
    made = store.questions.add(name="q", owner="ann", shared="nobody", unit="", content="x=1")
    store.questions.change(made, "ann", name="first")
    with pytest.raises(QuestionChangedError):
        store.questions.change(made, "ann", name="second")
    assert len(store.audit.entries()) == 2


@pytest.mark.parametrize("name", ["", "  ", "x" * (LONGEST_NAME + 1), "a\nb", "a\x00b"])
def test_a_name_that_is_none_is_refused(store: Store, name: str) -> None:
    with pytest.raises(InputError) as refused:
        store.questions.add(name=name, owner="ann", shared="nobody", unit="", content="x=1")
    assert refused.value.issues[0].code == "ASK031"


def test_one_keeps_only_so_many(hand_store: Store) -> None:
    for number in range(MOST_OWN):
        hand_store.questions.add(name=f"{number}", owner="ann", shared="nobody", unit="", content="x=1")
    with pytest.raises(InputError) as refused:
        hand_store.questions.add(name="one more", owner="ann", shared="nobody", unit="", content="x=1")
    assert refused.value.issues[0].code == "ASK032"
    hand_store.questions.add(name="one more", owner="bob", shared="nobody", unit="", content="x=1")


def test_what_was_deleted_long_ago_is_gone(hand_store: Store, clock: HandClock) -> None:
    made = hand_store.questions.add(name="q", owner="ann", shared="nobody", unit="", content="x=1")
    hand_store.questions.delete(made, "ann")
    clock.pass_time(days=29)
    hand_store.questions.add(name="r", owner="ann", shared="nobody", unit="", content="x=1")
    assert hand_store.questions.get(made.id) is not None
    clock.pass_time(days=2)
    hand_store.questions.add(name="s", owner="ann", shared="nobody", unit="", content="x=1")
    assert hand_store.questions.get(made.id) is None
