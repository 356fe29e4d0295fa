"""Which combination of attributes carries a deviation: a greedy scan over cells.

A cell is a set of leaves that share the values of some attributes (`team = east`, `team = east` and
`hour = 9`, or no attribute at all: the whole). Every leaf has a weight w and a relative deviation d; the
statistic of a cell is T = (Σ w·d)² / Σ w, the deviance gained by giving the cell one common factor. So a
parent whose leaves deviate alike beats its children, and a diluted parent loses to the child that carries
the deviation. For counts T is twice the Poisson log-likelihood ratio itself, which the quadratic form
approximates and which does not overrate tiny cells. The best cell is taken, its leaves are set aside, and the search is repeated. Source:
methods.md 1.4, after the spatial scan statistic (M. Kulldorff, Comm. Statist. 26, 1997).

Owns the search and the weights for counts, ratios and forecasts. An empty answer is an answer: nothing
within these attributes stands out. It never says that a cell is the cause.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Sign = Literal["up", "down", "both"]

LEAST_SHARE = 0.005
"""A further cell needs this share of the first one's statistic. Chosen on generated sets (methods.md 1.4)."""
MOST_CELLS = 6
"""Cells that are looked for; how many of them are shown is the caller's choice."""
MOST_COMBINED = 4_000_000
"""Cells of one combination of attributes that are kept in memory; larger combinations are left out."""
MARGIN = 6.0
"""Added to 2·ln(number of cells): the bar over which a cell stands out of the noise."""


@dataclass(frozen=True, slots=True)
class Leaves:
    """codes: per attribute the value's number of each leaf. sizes: per attribute how many values there are.
    deviation: w·d of each leaf. weight: w of each leaf, not below 0. counts: the weights are expected
    events and the deviations events beyond them; their noise is never taken for less than chance makes."""

    codes: tuple[Codes, ...]
    sizes: tuple[int, ...]
    deviation: Floats
    weight: Floats
    counts: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """attributes: (attribute, value) pairs, none for the whole. statistic: T. excess: T over the noise of
    the leaves that are left, in units of one standardised deviation. effect: common relative deviation
    Σwd / Σw. leaves: places of the leaves it takes, without those that earlier cells have taken."""

    attributes: tuple[tuple[int, int], ...]
    statistic: float
    excess: float
    effect: float
    leaves: Codes


# --- weights ------------------------------------------------------------------------------------


def shrunken_rates(events: Floats, volumes: Floats) -> Floats:
    """Rates of leaves drawn towards the common rate, (events + m·p) / (volume + m).

    m from the method of moments: as large as the spread of the rates over that of chance alone says.
    Leaves without volume have the common rate. Source: methods.md 1.1, small denominators.
    >>> shrunken_rates(np.array([5.0, 0.0]), np.array([10.0, 0.0])).tolist()
    [0.5, 0.5]
    """
    total = float(volumes.sum())
    if total <= 0:
        return np.zeros_like(volumes)
    common = float(events.sum()) / total
    known = volumes > 0
    rates = np.divide(events, volumes, out=np.full_like(volumes, common), where=known)
    spread = float((volumes * (rates - common) ** 2).sum())
    chance = common * max(int(known.sum()) - 1, 1)
    effective = total - float((volumes**2).sum()) / total
    between = (spread - chance) / effective if effective > 0 else 0.0
    if between <= 0:  # no more spread than chance makes
        return np.full_like(volumes, common)
    pull = common / between
    return (events + pull * common) / (volumes + pull)


def against_expected(events: Floats, expected: Floats) -> tuple[Floats, Floats]:
    """Deviation and weight of events against what was expected of each leaf: T is about twice the
    Poisson log-likelihood ratio then."""
    return events - expected, expected


def against_forecast(values: Floats, forecasts: Floats) -> tuple[Floats, Floats]:
    """Deviation and weight of an additive metric against its forecast: d = 2(v − f)/(v + f), equal weights;
    leaves where both are 0 have no weight."""
    total = values + forecasts
    there = total > 0
    d = np.divide(2 * (values - forecasts), total, out=np.zeros_like(total), where=there)
    return d, there.astype(float)


# --- search -------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Cuboid:
    """Sums over the cells of one combination of attributes, of the leaves that are left."""

    attributes: tuple[int, ...]
    key: Codes
    deviation: Floats
    weight: Floats
    count: Codes

    def drop(self, leaves: Codes, data: Leaves) -> None:
        """Take leaves out of the sums."""
        at, size = self.key[leaves], len(self.count)
        self.deviation -= np.bincount(at, data.deviation[leaves], size)
        self.weight -= np.bincount(at, data.weight[leaves], size)
        self.count -= np.bincount(at, minlength=size)
        empty = self.count == 0  # what subtraction leaves behind in an empty cell is rounding
        self.deviation[empty] = self.weight[empty] = 0.0

    def best(self, data: Leaves, sign: int) -> tuple[float, int]:
        """The largest statistic of a cell that deviates to one side, and the cell."""
        off = sign * self.deviation
        known = (self.weight > 0) & (off > 0)
        if not known.any():
            return 0.0, 0
        places = np.flatnonzero(known)
        off, weight = off[places], self.weight[places]
        found = _likelihood(weight + sign * off, weight, sign * off) if data.counts else off * off / weight
        place = int(found.argmax())
        return float(found[place]), int(places[place])


def _likelihood(events: Floats, expected: Floats, beyond: Floats) -> Floats:
    """Twice the Poisson log-likelihood ratio of cells, 2·(a·ln(a/e) − (a − e))."""
    logs = np.log(np.divide(events, expected, out=np.ones_like(events), where=events > 0))
    return np.maximum(2 * (np.maximum(events, 0.0) * logs - beyond), 0.0)


def combinations(attributes: int, layers: int) -> list[tuple[int, ...]]:
    """Sets of at most `layers` attributes, small ones first, the whole before them all."""
    sizes = range(min(layers, attributes) + 1)
    return [each for k in sizes for each in itertools.combinations(range(attributes), k)]


def _cuboids(data: Leaves, layers: int) -> list[_Cuboid]:
    found = []
    for attributes in combinations(len(data.sizes), layers):
        size = math.prod(data.sizes[a] for a in attributes)
        if size > MOST_COMBINED:
            continue
        key = np.zeros(len(data.weight), dtype=np.int64)
        for a in attributes:
            key = key * data.sizes[a] + data.codes[a]
        found.append(
            _Cuboid(
                attributes,
                key,
                np.bincount(key, data.deviation, size).astype(np.float64),
                np.bincount(key, data.weight, size).astype(np.float64),
                np.bincount(key, minlength=size).astype(np.int64),
            )
        )
    return found


def _values(cuboid: _Cuboid, cell: int, sizes: Sequence[int]) -> tuple[tuple[int, int], ...]:
    values = []
    for a in reversed(cuboid.attributes):
        cell, value = divmod(cell, sizes[a])
        values.append((a, value))
    return tuple(reversed(values))


def _one_sided(data: Leaves, sign: int, layers: int, least_share: float, most: int) -> tuple[Cell, ...]:
    cuboids = _cuboids(data, layers)
    # The number of cells that hold anything: what is never looked at cannot be found by chance.
    bar = 2 * math.log(max(1, sum(int((c.count > 0).sum()) for c in cuboids))) + MARGIN
    noise = np.divide(data.deviation**2, data.weight, out=np.zeros_like(data.weight), where=data.weight > 0)
    alive = data.weight > 0
    found: list[Cell] = []
    while len(found) < most:
        best, where, cell = 0.0, None, 0
        for cuboid in cuboids:
            statistic, place = cuboid.best(data, sign)
            if statistic > best * (1 + 1e-9):  # of cells with the same leaves the one with fewer attributes
                best, where, cell = statistic, cuboid, place
        if where is None:
            break
        inside = np.flatnonzero(alive & (where.key == cell))
        rest = alive.copy()
        rest[inside] = False
        left = int(rest.sum())
        # Without other leaves nothing says how large noise is; it is taken for 1, that of chance alone.
        phi = float(noise[rest].sum()) / left if left else 1.0
        phi = max(phi, 1.0) if data.counts else phi
        excess = best / max(phi, 1e-12)
        if excess < bar or (found and best < least_share * found[0].statistic):
            break
        weight = float(where.weight[cell])
        found.append(
            Cell(
                _values(where, cell, data.sizes),
                best,
                excess,
                float(where.deviation[cell]) / weight,
                inside.astype(np.int64),
            )
        )
        alive = rest
        for cuboid in cuboids:
            cuboid.drop(inside, data)
    return tuple(found)


def scan(
    data: Leaves, *, layers: int = 3, sign: Sign = "both", least_share: float = LEAST_SHARE, most: int = MOST_CELLS
) -> tuple[Cell, ...]:
    """The cells that carry the deviation, strongest first; empty when none stands out.

    layers: attributes a cell may combine. sign: `up` for leaves above what was expected, `down` below,
    `both` for whichever side has the larger sum of statistics. A cell without attributes says that the
    deviation is spread over everything: the reason lies outside these attributes.
    """
    if len(data.codes) != len(data.sizes) or any(len(c) != len(data.weight) for c in data.codes):
        raise ValueError("every attribute needs a code for every leaf")
    if not len(data.weight):
        return ()
    if not (np.isfinite(data.deviation).all() and np.isfinite(data.weight).all()) or (data.weight < 0).any():
        raise ValueError("deviations must be finite and weights not below 0")
    up = _one_sided(data, 1, layers, least_share, most) if sign != "down" else ()
    down = _one_sided(data, -1, layers, least_share, most) if sign != "up" else ()
    return down if sum(c.statistic for c in down) > sum(c.statistic for c in up) else up
