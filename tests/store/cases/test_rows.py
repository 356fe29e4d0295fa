"""Cases as rows: a second person, versions, undo, roll back, conflicts, uses and registers, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
import sqlalchemy as sa

from ganzhi.base.errors import InputError, InternalError
from ganzhi.store.cases.records import CaseChangedError, Held
from ganzhi.store.cases.tables import CaseVersionRow
from ganzhi.store.open import Store


def code_of(act: Callable[[], object]) -> str:
    with pytest.raises(InputError) as refused:
        act()
    return refused.value.issues[0].code


@pytest.fixture
def held(store: Store) -> Held:
    """A case by Ann that Bob approved."""
    made = store.cases.add("case", {"wording": "first"}, by="ann", reason="seen often")
    return store.cases.approve(made.entry, by="bob", note="fine")


@pytest.mark.requirement("S003-033")
def test_nothing_is_in_force_before_a_second_person_approves_it(store: Store) -> None:
    made = store.cases.add("case", {"wording": "first"}, by="ann", reason="")
    assert (made.entry.state, made.entry.in_force, made.in_force) == ("draft", None, None)
    assert code_of(lambda: store.cases.approve(made.entry, by="ann")) == "CAS007"
    assert code_of(lambda: store.cases.approve(made.entry, by="schedule:cases")) == "CAS007"
    done = store.cases.approve(made.entry, by="bob")
    assert done.in_force is not None
    assert (done.in_force.made_by, done.in_force.decided_by) == ("ann", "bob")
    assert code_of(lambda: store.cases.approve(done.entry, by="bob")) == "CAS005"


def test_the_database_itself_refuses_an_approval_by_the_writer(store: Store, held: Held) -> None:
    version = sa.update(CaseVersionRow).where(CaseVersionRow.entry == held.entry.id).values(decided_by="ann")
    with pytest.raises(InternalError), store.database.write() as connection:
        connection.execute(version)


@pytest.mark.requirement("S003-033")
def test_an_edit_is_a_version_and_leaves_what_is_in_force(store: Store, held: Held) -> None:
    edited = store.cases.edit(held.entry, {"wording": "second"}, by="bob", reason="clearer")
    assert (edited.latest.number, edited.latest.state) == (2, "proposed")
    assert edited.in_force is not None
    assert edited.in_force.content == {"wording": "first"}
    again = store.cases.edit(edited.entry, {"wording": "third"}, by="ann", reason="")
    approved = store.cases.approve(again.entry, by="bob")
    assert approved.in_force is not None
    assert approved.in_force.content == {"wording": "third"}
    assert [(each.number, each.state) for each in store.cases.versions(held.entry.id)] == [
        (3, "approved"),
        (2, "replaced"),
        (1, "approved"),
    ]
    assert code_of(lambda: store.cases.edit(approved.entry, {"wording": "third"}, by="ann", reason="")) == "CAS006"


def test_of_two_edits_at_once_the_second_is_refused_and_leaves_no_trace(store: Store, held: Held) -> None:
    store.cases.edit(held.entry, {"wording": "hers"}, by="ann", reason="")
    before = len(store.audit.entries())
    late_acts: tuple[Callable[[], Held], ...] = (
        lambda: store.cases.edit(held.entry, {"wording": "his"}, by="bob", reason=""),
        lambda: store.cases.retire(held.entry, by="bob", note="old"),
        lambda: store.cases.undo(held.entry, by="bob"),
    )
    for act in late_acts:
        with pytest.raises(CaseChangedError) as late:
            act()
        assert (late.value.seen, late.value.now) == (2, 3)
    assert len(store.audit.entries()) == before
    assert store.cases.get(held.entry.id).latest.content == {"wording": "hers"}


def test_undo_gives_back_what_was_before_each_act(store: Store, held: Held) -> None:
    for act in ("edit", "retire"):
        before = store.cases.get(held.entry.id)
        if act == "edit":
            done = store.cases.edit(before.entry, {"wording": "x"}, by="cee", reason="")
        else:
            done = store.cases.retire(before.entry, by="cee", note="old")
        with pytest.raises(InputError, match="CAS010"):
            store.cases.undo(done.entry, by="dan")
        after = store.cases.undo(done.entry, by="cee")
        assert (after.entry.state, after.entry.in_force, after.entry.latest) == ("approved", 1, 1)
        assert (after.latest, after.in_force) == (before.latest, before.in_force)
        with pytest.raises(InputError, match="CAS010"):
            store.cases.undo(after.entry, by="cee")


def test_an_approval_that_is_undone_waits_again(store: Store, held: Held) -> None:
    edited = store.cases.edit(held.entry, {"wording": "second"}, by="ann", reason="")
    undone = store.cases.undo(store.cases.approve(edited.entry, by="bob").entry, by="bob")
    assert undone.in_force is not None
    assert (undone.in_force.number, undone.latest.state, undone.latest.decided_by) == (1, "proposed", None)
    store.cases.approve(undone.entry, by="bob")
    next_version = store.cases.edit(store.cases.get(held.entry.id).entry, {"wording": "x"}, by="ann", reason="")
    assert next_version.latest.number == 3


def test_rolling_back_is_a_new_version_that_says_which(store: Store, held: Held) -> None:
    edited = store.cases.edit(held.entry, {"wording": "second"}, by="ann", reason="")
    assert code_of(lambda: store.cases.restore(edited.entry, 2, by="bob")) == "CAS008"
    assert code_of(lambda: store.cases.restore(edited.entry, 1, by="bob")) == "CAS008"
    second = store.cases.approve(edited.entry, by="bob")
    back = store.cases.restore(second.entry, 1, by="ann", note="the new one misled")
    assert back.in_force is not None
    assert (back.in_force.number, back.in_force.restored_from, back.in_force.content) == (3, 1, {"wording": "first"})
    retired = store.cases.retire(back.entry, by="ann", note="over")
    assert store.cases.restore(retired.entry, 3, by="ann").entry.state == "approved"


def test_every_act_is_in_history_and_trail(store: Store, held: Held) -> None:
    edited = store.cases.edit(held.entry, {"wording": "x"}, by="ann", reason="clearer")
    refused = store.cases.reject(edited.entry, by="bob", note="wrong")
    assert (refused.latest.state, refused.latest.note, refused.entry.in_force) == ("rejected", "wrong", 1)
    acts = ["add", "approve", "edit", "reject"]
    assert [each.act for each in store.cases.history(held.entry.id)] == acts
    assert [entry.act for entry in store.audit.entries()] == [f"case.{act}" for act in acts]
    assert store.audit.verify() == []


@pytest.mark.requirement("S003-031")
def test_a_category_has_one_manual(store: Store) -> None:
    store.cases.add("manual", {"steps": 1}, by="ann", reason="", subject="fees")
    assert code_of(lambda: store.cases.add("manual", {"steps": 2}, by="bob", reason="", subject="fees")) == "CAS004"
    kept = store.cases.manual("fees")
    assert kept is not None
    assert kept.latest.content == {"steps": 1}
    assert store.cases.manual("waiting") is None
    assert (len(store.cases.list("manual")), store.cases.list("case")) == (1, ())


def test_uses_are_counted_once_for_each_occasion_and_person(store: Store, held: Held) -> None:
    case, uses = held.entry.id, store.case_uses
    for _ in range(2):
        uses.note([case], "shown", occasion="ticket:1", by="ann")
        uses.note([case, case], "opened", occasion="ticket:1", by="ann")
    uses.note([case], "shown", occasion="ticket:2", by="ann")
    uses.judge(case, helped=True, occasion="ticket:1", by="ann")
    uses.judge(case, helped=False, occasion="ticket:1", by="ann")
    uses.judge(case, helped=True, occasion="ticket:1", by="bob")
    found = uses.counts()[case]
    assert (found.shown, found.opened, found.used, found.helped, found.not_helped) == (2, 1, 2, 1, 1)
    assert uses.used_on("ticket:1", "ann") == {case: False}
    assert uses.used_on("ticket:2", "ann") == {}
    assert found.last_used is not None
    assert uses.counts(found.last_used.replace(year=found.last_used.year + 1)) == {}


def test_searches_are_kept_newest_first(store: Store) -> None:
    store.case_uses.log("停机", by="ann", category="", product="", found=2, best="c1")
    store.case_uses.log("x" * 900, by="ann", category="fees", product="", found=0, best=None)
    newest, older = store.case_uses.searches()
    assert (len(newest.text), older.text) == (400, "停机")
    assert store.case_uses.searches(without_answer=True) == (newest,)


def test_a_register_is_changed_as_it_was_seen(store: Store) -> None:
    made = store.case_registers.add("request", "collected", {"title": "x"}, by="ann")
    done = store.case_registers.change(made, by="bob", state="accepted", content={"title": "x"}, due=date(2026, 1, 1))
    assert (done.state, done.due, done.changed_by, done.version) == ("accepted", date(2026, 1, 1), "bob", 2)
    with pytest.raises(CaseChangedError):
        store.case_registers.change(made, by="ann", state="built", content={"title": "x"}, due=None)
    assert store.case_registers.list("request") == (done,)
    assert code_of(lambda: store.case_registers.numbered("meeting", 1)) == "CAS011"
