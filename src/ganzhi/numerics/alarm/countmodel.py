"""What is normal for a series of counts: a log-linear model of mean and dispersion that past outbreaks do not spoil.

Quasi-Poisson regression by iteratively re-weighted least squares; days that stand out are weighted down and the
model is fitted again (Noufaily et al. 2012, "An improved algorithm for outbreak detection in multiple surveillance
systems", Statistics in Medicine 32; Salmon, Schumacher and Höhle 2016, "Monitoring count time series in R: aberration
detection in public health surveillance", Journal of Statistical Software 70(10)). methods.md 2.1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

MOST_ROUNDS = 40
CLOSE = 1e-9
STANDS_OUT = 2.58
"""Anscombe residual above which a past count is weighted down: one in two hundred of normal ones is above."""
SMALLEST_MEAN = 1e-8
STEEPEST = 30.0
"""Largest linear predictor: means beyond e^30 are no counts of events."""


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
class _Round:
    coefficients: Array
    fitted: Array
    dispersion: float
    leverage: Array
    inverse: Array


def fit_counts(counts: Array, design: Array, exposure: Array | None = None, *, reweighted: bool = True) -> CountModel:
    """Fit the model to a history.

    counts: n counts >= 0. design: n rows of columns, the first of them 1. exposure: n positive sizes (customers) that
    the counts are proportional to; 1 by default. reweighted: weight past outbreaks down and fit again.
    Raises: NoFitError; ValueError for shapes that do not fit or values that are no counts.
    """
    counts = np.asarray(counts, dtype=np.float64)
    design = np.asarray(design, dtype=np.float64)
    sizes = np.ones_like(counts) if exposure is None else np.asarray(exposure, dtype=np.float64)
    _check(counts, design, sizes)
    offset = np.log(sizes)
    weights = np.ones_like(counts)
    found = _solve(counts, design, offset, weights)
    residuals = _anscombe(counts, found)
    if reweighted:
        weights = _lowered(residuals)
        found = _solve(counts, design, offset, weights)
        residuals = _anscombe(counts, found)
    covariance = found.inverse * found.dispersion
    return CountModel(found.coefficients, covariance, found.dispersion, found.fitted, weights, residuals)


def _check(counts: Array, design: Array, sizes: Array) -> None:
    if counts.ndim != 1 or design.ndim != 2 or design.shape[0] != counts.size or sizes.shape != counts.shape:
        raise ValueError("counts, design and exposure do not have one length")
    if not (np.isfinite(counts).all() and (counts >= 0).all() and np.isfinite(design).all()):
        raise ValueError("a count is negative or unknown")
    if not (np.isfinite(sizes).all() and (sizes > 0).all()):
        raise ValueError("an exposure is not positive")
    if counts.size <= design.shape[1] or not counts.any():
        raise NoFitError(f"{counts.size} counts, {int(np.count_nonzero(counts))} of them not 0, for {design.shape[1]}")


def _solve(counts: Array, design: Array, offset: Array, weights: Array) -> _Round:
    """Weighted quasi-Poisson regression; columns that tell nothing (a holiday that never was) keep coefficient 0."""
    columns = design.shape[1]
    beta = np.zeros(columns)
    beta[0] = np.log(max(float(weights @ counts) / float(weights @ np.exp(offset)), SMALLEST_MEAN))
    ridge: Array = np.eye(columns) * 1e-9
    inverse: Array = ridge
    for _ in range(MOST_ROUNDS):
        eta = np.clip(design @ beta + offset, -STEEPEST, STEEPEST)
        fitted = np.exp(eta)
        working: Array = weights * fitted
        inverse = _inverse(design, working, ridge)
        step = inverse @ (design.T @ (weights * (counts - fitted)))
        largest = float(np.abs(step).max())
        beta = beta + step * min(1.0, 2.0 / largest if largest else 1.0)
        if largest < CLOSE:
            break
    fitted = np.exp(np.clip(design @ beta + offset, -STEEPEST, STEEPEST))
    working = weights * fitted
    inverse = _inverse(design, working, ridge)
    leverage = np.einsum("ij,jk,ik->i", design, inverse, design) * working
    free = max(1.0, counts.size - float(leverage.sum()))
    chi = float(np.sum(weights * (counts - fitted) ** 2 / np.maximum(fitted, SMALLEST_MEAN)))
    return _Round(beta, fitted, max(1.0, chi / free), np.clip(leverage, 0.0, 1.0 - 1e-9), inverse)


def _inverse(design: Array, working: Array, ridge: Array) -> Array:
    return np.asarray(np.linalg.inv(design.T @ (design * working[:, None]) + ridge), dtype=np.float64)


def _anscombe(counts: Array, found: _Round) -> Array:
    mean = np.maximum(found.fitted, SMALLEST_MEAN)
    scale = np.sqrt(found.dispersion * (1.0 - found.leverage))
    residuals: Array = 1.5 * (counts ** (2 / 3) * mean ** (-1 / 6) - np.sqrt(mean)) / scale
    return residuals


def _lowered(residuals: Array) -> Array:
    """Weight of each past count: as the inverse square of a residual that stands out, else 1; 1 on average."""
    raw = np.where(residuals > STANDS_OUT, np.maximum(residuals, STANDS_OUT) ** -2, 1.0)
    weights: Array = raw * (raw.size / raw.sum())
    return weights
