"""A relation that only rises or only falls, fitted to data, and where it reaches a wanted level (S001-008)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

LEAST_POINTS = 12
DRAWS = 400


class NoRelationError(ValueError):
    """Too few points, or none of them differ: no relation can be fitted."""


@dataclass(frozen=True, slots=True)
class Relation:
    """A fitted relation. xs: distinct inputs, ascending; ys: fitted values there. explained: share of
    the variance that the fit explains, 0 to 1. n: points."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    rising: bool
    explained: float
    n: int

    def needed(self, level: float) -> float | None:
        """The easiest input at which the fit reaches the level; None where it does not within the data.

        With a rising relation the smallest input, with a falling one the largest; between fitted points by line.
        """
        xs, ys = (self.xs, self.ys) if self.rising else (self.xs[::-1], self.ys[::-1])
        if ys[0] >= level:
            return xs[0]
        for (x0, y0), (x1, y1) in zip(zip(xs, ys, strict=True), list(zip(xs, ys, strict=True))[1:], strict=False):
            if y1 >= level:
                return x1 if y1 == y0 else x0 + (x1 - x0) * (level - y0) / (y1 - y0)
        return None


def fit(x: Sequence[float], y: Sequence[float], *, rising: bool) -> Relation:
    """The monotone relation with the least squared error; points with a gap (NaN) are left out.

    Raises: NoRelationError with fewer than 12 points or without variation in x.
    Source: pool adjacent violators, Barlow et al., Statistical Inference under Order Restrictions (1972).
    >>> found = fit([float(i) for i in range(12)], [0, 1, 3, 2, 4, 5, 6, 7, 8, 9, 10, 11], rising=True)
    >>> found.ys[2:4], found.needed(4.0)
    ((2.5, 2.5), 4.0)
    """
    a, b = np.asarray(x, float), np.asarray(y, float)
    known = ~(np.isnan(a) | np.isnan(b))
    a, b = a[known], b[known]
    xs = np.unique(a)
    if a.size < LEAST_POINTS or xs.size < 2:
        raise NoRelationError(f"{a.size} points, {xs.size} distinct")
    places = np.searchsorted(xs, a)
    counts = np.bincount(places).astype(float)
    means = np.bincount(places, weights=b) / counts
    ys = _pooled(means if rising else means[::-1], counts if rising else counts[::-1])
    ys = ys if rising else ys[::-1]
    spread = float(((b - b.mean()) ** 2).sum())
    left = float(((b - ys[places]) ** 2).sum())
    explained = max(0.0, 1 - left / spread) if spread > 0 else 0.0
    return Relation(tuple(map(float, xs)), tuple(map(float, ys)), rising, explained, int(a.size))


def _pooled(means: Values, counts: Values) -> Values:
    """Means made non-decreasing by pooling neighbours that are out of order."""
    blocks: list[tuple[float, float, int]] = []
    for mean, count in zip(means, counts, strict=True):
        blocks.append((float(mean), float(count), 1))
        while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0]:
            (m1, c1, k1), (m2, c2, k2) = blocks[-2:]
            blocks[-2:] = [((m1 * c1 + m2 * c2) / (c1 + c2), c1 + c2, k1 + k2)]
    return np.concatenate([np.full(k, m) for m, _, k in blocks])


def needed_range(
    x: Sequence[float], y: Sequence[float], level: float, *, rising: bool, seed: int = 1
) -> tuple[float, float] | None:
    """The 5 % and 95 % bounds, by bootstrap, of the input that secures a level; None where fewer than
    nine of ten draws reach it."""
    a, b = np.asarray(x, float), np.asarray(y, float)
    known = ~(np.isnan(a) | np.isnan(b))
    a, b = a[known], b[known]
    random = np.random.default_rng(seed)
    found = []
    for rows in random.integers(0, a.size, (DRAWS, a.size)):
        if np.unique(a[rows]).size >= 2:
            reached = fit(a[rows].tolist(), b[rows].tolist(), rising=rising).needed(level)
            if reached is not None:
                found.append(reached)
    if len(found) < 0.9 * DRAWS:
        return None
    low, high = np.quantile(found, [0.05, 0.95])
    return float(low), float(high)
