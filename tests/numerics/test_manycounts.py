"""Counts, many at once: what `counts` and one fit say one by one."""

from __future__ import annotations

from math import lgamma

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganzhi.numerics.alarm.countmodel import BATCH, fit_counts, fit_many
from ganzhi.numerics.alarm.counts import at_least, log_probability, upper_limit
from ganzhi.numerics.alarm.manycounts import above, log_gamma, log_probabilities, lower_limits, upper_limits

RNG = np.random.default_rng(4)
MEANS = 10 ** RNG.uniform(-1.5, 3.5, 300)
DISPERSIONS = np.where(RNG.random(300) < 0.2, 1.0, 1.0 + 10 ** RNG.uniform(-2, 1.3, 300))
COUNTS = np.maximum(0.0, np.floor(MEANS + np.sqrt(MEANS * DISPERSIONS) * RNG.normal(0, 4, 300)))
EVERY = [(int(c), float(m), float(p)) for c, m, p in zip(COUNTS, MEANS, DISPERSIONS, strict=True)]


@given(st.lists(st.floats(1e-6, 1e9), min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_the_gamma_function_is_that_of_the_standard_library(numbers: list[float]) -> None:
    assert log_gamma(np.array(numbers)) == pytest.approx([lgamma(each) for each in numbers], rel=1e-12, abs=1e-12)


def test_tails_are_those_of_one_count_far_out_too() -> None:
    more, here = above(COUNTS, MEANS, DISPERSIONS)
    assert more == pytest.approx([at_least(c + 1, m, p) for c, m, p in EVERY], rel=1e-7, abs=1e-9)
    far = more < 1e-4
    assert far.sum() > 20
    one_by_one = np.array([at_least(c + 1, m, p) for c, m, p in EVERY])
    assert more[far] == pytest.approx(one_by_one[far], rel=1e-7)
    assert np.log(here) == pytest.approx([log_probability(*each) for each in EVERY], rel=1e-8)
    assert log_probabilities(COUNTS, MEANS, DISPERSIONS) == pytest.approx(np.log(here))


def test_long_tails_are_those_summed_term_by_term() -> None:
    mu, phi = 10 ** RNG.uniform(0, 5, 60), 10 ** RNG.uniform(1, 3, 60)
    counts = np.maximum(0.0, np.floor(mu + np.sqrt(mu * phi) * RNG.normal(0, 3, 60)))
    summed = np.array([at_least(int(c) + 1, m, p) for c, m, p in zip(counts, mu, phi, strict=True)])
    assert above(counts, mu, phi)[0] == pytest.approx(summed, rel=1e-8, abs=1e-12)
    limits = upper_limits(1e-4, mu, phi)
    assert (above(limits, mu, phi)[0] <= 1e-4).all()
    assert ((above(np.maximum(limits - 1, 0), mu, phi)[0] > 1e-4) | (limits == 0)).all()


@pytest.mark.parametrize("tail", [1e-2, 1e-5])
def test_limits_are_those_found_one_by_one(tail: float) -> None:
    limits = upper_limits(tail, MEANS, DISPERSIONS)
    assert limits.tolist() == [upper_limit(tail, m, p) for _, m, p in EVERY]
    low = lower_limits(tail, MEANS, DISPERSIONS)
    for limit, (_, m, p) in zip(low.tolist(), EVERY, strict=True):
        assert limit < 0 or 1.0 - at_least(int(limit) + 1, m, p) <= tail
        assert 1.0 - at_least(int(limit) + 2, m, p) > tail


def test_what_is_no_distribution_is_refused() -> None:
    for mu, phi in ((0.0, 1.0), (1.0, 0.9), (float("nan"), 1.0)):
        with pytest.raises(ValueError, match="no distribution"):
            above(np.array([1.0]), np.array([mu]), np.array([phi]))
    with pytest.raises(ValueError, match="tail"):
        upper_limits(1.0, MEANS, DISPERSIONS)


def test_a_series_comes_out_the_same_to_the_last_digit_whoever_is_fitted_with_it() -> None:
    days = np.arange(400)
    design = np.column_stack([np.ones(400), days % 7 >= 5, days % 30 < 2, days / 365])
    means = RNG.uniform(0.2, 60, BATCH + 5)[:, None] * np.exp(design @ np.array([0.0, -0.2, 0.4, 0.1]))[None]
    counts = RNG.negative_binomial(means, 0.5).astype(float)
    counts[3] = 0.0
    together, order = fit_many(counts, design), RNG.permutation(len(counts))
    shuffled = fit_many(counts[order], design)
    for place, row in enumerate(order.tolist()):
        one, other = together[row], shuffled[place]
        if row == 3:
            assert one is None
            assert other is None
            continue
        assert one is not None
        assert other is not None
        alone = fit_counts(counts[row], design)
        for each in (other, alone):
            assert (each.coefficients == one.coefficients).all()
            assert (each.covariance == one.covariance).all()
            assert each.dispersion == one.dispersion
