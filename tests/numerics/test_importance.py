"""Derived importance and monotone relations."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganzhi.numerics.importance import TooFewAnswersError, importance, lmg, relative_weights
from ganzhi.numerics.monotone import NoRelationError, fit, needed_range

Values = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def correlated(seed: int, p: int) -> tuple[Values, Values, float]:
    """Correlations of p predictors, with an outcome, and R² by least squares."""
    random = np.random.default_rng(seed)
    x = random.standard_normal((300, p)) @ random.uniform(-1, 1, (p, p))
    y = x @ random.uniform(-1, 1, p) + random.standard_normal(300)
    table = np.corrcoef(np.column_stack([x, y]), rowvar=False)
    design = np.column_stack([np.ones(300), x])
    left = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    return table[:-1, :-1], table[:-1, -1], 1 - left.var() / y.var()


@pytest.mark.requirement("S003-001")
@pytest.mark.parametrize("seed", range(5))
def test_importances_add_up_to_what_regression_explains(seed: int) -> None:
    inner, outer, r2 = correlated(seed, 5)
    assert lmg(inner, outer).sum() == pytest.approx(r2)
    assert relative_weights(inner, outer).sum() == pytest.approx(r2)


def test_lmg_is_the_mean_over_all_orders_of_entry() -> None:
    inner, outer, _ = correlated(11, 4)

    def r2(chosen: tuple[int, ...]) -> float:
        part = list(chosen)
        return float(outer[part] @ np.linalg.solve(inner[np.ix_(part, part)], outer[part])) if part else 0.0

    by_hand = np.zeros(4)
    orders = list(itertools.permutations(range(4)))
    for order in orders:
        for place, i in enumerate(order):
            by_hand[i] += r2(order[: place + 1]) - r2(order[:place])
    assert lmg(inner, outer) == pytest.approx(by_hand / len(orders))


def test_both_measures_agree_for_two_predictors() -> None:
    # For two predictors Johnson's weights are the general dominance weights (Thomas et al. 2014).
    inner, outer, _ = correlated(3, 2)
    assert relative_weights(inner, outer) == pytest.approx(lmg(inner, outer), abs=1e-9)


@pytest.mark.requirement("S001-001")
def test_the_point_that_drives_satisfaction_is_a_key_control_point() -> None:
    random = np.random.default_rng(4)
    ratings = random.integers(1, 11, (600, 4)).astype(float)
    overall = ratings[:, 1] * 0.8 + ratings[:, 3] * 0.2 + random.standard_normal(600)
    ratings[::50, 0] = np.nan
    found = importance(ratings, overall)
    assert found.n == 588
    assert found.key == (False, True, False, False)
    assert sum(found.shares) == pytest.approx(1)
    assert all(low <= share <= high for low, share, high in zip(found.low, found.shares, found.high, strict=True))


def test_too_few_answers_are_refused() -> None:
    with pytest.raises(TooFewAnswersError):
        importance(np.ones((29, 3)), np.ones(29))


@pytest.mark.requirement("S001-008")
def test_the_internal_level_that_secures_a_perception_is_recovered() -> None:
    # Truth: satisfaction 90 − wait/2; a satisfaction of 75 is secured by a wait of 30 s.
    random = np.random.default_rng(8)
    wait = random.uniform(5, 80, 300)
    satisfaction = 90 - wait / 2 + random.standard_normal(300) * 2
    found = fit(wait.tolist(), satisfaction.tolist(), rising=False)
    assert found.needed(75) == pytest.approx(30, abs=4)
    bounds = needed_range(wait.tolist(), satisfaction.tolist(), 75, rising=False)
    assert bounds is not None
    assert bounds[0] <= 30 <= bounds[1]
    assert found.needed(100) is None


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(-50, 50)), min_size=12, max_size=60))
def test_the_fit_never_turns_back_and_keeps_the_mean(points: list[tuple[int, int]]) -> None:
    x, y = [float(a) for a, _ in points], [float(b) for _, b in points]
    if len(set(x)) < 2:
        with pytest.raises(NoRelationError):
            fit(x, y, rising=True)
        return
    found = fit(x, y, rising=True)
    assert all(a <= b + 1e-9 for a, b in itertools.pairwise(found.ys))
    fitted = dict(zip(found.xs, found.ys, strict=True))
    assert sum(fitted[a] for a in x) == pytest.approx(sum(y), abs=1e-6)
