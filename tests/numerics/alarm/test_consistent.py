"""What re-weighting takes from counts without an outbreak is given back, and no outbreak with it."""

from __future__ import annotations

import numpy as np
import pytest

from ganzhi.numerics.alarm.countmodel import fit_many

DAYS = 730
SERIES = 64


def design() -> np.ndarray:
    """Level and weekdays."""
    weekday = np.arange(DAYS) % 7
    return np.column_stack([np.ones(DAYS), *(weekday == k for k in range(1, 7))]).astype(float)


def drawn(mean: float, phi: float, seed: int = 1) -> np.ndarray:
    """Counts of a negative binomial distribution, Poisson for dispersion 1."""
    rng = np.random.default_rng(seed)
    if phi == 1.0:
        return rng.poisson(mean, (SERIES, DAYS)).astype(float)
    return rng.negative_binomial(mean / (phi - 1), 1 / phi, (SERIES, DAYS)).astype(float)


def fitted(counts: np.ndarray, *, consistent: bool) -> tuple[float, float]:
    """Mean of the expected counts and of the dispersions."""
    models = [each for each in fit_many(counts, design(), consistent=consistent) if each is not None]
    assert len(models) == SERIES
    return float(np.mean([each.fitted.mean() for each in models])), float(np.mean([each.dispersion for each in models]))


@pytest.mark.parametrize(("mean", "phi"), [(0.5, 5.0), (1.5, 6.0), (6.0, 20.0)])
def test_clumps_are_known_for_what_they_are(mean: float, phi: float) -> None:
    counts = drawn(mean, phi)
    lowered = fitted(counts, consistent=False)
    found = fitted(counts, consistent=True)
    assert lowered[0] < 0.9 * mean
    assert lowered[1] < 0.8 * phi
    assert found[0] == pytest.approx(mean, rel=0.1)
    assert found[1] == pytest.approx(phi, rel=0.15)


@pytest.mark.parametrize("mean", [2.0, 40.0])
def test_counts_of_pure_chance_stay_as_they_are(mean: float) -> None:
    counts = drawn(mean, 1.0)
    lowered, found = fitted(counts, consistent=False), fitted(counts, consistent=True)
    assert found == pytest.approx(lowered, rel=0.03)


def test_an_outbreak_stays_weighted_down() -> None:
    counts = drawn(20.0, 1.0)
    counts[:, 300:310] *= 4
    mean, dispersion = fitted(counts, consistent=True)
    plain = [each for each in fit_many(counts, design(), reweighted=False) if each is not None]
    assert mean == pytest.approx(20.0, rel=0.02)
    assert dispersion < 1.3
    assert np.mean([each.dispersion for each in plain]) > 3
