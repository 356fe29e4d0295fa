"""What re-weighting takes away from counts that hold no outbreak, and how to give it back.

Days that stand out are weighted down so that past outbreaks do not become what is normal (`countmodel`). Of counts that
come in clumps some days stand out by nature: mean and dispersion then come out too low, to a half where a count is rare.
For a negative binomial distribution what they come out as can be computed, and turned round: the estimates become
consistent (Cantoni and Ronchetti 2001, "Robust inference for generalized linear models", Journal of the American
Statistical Association 96, correct the mean's equations in the same way). Where counts are many and spread as by chance
alone, next to nothing changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ganzhi.numerics.alarm.manycounts import log_probabilities

Array = NDArray[np.float64]

MEANS: Final = np.geomspace(0.01, 200.0, 21)
DISPERSIONS: Final = np.geomspace(1.0, 64.0, 13)
"""Where it is computed; between lies what is between in logarithms, beyond what the nearest has."""
SPREADS, TAILS, MORE = 9.0, 24.0, 30
"""So many standard deviations, dispersions and counts are summed."""
ROUNDS: Final = 12
_ONE: Final = 1.0


@dataclass(frozen=True, slots=True)
class _Lowered:
    """Logarithms of what is left of a mean and of a dispersion, [mean, dispersion]."""

    mean: Array
    dispersion: Array


def anscombe(counts: Array, mean: Array, dispersion: Array) -> Array:
    """Anscombe residuals of counts of a mean and dispersion."""
    root = np.sqrt(mean)
    return np.asarray(1.5 * (np.cbrt(counts * counts) / np.cbrt(root) - root) / np.sqrt(dispersion))


@cache
def _table(stands_out: float) -> _Lowered:
    means, dispersions = (np.empty((MEANS.size, DISPERSIONS.size)) for _ in range(2))
    for row, mu in enumerate(MEANS.tolist()):
        for column, phi in enumerate(DISPERSIONS.tolist()):
            counts = np.arange(int(mu + SPREADS * np.sqrt(mu * phi) + TAILS * phi) + MORE, dtype=np.float64)
            chance = np.exp(log_probabilities(counts, np.full_like(counts, mu), np.full_like(counts, phi)))
            far = anscombe(counts, np.asarray(mu), np.asarray(phi))
            weight = chance * np.where(far > stands_out, np.maximum(far, stands_out) ** -2, 1.0)
            weight /= weight.sum()
            mean = float((weight * counts).sum())
            means[row, column] = mean / mu
            dispersions[row, column] = float((weight * (counts - mean) ** 2).sum()) / mean / phi
    return _Lowered(np.log(means), np.log(dispersions))


def consistent(means: Array, dispersion: Array, stands_out: float) -> tuple[Array, Array]:
    """What negative binomial counts have of which re-weighting leaves these: the factor by which their means are larger,
    and their dispersion. means: [series, part]: of parts of each series' days that are equally many; dispersion: [series].

    >>> factor, dispersion = consistent(np.array([[0.40, 0.40], [300.0, 250.0]]), np.array([3.5, 1.0]), 2.58)
    >>> factor.round(2).tolist(), dispersion.round(1).tolist()
    ([1.27, 1.0], [5.6, 1.0])
    """
    table = _table(stands_out)
    factor, phi = np.ones(dispersion.shape), np.maximum(dispersion, _ONE)
    for _ in range(ROUNDS):
        place = _places(means * factor[:, None], np.broadcast_to(phi[:, None], means.shape))
        left = np.exp(_between(table.mean, *place))
        factor = means.sum(axis=1) / (means * left).sum(axis=1)
        phi = np.maximum(dispersion / np.exp(_between(table.dispersion, *place)).mean(axis=1), _ONE)
    return factor, phi


def _places(mu: Array, phi: Array) -> tuple[Array, Array]:
    found = []
    for value, grid in ((mu, MEANS), (phi, DISPERSIONS)):
        step = np.log(grid[1] / grid[0])
        found.append(np.clip(np.log(value / grid[0]) / step, 0.0, grid.size - 1.0))
    return found[0], found[1]


def _between(table: Array, row: Array, column: Array) -> Array:
    low = np.minimum(row.astype(int), table.shape[0] - 2)
    left = np.minimum(column.astype(int), table.shape[1] - 2)
    down, right = row - low, column - left
    above = table[low, left] * (1 - right) + table[low, left + 1] * right
    below = table[low + 1, left] * (1 - right) + table[low + 1, left + 1] * right
    return np.asarray(above * (1 - down) + below * down)
