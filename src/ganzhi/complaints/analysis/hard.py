"""Hard topics: reasons whose complaints come back, go up or are opened again more than all others' (S003-012).

A complaint is hard when it repeats another, was escalated or was opened again after it was closed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ganzhi.numerics.intervals import wilson

LEAST: Final = 5
"""Complaints of a reason below which nothing is said of it."""


@dataclass(frozen=True, slots=True)
class Hard:
    """low: of the 95 % interval of the share of hard ones; it lies above the share of all."""

    key: str
    count: int
    repeated: int
    escalated: int
    reopened: int
    hard: int
    share: float
    low: float


@dataclass(frozen=True, slots=True)
class Kinds:
    """Complaints of a reason: all, by what makes them hard, and those that are hard at all, each counted once."""

    count: int
    repeated: int
    escalated: int
    reopened: int
    hard: int


def hard_topics(found: Mapping[str, Kinds]) -> tuple[Hard, ...]:
    """Reasons whose share of hard complaints is above that of the others together beyond chance, the hardest first."""
    total, all_hard = sum(each.count for each in found.values()), sum(each.hard for each in found.values())
    topics = []
    for key, each in found.items():
        others = total - each.count
        if each.count < LEAST or not others:
            continue
        low = wilson(each.hard, each.count).low
        if low > (all_hard - each.hard) / others:
            topics.append(
                Hard(
                    key,
                    each.count,
                    each.repeated,
                    each.escalated,
                    each.reopened,
                    each.hard,
                    each.hard / each.count,
                    low,
                )
            )
    return tuple(sorted(topics, key=lambda each: (-each.low, each.key)))
