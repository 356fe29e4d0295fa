"""How much each of several ratings carries of an overall one: derived importance (methods.md 1.1)."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

MOST_FOR_LMG = 12
"""Predictors up to which all subsets are fitted; beyond, relative weights."""
LEAST_PER_PREDICTOR = 10
DRAWS = 400


class TooFewAnswersError(ValueError):
    """Fewer answers than ten per predictor: importances would be noise."""


@dataclass(frozen=True, slots=True)
class Importance:
    """shares: part of the explained variance per predictor, summing to 1; low, high: their 5 % and 95 % bounds
    by bootstrap. r2: share of the outcome's variance that the predictors explain together. n: complete answers."""

    shares: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    r2: float
    n: int

    @property
    def key(self) -> tuple[bool, ...]:
        """Which predictors certainly carry more than an equal part: the key control points (S001-001)."""
        equal = 1 / len(self.shares)
        return tuple(low > equal for low in self.low)


def lmg(inner: Values, outer: Values) -> Values:
    """Shapley values of R²: what each predictor adds, averaged over all orders of entry.

    inner: correlations of the predictors, p × p. outer: their correlations with the outcome. The values sum to R².
    Source: Lindeman, Merenda and Gold (1980); Grömping, J. Stat. Softw. 17(1), 2006.
    >>> [round(float(v), 4) for v in lmg(np.eye(2), np.array([0.6, 0.3]))]
    [0.36, 0.09]
    """
    p = len(outer)
    explained = {frozenset[int](): 0.0}
    for size in range(1, p + 1):
        for chosen in itertools.combinations(range(p), size):
            of = np.ix_(chosen, chosen)
            explained[frozenset(chosen)] = float(outer[list(chosen)] @ np.linalg.pinv(inner[of]) @ outer[list(chosen)])
    values = np.zeros(p)
    for subset, r2 in explained.items():
        for i in set(range(p)) - subset:
            weight = math.factorial(len(subset)) * math.factorial(p - len(subset) - 1) / math.factorial(p)
            values[i] += weight * (explained[subset | {i}] - r2)
    return values


def relative_weights(inner: Values, outer: Values) -> Values:
    """Johnson's relative weights, for more predictors than all subsets can be fitted for; they sum to R².

    Source: Johnson, Multivariate Behavioral Research 35(1), 2000, equations 4 to 10.
    """
    values, vectors = np.linalg.eigh(inner)
    values = np.clip(values, 1e-12, None)
    root = vectors @ np.diag(np.sqrt(values)) @ vectors.T
    beta = np.linalg.solve(root, outer)
    found: Values = (root * root) @ (beta * beta)
    return found


def importance(predictors: Values, outcome: Values, *, seed: int = 1) -> Importance:
    """Derived importance of predictors, n × p, for an outcome, n; answers with a gap (NaN) are left out.

    Raises: TooFewAnswersError with fewer than 10 complete answers per predictor.
    """
    known = ~(np.isnan(predictors).any(axis=1) | np.isnan(outcome))
    x, y = predictors[known], outcome[known]
    n, p = x.shape
    if n < LEAST_PER_PREDICTOR * p:
        raise TooFewAnswersError(f"{n} complete answers for {p} predictors")
    values = _values(x, y)
    random = np.random.default_rng(seed)
    draws = np.array([_shares(_values(x[rows], y[rows])) for rows in random.integers(0, n, (DRAWS, n))])
    low, high = np.nanquantile(draws, [0.05, 0.95], axis=0)
    return Importance(
        shares=tuple(map(float, _shares(values))),
        low=tuple(map(float, low)),
        high=tuple(map(float, high)),
        r2=float(values.sum()),
        n=n,
    )


def _values(x: Values, y: Values) -> Values:
    with np.errstate(invalid="ignore", divide="ignore"):
        table = np.nan_to_num(np.corrcoef(np.column_stack([x, y]), rowvar=False))
    np.fill_diagonal(table, 1.0)
    inner, outer = table[:-1, :-1], table[:-1, -1]
    return lmg(inner, outer) if len(outer) <= MOST_FOR_LMG else relative_weights(inner, outer)


def _shares(values: Values) -> Values:
    kept = np.clip(values, 0.0, None)
    total = kept.sum()
    return kept / total if total > 0 else np.full(len(kept), 1 / len(kept))
