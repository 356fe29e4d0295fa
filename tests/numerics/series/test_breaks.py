"""Breaks are found where they are, and seldom where there are none."""

from __future__ import annotations

import numpy as np
import pytest

from ganzhi.numerics.alarm.breaks import breaks

WEEK = np.array([0.0, 1.0, 0.5, 0.0, 1.5, -3.0, -4.0])


def series(size: int, seed: int, *, rho: float = 0.0) -> np.ndarray:
    random = np.random.default_rng(seed)
    noise = random.normal(0, 1, size)
    for place in range(1, size):
        noise[place] += rho * noise[place - 1]
    return noise + np.resize(WEEK, size) + 20


@pytest.mark.parametrize(("at", "step"), [(60, 2.0), (60, -2.0), (30, 4.0)])
def test_a_change_of_level_is_found_within_two_days(at: int, step: float) -> None:
    for seed in range(4):
        values = series(120, seed)
        values[at:] += step
        (found,) = breaks(list(values))
        assert abs(found.place - at) <= 2
        assert found.chance <= 0.02
        assert (found.after - found.before) * step > 0


def test_two_changes_are_told_apart_and_unknown_values_count_for_nothing() -> None:
    values: list[float | None] = list(series(180, 5))
    for place in range(60, 120):
        values[place] = (values[place] or 0.0) + 4
    for place in (10, 11, 90, 150):
        values[place] = None
    found = breaks(values)
    assert [abs(each.place - at) <= 2 for each, at in zip(found, (60, 120), strict=True)] == [True, True]
    assert found[0].before < found[0].after > found[1].after


@pytest.mark.parametrize("rho", [0.0, 0.4])
def test_series_without_a_break_are_broken_about_as_seldom_as_declared(rho: float) -> None:
    broken = sum(bool(breaks(list(series(120, 100 + seed, rho=rho)), alpha=0.05)) for seed in range(40))
    assert broken <= 6  # 2 expected of 40 at 5 %; more than 6 has a chance below 1 %


def test_one_wild_day_and_a_short_series_are_no_break() -> None:
    values = series(120, 9)
    values[60] += 500
    assert breaks(list(values)) == ()
    assert breaks(list(series(27, 1))) == ()
    assert breaks([5.0] * 100) == ()
