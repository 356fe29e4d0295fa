"""Dot plots in table cells: hollow last period, filled now, a line between, threshold bands behind.

Every row shares one scale, so the table reads as one chart; its numbers stand beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from ganzhi.measure.views.parts import Edges
from ganzhi.portal.charts.palette import INK, LOOK, MUTED, RULE
from ganzhi.portal.charts.svg import shape, tag

HEIGHT = 31
SPARE = 0.06
"""Part of the range left free on both sides."""


@dataclass(frozen=True, slots=True)
class DotScale:
    """The common scale of a table's dots; low and high lie at 0 % and 100 % of the cell."""

    low: float
    high: float
    limits: Edges | None

    def at(self, value: float) -> float:
        """Place of a value in per cent of the cell's width, held within it."""
        return round(min(1.0, max(0.0, (value - self.low) / (self.high - self.low))) * 100, 1)


def dot_scale(values: Sequence[float | None], limits: Edges | None) -> DotScale:
    """A scale that holds all known values and the target."""
    known = [value for value in values if value is not None]
    if limits is not None:
        known.append(limits.target)
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    spare = (high - low) * SPARE or abs(high) * 0.1 or 1.0
    return DotScale(low - spare, high + spare, limits)


def _bands(scale: DotScale) -> list[Markup]:
    limits = scale.limits
    if limits is None:
        return []
    starts = [("blue", limits.target), ("yellow", limits.yellow), ("orange", limits.orange), ("red", limits.red)]
    beyond = scale.high if limits.direction == "lower" else scale.low
    marks = []
    for place, (level, start) in enumerate(starts):
        end = starts[place + 1][1] if place < 3 else beyond
        left, right = sorted((scale.at(start), scale.at(end)))
        if right > left:
            box = {"x": f"{left}%", "width": f"{right - left:.1f}%", "height": HEIGHT, "fill": LOOK[level].tint}
            marks.append(tag("rect", box))
    x = f"{scale.at(limits.target)}%"
    marks.append(tag("line", {"x1": x, "x2": x, "y1": 0, "y2": HEIGHT, "stroke": INK, "stroke-width": 1.5}))
    return marks


def dot_cell(
    scale: DotScale, now: float | None, before: float | None, level: str | None, *, judged: bool = True
) -> Markup:
    """One row's cell; empty of dots where the value is unknown."""
    middle = HEIGHT / 2
    marks = _bands(scale)
    if scale.limits is None:
        marks.append(tag("line", {"x1": 0, "x2": "100%", "y1": middle, "y2": middle, "stroke": RULE}))
    if before is not None:
        was = f"{scale.at(before)}%"
        if now is not None:
            ends = {"x1": was, "x2": f"{scale.at(now)}%", "y1": middle, "y2": middle}
            marks.append(tag("line", {**ends, "stroke": MUTED, "stroke-width": 1.5}))
        marks.append(
            tag("circle", {"cx": was, "cy": middle, "r": 3, "fill": "#fff", "stroke": MUTED, "stroke-width": 1.2})
        )
    if now is not None:
        dot = shape(level, 0, 0, 13, known=judged)
        marks.append(tag("svg", {"x": f"{scale.at(now)}%", "y": middle, "overflow": "visible"}, dot))
    return tag("svg", {"class": "cell", "width": "100%", "height": HEIGHT, "aria-hidden": "true"}, *marks)
