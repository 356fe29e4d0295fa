"""Growth of counts: honest under no change, sharp under change, and the case that can be worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ganzhi.numerics.growth import grown, growth


def test_one_cell_by_hand() -> None:
    """Before 2, 0, 1 with no dispersion: the predictive is negative binomial of size 3.5 and chance 3/4."""
    found = growth(np.array([4.0]), np.array([[2.0, 0.0, 1.0]]))
    size, keep = 3.5, 3 / 4

    def term(k: int) -> float:
        return math.exp(math.lgamma(k + size) - math.lgamma(size) - math.lgamma(k + 1)) * keep**size * (1 - keep) ** k

    assert found.dispersion.tolist() == [1.0]
    assert found.expected[0] == pytest.approx(size / 3)
    assert found.chance[0] == pytest.approx(1 - sum(term(k) for k in range(4)), abs=1e-9)
    twice = growth(np.array([4.0]), np.array([[2.0, 0.0, 1.0]]), np.array([0.5, 0.5, 0.5]))
    assert twice.expected[0] == pytest.approx(2 * found.expected[0])
    assert twice.chance[0] > found.chance[0]


def test_wrong_shapes_are_refused_and_nothing_is_nothing() -> None:
    for now, before in ((np.ones(2), np.ones((1, 3))), (np.ones(1), np.ones((1, 0))), (-np.ones(1), np.ones((1, 3)))):
        with pytest.raises(ValueError, match=r"fit together|at least 0"):
            growth(now, before)
    assert len(growth(np.zeros(0), np.zeros((0, 3))).chance) == 0


@pytest.mark.requirement("S003-022")
def test_planted_growth_is_found_by_the_second_day_and_chance_seldom() -> None:
    """60 cells, days with a weekly profile and more than Poisson's scatter; 40 weeks of nothing, and 60 hot spots: cells of
    at least six a day, tripled for two days."""
    rng = np.random.default_rng(17)
    profile = np.array([1.1, 1.0, 1.0, 1.0, 1.05, 0.7, 0.6])
    rates = rng.gamma(1.2, 3.0, 60) + 0.3

    def drawn(day: int, times: np.ndarray) -> np.ndarray:
        mean = rates * profile[day % 7] * times
        return rng.negative_binomial(mean / 0.4, 1 / 1.4).astype(float)

    def hot(counts: np.ndarray, day: int) -> np.ndarray:
        window = np.arange(day - 28, day + 1)
        found = grown(counts[:, window], profile[window % 7])
        return (found.adjusted <= 0.05) & (found.count >= 5) & (found.count >= 1.5 * found.expected)

    days, calm = 28 + 280, np.ones(60)
    counts = np.column_stack([drawn(day, calm) for day in range(days)])
    false = sum(int(hot(counts, day).sum()) for day in range(28, days))
    assert false <= 40, "at most one a week"

    found = 0
    cells = np.flatnonzero(rates >= 6)
    for number in range(60):
        cell, first = cells[number % len(cells)], 40 + 4 * number
        planted = counts.copy()
        for day in (first, first + 1):
            times = calm.copy()
            times[cell] = 3.0
            planted[cell, day] = drawn(day, times)[cell]
        found += bool(hot(planted, first)[cell] or hot(planted, first + 1)[cell])
    assert found >= 54, "nine of ten by the second day"
