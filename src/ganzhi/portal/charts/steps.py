"""A waterfall over the rows of a table: every part's bar begins where the one before it ended.

All rows share one scale from the first step to the last, with a line at no change; numbers stand beside.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise

from markupsafe import Markup

from ganzhi.portal.charts.palette import BAR, INK, MUTED, RULE, WORSE
from ganzhi.portal.charts.svg import tag

HEIGHT = 29
THINNEST = 0.5
"""Per cent of the cell that a bar is wide at least."""


def step_cells(changes: Sequence[float], worse: Sequence[bool]) -> tuple[Markup, ...]:
    """One cell per change, and one more for their sum. worse: whether a change is for the worse."""
    reached = list(accumulate(changes, initial=0.0))
    low, high = min(reached), max(reached)
    wide = (high - low) or 1.0

    def at(value: float) -> float:
        return round((value - low) / wide * 100, 1)

    def cell(start: float, end: float, fill: str) -> Markup:
        left, right = sorted((at(start), at(end)))
        size = max(right - left, THINNEST)
        left = min(left, 100 - size)
        bar = tag("rect", {"x": f"{left:.1f}%", "y": 8, "width": f"{size:.1f}%", "height": 13, "fill": fill})
        zero = f"{at(0.0)}%"
        line = tag("line", {"x1": zero, "x2": zero, "y1": 0, "y2": HEIGHT, "stroke": MUTED})
        ends = f"{at(end)}%"
        hair = tag("line", {"x1": ends, "x2": ends, "y1": 8, "y2": HEIGHT, "stroke": RULE})
        return tag("svg", {"class": "cell", "width": "100%", "height": HEIGHT, "aria-hidden": "true"}, line, hair, bar)

    cells = [
        cell(start, end, WORSE if bad else BAR) for (start, end), bad in zip(pairwise(reached), worse, strict=True)
    ]
    return (*cells, cell(0.0, reached[-1], INK))
