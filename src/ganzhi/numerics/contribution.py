"""What each part adds to a change of the whole, exactly.

Owns the splits of a change over parts for the forms a score can have: weighted arithmetic mean,
weighted geometric mean, any other function of at most twelve parts, and a curve over a sum. Each
split adds up to the change, changes its sign when the dates are exchanged, and gives nothing to a
part that did not change. Rates of parts with volumes of their own are split in `numerics.mix`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

MOST_PLAYERS = 12
"""Parts that `shapley` takes; it looks at every subset of them."""


@dataclass(frozen=True, slots=True)
class Part:
    """One child at two dates: its share of the parent (weights that sum to 1 at each date, 0 where
    it was unknown) and its score (None where unknown)."""

    share_before: float
    share_now: float
    before: float | None
    now: float | None

    @property
    def share(self) -> float:
        """Mean of both shares."""
        return (self.share_before + self.share_now) / 2


@dataclass(frozen=True, slots=True)
class Moved:
    """What a part adds. by_score: because its score changed. by_share: because its share did, as far
    as it lies above or below the whole."""

    by_score: float
    by_share: float

    @property
    def points(self) -> float:
        """Both together."""
        return self.by_score + self.by_share


def moves(parts: Sequence[Part]) -> tuple[Moved, ...]:
    """How the change of a weighted arithmetic mean splits.

    Σ w̄·Δs by score, Σ (s̄ − Ī)·Δw by share, bars being means of both dates; the sum equals the
    change of the mean. A part known at one date only enters with its one score, through the change
    of its share. Source: methods.md 1.3.
    >>> moves([Part(0.6, 0.4, 80.0, 80.0), Part(0.4, 0.6, 90.0, 90.0)])[0].by_score
    0.0
    """
    first = math.fsum(p.share_before * p.before for p in parts if p.before is not None)
    last = math.fsum(p.share_now * p.now for p in parts if p.now is not None)
    middle = (first + last) / 2
    return tuple(_moved(part, middle) for part in parts)


def _moved(part: Part, middle: float) -> Moved:
    before = part.now if part.before is None else part.before
    now = part.before if part.now is None else part.now
    if before is None or now is None:
        return Moved(0.0, 0.0)
    return Moved(part.share * (now - before), ((before + now) / 2 - middle) * (part.share_now - part.share_before))


def contributions(parts: Sequence[Part]) -> tuple[float, ...]:
    """Points each part adds to the change of a weighted arithmetic mean; see `moves`.

    >>> contributions([Part(0.5, 0.5, 80.0, 90.0), Part(0.5, 0.5, 70.0, 70.0)])
    (5.0, 0.0)
    """
    return tuple(moved.points for moved in moves(parts))


def logarithmic_mean(a: float, b: float) -> float:
    """(a − b) / (ln a − ln b) of two positive numbers, and a where they are equal.

    >>> round(logarithmic_mean(1.0, math.e), 12) == round(math.e - 1, 12)
    True
    """
    if a <= 0 or b <= 0:
        raise ValueError("a logarithmic mean needs positive numbers")
    # (r − 1) / ln r by log1p, which stays exact where a and b nearly agree.
    excess = (a - b) / b
    return a if excess == 0 else (a - b) / math.log1p(excess)


def geometric_contributions(parts: Sequence[Part]) -> tuple[float, ...]:
    """Points each part adds to the change of a weighted geometric mean Π s^w.

    L(I1, I0)·(w̄·Δ ln s + (mean ln s − mean ln I)·Δw), the logarithmic mean Divisia index, with the
    arithmetic split of ln I for shares that changed. Scores must be positive, in [1, 100] by convention.
    Source: B. W. Ang, Energy Policy 32 (2004), additive LMDI-I; methods.md 1.3.
    >>> [round(c, 9) for c in geometric_contributions([Part(0.5, 0.5, 4.0, 16.0), Part(0.5, 0.5, 9.0, 9.0)])]
    [6.0, 0.0]
    """
    logs = [
        Part(
            p.share_before,
            p.share_now,
            None if p.before is None else math.log(p.before),
            None if p.now is None else math.log(p.now),
        )
        for p in parts
    ]
    first = math.exp(math.fsum(p.share_before * p.before for p in logs if p.before is not None))
    last = math.exp(math.fsum(p.share_now * p.now for p in logs if p.now is not None))
    slope = logarithmic_mean(last, first)
    return tuple(slope * each for each in contributions(logs))


def shapley(players: int, worth: Callable[[int], float]) -> tuple[float, ...]:
    """Each player's mean addition over all orders in which the players may change, exactly.

    worth: of a set of players that have changed, given as a bit mask (player i is bit i). The sum is
    worth(all) − worth(none). Source: L. S. Shapley, A value for n-person games (1953).
    Raises: ValueError for more than twelve players.
    >>> shapley(2, lambda changed: min(10.0, 8.0 * (changed & 1) + 4.0 * (changed >> 1)))
    (7.0, 3.0)
    """
    if not 0 <= players <= MOST_PLAYERS:
        raise ValueError(f"at most {MOST_PLAYERS} players")
    sets = np.arange(1 << players)
    worths = np.array([worth(int(each)) for each in sets], dtype=float)
    sizes = np.array([int(each).bit_count() for each in sets])
    found = []
    for player in range(players):
        without = sets[(sets >> player) & 1 == 0]
        orders = np.array([1 / (players * math.comb(players - 1, k)) for k in range(players)])[sizes[without]]
        found.append(math.fsum(orders * (worths[without | (1 << player)] - worths[without])))
    return tuple(found)


def floored(terms: Sequence[float], before: float, floor: float = 0.0) -> tuple[float, ...]:
    """How the change of max(floor, before + Σ terms) splits over the terms.

    By `shapley` where the floor takes something off and at most twelve terms are not 0; beyond that
    in proportion to the terms, which is the split along the straight path. The terms themselves where
    the floor does not bind at either date.
    >>> floored([-30.0, -10.0], 20.0)
    (-15.0, -5.0)
    """
    now = math.fsum([before, *terms])
    if before >= floor and now >= floor:
        return tuple(terms)
    moving = [place for place, term in enumerate(terms) if term]
    if len(moving) > MOST_PLAYERS:
        return through_curve(terms, before, lambda x: max(floor, x), 0.0)

    def worth(changed: int) -> float:
        have = (terms[place] for bit, place in enumerate(moving) if changed >> bit & 1)
        return max(floor, math.fsum([before, *have]))

    found = dict(zip(moving, shapley(len(moving), worth), strict=True))
    return tuple(found.get(place, 0.0) for place in range(len(terms)))


def through_curve(
    terms: Sequence[float], before: float, curve: Callable[[float], float], slope: float
) -> tuple[float, ...]:
    """What each term of a change of x adds to the change of curve(x): ∫ curve'(x) dx along the straight path.

    slope: of the curve at `before`, used where the terms cancel each other. Aumann-Shapley; for a curve
    of one variable the integral is the mean slope between both ends times the term. Source: methods.md 1.3.
    >>> through_curve([2.0, 2.0], 98.0, lambda x: min(x, 100.0), 1.0)
    (1.0, 1.0)
    """
    after = math.fsum([before, *terms])
    mean_slope = slope if after == before else (curve(after) - curve(before)) / (after - before)
    return tuple(mean_slope * term for term in terms)
