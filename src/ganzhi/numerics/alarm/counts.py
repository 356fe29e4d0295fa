"""Counts that vary more than by chance: the negative binomial with mean `mu` and dispersion `phi`.

Variance is `phi * mu` with `phi >= 1`; `phi == 1` is the Poisson distribution. In the usual writing the size is
`r = mu / (phi - 1)` and the probability `p = 1 / phi`. Tails are summed term by term from the far side, so that
probabilities of 1e-12 keep their digits.
"""

from __future__ import annotations

from math import exp, inf, isfinite, lgamma, log, sqrt

NEARLY_POISSON = 1e-9
NEGLIGIBLE = 1e-18


def _check(mu: float, phi: float) -> None:
    if not (isfinite(mu) and mu > 0 and isfinite(phi) and phi >= 1):
        raise ValueError(f"no distribution of counts has mean {mu} and dispersion {phi}")


def log_probability(count: int, mu: float, phi: float = 1.0) -> float:
    """Natural logarithm of P(Y = count).

    >>> round(exp(log_probability(0, 2.0)), 6), round(exp(log_probability(3, 2.0, 2.0)), 6)
    (0.135335, 0.125)
    """
    _check(mu, phi)
    if count < 0:
        return -inf
    if phi - 1 < NEARLY_POISSON:
        return count * log(mu) - mu - lgamma(count + 1)
    size = mu / (phi - 1)
    return lgamma(count + size) - lgamma(size) - lgamma(count + 1) - size * log(phi) + count * log((phi - 1) / phi)


def _ratio(count: int, mu: float, phi: float) -> float:
    """P(Y = count + 1) / P(Y = count)."""
    if phi - 1 < NEARLY_POISSON:
        return mu / (count + 1)
    return (mu + count * (phi - 1)) / (phi * (count + 1))


def _from(count: int, mu: float, phi: float) -> float:
    """P(Y >= count), summed upwards; for counts above the mean."""
    term = exp(log_probability(count, mu, phi))
    total, at = 0.0, count
    while term > total * NEGLIGIBLE and term > 0:
        total += term
        term *= _ratio(at, mu, phi)
        at += 1
    return total


def _up_to(count: int, mu: float, phi: float) -> float:
    """P(Y <= count), summed downwards; for counts below the mean."""
    term = exp(log_probability(count, mu, phi))
    total, at = 0.0, count
    while at >= 0 and term > total * NEGLIGIBLE:
        total += term
        at -= 1
        if at >= 0:
            term /= _ratio(at, mu, phi)
    return total


def at_least(count: int, mu: float, phi: float = 1.0) -> float:
    """P(Y >= count): how surprising a count is.

    >>> at_least(0, 5.0), round(at_least(3, 2.0), 6)
    (1.0, 0.323324)
    """
    _check(mu, phi)
    if count <= 0:
        return 1.0
    if count > mu:
        return min(1.0, _from(count, mu, phi))
    return max(0.0, 1.0 - _up_to(count - 1, mu, phi))


def middle(count: int, mu: float, phi: float = 1.0) -> float:
    """The middle of the jump of the distribution function at a count: P(Y < count) + P(Y = count) / 2."""
    here = exp(log_probability(count, mu, phi))
    above = at_least(count + 1, mu, phi)
    return min(1.0, max(0.0, 1.0 - above - here / 2))


def upper_limit(tail: float, mu: float, phi: float = 1.0) -> int:
    """The smallest count u with P(Y > u) <= tail: the limit that a count must exceed to be unusual.

    Raises: ValueError for a tail that is no probability below one.

    >>> upper_limit(0.001, 2.0), upper_limit(0.001, 2.0, 3.0)
    (8, 17)
    """
    _check(mu, phi)
    if not 0 < tail < 1:
        raise ValueError(f"{tail} is no tail probability")
    guess = int(mu + 3 * sqrt(phi * mu))
    above = at_least(guess + 1, mu, phi)
    step = exp(log_probability(guess, mu, phi))
    if above <= tail:
        while guess > 0 and above + step <= tail:
            above += step
            step /= _ratio(guess - 1, mu, phi)
            guess -= 1
        return guess
    while above > tail:
        guess += 1
        step *= _ratio(guess - 1, mu, phi)
        above -= step
        if above < tail * 2 and above < step:  # little is left of the difference: sum it anew
            above = at_least(guess + 1, mu, phi)
    return guess
