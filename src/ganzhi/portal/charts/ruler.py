"""The target ruler: one axis for every indicator, whatever its unit or direction (ui.md section 6).

Left is bad, right is good, the target stands at the same place in every row.
"""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from ganzhi.measure.views.parts import Edges
from ganzhi.portal.charts.palette import GROUND, INK, LEVELS, LOOK, MUTED
from ganzhi.portal.charts.svg import drawing, shape, tag, text_width

ZONE = 0.118
"""Width of one zone as a part of the whole; five zones lie left of the target."""


@dataclass(frozen=True, slots=True)
class Ruler:
    """What a ruler shows. judged: False for a sample too small to judge. sentence: read aloud."""

    limits: Edges
    value: float | None
    before: float | None
    level: str | None
    judged: bool
    sentence: str | None


def position(value: float, limits: Edges, width: float) -> float:
    """Where a value stands on a ruler of `width`.

    >>> twelve = Edges(12, 13.2, 14.4, 15.6, "lower")
    >>> [round(position(v, twelve, 190), 1) for v in (15.7, 13.8, 12.0, 30)]
    [43.0, 78.5, 112.1, 22.4]
    """
    zone = ZONE * width
    sign = 1.0 if limits.direction == "lower" else -1.0
    gap = sign * (value - limits.target)
    edges = [0.0, *(sign * (edge - limits.target) for edge in (limits.yellow, limits.orange, limits.red))]
    if gap <= 0:
        return 5 * zone + min(1.0, -gap / edges[3]) * (width - 5 * zone - 6)
    edges.append(edges[3] + (edges[3] - edges[2]))
    for number in range(4):
        low, high = edges[number], edges[number + 1]
        if gap < high:
            return 5 * zone - (number + (gap - low) / (high - low)) * zone
    return zone


def zones(width: float, height: float) -> Markup:
    """The ground of a ruler: red over, red, orange, yellow, blue, the target line and the good side."""
    zone = ZONE * width
    top, deep = (height - 10) / 2, 10.0
    looks = [*LEVELS, LOOK["red"]]
    rects = [
        tag("rect", {"x": (4 - n) * zone, "y": top, "width": zone - 1, "height": deep, "fill": look.tint})
        for n, look in enumerate(looks)
    ]
    good = tag("rect", {"x": 5 * zone, "y": top, "width": width - 5 * zone, "height": deep, "fill": GROUND})
    line = tag("rect", {"x": 5 * zone - 0.8, "y": top - 4, "width": 1.6, "height": 18, "fill": INK})
    return Markup("").join([*rects, good, line])


def ruler(seen: Ruler, width: float = 190, height: float = 24, ground: str | None = None) -> Markup:
    """A ruler with last period hollow, this period as its level's shape and a line between.

    ground: id of a symbol with `zones(width, height)` that the page defines once; drawn in place without it.
    """
    middle = height / 2
    below = tag("use", {"href": f"#{ground}"}) if ground else zones(width, height)
    marks: list[Markup] = [below]
    now = None if seen.value is None else position(seen.value, seen.limits, width)
    if seen.before is not None:
        was = position(seen.before, seen.limits, width)
        if now is not None:
            path = f"M{was:.1f} {middle:g}H{now:.1f}"
            marks.append(tag("path", {"d": path, "stroke": MUTED, "stroke-width": 1.4}))
        marks.append(
            tag("circle", {"cx": was, "cy": middle, "r": 2.6, "fill": "#fff", "stroke": MUTED, "stroke-width": 1.2})
        )
    if now is not None:
        marks.append(shape(seen.level, now, middle, 12, known=seen.judged))
    return drawing(width, height, seen.sentence, "ruler", *marks, width=f"{width:g}", height=f"{height:g}")


def ruler_scale(limits: Edges, texts: tuple[str, str, str, str], width: float = 420) -> Markup:
    """The values under a large ruler: target, yellow, orange, red; crowded ones are left out."""
    zone = ZONE * width
    marks: list[Markup] = []
    free = width
    for number, text in enumerate(texts):
        x, half = (5 - number) * zone, text_width(text, 12) / 2
        if x + half <= free - (4 if number else 0):
            marks.append(
                tag("text", {"x": x, "y": 12.0, "font-size": 12, "fill": MUTED, "text-anchor": "middle"}, text)
            )
            free = x - half
    return drawing(width, 16, None, "ruler", *marks, width=f"{width:g}", height="16")
