"""Before and after of the same subjects by signed ranks: exact, without assuming any distribution.

Wilcoxon 1945 with mid-ranks for ties and without pairs that do not differ; the estimate is that of Hodges & Lehmann
1963, its interval that of Tukey's Walsh averages (Hollander & Wolfe 1999, section 3.3), exact without ties and
conservative with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

LEAST: Final = 6
"""Pairs below which no two-sided test can reach 5 %."""
LEVEL: Final = 0.95
Counts = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Paired:
    """n: pairs. differing: those whose two values differ. shift: by how much the second is typically higher, with its
    95 % interval; None for fewer than LEAST pairs. p: two-sided, None likewise."""

    n: int
    differing: int
    shift: float | None
    low: float | None
    high: float | None
    p: float | None


def compare(before: Sequence[float], after: Sequence[float]) -> Paired:
    """What changed from before to after; values of one subject stand at the same place.

    >>> compare([50, 60, 55, 70, 65, 58], [60, 66, 60, 78, 70, 70]).shift
    8.0
    """
    if len(before) != len(after):
        raise ValueError("every subject has two values")
    moved = np.asarray(after, dtype=float) - np.asarray(before, dtype=float)
    n, differing = len(moved), int(np.count_nonzero(moved))
    if n < LEAST:
        return Paired(n, differing, None, None, None, None)
    walsh = np.sort([(moved[i] + moved[j]) / 2 for i in range(n) for j in range(i, n)])
    cut = _critical(n)
    return Paired(n, differing, float(np.median(walsh)), float(walsh[cut]), float(walsh[-1 - cut]), _p(moved))


def _p(moved: npt.NDArray[np.float64]) -> float:
    """The chance of ranks at least as uneven when each difference is as likely up as down."""
    differing = moved[moved != 0]
    if not len(differing):
        return 1.0
    sizes = np.abs(differing)
    twice = np.array([2 * np.sum(sizes < each) + np.sum(sizes == each) + 1 for each in sizes], dtype=np.int64)
    counts = _sums(twice)
    observed = int(twice[differing > 0].sum())
    less = counts[: observed + 1].sum()
    more = counts[observed:].sum()
    return float(min(1.0, 2 * min(less, more) / counts.sum()))


def _critical(n: int) -> int:
    """The largest sum of ranks that is too small at the level: as many Walsh averages lie outside on either side."""
    counts = _sums(np.arange(1, n + 1))
    below = np.cumsum(counts) / counts.sum()
    return int(np.searchsorted(below, (1 - LEVEL) / 2, side="right")) - 1


def _sums(ranks: npt.NDArray[np.int64]) -> Counts:
    """In how many ways (scaled) each sum comes about when every rank is taken or left."""
    counts = np.zeros(int(ranks.sum()) + 1)
    counts[0] = 1.0
    for rank in ranks:
        taken = np.zeros_like(counts)
        taken[rank:] = counts[: len(counts) - rank]
        counts = (counts + taken) / 2
    return counts
