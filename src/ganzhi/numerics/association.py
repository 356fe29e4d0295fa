"""Whether two series move together, said with the caution that time series need (methods.md 1.2).

Neighbouring days resemble each other, so plain significance finds links everywhere (40 % of unrelated
pairs at a nominal 5 %); here the sample counts for what it is worth. A link is never called a cause.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

LEAST_PAIRS = 8
"""Pairs of values below which nothing is said."""


@dataclass(frozen=True, slots=True)
class Link:
    """Correlation of x with y `lag` periods later. n: pairs; n_eff: what they are worth; p: two-sided."""

    lag: int
    r: float
    n: int
    n_eff: float
    p: float


def link(x: Sequence[Sequence[float]], y: Sequence[Sequence[float]], lag: int) -> Link | None:
    """The link of two panels at one lag: one pair of series per unit, NaN where unknown, unit means taken out.

    lag: periods by which y follows x, not negative. Returns: None with fewer than `LEAST_PAIRS` pairs or without
    variation. Source: effective sample of Bartlett, n (1 − ρx ρy) / (1 + ρx ρy), methods.md 1.2.
    >>> series = [[float(n % 7) for n in range(40)]]
    >>> round(link(series, series, 0).r, 6)
    1.0
    """
    pairs = [_paired(np.asarray(a, float), np.asarray(b, float), lag) for a, b in zip(x, y, strict=True)]
    pairs = [(a, b) for a, b in pairs if a.size >= 2]
    n = sum(a.size for a, _ in pairs)
    if n < LEAST_PAIRS:
        return None
    left, right = np.concatenate([a for a, _ in pairs]), np.concatenate([b for _, b in pairs])
    spread = float(np.sqrt((left @ left) * (right @ right)))
    if spread <= 1e-300:
        return None
    r = float(np.clip(left @ right / spread, -1.0, 1.0))
    worth = _persistence([a for a, _ in pairs]) * _persistence([b for _, b in pairs])
    n_eff = max(3.0, min(float(n), n * (1 - worth) / (1 + worth)))
    return Link(lag, r, n, n_eff, _p_value(r, n_eff))


def _paired(x: Values, y: Values, lag: int) -> tuple[Values, Values]:
    """Known pairs of x and the y that comes `lag` later, each less its mean."""
    a, b = (x[: x.size - lag], y[lag:]) if lag else (x, y)
    known = ~(np.isnan(a) | np.isnan(b))
    a, b = a[known], b[known]
    return (a - a.mean(), b - b.mean()) if a.size else (a, b)


def _persistence(series: Sequence[Values]) -> float:
    """Correlation of values with the ones before them, pooled; 0 where it is not positive."""
    top = math.fsum(float(s[1:] @ s[:-1]) for s in series)
    bottom = math.fsum(float(s @ s) for s in series)
    return min(max(top / bottom, 0.0), 0.999) if bottom > 0 else 0.0


def _p_value(r: float, n_eff: float) -> float:
    """Two-sided probability of so strong a link by chance (Fisher's z)."""
    if abs(r) >= 1 - 1e-12:
        return 0.0
    z = math.atanh(r) * math.sqrt(max(n_eff - 3, 0.0))
    return math.erfc(abs(z) / math.sqrt(2))


def discoveries(p_values: Sequence[float], rate: float = 0.05) -> tuple[bool, ...]:
    """Which of many tests hold when at most `rate` of those that hold may be false.

    Source: Benjamini and Hochberg, J. R. Stat. Soc. B 57 (1995), procedure (1).
    >>> discoveries([0.01, 0.04, 0.03, 0.005], 0.05)
    (True, True, True, True)
    >>> discoveries([0.04, 0.9], 0.05)
    (False, False)
    """
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    last = max((k for k, i in enumerate(order, 1) if p_values[i] <= rate * k / len(order)), default=0)
    held = set(order[:last])
    return tuple(i in held for i in range(len(p_values)))
