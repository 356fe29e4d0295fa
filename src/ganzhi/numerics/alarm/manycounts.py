"""The distribution of `counts` for many counts at once: chances of all series of a day, limits of all grades.

What `counts` gives one by one, to some nine digits. Short tails are summed from the far side, a block of terms at a time,
until what is left does not matter any more; long ones (large or widely spread counts) are incomplete beta functions, by
their continued fraction (DiDonato and Morris 1992, "Algorithm 708", ACM Transactions on Mathematical Software 18).
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from ganzhi.numerics.alarm.counts import NEARLY_POISSON, NEGLIGIBLE

Array = NDArray[np.float64]

BLOCK = 32
"""Terms summed at a time."""
LONG = 400.0
"""Terms from which a tail is long."""
SPREADS, TAILS = 9.0, 41.0
"""A tail has about so many standard deviations and dispersions of terms that matter."""
LEAST_WIDE = 1.01
"""Least dispersion of what is called a beta function: below it, the size is too large for its logarithms' digits."""
MOST_STEPS = 20_000
LARGE = 12.0
"""From where Stirling's series has sixteen digits with the terms taken."""
_STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360)


def log_gamma(at: Array) -> Array:
    """Natural logarithm of the gamma function, for numbers above 0.

    >>> log_gamma(np.array([1.0, 5.0, 0.5])).round(9).tolist()
    [0.0, 3.17805383, 0.572364943]
    """
    small = at < LARGE
    shifted = np.where(small, at + LARGE, at)
    inverse = 1.0 / shifted
    series = np.zeros_like(shifted)
    for term in reversed(_STIRLING):
        series = series * inverse * inverse + term
    found = (shifted - 0.5) * np.log(shifted) - shifted + 0.5 * np.log(2 * np.pi) + series * inverse
    if small.any():
        product = np.ones_like(at)
        for step in range(int(LARGE)):
            product = product * np.where(small, at + step, 1.0)
        found = found - np.log(product)
    return np.asarray(found)


def log_probabilities(counts: Array, mu: Array, phi: Array) -> Array:
    """Natural logarithm of P(Y = count) for counts >= 0."""
    poisson = phi - 1.0 < NEARLY_POISSON
    over = np.where(poisson, 1.0, phi - 1.0)
    size = mu / over
    wide = log_gamma(counts + size) - log_gamma(size) - size * np.log1p(over) + counts * np.log(over / (1.0 + over))
    narrow = counts * np.log(mu) - mu
    return np.asarray(np.where(poisson, narrow, wide) - log_gamma(counts + 1.0))


def above(counts: Array, mu: Array, phi: Array) -> tuple[Array, Array]:
    """P(Y > count) and P(Y = count), for counts >= 0; arrays of one shape.

    >>> more, here = above(np.array([2.0, 8.0]), np.array([2.0, 2.0]), np.array([1.0, 1.0]))
    >>> more.round(6).tolist(), here.round(6).tolist()
    ([0.323324, 0.000237], [0.270671, 0.000859])
    """
    counts, mu, phi = (np.asarray(each, dtype=np.float64) for each in np.broadcast_arrays(counts, mu, phi))
    _check(mu, phi)
    shape = counts.shape
    counts, mu, phi = counts.ravel(), mu.ravel(), phi.ravel()
    here = np.exp(log_probabilities(counts, mu, phi))
    found = np.empty_like(here)
    long = (phi > LEAST_WIDE) & (SPREADS * np.sqrt(phi * mu) + TAILS * phi > LONG)
    found[long] = _beta(counts[long] + 1.0, mu[long], phi[long])
    far = ~long & (counts + 1.0 > mu)
    found[far] = _summed(here[far] * _ratio(counts[far], mu[far], phi[far]), counts[far] + 1.0, mu[far], phi[far], 1)
    near = ~long & ~far
    found[near] = 1.0 - _summed(here[near], counts[near], mu[near], phi[near], -1)
    return np.clip(found, 0.0, 1.0).reshape(shape), here.reshape(shape)


def _beta(counts: Array, mu: Array, phi: Array) -> Array:
    """P(Y >= count) of the negative binomial, for counts >= 1: the incomplete beta function of count and size."""
    size, share = mu / (phi - 1.0), (phi - 1.0) / phi
    far = counts > mu
    a, b = np.where(far, counts, size), np.where(far, size, counts)
    x = np.where(far, share, 1.0 / phi)
    front = np.exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * np.log(x) + b * np.log1p(-x)) / a
    part = front * _fraction(a, b, x)
    return np.asarray(np.where(far, part, 1.0 - part))


def _fraction(a: Array, b: Array, x: Array) -> Array:
    """The continued fraction of the incomplete beta function, by Lentz's method."""
    c = np.ones_like(a)
    d = 1.0 / (1.0 - (a + b) * x / (a + 1.0))
    found = d.copy()
    going, step = np.arange(a.size), 0
    while going.size and step < MOST_STEPS:
        step += 1
        p, q, y = a[going], b[going], x[going]
        even = step * (q - step) * y / ((p - 1.0 + 2 * step) * (p + 2 * step))
        odd = -(p + step) * (p + q + step) * y / ((p + 2 * step) * (p + 1.0 + 2 * step))
        change = np.ones_like(p)
        for term in (even, odd):
            d[going] = 1.0 / (1.0 + term * d[going])
            c[going] = 1.0 + term / c[going]
            change = c[going] * d[going]
            found[going] *= change
        going = going[np.abs(change - 1.0) > 1e-14]
    return found


def _check(mu: Array, phi: Array) -> None:
    if not (np.isfinite(mu).all() and (mu > 0).all() and np.isfinite(phi).all() and (phi >= 1).all()):
        raise ValueError("no distribution of counts has such a mean or dispersion")


def _ratio(counts: Array, mu: Array, phi: Array) -> Array:
    """P(Y = count + 1) / P(Y = count)."""
    return np.asarray((mu + counts * (phi - 1.0)) / (phi * (counts + 1.0)))


def _summed(first: Array, start: Array, mu: Array, phi: Array, step: int) -> Array:
    """The sum of the terms from `start` on, upwards or downwards; first: the term there."""
    total, term, at = first.copy(), first.copy(), start.copy()
    going = np.flatnonzero(term > 0)
    ladder = np.arange(BLOCK)
    while going.size:
        places = at[going, None] + step * ladder
        m, f = mu[going, None], phi[going, None]
        ratios = _ratio(places if step > 0 else np.maximum(places - 1.0, 0.0), m, f)
        if step < 0:
            ratios = np.where(places >= 1.0, 1.0 / np.maximum(ratios, 1e-300), 0.0)
        terms = term[going, None] * np.cumprod(ratios, axis=1)
        total[going] += terms.sum(axis=1)
        term[going] = terms[:, -1]
        at[going] += step * BLOCK
        going = going[term[going] > total[going] * NEGLIGIBLE]
    return total


def upper_limits(tail: float, mu: Array, phi: Array) -> Array:
    """Per mean and dispersion the smallest count u with P(Y > u) <= tail.

    >>> upper_limits(0.001, np.array([2.0, 2.0]), np.array([1.0, 3.0])).tolist()
    [8.0, 17.0]
    """
    return _walked(_guess(tail, mu, phi, 1.0), mu, phi, lambda at, m, f: above(at, m, f)[0] <= tail)


def lower_limits(tail: float, mu: Array, phi: Array) -> Array:
    """Per mean and dispersion the largest count l with P(Y <= l) <= tail; -1 where even 0 is likelier than that.

    >>> lower_limits(0.001, np.array([20.0, 2.0]), np.array([1.0, 1.0])).tolist()
    [7.0, -1.0]
    """

    def likelier(at: Array, m: Array, f: Array) -> NDArray[np.bool_]:
        return 1.0 - above(at, m, f)[0] > tail

    return _walked(_guess(tail, mu, phi, -1.0), mu, phi, likelier) - 1.0


def _guess(tail: float, mu: Array, phi: Array, sign: float) -> Array:
    """Where a limit is about, by Cornish and Fisher's expansion with the skewness."""
    if not 0 < tail < 1:
        raise ValueError(f"{tail} is no tail probability")
    _check(mu, phi)
    z = sign * NormalDist().inv_cdf(1.0 - tail)
    deviation = np.sqrt(phi * mu)
    skew = (2.0 * phi - 1.0) / deviation
    return np.asarray(np.maximum(0.0, np.floor(mu + deviation * (z + skew * (z * z - 1.0) / 6.0))))


def _walked(start: Array, mu: Array, phi: Array, holds: Callable[[Array, Array, Array], NDArray[np.bool_]]) -> Array:
    """The smallest count from which a condition holds, found from near it: strides that double until it lies between two
    counts, then halves."""
    enough = holds(start, mu, phi)
    low, high = np.where(enough, -1.0, start), np.where(enough, start, np.inf)
    stride, probe = 1.0, start.copy()
    going = np.arange(start.size)
    while going.size:  # `low` is known not to hold, or -1; `high` is known to hold
        probe[going] = np.maximum(0.0, probe[going] + np.where(enough[going], -stride, stride))
        here = holds(probe[going], mu[going], phi[going])
        high[going] = np.where(here, np.minimum(high[going], probe[going]), high[going])
        low[going] = np.where(here, low[going], np.maximum(low[going], probe[going]))
        turned = np.where(enough[going], ~here | (probe[going] == 0.0), here)
        going = going[~turned]
        stride *= 2.0
    going = np.flatnonzero(high - low > 1.0)
    while going.size:
        middle = np.floor((low[going] + high[going]) / 2.0)
        here = holds(middle, mu[going], phi[going])
        high[going] = np.where(here, middle, high[going])
        low[going] = np.where(here, low[going], middle)
        going = going[high[going] - low[going] > 1.0]
    return high
