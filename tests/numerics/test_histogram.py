"""The bound on percentiles from buckets, and the laws of merging."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganzhi.numerics.histogram import ALPHA, NOT_POSITIVE, bucket, estimate, quantile

values = st.floats(min_value=1, max_value=1e9)
ranks = st.floats(min_value=0.01, max_value=0.99)


def _exact(of: list[float], p: float) -> float:
    """The smallest value with at least p of all at or below it."""
    ordered = sorted(of)
    return next(x for n, x in enumerate(ordered, 1) if n >= p * len(ordered))


@given(values)
def test_an_estimate_is_within_one_percent_of_any_value_from_1_up(x: float) -> None:
    assert abs(estimate(bucket(x)) - x) <= (ALPHA + 1e-12) * x


@given(st.lists(values, min_size=1, max_size=200), ranks)
def test_a_quantile_is_within_one_percent_of_the_exact_one(xs: list[float], p: float) -> None:
    exact = _exact(xs, p)
    found = quantile(Counter(map(bucket, xs)), p)
    assert found is not None
    assert abs(found - exact) <= (ALPHA + 1e-12) * exact


@given(st.lists(values, max_size=50), st.lists(values, max_size=50), ranks)
def test_merging_histograms_gives_the_histogram_of_all_values(a: list[float], b: list[float], p: float) -> None:
    merged = Counter(map(bucket, a)) + Counter(map(bucket, b))
    assert quantile(merged, p) == quantile(Counter(map(bucket, a + b)), p)


@given(values, values)
def test_buckets_keep_the_order_of_values(x: float, y: float) -> None:
    low, high = sorted((x, y))
    assert bucket(low) <= bucket(high)


def test_values_at_or_below_zero_are_estimated_as_zero() -> None:
    assert bucket(0) == bucket(-17) == NOT_POSITIVE
    assert quantile({NOT_POSITIVE: 9, 100: 1}, 0.9) == 0.0


def test_values_below_one_share_the_bucket_of_one() -> None:
    assert bucket(1e-9) == bucket(1) == 0
    assert estimate(0) == pytest.approx(0.99)


def test_a_histogram_of_nothing_has_no_quantile() -> None:
    assert quantile({}, 0.5) is None


@pytest.mark.parametrize("p", [0, 1, -0.1, math.inf])
def test_a_rank_outside_0_and_1_is_refused(p: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        quantile({1: 1}, p)
