"""Heat tables: one hue, light for little and dark for much, with the numbers in the cells."""

from __future__ import annotations

from collections.abc import Sequence

STEPS = 5
"""Shades beside none; each is a class of the style sheet with text that stays readable on it."""


def heat_steps(values: Sequence[float | None]) -> tuple[int | None, ...]:
    """A shade from 0 (least) to STEPS (most) per value by equal parts of the range, None where unknown.

    >>> heat_steps([0, 5, 10, None])
    (0, 3, 5, None)
    """
    known = [value for value in values if value is not None]
    if not known or min(known) == max(known):
        return tuple(None if value is None else 0 for value in values)
    low, high = min(known), max(known)
    return tuple(None if v is None else min(STEPS, int((v - low) / (high - low) * (STEPS + 1))) for v in values)
