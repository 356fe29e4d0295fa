"""Rate and mix split the change of a ratio with no remainder, not even a rounding."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ganzhi.numerics.mix import Volumes, amounts, distance, nested, rate_and_mix, reversed_by_mix, together

COUNTS = st.integers(0, 10**6)
AMOUNTS = COUNTS | st.decimals(0, 10**6, places=3, allow_nan=False)
PARTS = st.lists(st.builds(Volumes, AMOUNTS, COUNTS, AMOUNTS, COUNTS), min_size=1, max_size=7)


def _change(parts: list[Volumes]) -> Fraction:
    whole = together(parts)
    assume(whole.denominator_before > 0 and whole.denominator_now > 0)
    assert whole.rate_before is not None
    assert whole.rate_now is not None
    return whole.rate_now - whole.rate_before


def _exchanged(part: Volumes) -> Volumes:
    return Volumes(part.numerator_now, part.denominator_now, part.numerator_before, part.denominator_before)


@given(PARTS)
def test_rate_and_mix_are_the_change_exactly(parts: list[Volumes]) -> None:
    change = _change(parts)
    assert sum(e.total for e in rate_and_mix(parts)) == change


@given(PARTS)
def test_each_effect_is_that_of_the_formula_where_both_rates_are_known(parts: list[Volumes]) -> None:
    _change(parts)
    whole = together(parts)
    middle = (whole.rate_before + whole.rate_now) / 2  # type: ignore[operator]  # known: _change asked
    for part, effect in zip(parts, rate_and_mix(parts), strict=True):
        if part.rate_before is None or part.rate_now is None:
            assert effect.rate == 0
            continue
        s0 = Fraction(part.denominator_before) / Fraction(whole.denominator_before)
        s1 = Fraction(part.denominator_now) / Fraction(whole.denominator_now)
        assert effect.rate == (s0 + s1) / 2 * (part.rate_now - part.rate_before)
        assert effect.mix == ((part.rate_before + part.rate_now) / 2 - middle) * (s1 - s0)


@given(PARTS)
def test_exchanging_the_dates_changes_the_sign(parts: list[Volumes]) -> None:
    _change(parts)
    there, back = rate_and_mix(parts), rate_and_mix([_exchanged(p) for p in parts])
    assert [(e.rate, e.mix) for e in there] == [(-e.rate, -e.mix) for e in back]


@given(PARTS, st.randoms())
def test_the_order_of_the_parts_does_not_matter(parts: list[Volumes], random: object) -> None:
    _change(parts)
    order = list(range(len(parts)))
    random.shuffle(order)  # type: ignore[attr-defined]  # hypothesis hands out random.Random
    effects = rate_and_mix(parts)
    assert list(rate_and_mix([parts[i] for i in order])) == [effects[i] for i in order]


@given(PARTS)
def test_nothing_changed_means_nothing_contributed(parts: list[Volumes]) -> None:
    still = [Volumes(p.numerator_before, p.denominator_before, p.numerator_before, p.denominator_before) for p in parts]
    _change(still)
    assert all(e.rate == e.mix == 0 for e in rate_and_mix(still))


@given(st.lists(PARTS, min_size=1, max_size=4))
def test_slices_within_units_add_up_to_their_unit_and_units_to_the_change(groups: list[list[Volumes]]) -> None:
    change = _change([part for group in groups for part in group])
    found = nested(groups)
    assert sum(each.effect.total for each in found) == change
    assert all(sum(e.total for e in each.inner) == each.effect.rate for each in found)


def test_simpsons_paradox_every_rate_rises_and_the_whole_falls_by_mix() -> None:
    # 90 % of 900 and 30 % of 100, then 95 % of 200 and 40 % of 800: 84 % becomes 51 %.
    parts = [Volumes(810, 900, 190, 200), Volumes(30, 100, 320, 800)]
    effects = rate_and_mix(parts)
    assert all(e.rate > 0 for e in effects)
    assert sum(e.total for e in effects) == Fraction(51, 100) - Fraction(84, 100)
    assert sum(e.mix for e in effects) < -Fraction(33, 100)
    assert reversed_by_mix(effects)
    assert not reversed_by_mix(rate_and_mix([Volumes(1, 10, 2, 10), Volumes(1, 10, 1, 10)]))


def test_equal_rates_in_another_composition_are_all_mix() -> None:
    parts = [Volumes(20, 1000, 40, 2000), Volumes(200, 1000, 200, 1000)]
    effects = rate_and_mix(parts)
    assert [e.rate for e in effects] == [0, 0]
    assert sum(e.mix for e in effects) == Fraction(240, 3000) - Fraction(220, 2000)


def test_a_part_that_is_new_enters_by_mix_alone() -> None:
    effects = rate_and_mix([Volumes(50, 100, 50, 100), Volumes(0, 0, 10, 100)])
    assert effects[1].rate == 0
    assert sum(e.total for e in effects) == Fraction(60, 200) - Fraction(50, 100)


def test_a_whole_without_a_denominator_has_no_change() -> None:
    with pytest.raises(ValueError, match="denominator"):
        rate_and_mix([Volumes(0, 0, 1, 2)])
    with pytest.raises(ValueError, match="denominator"):
        distance([(1, 0)], Fraction(1))


@given(st.lists(st.tuples(AMOUNTS, AMOUNTS), max_size=6))
def test_amounts_add_up(parts: list[tuple[int | Decimal, int | Decimal]]) -> None:
    total = sum(Fraction(now) for _, now in parts) - sum(Fraction(before) for before, _ in parts)
    assert sum(amounts(parts)) == total


@given(st.lists(st.tuples(AMOUNTS, st.integers(1, 1000)), min_size=1, max_size=6), st.fractions(-10, 200))
def test_distances_add_up_to_that_of_the_whole(parts: list[tuple[int | Decimal, int]], mark: Fraction) -> None:
    whole = sum(Fraction(n) for n, _ in parts) / sum(d for _, d in parts)
    assert sum(distance(parts, mark)) == whole - mark
