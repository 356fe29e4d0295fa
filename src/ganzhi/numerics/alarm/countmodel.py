"""What is normal for a series of counts: a log-linear model of mean and dispersion that past outbreaks do not spoil.

Quasi-Poisson regression by iteratively re-weighted least squares; days that stand out are weighted down and the
model is fitted again (Noufaily et al. 2012, "An improved algorithm for outbreak detection in multiple surveillance
systems", Statistics in Medicine 32; Salmon, Schumacher and Höhle 2016, "Monitoring count time series in R: aberration
detection in public health surveillance", Journal of Statistical Software 70(10)). methods.md 2.1.

Series with one design are fitted together, `BATCH` at a time: the sums over days are then products of large matrices.
What comes out for a series does not depend on which others are fitted with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ganzhi.numerics.alarm.consistent import consistent as made_consistent

Array = NDArray[np.float64]

MOST_ROUNDS = 40
CLOSE = 1e-9
STANDS_OUT = 2.58
"""Anscombe residual above which a past count is weighted down: one in two hundred of normal ones is above."""
SMALLEST_MEAN = 1e-8
STEEPEST = 30.0
"""Largest linear predictor: means beyond e^30 are no counts of events."""
BATCH = 16
PARTS = 8
"""Parts of a history by the size of its means, for which what re-weighting takes away is told apart."""
PRIOR = 0.01
"""How sure it is beforehand that a kind of day is like the others (a coefficient of 0 with standard deviation 10): a
kind of day of which nothing was ever counted is rare, not impossible."""


class NoFitError(ValueError):
    """The counts do not determine the model: fewer of them than coefficients, or nothing but zeros."""


@dataclass(frozen=True, slots=True)
class CountModel:
    """coefficients: of the design's columns; covariance: theirs, dispersion included. dispersion: variance over mean,
    never below 1. fitted, weights, residuals: per count of the history, in its order (weight 1 on average; the
    residual is Anscombe's)."""

    coefficients: Array
    covariance: Array
    dispersion: float
    fitted: Array
    weights: Array
    residuals: Array

    def mean(self, design: Array, exposure: float = 1.0) -> float:
        """The mean expected for a day with these columns and exposure."""
        steep = float(np.clip(design @ self.coefficients, -STEEPEST, STEEPEST))
        return max(SMALLEST_MEAN, float(np.exp(steep)) * exposure)

    def error(self, design: Array) -> float:
        """Standard error of the logarithm of that mean."""
        return float(np.sqrt(max(0.0, float(design @ self.covariance @ design))))


@dataclass(frozen=True, slots=True)
class _Shared:
    """A design, with the products of each two of its columns, in the order of the upper triangle `rows`, `columns`."""

    design: Array
    pairs: Array
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    prior: Array

    @staticmethod
    def of(design: Array) -> _Shared:
        """Prepare it."""
        rows, columns = np.triu_indices(design.shape[1])
        prior = np.full(design.shape[1], PRIOR)
        prior[0] = 1e-9
        return _Shared(design, design[:, rows] * design[:, columns], rows, columns, prior)

    def square(self, working: Array) -> Array:
        """Per series (row of weights) the weighted products of the columns, and the prior."""
        size = self.design.shape[1]
        found = np.empty((working.shape[0], size, size))
        triangle = working @ self.pairs
        found[:, self.rows, self.columns] = triangle
        found[:, self.columns, self.rows] = triangle
        found[:, np.arange(size), np.arange(size)] += self.prior
        return found

    def spread(self, inverse: Array) -> Array:
        """Per series and day the quadratic form of the day's columns."""
        twice = np.where(self.rows == self.columns, 1.0, 2.0)
        return np.asarray((inverse[:, self.rows, self.columns] * twice) @ self.pairs.T)


@dataclass(frozen=True, slots=True)
class _Round:
    """Rows are series."""

    coefficients: Array
    fitted: Array
    dispersion: Array
    leverage: Array
    inverse: Array


def fit_counts(counts: Array, design: Array, exposure: Array | None = None, *, reweighted: bool = True) -> CountModel:
    """Fit the model to a history.

    counts: n counts >= 0. design: n rows of columns, the first of them 1. exposure: n positive sizes (customers) that
    the counts are proportional to; 1 by default. reweighted: weight past outbreaks down and fit again.
    Raises: NoFitError; ValueError for shapes that do not fit or values that are no counts.
    """
    counts = np.asarray(counts, dtype=np.float64)
    sizes = None if exposure is None else np.asarray(exposure, dtype=np.float64)[None]
    if counts.ndim != 1:
        raise ValueError("counts, design and exposure do not have one length")
    (found,) = fit_many(counts[None], design, sizes, reweighted=reweighted)
    if found is None:
        shape = np.asarray(design).shape[1]
        raise NoFitError(f"{counts.size} counts, {int(np.count_nonzero(counts))} of them not 0, for {shape}")
    return found


def fit_many(
    counts: Array, design: Array, exposure: Array | None = None, *, reweighted: bool = True, consistent: bool = False
) -> Sequence[CountModel | None]:
    """Fit series of the same days, one per row of counts and exposure; None for those that do not determine the model.

    consistent: give back what re-weighting takes from counts that come in clumps (`alarm.consistent`), up to what the
    counts have without it; the published algorithm does not. Raises: as `fit_counts`.
    """
    counts = np.asarray(counts, dtype=np.float64)
    design = np.asarray(design, dtype=np.float64)
    sizes = np.ones_like(counts) if exposure is None else np.asarray(exposure, dtype=np.float64)
    _check(counts, design, sizes)
    found: list[CountModel | None] = [None] * counts.shape[0]
    able = np.flatnonzero(counts.any(axis=1)) if counts.shape[1] > design.shape[1] else np.empty(0, dtype=np.intp)
    shared = _Shared.of(design)
    for start in range(0, able.size, BATCH):
        chosen = able[start : start + BATCH]
        filled = np.resize(chosen, BATCH)  # always as many, so that sums come out the same to the last digit
        models = _fit_batch(counts[filled], shared, np.log(sizes[filled]), reweighted=reweighted, consistent=consistent)
        for place, model in zip(chosen.tolist(), models, strict=False):
            found[place] = model
    return found


def _fit_batch(
    counts: Array, shared: _Shared, offset: Array, *, reweighted: bool, consistent: bool
) -> list[CountModel]:
    weights = np.ones_like(counts)
    first = found = _solve(counts, shared, offset, weights, None)
    residuals = _anscombe(counts, found)
    if reweighted:
        weights = _lowered(residuals)
        found = _solve(counts, shared, offset, weights, found.coefficients)
        found = _given_back(found, first) if consistent else found
        residuals = _anscombe(counts, found)
    covariance = found.inverse * found.dispersion[:, None, None]
    return [
        CountModel(*each)
        for each in zip(
            found.coefficients, covariance, found.dispersion.tolist(), found.fitted, weights, residuals, strict=True
        )
    ]


def _given_back(found: _Round, first: _Round) -> _Round:
    """The fit as it would be consistent for counts without an outbreak, no further than the fit without weights."""
    parts = np.quantile(found.fitted, (np.arange(PARTS) + 0.5) / PARTS, axis=1).T
    factor, dispersion = made_consistent(np.maximum(parts, SMALLEST_MEAN), found.dispersion, STANDS_OUT)
    most = first.fitted.mean(axis=1) / np.maximum(found.fitted.mean(axis=1), SMALLEST_MEAN)
    factor = np.clip(factor, 1.0, np.maximum(1.0, most))
    dispersion = np.clip(dispersion, found.dispersion, np.maximum(found.dispersion, first.dispersion))
    coefficients = found.coefficients.copy()
    coefficients[:, 0] += np.log(factor)
    return replace(found, coefficients=coefficients, fitted=found.fitted * factor[:, None], dispersion=dispersion)


def _check(counts: Array, design: Array, sizes: Array) -> None:
    if counts.ndim != 2 or design.ndim != 2 or design.shape[0] != counts.shape[1] or sizes.shape != counts.shape:
        raise ValueError("counts, design and exposure do not have one length")
    if not (np.isfinite(counts).all() and (counts >= 0).all() and np.isfinite(design).all()):
        raise ValueError("a count is negative or unknown")
    if not (np.isfinite(sizes).all() and (sizes > 0).all()):
        raise ValueError("an exposure is not positive")


def _solve(counts: Array, shared: _Shared, offset: Array, weights: Array, begin: Array | None) -> _Round:
    """Weighted quasi-Poisson regressions; columns that tell nothing (a holiday that never was) keep coefficient 0. A
    series that has come to rest is left alone while others go on."""
    if begin is None:
        beta = np.zeros((counts.shape[0], shared.design.shape[1]))
        level = (weights * counts).sum(axis=1) / (weights * np.exp(offset)).sum(axis=1)
        beta[:, 0] = np.log(np.maximum(level, SMALLEST_MEAN))
    else:
        beta = begin.copy()
    moving = np.ones(counts.shape[0], dtype=bool)
    for _ in range(MOST_ROUNDS):
        fitted = _mean(beta, shared, offset)
        square = shared.square(weights * fitted)
        slope = (weights * (counts - fitted)) @ shared.design - shared.prior * beta
        step = np.linalg.solve(square, slope[:, :, None])[:, :, 0]
        largest = np.abs(step).max(axis=1)
        step *= np.minimum(1.0, 2.0 / np.maximum(largest, 1e-300))[:, None]
        beta += np.where(moving[:, None], step, 0.0)
        moving &= largest >= CLOSE
        if not moving.any():
            break
    fitted = _mean(beta, shared, offset)
    working = weights * fitted
    inverse: Array = np.linalg.inv(shared.square(working)).astype(np.float64, copy=False)
    leverage = shared.spread(inverse) * working
    free = np.maximum(1.0, counts.shape[1] - leverage.sum(axis=1))
    chi = np.sum(weights * (counts - fitted) ** 2 / np.maximum(fitted, SMALLEST_MEAN), axis=1)
    return _Round(beta, fitted, np.maximum(1.0, chi / free), np.clip(leverage, 0.0, 1.0 - 1e-9), inverse)


def _mean(beta: Array, shared: _Shared, offset: Array) -> Array:
    return np.exp(np.clip(beta @ shared.design.T + offset, -STEEPEST, STEEPEST))


def _anscombe(counts: Array, found: _Round) -> Array:
    mean = np.maximum(found.fitted, SMALLEST_MEAN)
    scale = np.sqrt(found.dispersion[:, None] * (1.0 - found.leverage))
    sixth = np.cbrt(np.sqrt(mean))
    residuals: Array = 1.5 * (np.cbrt(counts * counts) / sixth - np.sqrt(mean)) / scale
    return residuals


def _lowered(residuals: Array) -> Array:
    """Weight of each past count: as the inverse square of a residual that stands out, else 1; 1 on average."""
    raw = np.where(residuals > STANDS_OUT, np.maximum(residuals, STANDS_OUT) ** -2, 1.0)
    weights: Array = raw * (raw.shape[1] / raw.sum(axis=1, keepdims=True))
    return weights
