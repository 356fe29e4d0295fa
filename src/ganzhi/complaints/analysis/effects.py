"""Whether there are fewer complaints since a measure than before it (S003-024). Pure.

Given both sums, the part that falls after is binomial if nothing changed. Counts of days scatter more than that; so
the sums are divided by the dispersion (variance ÷ mean, at least 1) before the interval is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from ganzhi.numerics.intervals import wilson

LEAST_DAYS: Final = 3
"""Days on either side below which nothing is said."""
Verdict = Literal["fewer", "no_difference", "more", "too_early"]


@dataclass(frozen=True, slots=True)
class Difference:
    """before, after: complaints in so many days. ratio: complaints a day after, by those before; low, high: 95 %.
    None where nothing can be said; high is None where it has no upper end."""

    verdict: Verdict
    before: int
    before_days: int
    after: int
    after_days: int
    ratio: float | None
    low: float | None
    high: float | None


def difference(before: Sequence[int], after: Sequence[int]) -> Difference:
    """Complaints of each day before a measure, and of each day since.

    >>> difference([10] * 14, [4] * 14).verdict, difference([10] * 14, [9] * 14).verdict
    ('fewer', 'no_difference')
    """
    old, new, days, since = sum(before), sum(after), len(before), len(after)
    if days < LEAST_DAYS or since < LEAST_DAYS or not old:
        return Difference("too_early", old, days, new, since, None, None, None)
    scatter = max(_dispersion(before), _dispersion(after), 1.0)
    trials = max(round((old + new) / scatter), 1)
    interval = wilson(min(round(new / scatter), trials), trials)
    low = _ratio(interval.low, days, since)
    high = _ratio(interval.high, days, since) if interval.high < 1 else None
    verdict: Verdict = "no_difference"
    if high is not None and high < 1:
        verdict = "fewer"
    elif low > 1:
        verdict = "more"
    return Difference(verdict, old, days, new, since, (new / since) / (old / days), low, high)


def _ratio(share: float, days: int, since: int) -> float:
    return share / (1 - share) * days / since


def _dispersion(counts: Sequence[int]) -> float:
    mean = sum(counts) / len(counts)
    if not mean or len(counts) < 2:
        return 1.0
    return sum((each - mean) ** 2 for each in counts) / (len(counts) - 1) / mean
