"""Slow drifts that no single day shows: an exponentially weighted mean of what would be standard normal.

methods.md 2.3; Roberts 1959. A count becomes `z`, the normal quantile of the middle of its jump.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

from ganzhi.numerics.alarm.counts import middle

SHARE = 0.4
"""Weight of the newest day: with the default, a drift is seen within two to three days."""
FURTHEST = 8.0
"""Largest |z| that one day may add: beyond it, single days have limits of their own."""

_NORMAL = NormalDist()


def as_normal(count: int, mu: float, phi: float) -> float:
    """A count as a standard normal deviate under its model, at most `FURTHEST` from 0."""
    chance = middle(count, mu, phi)
    least = _NORMAL.cdf(-FURTHEST)
    return (
        _NORMAL.inv_cdf(min(1.0 - 1e-15, max(least, chance))) if 0 < chance < 1 else (FURTHEST if chance else -FURTHEST)
    )


@dataclass(frozen=True, slots=True)
class Drift:
    """The weighted mean after a day, and the number of standard deviations it is from 0."""

    level: float = 0.0
    days: int = 0
    share: float = SHARE

    def after(self, deviate: float) -> Drift:
        """With one more day."""
        return Drift(self.share * deviate + (1.0 - self.share) * self.level, self.days + 1, self.share)

    @property
    def sigmas(self) -> float:
        """The level over its standard deviation, which is smaller while few days are known."""
        return _sigmas(self.level, self.days, self.share)


def _sigmas(level: float, days: int, share: float) -> float:
    return level / sqrt(share / (2.0 - share) * (1.0 - (1.0 - share) ** (2 * days))) if days else 0.0


def drift_after(deviates: Iterable[float | None], share: float = SHARE) -> float:
    """`Drift.sigmas` after the last of some days; unknown days change nothing.

    >>> drift_after([1.0, None, 2.0]) == Drift().after(1.0).after(2.0).sigmas
    True
    """
    level, days = 0.0, 0
    for each in deviates:
        if each is not None:
            level = share * each + (1.0 - share) * level
            days += 1
    return _sigmas(level, days, share)


def drifts(deviates: Iterable[float], share: float = SHARE) -> list[float]:
    """`Drift.sigmas` after each day."""
    found, now = [], Drift(share=share)
    for each in deviates:
        now = now.after(each)
        found.append(now.sigmas)
    return found
