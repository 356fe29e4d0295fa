"""Generated incidents whose carriers are known, for the search of `numerics.rootcause`.

Written from the description of the synthetic sets in the RiskLoc paper (arXiv 2205.10004, S type): five
attributes with 10, 12, 10, 8 and 5 values, one leaf per combination; values from a heavy-tailed
distribution, part of them zero; forecasts that miss every value by a random factor; one to three anomalies
per incident, each of one to three carriers of the same one to three attributes; each anomaly takes its own
share off its leaves' values, leaf by leaf a little more or less (anomalies of one incident differ, and the
leaves of a carrier do not agree exactly). Ours, seeded; not the authors' generator.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ganzhi.numerics.rootcause import Cell, Leaves, against_expected, against_forecast

SIZES = (10, 12, 10, 8, 5)
LEAVES = 48_000

Carrier = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Incident:
    """leaves: what the search is given. carriers: what it should find."""

    leaves: Leaves
    carriers: frozenset[Carrier]


def _grid() -> tuple[np.ndarray, ...]:
    places = np.unravel_index(np.arange(int(np.prod(SIZES))), SIZES)
    return tuple(place.astype(np.int64) for place in places)


def _anomalies(rng: np.random.Generator) -> list[list[Carrier]]:
    """One to three anomalies of one to three carriers each; no carrier contains another."""
    found: list[list[Carrier]] = []
    for _ in range(int(rng.integers(1, 4))):
        attributes = sorted(rng.choice(len(SIZES), int(rng.integers(1, 4)), replace=False).tolist())
        here: list[Carrier] = []
        for _ in range(int(rng.integers(1, 4))):
            one = tuple((a, int(rng.integers(SIZES[a]))) for a in attributes)
            others = [other for anomaly in [*found, here] for other in anomaly]
            if not any(set(one) <= set(other) or set(other) <= set(one) for other in others):
                here.append(one)
        found += [here] if here else []
    return found


def inside(codes: tuple[np.ndarray, ...], carrier: Carrier) -> np.ndarray:
    """Which leaves belong to a cell."""
    mask = np.ones(len(codes[0]), dtype=bool)
    for attribute, value in carrier:
        mask &= codes[attribute] == value
    return mask


def forecast_incident(seed: int) -> Incident:
    """An additive metric with forecasts: 48,000 leaves, up to a quarter of them empty, forecasts that are
    off by up to 25 % (one standard deviation), losses of 20 to 100 %."""
    rng = np.random.default_rng(seed)
    codes = _grid()
    values = 100 * rng.weibull(rng.uniform(0.5, 1.0), len(codes[0]))
    values[rng.random(len(values)) < rng.uniform(0, 0.25)] = 0
    forecasts = values * np.clip(rng.normal(1, rng.uniform(0, 0.25), len(values)), 0, None)
    anomalies = _anomalies(rng)
    for anomaly in anomalies:
        loss, spread = rng.uniform(0.2, 1.0), rng.uniform(0, 0.1)
        hit = np.any([inside(codes, carrier) for carrier in anomaly], axis=0)
        values[hit] *= 1 - np.clip(rng.normal(loss, spread, int(hit.sum())), 0, 1)
    deviation, weight = against_forecast(values, forecasts)
    return Incident(Leaves(codes, SIZES, deviation, weight), frozenset(c for anomaly in anomalies for c in anomaly))


def count_incident(seed: int) -> Incident:
    """Counts of failures of 48,000 leaves with Poisson noise; carriers multiply their rate by 1.5 to 4."""
    rng = np.random.default_rng(seed)
    codes = _grid()
    volumes = rng.integers(1, 200, len(codes[0])).astype(float)
    expected = volumes * rng.uniform(0.01, 0.1, len(volumes))
    rates = expected.copy()
    anomalies = _anomalies(rng)
    for anomaly in anomalies:
        rates[np.any([inside(codes, carrier) for carrier in anomaly], axis=0)] *= rng.uniform(1.5, 4)
    deviation, weight = against_expected(rng.poisson(rates).astype(float), expected)
    leaves = Leaves(codes, SIZES, deviation, weight, counts=True)
    return Incident(leaves, frozenset(c for anomaly in anomalies for c in anomaly))


def quiet(seed: int) -> Leaves:
    """Counts that nothing but chance moves."""
    rng = np.random.default_rng(seed)
    codes = _grid()
    expected = rng.uniform(0.5, 10, len(codes[0]))
    deviation, weight = against_expected(rng.poisson(expected).astype(float), expected)
    return Leaves(codes, SIZES, deviation, weight, counts=True)


@dataclass(slots=True)
class Tally:
    """Cells found and carriers there were, over incidents; a cell counts only if it is a carrier exactly."""

    right: int = 0
    found: int = 0
    there: int = 0

    def add(self, cells: tuple[Cell, ...], carriers: frozenset[Carrier]) -> None:
        """One incident's answer."""
        named = {cell.attributes for cell in cells}
        self.right += len(named & carriers)
        self.found += len(named)
        self.there += len(carriers)

    @property
    def f1(self) -> float:
        """2·right / (found + there)."""
        return 2 * self.right / (self.found + self.there)
