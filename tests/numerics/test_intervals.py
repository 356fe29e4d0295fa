"""Wilson's interval against published figures and its limits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganzhi.numerics.intervals import wilson


@pytest.mark.parametrize(
    ("hits", "trials", "low", "high"),
    [
        # R. G. Newcombe, Statistics in Medicine 17 (1998), 857-872, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_intervals_equal_the_published_ones(hits: int, trials: int, low: float, high: float) -> None:
    found = wilson(hits, trials)
    assert found.low == pytest.approx(low, abs=5e-5)
    assert found.high == pytest.approx(high, abs=5e-5)


@given(st.integers(0, 1000), st.integers(1, 1000))
def test_an_interval_holds_the_proportion_and_stays_within_0_and_1(hits: int, more: int) -> None:
    trials = hits + more
    found = wilson(hits, trials)
    assert 0 <= found.low <= hits / trials <= found.high <= 1


@given(st.integers(1, 50), st.integers(1, 50))
def test_an_interval_of_failures_mirrors_that_of_successes(hits: int, misses: int) -> None:
    a, b = wilson(hits, hits + misses), wilson(misses, hits + misses)
    assert a.low == pytest.approx(1 - b.high)


def test_nothing_tried_tells_nothing() -> None:
    assert (wilson(0, 0).low, wilson(0, 0).high) == (0, 1)


def test_more_hits_than_trials_are_refused() -> None:
    with pytest.raises(ValueError, match="hits"):
        wilson(3, 2)
