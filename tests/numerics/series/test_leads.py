"""A planted lead is found at its lag; series that merely persist, or share a weekday, are not taken for leads."""

from __future__ import annotations

import numpy as np
import pytest

from ganzhi.numerics.association import leads

DAYS = 300
WEEKDAYS = np.resize([1.0, 0.2, 0.0, 0.1, 0.8, -2.0, -2.5], DAYS)


def noise(seed: int, rho: float = 0.5) -> np.ndarray:
    random = np.random.default_rng(seed)
    values = random.normal(0, 1, DAYS)
    for place in range(1, DAYS):
        values[place] += rho * values[place - 1]
    return values + WEEKDAYS


@pytest.mark.requirement("S000-100")
def test_a_planted_lead_is_found_at_its_lag_and_shows_again_in_what_was_held_out() -> None:
    found_at = []
    for seed in range(5):
        random = np.random.default_rng(seed)
        push = random.normal(0, 1, DAYS + 4)
        x = push[4:] + WEEKDAYS
        y = noise(1000 + seed) + 0.8 * push[:-4]  # follows by four days
        candidates = [list(noise(50 * seed + k)) for k in range(1, 30)]
        told, tested = leads(list(y), [*candidates, list(x)])
        assert tested == 30 * 14
        held = [each for each in told if each.holds]
        found_at += [(each.candidate, each.lag) for each in held if each.candidate == 29]
        assert all(each.candidate == 29 for each in held)
    assert found_at == [(29, 4)] * 5


def test_of_200_null_series_no_more_are_told_to_lead_than_declared() -> None:
    """At a rate of 5 % a set without any lead may give one in one of twenty tries; here four sets of 200, all null."""
    wrong = 0
    for world in range(4):
        target = list(noise(90_000 + world, rho=0.6))
        told, tested = leads(target, [list(noise(1_000 * world + k, rho=0.6)) for k in range(200)])
        assert tested == 200 * 14
        wrong += sum(each.holds for each in told)
        assert sum(each.adjusted <= 0.05 for each in told) <= 2
    assert wrong == 0


def test_what_is_too_short_or_does_not_vary_is_not_told_of() -> None:
    short = list(noise(1)[:60])
    assert leads(short, [short]) == ((), 0)
    assert leads(list(noise(2)), [[5.0] * DAYS]) == ((), 0)
    gaps: list[float | None] = list(noise(3))
    for place in range(0, DAYS, 11):
        gaps[place] = None
    told, _ = leads(gaps, [list(noise(4))])
    assert len(told) == 1
