"""How many customers come in each period of a day: the shape of days alike, at the level of the day (methods.md 4.2).

The level is the median of the totals of the last days alike, each moved to the day by what a model of all days says about
the two; the shape is how those days' customers were spread over the periods, all together. Once the day runs, its level
follows what has come: as if `SURE` customers had come as expected beforehand, so that the first hour does not decide the day.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

FEWEST = 3
"""Days alike without which nothing is expected."""
SURE = 100.0
"""A day's level is known to some 10 % beforehand: the standard deviation of one in the root of so many."""


def profile(alike: Array, moved: Array) -> Array | None:
    """Expected customers per period; None with too few days. alike: a row per day, a column per period. moved: per day
    the level of the day asked for over its own.

    >>> profile(np.array([[2.0, 6.0], [1.0, 3.0], [3.0, 9.0]]), np.ones(3)).tolist()
    [2.0, 6.0]
    """
    if alike.shape[0] < FEWEST:
        return None
    level = float(np.median(alike.sum(axis=1) * moved))
    spread = alike.sum(axis=0)
    total = spread.sum()
    return np.zeros(alike.shape[1]) if total == 0 else np.asarray(spread * (level / total))


def in_the_light_of(expected: Array, came: Array, until: int) -> Array:
    """The expectation once the periods before `until` are over: theirs as it was, the others at the level of the day so far.

    >>> in_the_light_of(np.array([40.0, 10.0]), np.array([80.0, 0.0]), 1).round(1).tolist()
    [40.0, 12.9]
    """
    found = expected.copy()
    found[until:] *= (came[:until].sum() + SURE) / (expected[:until].sum() + SURE)
    return found
