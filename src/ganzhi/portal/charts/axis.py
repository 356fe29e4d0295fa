"""Axes: round tick values that cover a range."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Axis:
    """A value axis from low to high with its ticks; decimals: places its tick labels need."""

    low: float
    high: float
    ticks: tuple[float, ...]
    decimals: int

    def share(self, value: float) -> float:
        """Where a value lies, 0 at low and 1 at high, held within the axis."""
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))


def axis(values: Sequence[float], *, from_zero: bool = False, at_least: int = 5, cap: float | None = None) -> Axis:
    """An axis with ticks at the largest 1, 2 or 5 times a power of ten that gives `at_least` of them.

    cap: a value the axis must not go beyond unless the data do, such as 100 for per cents.
    >>> axis([8.6, 19.4]).ticks
    (8.0, 10.0, 12.0, 14.0, 16.0, 18.0, 20.0)
    """
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    if from_zero:
        low, high = min(0.0, low), max(0.0, high)
    if low == high:
        spare = abs(low) * 0.1 or 1.0
        low, high = (low, high + spare) if from_zero else (low - spare, high + spare)
    power = 10.0 ** math.floor(math.log10(high - low))
    top = cap if cap is not None and max(values, default=cap) <= cap else None
    steps = [power * part for part in (5, 2, 1, 0.5, 0.2, 0.1, 0.05)]
    spans = [(step, *_span(low, high, step, top)) for step in steps]
    step, first, last = next((span for span in spans if span[2] - span[1] + 1 >= at_least), spans[-1])
    ticks = tuple(float(f"{n * step:.10g}") for n in range(first, last + 1))
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return Axis(ticks[0], max(high, ticks[-1]), ticks, decimals)


def _span(low: float, high: float, step: float, top: float | None) -> tuple[int, int]:
    """First and last multiple of the step around a range, not beyond `top`."""
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return first, last if top is None else min(last, math.floor(top / step + 1e-9))
