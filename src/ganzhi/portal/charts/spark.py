"""Sparklines: the shape of the last periods in a table row; no axis, scale per row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from ganzhi.portal.charts.palette import DOTTED, MUTED
from ganzhi.portal.charts.svg import drawing, number, shape, tag


@dataclass(frozen=True, slots=True)
class Spark:
    """values: oldest first, None where unknown; target: drawn dotted where it is near the values."""

    values: tuple[float | None, ...]
    target: float | None
    level: str | None
    judged: bool


def runs(values: Sequence[float | None]) -> list[list[int]]:
    """Stretches of known values, as lists of their places.

    >>> runs([None, 1, 2, None, 3])
    [[1, 2], [4]]
    """
    found: list[list[int]] = []
    for place, value in enumerate(values):
        if value is None:
            continue
        if found and found[-1][-1] == place - 1:
            found[-1].append(place)
        else:
            found.append([place])
    return found


def spark(seen: Spark, width: float = 104, height: float = 24) -> Markup:
    """The line with gaps left open and the last point as its level's shape; empty below two points."""
    known = [value for value in seen.values if value is not None]
    if len(known) < 2:
        return Markup("")
    low, high = min(known), max(known)
    reach = high - low or abs(high) or 1.0
    if seen.target is not None and low - reach <= seen.target <= high + reach:
        low, high = min(low, seen.target), max(high, seen.target)
    extent = high - low or 1.0
    step = (width - 9) / (len(seen.values) - 1)

    def x(place: int) -> float:
        return 2 + place * step

    def y(value: float) -> float:
        return height / 2 if high == low else 4 + (high - value) / extent * (height - 8)

    marks: list[Markup] = []
    if seen.target is not None and low <= seen.target <= high:
        path = f"M0 {number(y(seen.target))}H{number(width)}"
        marks.append(tag("path", {"d": path, "stroke": DOTTED, "stroke-dasharray": "2 2"}))
    lines = []
    for run in runs(seen.values):
        points = [f"{number(x(place))} {number(y(seen.values[place] or 0.0))}" for place in run]
        lines.append("M" + "L".join(points) + ("h.1" if len(points) == 1 else ""))
    line = {"d": "".join(lines), "fill": "none", "stroke": MUTED, "stroke-width": 1.3, "stroke-linejoin": "round"}
    marks.append(tag("path", {**line, "stroke-linecap": "round"}))
    last = seen.values[-1]
    if last is not None:
        size = 7.2 if seen.level else 6.6
        marks.append(shape(seen.level, x(len(seen.values) - 1), y(last), size, known=seen.judged))
    return drawing(width, height, None, "spark", *marks, width=f"{width:g}", height=f"{height:g}")
