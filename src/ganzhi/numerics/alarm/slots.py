"""What is normal for a value at an hour of a weekday: the median of the last such slots, with a band that holds
the share it promises because it is taken from the errors made before (methods.md 2.4).

The band is split conformal (Vovk, Gammerman and Shafer 2005; Lei et al. 2018): of the last errors, the quantile of
rank ceil((n + 1) * share). It assumes no distribution; it needs errors enough, and says when it has too few.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from statistics import median

SLOTS_BACK = 8
"""How many earlier slots of the same kind make the median."""
FEWEST_SLOTS = 3
"""Slots without which nothing is expected."""
NORMAL_MAD = 1.4826
"""Median absolute deviation of a normal distribution, as part of its standard deviation."""


def expected(earlier: Sequence[float]) -> float | None:
    """The median of the last `SLOTS_BACK` values of the same slot, oldest first; None with too few.

    >>> expected([5.0, 7.0, 6.0]), expected([5.0])
    (6.0, None)
    """
    known = earlier[-SLOTS_BACK:]
    return float(median(known)) if len(known) >= FEWEST_SLOTS else None


def spread_of(earlier: Sequence[float], *, counts: bool) -> float:
    """The scale of an error: the root of the median for counts, else the median absolute deviation; never 0."""
    known = earlier[-SLOTS_BACK:]
    middle = float(median(known))
    if counts:
        return sqrt(max(middle, 1.0))
    deviation = NORMAL_MAD * float(median([abs(value - middle) for value in known]))
    return deviation or abs(middle) * 0.01 or 1.0


@dataclass(frozen=True, slots=True)
class Band:
    """middle: what is expected; low, high: between which the value lies with the share asked for."""

    middle: float
    low: float
    high: float


class Errors:
    """The latest errors of a series' expectations, each over its scale.

    keep: how many of them; those of some forty days, so that the band follows a series that grows noisier.
    """

    def __init__(self, keep: int) -> None:
        if keep < 1:
            raise ValueError("no errors to keep")
        self._kept: deque[float] = deque(maxlen=keep)

    def add(self, value: float, middle: float, scale: float) -> None:
        """Note how far a value was from what had been expected."""
        self._kept.append((value - middle) / scale)

    def __len__(self) -> int:
        return len(self._kept)

    def factor(self, share: float) -> float | None:
        """How many scales either side hold that share of values; None while the errors are too few to say.

        Raises: ValueError for a share outside (0, 1).
        """
        if not 0 < share < 1:
            raise ValueError(f"{share} is no share")
        rank = ceil((len(self._kept) + 1) * share)
        if rank > len(self._kept):
            return None
        return sorted(abs(error) for error in self._kept)[rank - 1]

    def beyond(self, tail: float) -> float | None:
        """How many scales above its middle a value has to be for only that share of errors to be as high; None while
        the errors are too few to say."""
        rank = ceil((len(self._kept) + 1) * (1.0 - tail))
        return None if rank > len(self._kept) else sorted(self._kept)[rank - 1]

    def typical(self) -> float | None:
        """The median size of an error, in scales; None without any."""
        return float(median([abs(error) for error in self._kept])) if self._kept else None

    def chance(self, value: float, middle: float, scale: float) -> float:
        """How many of the errors were at least as far out on the same side: the conformal p-value, never 0."""
        far = (value - middle) / scale
        as_far = sum(error >= far for error in self._kept) if far >= 0 else sum(error <= far for error in self._kept)
        return (as_far + 1) / (len(self._kept) + 1)

    def band(self, middle: float, scale: float, share: float) -> Band | None:
        """The band around an expectation; None while the errors are too few."""
        factor = self.factor(share)
        return None if factor is None else Band(middle, middle - factor * scale, middle + factor * scale)
