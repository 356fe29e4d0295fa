"""Findings on both databases: raised once, changed only as seen, whole or absent after a kill."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest

from ganzhi.base.errors import InputError
from ganzhi.store.findings.records import (
    Change,
    Feedback,
    Finding,
    FindingChangedError,
    Move,
    NewEvidence,
    Sample,
    Series,
)
from ganzhi.store.open import Store
from ganzhi.store.outbox import NewNotice
from tests.store.conftest import START, HandClock, Opener

SERIES = Series("volume", "11", "{}")


def new(**more: Any) -> Finding:
    values: dict[str, Any] = {
        "id": "f1", "kind": "warning", "rule": "volume", "indicator": "complaint.count", "unit": "11", "slice": "{}",
        "first_period": "2026-11-20", "last_period": "2026-11-20", "grade": 2, "highest": 2, "told": 0, "state": "raised",
        "owner": "数据部", "parent": None, "due": START + timedelta(hours=1), "remind_at": None, "escalations": 0,
        "raised_at": START, "closed_at": None, "catalogue_version": "t 1", "version": 0,
    }  # fmt: skip
    return Finding(**(values | more))


RAISE = Move("raise", "raised", "beyond_limit")
EVIDENCE = NewEvidence("2026-11-20", 2, {"value": 60, "verdict": "warned"})


def raised(store: Store, **more: Any) -> Finding:
    made = new(**more)

    def decide(found: Finding | None, _since: object) -> Change | None:
        return None if found is not None and found.open else Change((RAISE,), made, EVIDENCE)

    found = store.findings.take(
        made.series, "warn", decide, lambda f, e: [NewNotice(f.id, "mail", f"{e.number}.{e.act}")]
    )
    assert found is not None
    return found


def codes(error: InputError) -> list[str]:
    return [issue.code for issue in error.issues]


def test_a_finding_its_history_notices_and_trail_are_one(store: Store) -> None:
    found = raised(store)
    assert (found.state, found.version, found.due) == ("raised", 1, START + timedelta(hours=1))
    (entry,) = store.findings.history("f1")
    assert (entry.act, entry.before, entry.after, entry.grade, entry.actor) == ("raise", "", "raised", 2, "warn")
    assert [each.change for each in store.outbox.notices("f1")] == ["1.raise"]
    assert [(e.act, e.subject) for e in store.audit.entries()] == [("finding.raise", "f1"), ("finding.evidence", "f1")]
    assert store.findings.get("f1") == found
    assert store.findings.list() == (found,)
    assert store.check() == []


def test_a_series_has_one_open_finding_however_many_raise_it_at_once(store: Store) -> None:
    ready = threading.Barrier(4)
    errors: list[Exception] = []

    def work(number: int) -> None:
        ready.wait()
        try:
            raised(store, id=f"f{number}")
        except Exception as error:  # noqa: BLE001 - shown by the assertion below
            errors.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert errors == []
    assert len(store.findings.list()) == 1


def test_of_two_changes_at_once_one_is_refused_with_both_states(store: Store) -> None:
    seen = raised(store)
    done = store.findings.change(seen, "ann", Change((Move("publish", "published"),)))
    with pytest.raises(FindingChangedError) as caught:
        store.findings.change(seen, "bob", Change((Move("withhold", "withheld", "x"),)))
    assert (caught.value.seen, caught.value.now) == (seen, done)
    assert len(store.findings.history("f1")) == 2
    assert store.audit.verify() == []


def test_an_equal_evaluation_is_kept_once_and_another_one_beside_it(store: Store) -> None:
    raised(store)
    other = NewEvidence("2026-11-21", 3, {"value": 90})
    for evidence in (EVIDENCE, other, other, EVIDENCE):
        store.findings.take(SERIES, "warn", lambda _f, _s, e=evidence: Change((), None, e))  # type: ignore[misc]
    assert [each.number for each in store.findings.evidence("f1")] == [2, 1]
    assert store.findings.get("f1").last_period == "2026-11-21"
    assert store.findings.get("f1").version == 1


def test_after_it_is_closed_its_series_can_be_raised_again(store: Store) -> None:
    first = raised(store)
    store.findings.change(first, "ann", Change((Move("dismiss", "closed", "x", {}, {"due": None}),)))
    again = raised(store, id="f2")
    assert (again.id, store.findings.get("f1").state) == ("f2", "closed")
    assert [each.id for each in store.findings.closed_since(START - timedelta(days=9_000))] == ["f1"]


@pytest.mark.requirement("S003-018")
def test_a_feedback_form_is_kept_whole_and_never_changed(store: Store) -> None:
    seen = raised(store)
    done = store.findings.change(
        seen, "ann", Change((Move("feedback", "measured"),), feedback=Feedback("量升", "计费", "回退"))
    )
    (form,) = store.findings.feedback("f1")
    assert (form.phenomenon, form.analysis, form.measures, form.by, form.number) == ("量升", "计费", "回退", "ann", 2)
    with pytest.raises(Exception, match="ck_finding_feedback_whole"):
        store.findings.change(done, "ann", Change((Move("note", "measured"),), feedback=Feedback("a", "", "c")))


def test_causes_are_noted_for_records_of_the_sample_only_and_as_they_were_seen(store: Store) -> None:
    raised(store)
    sample = Sample("s1", "f1", "2026-11-20", "seed", 3, ("L:1", "L:2"), {}, START, 1)
    store.samples.add(sample, "warn")
    store.samples.add(sample, "warn")
    coded = store.samples.code(sample, {"L:1": "计费", "L:2": "网络"}, "ann")
    assert store.samples.of("f1") == (coded,)
    assert store.samples.code(coded, {"L:2": ""}, "ann").causes == {"L:1": "计费"}
    with pytest.raises(InputError) as strange:
        store.samples.code(coded, {"L:9": "x"}, "ann")
    assert codes(strange.value) == ["FND010"]
    with pytest.raises(InputError) as stale:
        store.samples.code(sample, {"L:1": "x"}, "bob")
    assert codes(stale.value) == ["STO005"]


def test_a_silence_holds_from_its_start_until_its_end(hand_store: Store, clock: HandClock) -> None:
    end = START + timedelta(hours=2)
    made = hand_store.silences.add(
        kind="maintenance", owner="ann", reason="升级", starts_at=START, ends_at=end, unit="10"
    )
    assert hand_store.silences.at(START) == (made,)
    assert hand_store.silences.at(end) == ()
    assert hand_store.silences.list() == (made,)
    clock.pass_time(hours=1)
    ended = hand_store.silences.end(made, "bob", "提前完成")
    assert hand_store.silences.at(clock.now()) == ()
    for again, code in ((ended, "FND013"), (made, "STO005")):
        with pytest.raises(InputError) as caught:
            hand_store.silences.end(again, "bob", "x")
        assert codes(caught.value) == [code]
    assert hand_store.silences.list() == ()
    assert hand_store.silences.list(over=True) == (ended,)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"ends_at": START}, ["FND011"]),
        ({"ends_at": START + timedelta(days=32)}, ["FND011"]),
        ({"starts_at": START + timedelta(hours=3)}, ["FND011"]),
        ({"reason": " "}, ["FND012"]),
        ({"owner": "", "unit": ""}, ["FND012", "FND012"]),
    ],
)
def test_a_silence_without_end_owner_reason_or_aim_is_refused(
    hand_store: Store, changes: dict[str, Any], expected: list[str]
) -> None:
    given: dict[str, Any] = {
        "kind": "silence", "owner": "a", "reason": "r", "starts_at": START, "ends_at": START + timedelta(hours=2), "unit": "10"
    }  # fmt: skip
    with pytest.raises(InputError) as caught:
        hand_store.silences.add(**(given | changes))
    assert codes(caught.value) == expected
    assert hand_store.silences.list(over=True) == ()


def test_thresholds_hold_once_another_person_approved_them(store: Store) -> None:
    first = store.thresholds.propose("volume", {"daily": 60}, by="warn", reason="monthly")
    assert store.thresholds.current("volume") is None
    for who in ("warn", "schedule:1"):
        with pytest.raises(InputError) as caught:
            store.thresholds.decide(first, "approved", by=who)
        assert codes(caught.value) == ["FND016"]
    approved = store.thresholds.decide(first, "approved", by="ann", note="ok")
    assert store.thresholds.current("volume") == approved
    second = store.thresholds.propose("volume", {"daily": 70}, by="ann", reason="growth")
    assert (second.number, store.thresholds.current("volume")) == (2, approved)
    with pytest.raises(InputError) as own:
        store.thresholds.decide(second, "approved", by="ann")
    assert codes(own.value) == ["FND016"]
    done = store.thresholds.decide(second, "approved", by="bob")
    with pytest.raises(InputError) as twice:
        store.thresholds.decide(done, "rejected", by="bob")
    with pytest.raises(InputError) as stale:
        store.thresholds.decide(second, "rejected", by="bob")
    assert (codes(twice.value), codes(stale.value)) == (["FND015"], ["STO005"])
    assert store.thresholds.current("volume") == done


def test_exported_thresholds_come_in_elsewhere_as_proposals_and_only_once_they_differ(store: Store) -> None:
    made = store.thresholds.propose("volume", {"daily": 60, "by": {"11": [1, 2.5]}}, by="warn", reason="monthly")
    store.thresholds.propose("other", {"daily": 1}, by="warn", reason="monthly")
    store.thresholds.decide(made, "approved", by="ann")
    document = store.thresholds.export()
    assert store.thresholds.take_in(document, by="bob", source="vgop") == ()
    (proposed,) = store.thresholds.take_in(document.replace("60", "65"), by="bob", source="vgop")
    assert (proposed.rule, proposed.number, proposed.state) == ("volume", 2, "proposed")
    assert proposed.content == {"daily": 65, "by": {"11": [1, 2.5]}}


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"format": "x"}', '{"format": "ganzhi.thresholds/1", "thresholds": [{"rule": "a"}]}', "[" * 100_000,
     '{"format": "ganzhi.thresholds/1", "thresholds": [{"rule": "a", "content": {"x": NaN}}]}',
     '{"format": "ganzhi.thresholds/1", "thresholds": [{"rule": "a", "content": {"x": 1}}, {"rule": "a", "content": {"x": 2}}]}'],
)  # fmt: skip
def test_a_document_that_is_none_proposes_nothing(hand_store: Store, text: str) -> None:
    with pytest.raises(InputError) as caught:
        hand_store.thresholds.take_in(text, by="bob", source="x")
    assert codes(caught.value) == ["FND101"]
    assert hand_store.thresholds.list() == ()


def test_an_id_is_found_by_its_end_when_that_is_one_only(store: Store, opened: Opener) -> None:
    raised(store, id="abc-1")
    raised(store, id="xbc-1", unit="12")
    assert store.findings.get("ABC-1").id == "abc-1"
    for given in ("bc-1", "", "zz", "%"):
        with pytest.raises(InputError) as caught:
            store.findings.get(given)
        assert codes(caught.value) == ["FND001"]
