"""What each part adds to a change of the whole, exactly."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """One child at two dates: its share of the parent (weights that sum to 1 at each date, 0 where
    it was unknown) and its score (None where unknown)."""

    share_before: float
    share_now: float
    before: float | None
    now: float | None


def contributions(parts: Sequence[Part]) -> tuple[float, ...]:
    """Points each part adds to the change of a weighted arithmetic mean.

    Σ w̄·Δs + Σ (s̄ − Ī)·Δw, bars being means of both dates; the sum equals the change of the mean.
    A part known at one date only enters with its one score, through the change of its share.
    Source: methods.md 1.3.
    >>> contributions([Part(0.5, 0.5, 80.0, 90.0), Part(0.5, 0.5, 70.0, 70.0)])
    (5.0, 0.0)
    """
    first = math.fsum(p.share_before * p.before for p in parts if p.before is not None)
    last = math.fsum(p.share_now * p.now for p in parts if p.now is not None)
    middle = (first + last) / 2
    return tuple(_one(part, middle) for part in parts)


def _one(part: Part, middle: float) -> float:
    before = part.now if part.before is None else part.before
    now = part.before if part.now is None else part.now
    if before is None or now is None:
        return 0.0
    share = (part.share_before + part.share_now) / 2
    return share * (now - before) + ((before + now) / 2 - middle) * (part.share_now - part.share_before)
