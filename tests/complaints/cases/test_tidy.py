"""Tidying: each list on its day, and not a day before."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from ganzhi.access.rights import AccessError
from ganzhi.complaints.cases.content import ManualContent, Step, to_json
from ganzhi.complaints.cases.tidy import Tidy, tidy
from tests.complaints.cases.shelf import ANN, BOB, TODAY, Shelf, content, viewer


def now(shelf: Shelf) -> Tidy:
    return tidy(shelf.library, shelf.library.today(), shelf.clock.now())


def numbers(found: object) -> list[int]:
    return [each.entry.number for each in found]  # type: ignore[attr-defined]


@pytest.mark.requirement("S003-035")
def test_reviews_and_wordings_run_out_on_their_days(shelf: Shelf) -> None:
    shelf.put(title="a", symptom="一二三四五", review_on=TODAY, valid_to=TODAY + timedelta(days=15))
    shelf.put(title="b", symptom="六七八九十")
    assert (numbers(now(shelf).overdue), numbers(now(shelf).expiring)) == ([], [])
    shelf.clock.jump(days=1)
    assert (numbers(now(shelf).overdue), numbers(now(shelf).expiring)) == ([1], [1])
    held = shelf.store.cases.numbered("case", 1)
    shelf.store.cases.retire(held.entry, by="bob", note="over")
    assert now(shelf).total == 0


@pytest.mark.requirement("S003-035")
def test_unused_means_ninety_days_in_force_without_anybody_opening_it(shelf: Shelf) -> None:
    shelf.put(review_on=date(2030, 1, 1))
    shelf.clock.jump(days=89)
    assert numbers(now(shelf).unused) == []
    shelf.clock.jump(days=2)
    shelf.store.case_uses.note([shelf.library.cases()[0].entry.id], "shown", occasion="ticket:1", by="ann")
    assert numbers(now(shelf).unused) == [1]
    shelf.desk.opened(ANN, 1, "")
    assert numbers(now(shelf).unused) == []
    shelf.clock.jump(days=91)
    assert numbers(now(shelf).unused) == [1]


def test_three_judgements_of_which_most_are_bad_make_it_unhelpful(shelf: Shelf) -> None:
    shelf.put()
    for place, helped in enumerate((True, False)):
        shelf.desk.used(ANN, 1, f"ticket:{place}", helped)
    assert numbers(now(shelf).unhelpful) == []
    shelf.desk.used(BOB, 1, "ticket:9", False)
    assert numbers(now(shelf).unhelpful) == [1]


@pytest.mark.requirement("S003-035")
def test_planted_duplicates_are_found_and_nothing_else(shelf: Shelf) -> None:
    first = "客户昨天在营业厅缴费五十元之后手机一直停机打不出电话"
    shelf.put(title="缴费后停机", symptom=first)
    shelf.put(title="缴费后停机", symptom=first.replace("五十元", "一百元"))
    shelf.put(title="排队太久", symptom="在营业厅等了一个多小时还没有叫到号", cause="台席没有开", fix="开台席")
    found = now(shelf).alike
    assert found is not None
    assert [numbers(cluster) for cluster in found] == [[1, 2]]


def test_a_category_that_ended_leaves_its_cases_homeless(shelf: Shelf) -> None:
    made = shelf.store.cases.add("case", to_json(content(category="old")), by="ann", reason="")
    assert numbers(now(shelf).homeless) == numbers(now(shelf).waiting) == [made.entry.number]
    row = shelf.desk.looking(ANN).page(1).row
    assert (row.path.category.name is not None, shelf.desk.looking(ANN).path("never").category.name) == (True, None)


@pytest.mark.requirement("S003-031")
def test_manuals_are_reviewed_too_and_shown_only_while_they_hold(shelf: Shelf) -> None:
    manual = ManualContent("charges", (Step("查详单"),), "", "ann", TODAY, TODAY, TODAY + timedelta(days=30))
    shelf.desk.save_manual(ANN, manual)
    assert shelf.library.manual("charges", TODAY) is None
    held = shelf.store.cases.manual("charges")
    shelf.store.cases.approve(held.entry, by="bob")
    assert shelf.library.manual("charges", TODAY) is not None
    assert shelf.library.manual("charges", TODAY + timedelta(days=31)) is None
    assert shelf.library.manual("waiting", TODAY) is None
    assert [row.usable for row in shelf.desk.looking(ANN).manuals()] == [True, False]
    shelf.clock.jump(days=1)
    assert numbers(now(shelf).manuals) == [1]
    shelf.desk.save_manual(BOB, replace(manual, hand_over="账务"), version=2)
    assert shelf.desk.looking(viewer("leader")).manual("charges").content == manual


def test_tidying_is_for_who_may_act(shelf: Shelf) -> None:
    with pytest.raises(AccessError):
        shelf.desk.looking(viewer("leader")).tidy()
    shelf.desk.searched(ANN, "充值卡 13812345678 刮花", None, None, [])
    assert [each.text for each in shelf.desk.looking(ANN).tidy().searches] == ["充值卡 138****5678 刮花"]
    assert shelf.desk.looking(viewer("manager", "AB")).tidy().searches == ()
