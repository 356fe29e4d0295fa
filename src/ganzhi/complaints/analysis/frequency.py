"""How often one customer complains of one problem within a period: how well problems get solved (S003-029)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

TOP: Final = 4
"""A customer who complained that often or more stands in the last class."""


@dataclass(frozen=True, slots=True)
class Class:
    """times: how often; TOP stands for TOP and more. pairs: of customer and problem; complaints: theirs together."""

    times: int
    pairs: int
    complaints: int


@dataclass(frozen=True, slots=True)
class Frequency:
    """classes: from once on. pairs: of customer and problem. anonymous: complaints without a customer, in no class."""

    classes: tuple[Class, ...]
    pairs: int
    complaints: int
    anonymous: int

    @property
    def again(self) -> float | None:
        """The share of complaints that are not a customer's first of a problem."""
        return (self.complaints - self.pairs) / self.complaints if self.complaints else None


def frequency(counts: Iterable[int], anonymous: int = 0) -> Frequency:
    """counts: complaints of each pair of customer and problem.

    >>> found = frequency([1, 1, 2, 7])
    >>> [(each.times, each.pairs, each.complaints) for each in found.classes], round(found.again, 3)
    ([(1, 2, 2), (2, 1, 2), (3, 0, 0), (4, 1, 7)], 0.636)
    """
    pairs, complaints = Counter[int](), Counter[int]()
    for number in counts:
        times = min(number, TOP)
        pairs[times] += 1
        complaints[times] += number
    classes = tuple(Class(times, pairs[times], complaints[times]) for times in range(1, TOP + 1))
    return Frequency(classes, pairs.total(), complaints.total(), anonymous)
