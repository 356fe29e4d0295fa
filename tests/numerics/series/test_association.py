"""Links between series: what autocorrelation does to significance, lags, and many tests at once."""

from __future__ import annotations

import numpy as np
import pytest

from ganzhi.numerics.association import discoveries, link


def walks(seed: int, n: int, keep: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """A series of which each value keeps a part of the last."""
    noise = np.random.default_rng(seed).standard_normal(n + 50)
    values = np.zeros(n + 50)
    for i in range(1, n + 50):
        values[i] = keep * values[i - 1] + noise[i]
    return values[50:]


def test_unrelated_slow_series_are_not_taken_for_linked() -> None:
    # methods.md 1.2: at a nominal 5 % the naive test finds links in 40 % of such pairs, n_eff in 4.5 %.
    found = naive = 0
    for seed in range(400):
        x, y = walks(2 * seed, 156, 0.85), walks(2 * seed + 1, 156, 0.85)
        one = link([x.tolist()], [y.tolist()], 0)
        assert one is not None
        found += one.p < 0.05
        naive += abs(one.r) > 1.96 / np.sqrt(one.n)
    assert naive / 400 > 0.3
    assert found / 400 < 0.09


def test_the_lag_at_which_customers_react_is_found() -> None:
    x = walks(5, 200, 0.2)
    y = np.concatenate([np.zeros(2), x[:-2]]) + np.random.default_rng(9).standard_normal(200) * 0.5
    strengths = {lag: abs(link([x.tolist()], [y.tolist()], lag).r) for lag in range(5)}  # type: ignore[union-attr]
    assert max(strengths, key=lambda lag: strengths[lag]) == 2


def test_differences_between_places_are_not_a_link() -> None:
    # Two places far apart, each with unrelated ups and downs: pooled raw values would correlate at almost 1.
    random = np.random.default_rng(3)
    x = [(level + random.standard_normal(60)).tolist() for level in (0, 100)]
    y = [(level + random.standard_normal(60)).tolist() for level in (0, 100)]
    one = link(x, y, 0)
    assert one is not None
    assert abs(one.r) < 0.3


def test_unknown_values_take_their_pair_with_them() -> None:
    x, y = walks(1, 40, 0.0), walks(2, 40, 0.0)
    gappy = x.copy()
    gappy[[3, 17]] = np.nan
    one = link([gappy.tolist()], [y.tolist()], 0)
    other = link([np.delete(x, [3, 17]).tolist()], [np.delete(y, [3, 17]).tolist()], 0)
    assert one is not None
    assert other is not None
    assert (one.r, one.n) == (pytest.approx(other.r), 38)


def test_nothing_is_said_of_few_pairs_or_of_constants() -> None:
    assert link([[1.0, 2, 3]], [[3.0, 1, 2]], 0) is None
    assert link([[5.0] * 30], [list(map(float, range(30)))], 0) is None


def test_of_many_tests_on_noise_hardly_any_holds() -> None:
    random = np.random.default_rng(7)
    held = sum(any(discoveries(random.uniform(size=200).tolist())) for _ in range(200))
    assert held / 200 < 0.1
