"""Weights from pairwise judgements: the analytic hierarchy process (methods.md 1.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

RANDOM_INDEX = (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49)
"""Mean consistency index of random judgements for 1 to 10 things (Saaty 1980)."""
MOST_INCONSISTENT = 0.1


@dataclass(frozen=True, slots=True)
class Judged:
    """weights: sum to 1. consistency_ratio: 0 for judgements without contradiction."""

    weights: tuple[float, ...]
    consistency_ratio: float

    @property
    def acceptable(self) -> bool:
        """Whether the judgements contradict each other little enough to be used (ratio at most 0.1)."""
        return self.consistency_ratio <= MOST_INCONSISTENT


def weigh(matrix: Sequence[Sequence[float]]) -> Judged:
    """Weights from a matrix of judgements: how many times row i matters as much as column j.

    Raises: ValueError unless the matrix is square, of 1 to 10 things, positive and reciprocal.
    Source: Saaty, The Analytic Hierarchy Process (1980): principal eigenvector, CI = (λ − n)/(n − 1).
    >>> judged = weigh([[1, 3, 5], [1 / 3, 1, 3], [1 / 5, 1 / 3, 1]])
    >>> [round(w, 3) for w in judged.weights], round(judged.consistency_ratio, 3)
    ([0.637, 0.258, 0.105], 0.033)
    """
    table = np.array(matrix, float)
    n = len(table)
    if table.shape != (n, n) or not 1 <= n <= len(RANDOM_INDEX):
        raise ValueError("judgements form a square matrix of 1 to 10 things")
    if not (np.isfinite(table).all() and (table > 0).all()):
        raise ValueError("judgements are positive")
    if not np.allclose(table * table.T, 1, rtol=0.02):
        raise ValueError("judgement j to i is the reciprocal of i to j")
    values, vectors = np.linalg.eig(table)
    largest = int(np.argmax(values.real))
    weights = np.abs(vectors[:, largest].real)
    weights /= weights.sum()
    index = (float(values[largest].real) - n) / (n - 1) if n > 1 else 0.0
    ratio = index / RANDOM_INDEX[n - 1] if RANDOM_INDEX[n - 1] else 0.0
    return Judged(tuple(map(float, weights)), max(ratio, 0.0))


def together(matrices: Sequence[Sequence[Sequence[float]]]) -> list[list[float]]:
    """Judgements of a group: the geometric mean, entry by entry, which keeps them reciprocal.

    >>> together([[[1, 4], [0.25, 1]], [[1, 1], [1, 1]]])
    [[1.0, 2.0], [0.5, 1.0]]
    """
    mean = np.exp(np.mean([np.log(np.array(m, float)) for m in matrices], axis=0))
    return [[float(value) for value in row] for row in mean]
