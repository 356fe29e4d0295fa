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

from ganzhi.numerics.alarm.discovery import adjusted

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


# -- what moves before something else does ------------------------------------------------------------

WEEK = 7
MOST_ORDER = 7
"""Most days that a series' own past is told by."""
LEAST_DAYS = 84
"""Known days in common below which nothing is said of a lead."""
HELD_OUT = 1 / 3
"""The latest part of the days, in which a lead must show again."""


@dataclass(frozen=True, slots=True)
class Lead:
    """How a candidate's surprises go before the target's.

    lag: days by which the target follows. r: correlation of surprises in the earlier part; n, n_eff: days, and what they
    are worth; p: two-sided; adjusted: smallest false discovery rate at which it is kept among all that was tested.
    later_r, later_n: the same in the part that was held out. skill: by how much the candidate lowers the error of
    predicting the target there, as a part of that error. holds: kept, and confirmed by both.
    """

    candidate: int
    lag: int
    r: float
    n: int
    n_eff: float
    p: float
    adjusted: float
    later_r: float | None
    later_n: int
    skill: float | None
    holds: bool


def leads(
    target: Sequence[float | None],
    candidates: Sequence[Sequence[float | None]],
    *,
    most_lag: int = 14,
    rate: float = 0.05,
) -> tuple[tuple[Lead, ...], int]:
    """The strongest lag of each candidate that can be told of, and how many lags were tested in all.

    Series are days in a row, None where unknown. What its weekdays and its own past tell is taken out of every series
    first (prewhitening), so that two series which merely persist are not taken for linked: Haugh, "Checking the
    independence of two covariance-stationary time series", JASA 71 (1976). Lags are chosen in the earlier two thirds, many
    tests are adjusted by Benjamini and Hochberg (1995), and what is kept must show again in the last third.
    """
    y = np.array([np.nan if value is None else value for value in target], dtype=np.float64)
    cut = y.size - round(y.size * HELD_OUT)
    white_y = _surprises(y, cut)
    tested: list[tuple[int, Link]] = []
    whites: list[Values | None] = []
    for number, given in enumerate(candidates):
        x = np.array([np.nan if value is None else value for value in given], dtype=np.float64)
        known = int((~np.isnan(x) & ~np.isnan(y)).sum())
        white = _surprises(x, cut) if known >= LEAST_DAYS and white_y is not None else None
        whites.append(white)
        if white is None or white_y is None:
            continue
        for lag in range(1, most_lag + 1):
            found = link([list(white[:cut])], [list(white_y[:cut])], lag)
            if found is not None:
                tested.append((number, found))
    if white_y is None or not tested:
        return (), 0
    rates = adjusted([found.p for _, found in tested])
    best: dict[int, tuple[Link, float]] = {}
    for (number, found), each in zip(tested, rates, strict=True):
        if number not in best or (each, found.p, found.lag) < (best[number][1], best[number][0].p, best[number][0].lag):
            best[number] = (found, each)
    told = []
    for number, (found, each) in best.items():
        white = whites[number]
        assert white is not None
        later = _later(white, white_y, found.lag, cut)
        skill = _skill(white, white_y, found.lag, cut)
        same = later is not None and later.r * found.r > 0 and later.p / 2 <= rate
        holds = each <= rate and same and skill is not None and skill > 0
        told.append(
            Lead(number, found.lag, found.r, found.n, found.n_eff, found.p, each,
                 None if later is None else later.r, 0 if later is None else later.n, skill, holds)
        )  # fmt: skip
    told.sort(key=lambda one: (not one.holds, one.adjusted, one.p))
    return tuple(told), len(tested)


def _surprises(values: Values, cut: int) -> Values | None:
    """Values less what weekday and own past tell, by a model of the days before `cut`; None where that cannot be told.

    Counts and shares scatter with their size, so values beyond three spreads count as three (winsorised)."""
    days = np.arange(values.size)
    out = values.copy()
    for weekday in range(WEEK):
        of_day = values[(days % WEEK == weekday) & (days < cut)]
        known = of_day[~np.isnan(of_day)]
        if not known.size:
            return None
        out[days % WEEK == weekday] -= np.median(known)
    early = out[:cut][~np.isnan(out[:cut])]
    spread = 1.4826 * float(np.median(np.abs(early - np.median(early)))) if early.size else 0.0
    if spread <= 0:
        spread = float(early.std()) if early.size else 0.0
    if spread <= 1e-300:
        return None
    scaled = np.clip(out / spread, -3.0, 3.0)
    weights = _own_past(scaled[:cut])
    if weights is None:
        return None
    white: Values = scaled - weights[0]
    for back, weight in enumerate(weights[1:], start=1):
        white[back:] -= weight * scaled[:-back]
        white[:back] = np.nan
    return white


def _own_past(values: Values) -> Values | None:
    """Level and weights of the days before, of the order that Akaike's criterion chooses; unknown days leave rows out."""
    size, best = values.size, math.inf
    chosen: Values | None = None
    rows = [values[MOST_ORDER:]] + [values[MOST_ORDER - back : size - back] for back in range(1, MOST_ORDER + 1)]
    whole = ~np.isnan(np.vstack(rows)).any(axis=0)
    n = int(whole.sum())
    if n < 3 * MOST_ORDER:
        return None
    y = rows[0][whole]
    for order in range(MOST_ORDER + 1):
        design = np.vstack([np.ones(n), *(row[whole] for row in rows[1 : order + 1])]).T
        weights, *_ = np.linalg.lstsq(design, y, rcond=None)
        error = float(((y - design @ weights) ** 2).mean())
        score = n * math.log(max(error, 1e-300)) + 2 * (order + 1)
        if score < best:
            best, chosen = score, np.asarray(weights, dtype=np.float64)
    return chosen


def _later(x: Values, y: Values, lag: int, cut: int) -> Link | None:
    """The link in the part that was held out; x may lie before it."""
    return link([list(x[cut - lag :])], [list(y[cut - lag :])], lag)


def _skill(x: Values, y: Values, lag: int, cut: int) -> float | None:
    """By how much x, `lag` days before, lowers the error of predicting y after `cut`, with a weight from before it."""
    before, after = x[: y.size - lag], y[lag:]
    places = np.arange(lag, y.size)
    known = ~(np.isnan(before) | np.isnan(after))
    early, late = known & (places < cut), known & (places >= cut)
    square = float(before[early] @ before[early])
    if late.sum() < LEAST_PAIRS or square <= 0:
        return None
    weight = float(before[early] @ after[early]) / square
    plain = float((after[late] ** 2).sum())
    return None if plain <= 0 else 1.0 - float(((after[late] - weight * before[late]) ** 2).sum()) / plain
