"""Where a series of values breaks: changes of its level, found one after the other, each with an honest chance.

Seeded binary segmentation (Kovacs, Li, Haubner, Munk and Bühlmann 2023, Biometrika 110) with breaks placed anew
between their neighbours (Bai 1997, "Estimating multiple breaks one at a time", Econometric Theory 13); the test as in
Matteson and James (2014, "A nonparametric approach for multiple change point analysis", JASA 109): a segment's best
split is compared with the best splits of the same values in random order.
Neighbouring days resemble each other, which makes any series look broken, so values are permuted in blocks and the
chances of many series are adjusted together by the caller (Benjamini and Hochberg).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

LEAST_SEGMENT: Final = 14
"""Values on either side of a break below which no level is told."""
BATCHES: Final = (99, 400, 1500)
PERMUTATIONS: Final = sum(BATCHES)
"""Random orders compared with, until it is plain that there is no break; the smallest chance that can be told is 1 / (this
+ 1), small enough to stand among a hundred series."""
BLOCK: Final = 10
"""Values that stay together when orders are drawn; with 7, days that resemble each other (0.4) broke three times as often
as declared."""
SEASON: Final = 7
MOST_BREAKS: Final = 8


@dataclass(frozen=True, slots=True)
class Break:
    """A change of level. place: of the first value of the new level. before, after: medians of the levels on either side. chance: that
    values in random order split as well; strength: standard deviations by which the means differ."""

    place: int
    before: float
    after: float
    chance: float
    strength: float


def breaks(
    values: Sequence[float | None], *, season: int = SEASON, alpha: float = 0.05, seed: int = 1
) -> tuple[Break, ...]:
    """The breaks of a series, in order of time; unknown values are None and count for nothing.

    season: values of a cycle whose places (weekdays) have levels of their own, 1 for none. alpha: chance above which
    a segment is not split further. With fewer than two segments of `LEAST_SEGMENT` known values there are none.

    >>> [each.place for each in breaks([1.0, 1.2] * 20 + [5.0, 5.1] * 20, season=1)]
    [40]
    """
    given = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    known = np.flatnonzero(~np.isnan(given))
    if known.size < 2 * LEAST_SEGMENT:
        return ()
    random = np.random.default_rng(seed)
    level = _without_season(given, known, season)
    found: list[tuple[int, float, float]] = []
    waiting = [(0, known.size)]
    while waiting and len(found) < MOST_BREAKS:
        first, last = waiting.pop(0)
        split = _split(level[first:last], random, alpha)
        if split is not None:
            place, chance, strength = split
            found.append((first + place, chance, strength))
            waiting += [(first, first + place), (first + place, last)]
    return tuple(_told(given, known, _refined(level, sorted(found))))


def _without_season(given: Values, known: NDArray[np.intp], season: int) -> Values:
    """Known values less what their place in the cycle adds: the median of its distances from the running level.

    The distance from the running median over whole cycles, not from the series' own mean, so that a break is
    not taken for a season."""
    values = given[known]
    if season <= 1:
        return values
    half = season  # two whole cycles round each value
    running = np.array([np.median(values[max(0, at - half) : at + half + 1]) for at in range(values.size)])
    away = values - running
    adds = np.zeros(season)
    for place in range(season):
        of_place = away[known % season == place]
        if of_place.size >= 3:
            adds[place] = np.median(of_place)
    return values - adds[known % season]


def _split(values: Values, random: np.random.Generator, alpha: float) -> tuple[int, float, float] | None:
    """The best split of a segment with its chance; None where it is none, or too likely by chance."""
    if values.size < 2 * LEAST_SEGMENT:
        return None
    ranks = _ranks(values)
    intervals = _intervals(values.size)
    place, best = _best(ranks, intervals)
    if place is None:
        return None
    left, right = values[:place], values[place:]
    spread = float(np.sqrt(0.5 * (np.var(left) + np.var(right))))
    as_good, limit = 1, alpha * (PERMUTATIONS + 1)
    for batch in BATCHES:
        orders = np.stack([_shuffled(ranks, random) for _ in range(batch)])
        as_good += int((_most(orders, intervals) >= best - 1e-9).sum())
        if as_good > limit:
            return None
    strength = float(abs(right.mean() - left.mean()) / spread) if spread > 0 else float("inf")
    return place, as_good / (PERMUTATIONS + 1), strength


def _refined(level: Values, found: list[tuple[int, float, float]]) -> list[tuple[int, float, float]]:
    """Each break once more, between its neighbours: found while others were not known it may lie beside its place
    (the repartition of Bai 1997, section 3)."""
    for number, (_, chance, strength) in enumerate(found):
        first = found[number - 1][0] if number else 0
        last = found[number + 1][0] if number + 1 < len(found) else level.size
        place, _ = _best(_ranks(level[first:last]))
        if place is not None:
            found[number] = (first + place, chance, strength)
    return found


def _ranks(values: Values) -> Values:
    """Ranks, equal values sharing theirs: one wild value moves no break."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    shared: Values = (last - (count - 1) / 2.0)[place]
    return shared


def _best(values: Values, intervals: Sequence[tuple[int, int]] | None = None) -> tuple[int | None, float]:
    """Where the sum of squares falls most when an interval's values are split there, and by how much (Bai 1997, equation
    4); by default of the whole."""
    where, most = None, 0.0
    for first, last in intervals or ((0, values.size),):
        part = values[first:last]
        size = part.size
        sums = np.cumsum(part - part.mean())[LEAST_SEGMENT - 1 : size - LEAST_SEGMENT]
        if not sums.size:
            continue
        places = np.arange(LEAST_SEGMENT, LEAST_SEGMENT + sums.size)
        gain = sums**2 * size / (places * (size - places))
        at = int(np.argmax(gain))
        if gain[at] > most:
            where, most = first + int(places[at]), float(gain[at])
    return where, most


def _shuffled(values: Values, random: np.random.Generator) -> Values:
    """The values in blocks, the blocks in random order."""
    blocks = [values[at : at + BLOCK] for at in range(0, values.size, BLOCK)]
    return np.concatenate([blocks[at] for at in random.permutation(len(blocks))])


def _most(orders: Values, intervals: Sequence[tuple[int, int]]) -> Values:
    """The best gain of each row, as `_best` finds it."""
    most = np.zeros(orders.shape[0])
    for first, last in intervals:
        part = orders[:, first:last]
        size = last - first
        sums = np.cumsum(part - part.mean(axis=1, keepdims=True), axis=1)[:, LEAST_SEGMENT - 1 : size - LEAST_SEGMENT]
        if sums.shape[1]:
            places = np.arange(LEAST_SEGMENT, LEAST_SEGMENT + sums.shape[1])
            most = np.maximum(most, (sums**2 * size / (places * (size - places))).max(axis=1))
    return most


def _intervals(size: int) -> list[tuple[int, int]]:
    """The whole, then ever shorter intervals that overlap by half (Kovacs et al. 2023), down to two least segments."""
    found, length = [], size
    while length >= 2 * LEAST_SEGMENT:
        step = max(1, length // 2)
        found += [(first, first + length) for first in range(0, size - length + 1, step)]
        length //= 2
    return found


def _told(given: Values, known: NDArray[np.intp], found: Sequence[tuple[int, float, float]]) -> list[Break]:
    """Breaks with the medians of the segments on either side."""
    values = given[known]
    edges = [0, *(place for place, _, _ in found), known.size]
    return [
        Break(
            int(known[place]),
            float(np.median(values[edges[number] : place])),
            float(np.median(values[place : edges[number + 2]])),
            chance,
            round(strength, 3),
        )
        for number, (place, chance, strength) in enumerate(found)
    ]
