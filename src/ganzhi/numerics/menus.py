"""Menus that are read aloud: how long callers listen, in which order they would listen least, and what no menu beats.

A caller listens to every option up to the one they press. In one menu the options whose (presses ÷ length) is highest
come first: exchanging two neighbours changes the total by w₂·l₁ − w₁·l₂, so an order that is sorted cannot be improved
by any exchange, and every other one can (Smith 1956). Options that must stay together are one block, sorted inside
and taken as one option of the summed presses and length. Counts are exact; the one division comes last.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a menu. presses: how often it is chosen; length: of its announcement, in any unit above zero.
    group: options of one group stay together; None stands alone."""

    code: str
    presses: int
    length: int
    group: str | None = None


def listened(options: Sequence[Option]) -> int:
    """Announcement heard by all callers together: presses × length of everything up to the option.

    >>> listened([Option("a", 10, 2), Option("b", 5, 3)])
    45
    """
    heard = total = 0
    for option in options:
        heard += option.length
        total += option.presses * heard
    return total


def best_order(options: Sequence[Option]) -> tuple[Option, ...]:
    """The order in which callers listen least, groups kept together; equal ones keep their order.

    >>> [option.code for option in best_order([Option("a", 1, 1), Option("b", 9, 1), Option("c", 8, 2)])]
    ['b', 'c', 'a']
    """
    blocks: dict[str, list[Option]] = {}
    for place, option in enumerate(options):
        blocks.setdefault(f"\0{place}" if option.group is None else option.group, []).append(option)
    inside = [sorted(block, key=lambda each: -_ratio([each])) for block in blocks.values()]
    return tuple(option for block in sorted(inside, key=lambda each: -_ratio(each)) for option in block)


def _ratio(block: Sequence[Option]) -> Fraction:
    return Fraction(sum(each.presses for each in block), sum(each.length for each in block))


def moved(before: Sequence[Option], after: Sequence[Option]) -> int:
    """How many options have another place."""
    return sum(one.code != other.code for one, other in zip(before, after, strict=True))


def entropy(weights: Iterable[int]) -> float:
    """Bits of a choice that falls on each with these weights.

    >>> entropy([1, 1, 1, 1])
    2.0
    """
    kept = [weight for weight in weights if weight > 0]
    total = sum(kept)
    return -sum(w / total * math.log2(w / total) for w in kept) if total else 0.0


def fewest_presses(weights: Iterable[int], keys: int) -> float:
    """Mean presses below which no menu with so many keys on every level can lie (Shannon): H ÷ log₂ keys."""
    return entropy(weights) / math.log2(keys)


def best_presses(weights: Iterable[int], keys: int) -> float:
    """Mean presses of the best menu with so many keys on every level, whatever stands beside what (Huffman).

    >>> best_presses([5, 9, 12, 13, 16, 45], 2)
    2.24
    """
    heap = [weight for weight in weights if weight > 0]
    total = sum(heap)
    if len(heap) < 2:
        return float(bool(heap))
    heap += [0] * (-(len(heap) - 1) % (keys - 1))
    heapq.heapify(heap)
    pressed = 0
    while len(heap) > 1:
        merged = sum(heapq.heappop(heap) for _ in range(keys))
        pressed += merged
        heapq.heappush(heap, merged)
    return float(Fraction(pressed, total))
