"""Intervals for proportions of small samples."""

from __future__ import annotations

import math
from dataclasses import dataclass

Z_95 = 1.959963984540054
"""97.5 % point of the standard normal distribution: two-sided 95 %."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Closed interval of ratios within [0, 1]."""

    low: float
    high: float


def wilson(hits: int, trials: int, z: float = Z_95) -> Interval:
    """The score interval of a proportion; [0, 1] when there were no trials.

    Source: E. B. Wilson, JASA 22 (1927), 209–212.
    >>> interval = wilson(8, 10)
    >>> round(interval.low, 4), round(interval.high, 4)
    (0.4902, 0.9433)
    """
    if not 0 <= hits <= trials:
        raise ValueError("hits lie between 0 and trials")
    if trials == 0:
        return Interval(0.0, 1.0)
    p = hits / trials
    spread = z * z / trials
    middle = (p + spread / 2) / (1 + spread)
    half = z / (1 + spread) * math.sqrt(p * (1 - p) / trials + spread / (4 * trials))
    # At 0 and at all hits the exact bound is 0 and 1; rounding must not leave a trace there.
    return Interval(0.0 if hits == 0 else max(0.0, middle - half), 1.0 if hits == trials else min(1.0, middle + half))


def difference(hits: int, trials: int, other_hits: int, other_trials: int, z: float = Z_95) -> tuple[float, float]:
    """The interval of the first proportion minus the other, from the score interval of each.

    Source: R. G. Newcombe, Statistics in Medicine 17 (1998), 873–890, method 10.
    >>> [round(each, 4) for each in difference(56, 70, 48, 80)]
    [0.0524, 0.3339]
    """
    if not trials or not other_trials:
        return -1.0, 1.0
    own, other = wilson(hits, trials, z), wilson(other_hits, other_trials, z)
    p, q = hits / trials, other_hits / other_trials
    low = p - q - math.hypot(p - own.low, other.high - q)
    return low, p - q + math.hypot(own.high - p, q - other.low)
