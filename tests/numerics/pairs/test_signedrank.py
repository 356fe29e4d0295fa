"""Pairs by signed ranks: published figures, agreement with another program, laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import wilcoxon

from ganzhi.numerics.pairs.signedrank import _critical, compare

FIRST = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30]
SECOND = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]
"""Depression scores before and after therapy: Hollander & Wolfe 1973, pages 29 to 31; R gives p 0.03906, 0.46, 0.010 to 0.786."""


def test_the_published_example() -> None:
    found = compare(SECOND, FIRST)
    assert (found.n, found.p) == (9, 0.0390625)
    assert (found.shift, found.low, found.high) == pytest.approx((0.46, 0.010, 0.786))


@pytest.mark.parametrize(("n", "critical"), [(6, 0), (8, 3), (10, 8), (15, 25), (20, 52), (25, 89)])
def test_critical_values_are_those_of_the_tables(n: int, critical: int) -> None:
    """Two-sided 5 %: Wilcoxon & Wilcox 1964."""
    assert _critical(n) == critical


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(-40, 40).filter(bool), min_size=6, max_size=14, unique_by=abs))
def test_it_agrees_with_another_program_and_turns_with_its_sides(moved: list[int]) -> None:
    zero = [0.0] * len(moved)
    there, back = compare(zero, moved), compare(moved, zero)
    assert there.p == pytest.approx(wilcoxon(moved, method="exact").pvalue)
    assert there.p == back.p
    assert there.shift is not None
    assert back.low is not None
    assert (there.shift, there.high) == pytest.approx((-back.shift, -back.low))  # type: ignore[operator]
    assert there.low <= there.shift <= there.high  # type: ignore[operator]


def test_few_pairs_and_equal_ones_show_nothing() -> None:
    assert compare([1] * 5, [9] * 5).p is None
    same = compare([5.0] * 8, [5.0] * 8)
    assert (same.p, same.shift, same.differing) == (1.0, 0.0, 0)
    with pytest.raises(ValueError, match="two values"):
        compare([1], [1, 2])


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(7)
    held = 0
    for _ in range(300):
        before = rng.normal(60, 8, 10)
        found = compare(before.tolist(), (before + 5 + rng.normal(0, 6, 10)).tolist())
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 5 <= found.high
    assert held / 300 >= 0.93
