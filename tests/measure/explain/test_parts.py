"""Why a number changed: the parts add up to the change, and each is what a hand-written sum says."""

from __future__ import annotations

import math
from datetime import datetime

import pytest

from ganzhi.base.periods import Grain, period_of_day
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.observation import ObserveRequest
from ganzhi.measure.observe import observe
from ganzhi.measure.open import States, open_states
from ganzhi.measure.refresh import refresh
from ganzhi.warehouse.workplace import Workplace
from tests.measure.explain.rows import (
    BEFORE,
    EMPTY,
    INDICATORS,
    NOW,
    PRIORITIES,
    ROWS,
    TREE,
    TYPES,
    UNDER,
    ZONE,
    Row,
    added,
    answered,
    cut_by,
    kitagawa,
    why,
)
from tests.measure.place import catalogue_with, make_workplace, put_rows

# --- ratios -------------------------------------------------------------------------------------


@pytest.mark.requirement("S000-125")
def test_a_ratio_splits_into_rate_and_mix_by_unit_as_by_hand(place: Workplace, reading: States) -> None:
    found = why(place, reading, "answered")
    cut = cut_by(found, "unit")
    keys = ("east", "west", "all")
    by_hand = dict(
        zip(keys, kitagawa([tuple(answered(d, units=UNDER[k]) for d in (BEFORE, NOW)) for k in keys]), strict=True)
    )  # type: ignore[misc]
    assert {piece.key for piece in cut.pieces} == set(keys)
    for piece in cut.pieces:
        assert (piece.rate, piece.mix) == pytest.approx([float(each) for each in by_hand[piece.key]], abs=1e-12)
    assert added(cut.pieces) == pytest.approx(found.difference, abs=1e-12)
    assert (cut.rate or 0) + (cut.mix or 0) == pytest.approx(found.difference, abs=1e-12)
    assert found.difference == pytest.approx(float(found.now.value) - float(found.before.value), abs=1e-12)  # type: ignore[union-attr, arg-type]


def test_rows_of_the_unit_itself_are_a_part_of_their_own(place: Workplace, reading: States) -> None:
    own = next(each for each in cut_by(why(place, reading, "answered"), "unit").pieces if each.key == "all")
    assert own.unit is None
    assert own.before is not None
    assert own.now is not None
    assert (own.before.numerator, own.before.denominator) == (1, 1)
    assert (own.now.numerator, own.now.denominator) == (0, 1)


def test_a_ratio_splits_by_each_declared_dimension_as_by_hand(place: Workplace, reading: States) -> None:
    found = why(place, reading, "answered")
    assert [cut.dimension for cut in found.cuts] == ["unit", "call_type", "priority"]
    for dimension, values in (("call_type", TYPES), ("priority", PRIORITIES)):
        cut = cut_by(found, dimension)
        parts = [tuple(answered(d, **{dimension: v}) for d in (BEFORE, NOW)) for v in values]
        by_hand = dict(zip(values, kitagawa(parts), strict=True))  # type: ignore[arg-type]
        assert {piece.key for piece in cut.pieces} == set(values)
        for piece in cut.pieces:
            assert (piece.rate, piece.mix) == pytest.approx([float(each) for each in by_hand[piece.key]], abs=1e-12)
        assert added(cut.pieces) == pytest.approx(found.difference, abs=1e-12)


def test_what_is_there_at_one_date_only_is_said_so_and_enters_by_mix(place: Workplace, reading: States) -> None:
    new = next(each for each in cut_by(why(place, reading, "answered"), "call_type").pieces if each.key == "IN")
    assert (new.only, new.before, new.rate) == ("now", None, 0.0)
    assert new.mix != 0


def test_slices_within_a_unit_add_up_to_its_rate_effect(place: Workplace, reading: States) -> None:
    cut = cut_by(why(place, reading, "answered"), "unit")
    assert cut.inner_dimension == "call_type"
    for piece in cut.pieces:
        assert added(piece.inner) == pytest.approx(piece.rate, abs=1e-12)
    east = next(each for each in cut.pieces if each.key == "east")
    worst = east.inner[0]
    assert (worst.key, worst.unit, worst.where) == ("NW", "east", {"call_type": "NW"})


def test_each_piece_names_what_its_observation_is_asked_with(place: Workplace, reading: States) -> None:
    found = why(place, reading, "answered")
    pieces = [p for cut in found.cuts for p in cut.pieces] + [i for p in cut_by(found, "unit").pieces for i in p.inner]
    asked = 0
    for piece in pieces:
        if piece.unit is None or piece.now is None:
            continue
        question = ObserveRequest(("answered",), piece.unit, Grain.DAY, NOW, NOW, where=piece.where)
        (seen,) = observe(place, reading, question)
        assert (seen.numerator, seen.denominator, seen.value) == (
            piece.now.numerator,
            piece.now.denominator,
            piece.now.value,
        )
        asked += 1
    assert asked >= 10


def test_points_of_the_score_are_split_with_the_value(place: Workplace, reading: States) -> None:
    found = why(place, reading, "answered")
    assert found.score_now is not None
    assert found.score_before is not None
    moved = found.score_now.score.points - found.score_before.score.points  # type: ignore[union-attr]
    for cut in found.cuts:
        assert math.fsum(p.points for p in cut.pieces if p.points is not None) == pytest.approx(moved, abs=1e-9)


def test_exchanging_the_days_changes_the_sign_of_every_part(
    place: Workplace, reading: States, pack: Catalogue, tmp_path
) -> None:  # type: ignore[no-untyped-def]
    def moved(row: Row) -> Row:
        at = row["arrived_at"]
        assert isinstance(at, datetime)
        return {**row, "arrived_at": at.replace(day=3 - at.day)}

    other = make_workplace(tmp_path, catalogue_with(pack, INDICATORS, TREE))
    put_rows(other, "calls", [moved(row) for row in ROWS])
    refresh(other)
    there = why(place, reading, "answered", search=False)
    with open_states(other) as back_reading:
        back = why(other, back_reading, "answered", search=False)
    for cut in there.cuts:
        mirrored = {piece.key: piece for piece in cut_by(back, cut.dimension).pieces}
        for piece in cut.pieces:
            twin = mirrored[piece.key]
            assert (twin.rate, twin.mix) == pytest.approx((-(piece.rate or 0), -(piece.mix or 0)), abs=1e-12)


# --- sums and the rest --------------------------------------------------------------------------


def test_counts_add_up_by_part_in_whole_numbers(place: Workplace, reading: States) -> None:
    found = why(place, reading, "calls")
    assert found.difference == answered(NOW)[1] - answered(BEFORE)[1]
    for cut in found.cuts:
        assert cut.way == "amounts"
        assert sum(piece.change or 0 for piece in cut.pieces) == found.difference
    west = next(each for each in cut_by(found, "unit").pieces if each.key == "west")
    assert west.change == answered(NOW, units={"west"})[1] - answered(BEFORE, units={"west"})[1]
    assert sum(piece.change or 0 for piece in west.inner) == west.change


def test_a_mean_splits_by_its_sums_and_counts(place: Workplace, reading: States) -> None:
    found = why(place, reading, "wait")
    for cut in found.cuts:
        assert cut.way == "rate_mix"
        assert added(cut.pieces) == pytest.approx(found.difference, abs=1e-12)


@pytest.mark.parametrize("code", ["median", "callers"])
def test_parts_of_what_does_not_add_up_stand_beside_each_other_without_a_change(
    place: Workplace, reading: States, code: str
) -> None:
    found = why(place, reading, code)
    assert found.difference is not None
    assert found.search is not None
    assert found.search.verdict == "not_additive"
    assert {cut.way for cut in found.cuts} == {"beside"}
    assert all(piece.change is None for cut in found.cuts for piece in cut.pieces)
    assert all(piece.now is None or piece.now.value is not None for cut in found.cuts for piece in cut.pieces)


def test_a_rate_over_another_indicator_adds_up_by_unit_and_by_slice(place: Workplace, reading: States) -> None:
    found = why(place, reading, "per_unit")
    for cut in found.cuts:
        assert added(cut.pieces) == pytest.approx(found.difference, abs=1e-9)


# --- against the target -------------------------------------------------------------------------


def test_the_distance_to_a_target_splits_by_part_and_says_which_lie_below(place: Workplace, reading: States) -> None:
    found = why(place, reading, "answered", versus="target")
    a, n = answered(NOW)
    assert found.difference == pytest.approx(100 * a / n - 90)
    for cut in found.cuts:
        assert cut.way == "distance"
        assert added(cut.pieces) == pytest.approx(found.difference, abs=1e-12)
    for piece in cut_by(found, "call_type").pieces:
        a, k = answered(NOW, call_type=piece.key)
        assert piece.change == pytest.approx((100 * a - 90 * k) / n)
        assert piece.below is (100 * a / k < 90)
    assert found.search is not None
    assert found.search.cells[0].where == {"unit": "east", "call_type": "NW"}


def test_a_target_of_a_total_says_nothing_about_its_parts(place: Workplace, reading: States) -> None:
    found = why(place, reading, "calls", versus="target")
    assert (found.reason, found.difference, found.cuts) == ("no_target", None, ())


# --- unknown ------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["answered", "top", "calls"])
def test_nothing_is_split_when_an_end_is_unknown(place: Workplace, reading: States, code: str) -> None:
    none_now = why(place, reading, code, period=period_of_day(Grain.DAY, EMPTY, ZONE))
    none_before = why(place, reading, code, period=period_of_day(Grain.DAY, BEFORE, ZONE))
    assert (none_now.reason, none_before.reason) == ("no_data_now", "no_data_before")
    for found in (none_now, none_before):
        assert (found.difference, found.split, found.cuts, found.search) == (None, None, (), None)


def test_against_a_year_without_data_the_answer_is_that_there_is_none(place: Workplace, reading: States) -> None:
    assert why(place, reading, "answered", versus="year").reason == "no_data_before"
