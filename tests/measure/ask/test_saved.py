"""Saved questions: kept, shared, changed by one at a time; opened within the reader's own rights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ganzhi.access.rights import AccessError, Viewer
from ganzhi.base.errors import InputError
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.build.ask.saved import SavedQuestions
from ganzhi.measure.views.ask.question import Condition, Question
from ganzhi.store.questions import QuestionChangedError, Shared
from ganzhi.warehouse.workplace import Workplace
from tests.measure.ask.conftest import viewer
from tests.measure.conftest import TREE
from tests.measure.place import catalogue_with, make_workplace

ANN, BOB = viewer("analyst", "east"), viewer("analyst", "east-1")
WEST, WHOLE = viewer("analyst", "west"), viewer("analyst")
QUESTION = Question(
    mode="records", feed="calls", groups=("call_type",), conditions=(Condition(1, "outcome", "eq", "HANG"),)
)
Of = Callable[[Viewer], SavedQuestions]


@pytest.fixture
def of(tmp_path: Path, pack: Catalogue) -> Of:
    place: Workplace = make_workplace(tmp_path, catalogue_with(pack, pack.indicators, TREE))
    return lambda who: SavedQuestions(place, who)


@pytest.mark.requirement("S004-015")
def test_a_question_comes_back_as_it_was_kept(of: Of) -> None:
    kept = of(ANN).save("挂断 by type", "nobody", QUESTION)
    assert of(ANN).get(kept.id).question == QUESTION
    assert [each.name for each in of(ANN).list()] == ["挂断 by type"]


@pytest.mark.requirement("S004-015", "S002-112")
@pytest.mark.parametrize(
    ("shared", "seen_by"), [("nobody", {ANN}), ("unit", {ANN, BOB}), ("everybody", {ANN, BOB, WEST, WHOLE})]
)
def test_a_question_is_seen_by_those_it_is_shared_with(of: Of, shared: Shared, seen_by: set[Viewer]) -> None:
    kept = of(ANN).save("q", shared, QUESTION)
    for who in (ANN, BOB, WEST, WHOLE):
        assert bool(of(who).list()) == (who in seen_by)
        if who in seen_by:
            assert of(who).get(kept.id).own == (who is ANN)
        else:
            with pytest.raises(InputError) as refused:
                of(who).get(kept.id)
            assert refused.value.issues[0].code == "ASK030"


@pytest.mark.requirement("S002-112")
def test_a_shared_question_names_no_unit_out_of_the_readers_reach(of: Of) -> None:
    conditions = (
        Condition(1, "unit", "in", "east-1,west"),
        Condition(2, "on.place", "eq", "west"),
        Condition(3, "outcome"),
    )
    kept = of(WHOLE).save("q", "everybody", Question(mode="records", feed="calls", unit="west", conditions=conditions))
    seen = of(ANN).get(kept.id)
    assert seen.left_out
    assert (seen.question.unit, [each.column for each in seen.question.conditions]) == (None, ["outcome"])
    assert not of(WHOLE).get(kept.id).left_out


def test_only_the_owner_changes_a_question(of: Of) -> None:
    kept = of(ANN).save("q", "everybody", QUESTION)
    theirs = of(BOB)
    acts: tuple[Callable[[], object], ...] = (
        lambda: theirs.change(kept.id, kept.version, name="mine"),
        lambda: theirs.delete(kept.id, kept.version),
        lambda: theirs.restore(kept.id, kept.version),
    )
    for act in acts:
        with pytest.raises(InputError) as refused:
            act()
        assert refused.value.issues[0].code == "ASK030"
    assert of(ANN).get(kept.id).name == "q"


def test_two_changes_at_once_end_in_a_conflict_that_shows_both(of: Of) -> None:
    kept = of(ANN).save("q", "nobody", QUESTION)
    of(ANN).change(kept.id, kept.version, name="first")
    with pytest.raises(QuestionChangedError) as conflict:
        of(ANN).change(kept.id, kept.version, name="second")
    assert (conflict.value.now.name, conflict.value.now.version) == ("first", 2)
    again = of(ANN).change(kept.id, conflict.value.now.version, name="second")
    assert (again.name, again.version) == ("second", 3)


def test_what_is_deleted_is_gone_for_everybody_and_comes_back_as_it_was(of: Of) -> None:
    kept = of(ANN).save("q", "everybody", QUESTION)
    gone = of(ANN).delete(kept.id, kept.version)
    assert gone.deleted
    assert of(ANN).list() == of(WEST).list() == ()
    with pytest.raises(InputError):
        of(WEST).get(kept.id)
    back = of(ANN).restore(kept.id, gone.version)
    assert (back.name, back.question, back.deleted) == (kept.name, kept.question, False)
    assert len(of(WEST).list()) == 1


def test_questions_belong_to_those_who_may_ask(of: Of) -> None:
    with pytest.raises(AccessError):
        of(viewer("leader"))
