"""Sums of floats that are rounded once, row by row of a matrix.

Owns what `math.fsum` gives, for many rows at once: the float next to the exact sum, so neither the
order of the terms nor the number of rows done together can change a digit. Assumes finite terms
whose sum does not overflow.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FEW_ROWS = 64
"""Up to so many rows Python's own exact sum is quicker than arrays."""


def exact_row_sums(terms: Floats) -> Floats:
    """The sum of each row, equal to `math.fsum` of it.

    Source: Shewchuk 1997, Adaptive Precision Floating-Point Arithmetic, Grow-Expansion (theorem 10).
    >>> exact_row_sums(np.array([[1e16, 1.0, -1e16], [0.1, 0.2, 0.3]])).tolist()
    [1.0, 0.6]
    """
    if len(terms) <= FEW_ROWS:
        return np.array([math.fsum(row) for row in terms.tolist()], dtype=np.float64)
    return _rounded(_expansion(terms), len(terms))


def _expansion(terms: Floats) -> list[Floats]:
    """Per row parts that do not overlap, smallest first, zeros among them, whose sum is exact."""
    parts: list[Floats] = []
    for column in range(terms.shape[1]):
        rest = terms[:, column]
        for place, part in enumerate(parts):
            rest, parts[place] = _two_sum(rest, part)
        parts.append(rest)
    return parts


def _two_sum(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    total = a + b
    of_b = total - a
    return total, (a - (total - of_b)) + (b - of_b)


def _rounded(parts: list[Floats], rows: int) -> Floats:
    """An expansion rounded to one float, half to even."""
    high, low, tail = np.zeros(rows), np.zeros(rows), np.zeros(rows)
    for part in reversed(parts):
        open_ = low == 0
        total = high + part
        tail = np.where(open_ | (tail != 0), tail, part)
        low = np.where(open_, part - (total - high), low)
        high = np.where(open_, total, high)
    # A remainder of exactly half a step was rounded to even; what is smaller still may say otherwise.
    twice = 2.0 * low
    moved = high + twice
    wrong = (((low < 0) & (tail < 0)) | ((low > 0) & (tail > 0))) & (moved - high == twice)
    return np.where(wrong, moved, high)
