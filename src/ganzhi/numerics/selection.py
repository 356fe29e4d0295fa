"""Which of many things to look at first: two weighted sums, each as a share of the highest."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Rank = Literal["highest", "higher", "lowest"]
Quadrant = Literal["both", "pressure", "importance", "neither"]


@dataclass(frozen=True, slots=True)
class Count:
    """What one indicator counts per thing, and how much it matters. A thing that is absent counts 0."""

    weight: float
    values: Mapping[str, float]


def shares(values: Mapping[str, float]) -> dict[str, float]:
    """Each value as a share of the highest; all 0 where none is above 0.

    >>> shares({"a": 4, "b": 1})
    {'a': 1.0, 'b': 0.25}
    """
    most = max(values.values(), default=0.0)
    return {name: value / most if most > 0 else 0.0 for name, value in values.items()}


def pressure(counts: Sequence[Count], names: Sequence[str]) -> dict[str, float] | None:
    """Problem pressure per thing, 0 to 1: the weighted mean of each count's share of its highest,
    again as a share of the highest. None where nothing is counted.

    Shares, not counts, are added because complaints outnumber faults a hundredfold. Ours: S000-023
    names the axis (complaints, faults, requirements) and no formula.
    >>> pressure([Count(1, {"a": 10, "b": 5}), Count(1, {"b": 2})], ["a", "b", "c"])
    {'a': 0.6666666666666666, 'b': 1.0, 'c': 0.0}
    """
    if not counts:
        return None
    scaled = [(count.weight, shares(count.values)) for count in counts]
    total = math.fsum(weight for weight, _ in scaled)
    mixed = {name: math.fsum(w * of.get(name, 0.0) for w, of in scaled) / total for name in names}
    return shares(mixed)


def placed(pressed: float, important: float, high_from: float) -> tuple[Quadrant, Rank]:
    """Cell and rank of a thing: highest where both are high, higher where one is, lowest where none.

    >>> placed(0.8, 0.1, 0.5)
    ('pressure', 'higher')
    """
    high = (pressed >= high_from, important >= high_from)
    if all(high):
        return "both", "highest"
    if not any(high):
        return "neither", "lowest"
    return ("pressure" if high[0] else "importance"), "higher"
