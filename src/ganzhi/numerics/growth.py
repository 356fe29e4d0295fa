"""Whether counts have grown more than chance explains: many cells now against the same cells before.

A cell's count given its earlier ones is negative binomial: a Gamma belief about its rate (Jeffreys' prior,
updated by the counts before) over a Poisson count, widened by the dispersion seen before, which is drawn
towards that of all cells. Chances are adjusted for the number of cells (Benjamini & Hochberg 1995). (S003-022)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ganzhi.numerics.alarm.discovery import adjusted
from ganzhi.numerics.alarm.manycounts import above

Array = NDArray[np.float64]

PRIOR: Final = 0.5
"""Half an event, as Jeffreys' prior of a rate has it."""
DRAW: Final = 8.0
"""Degrees of freedom with which a cell's dispersion is drawn to that of all."""


@dataclass(frozen=True, slots=True)
class Growth:
    """Per cell: the count expected now, the dispersion (variance ÷ mean, at least 1), the chance of the count or more,
    and that chance adjusted for all cells."""

    expected: Array
    dispersion: Array
    chance: Array
    adjusted: Array


def growth(now: Array, before: Array, exposure: Array | None = None) -> Growth:
    """now: counts per cell. before: cell × earlier period. exposure: how much of a period like the present one each
    earlier period is, 1 by default (a Sunday may be 0.6 of a Monday).

    Raises: ValueError for no earlier period, negative counts, or an exposure that is not above 0.
    """
    sizes = np.ones(before.shape[1]) if exposure is None else exposure
    if before.shape[1] == 0 or before.shape[0] != len(now) or len(sizes) != before.shape[1]:
        raise ValueError("cells and periods do not fit together")
    if (before < 0).any() or (now < 0).any() or not (sizes > 0).all():
        raise ValueError("counts are at least 0 and exposures above 0")
    if not len(now):
        nothing = np.zeros(0)
        return Growth(nothing, nothing, nothing, nothing)
    whole = sizes.sum()
    expected = (before.sum(axis=1) + PRIOR) / whole
    dispersion = _dispersion(before, sizes)
    more, here = above(now, expected, dispersion * (1 + 1 / whole))
    chance = np.minimum(more + here, 1.0)
    return Growth(expected, dispersion, chance, np.array(adjusted(chance.tolist())))


def _dispersion(before: Array, sizes: Array) -> Array:
    """Pearson's, of each cell and of all together, mixed by degrees of freedom; at least 1."""
    free = before.shape[1] - 1
    if free == 0:
        return np.ones(len(before))
    means = before.sum(axis=1, keepdims=True) / sizes.sum() * sizes
    known = means.sum(axis=1) > 0
    squares = np.zeros(len(before))
    squares[known] = ((before[known] - means[known]) ** 2 / means[known]).sum(axis=1)
    # Of cells with next to nothing the statistic is not what theory says; they say nothing of all.
    weighty = means.sum(axis=1) >= before.shape[1]
    pooled = squares[weighty].sum() / (weighty.sum() * free) if weighty.any() else 1.0
    mixed = (DRAW * pooled + squares) / (DRAW + free)
    return np.asarray(np.maximum(np.where(weighty, mixed, pooled), 1.0))


@dataclass(frozen=True, slots=True)
class Grown:
    """Per cell the span of last periods that says most: how many periods, their count, what was expected of them, and
    the chance adjusted for all cells and spans."""

    span: NDArray[np.int64]
    count: Array
    expected: Array
    adjusted: Array


def grown(counts: Array, exposure: Array | None = None, spans: tuple[int, ...] = (1, 2)) -> Grown:
    """counts: cell × period, the present one last. A growth that is too small for one period shows in two.

    Earlier periods are put together by spans, back from the present one; what does not fill one is left out.
    Raises: ValueError as `growth`, also when there is no earlier span at all.
    """
    sizes = np.ones(counts.shape[1]) if exposure is None else exposure
    cells = len(counts)
    tried: list[tuple[int, Array, Growth]] = []
    for span in spans:
        whole = counts.shape[1] // span
        if whole < 2:
            continue
        kept = counts[:, counts.shape[1] - whole * span :].reshape(cells, whole, span).sum(axis=2)
        lengths = sizes[len(sizes) - whole * span :].reshape(whole, span).sum(axis=1)
        tried.append((span, kept[:, -1], growth(kept[:, -1], kept[:, :-1], lengths[:-1] / lengths[-1])))
    if not tried:
        raise ValueError("cells and periods do not fit together")
    chances = np.array([each.chance for _, _, each in tried])
    corrected = np.array(adjusted(chances.ravel().tolist())).reshape(chances.shape)
    best = chances.argmin(axis=0)
    at = np.arange(cells)
    return Grown(
        span=np.array([span for span, _, _ in tried])[best],
        count=np.array([now for _, now, _ in tried])[best, at],
        expected=np.array([each.expected for _, _, each in tried])[best, at],
        adjusted=corrected[best, at],
    )
