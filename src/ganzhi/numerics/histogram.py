"""Logarithmic histograms: buckets that merge by adding, and quantiles with a proven error.

With gamma = (1+α)/(1−α), bucket ⌈ln x / ln gamma⌉ and estimate 2·gamma^b/(gamma+1), the relative
error of the value of any rank is at most α for every x ≥ 1, however the buckets were merged
(Masson, Rim, Lee: DDSketch, VLDB 2019). Assumes one unit per histogram. Values at or below zero
share one bucket and are estimated as 0; values between 0 and 1 share the bucket of 1.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

ALPHA = 0.01
"""Largest relative error of an estimate, stated wherever a percentile is shown."""

GAMMA = (1 + ALPHA) / (1 - ALPHA)
LN_GAMMA = math.log(GAMMA)

NOT_POSITIVE = -1
"""Bucket of all values at or below zero."""


def bucket(value: float) -> int:
    """The bucket of a finite value.

    >>> bucket(-3), bucket(0), bucket(0.5), bucket(1), bucket(2)
    (-1, -1, 0, 0, 35)
    """
    if value <= 0:
        return NOT_POSITIVE
    return 0 if value <= 1 else math.ceil(math.log(value) / LN_GAMMA)


def estimate(number: int) -> float:
    """The value a bucket stands for.

    >>> estimate(NOT_POSITIVE), round(estimate(35), 3)
    (0.0, 1.994)
    """
    return 0.0 if number == NOT_POSITIVE else 2 * GAMMA**number / (GAMMA + 1)


def quantile(counts: Mapping[int, int], p: float) -> float | None:
    """The estimated value of rank ⌈p·n⌉ (the smallest value with at least p of all at or below
    it), or None for an empty histogram.

    p: above 0 and below 1.
    """
    if not 0 < p < 1:
        raise ValueError("p lies between 0 and 1")
    total = sum(counts.values())
    if total == 0:
        return None
    reached = 0
    for number in sorted(counts):
        reached += counts[number]
        if reached >= p * total:
            return estimate(number)
    return estimate(max(counts))
