"""Running expectations: the one that has been right speaks, and an outlier changes little."""

from __future__ import annotations

from math import pi, sin

import numpy as np
import pytest

from ganzhi.numerics.alarm.running import KEPT, BestOfFour, Misses

DAY = 24


def told(values: list[float]) -> BestOfFour:
    best = BestOfFour(DAY, 7 * DAY)
    for place, value in enumerate(values):
        best.add(place, value)
    return best


def clock(place: int) -> float:
    """A day with a sharp peak, the same every day."""
    return 50.0 + 40.0 * (place % DAY in (9, 10)) + 5.0 * sin(2 * pi * (place % DAY) / DAY)


@pytest.mark.parametrize(
    ("name", "series"),
    [
        ("day or week", lambda n, noise: clock(n) + noise),
        ("week", lambda n, noise: clock(n) * (0.3 if n // DAY % 7 >= 5 else 1.0 + 0.1 * (n // DAY % 7)) + noise),
        ("mean", lambda n, noise: 50.0 + 20.0 * noise),
    ],
)
def test_the_expectation_that_has_been_right_speaks(name: str, series: object) -> None:
    noise = np.random.default_rng(2).normal(0, 1, 60 * DAY).tolist()
    assert callable(series)
    found = told([series(n, each) for n, each in enumerate(noise)]).expected(len(noise))
    assert found is not None
    assert found[2] in name.split(" or ")
    assert abs(found[0] - series(len(noise), 0.0)) < 20.0 * (1.0 if name == "mean" else 0.4)


def test_a_series_that_wanders_is_expected_where_it_was_last() -> None:
    steps = np.random.default_rng(3).normal(0, 1, 60 * DAY).cumsum().tolist()
    found = told(steps).expected(len(steps))
    assert found is not None
    assert found[2] == "last"
    assert found[0] == steps[-1]


def test_moving_and_stretching_a_series_moves_and_stretches_what_is_expected() -> None:
    values = [clock(n) + each for n, each in enumerate(np.random.default_rng(4).normal(0, 1, 900).tolist())]
    plain, other = told(values).expected(900), told([3.0 * each - 7.0 for each in values]).expected(900)
    assert plain is not None
    assert other is not None
    assert other[2] == plain[2]
    assert other[:2] == pytest.approx((3.0 * plain[0] - 7.0, 3.0 * plain[1]))


def test_one_outlier_hardly_widens_the_scale() -> None:
    values = [clock(n) + each for n, each in enumerate(np.random.default_rng(5).normal(0, 1, 900).tolist())]
    plain, spoilt = told(values), told([*values[:800], values[800] + 30.0, *values[801:]])
    one, other = plain.expected(900), spoilt.expected(900)
    assert one is not None
    assert other is not None
    assert other[1] < 1.1 * one[1]


def test_an_unknown_place_is_left_out_and_too_few_values_say_nothing() -> None:
    assert told([1.0] * 10).expected(10) is None
    best = BestOfFour(DAY, 7 * DAY)
    for place in range(400):
        if place % 50:
            best.add(place, clock(place))
    found = best.expected(400)
    assert found is not None
    assert found[0] == clock(400)


def test_the_median_is_of_the_latest_misses() -> None:
    misses, every = Misses(), np.random.default_rng(6).exponential(1.0, KEPT + 300).tolist()
    for each in every:
        misses.add(each)
    assert misses.median() == np.median(every[-KEPT:])
    assert len(misses) == KEPT


def test_a_week_is_longer_than_a_day() -> None:
    with pytest.raises(ValueError, match="week"):
        BestOfFour(7, 7)
