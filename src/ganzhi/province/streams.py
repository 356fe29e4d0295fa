"""Streams of chance: one for each piece of work, so that no piece disturbs another's dice.

A stream is named by the seed, what it is for, and where and when. The same names give the same numbers
whatever else is simulated, on every machine with the same NumPy.
"""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def stream(seed: int, *names: str | int) -> np.random.Generator:
    """The stream of these names. seed and number names: not negative.

    >>> int(stream(7, "calls", 3).integers(100)) == int(stream(7, "calls", 3).integers(100))
    True
    """
    words = [zlib.crc32(name.encode()) if isinstance(name, str) else name for name in names]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *words])))


def split(rng: np.random.Generator, total: int, weights: Floats | Ints) -> Ints:
    """`total` things shared out by chance in proportion to `weights`; the parts sum to `total`."""
    share = np.asarray(weights, dtype=float)
    return rng.multinomial(total, share / share.sum())


def choose(rng: np.random.Generator, weights: Floats, n: int) -> Ints:
    """`n` positions of `weights`, each with its weight's probability."""
    edges = np.cumsum(np.asarray(weights, dtype=float))
    return np.minimum(np.searchsorted(edges, rng.random(n) * edges[-1], side="right"), len(edges) - 1)


def happens(rng: np.random.Generator, probability: Floats | float, n: int) -> Bools:
    """Which of `n` chances come true."""
    return rng.random(n) < probability


def lognormal(rng: np.random.Generator, median: Floats | float, sigma: Floats | float, n: int) -> Floats:
    """Durations with this median; `sigma` is the standard deviation of their logarithm."""
    return np.asarray(median) * np.exp(np.asarray(sigma) * rng.standard_normal(n))
