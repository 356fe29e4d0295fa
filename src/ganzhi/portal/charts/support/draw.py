"""Draws the support system: a column of boxes for each layer, curves for what joins them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from ganzhi.portal.charts.palette import ACCENT, BAR, CARD, INK, LOOK, MUTED, OUTLINE, RULE
from ganzhi.portal.charts.support.model import ChartBox, ChartJoint, SystemChart
from ganzhi.portal.charts.svg import cut, drawing, number, shape, tag, text_width

WIDE: Final = 184.0
GAP: Final = 82.0
HIGH: Final = 24.0
STEP: Final = 30.0
TOP: Final = 44.0
NAME: Final = 12.0
SMALL: Final = 11.0
EDGE: Final = 2.0
FAINT: Final = 0.35
"""How strongly what is not on the way is drawn."""


@dataclass(frozen=True, slots=True)
class _At:
    left: float
    middle: float
    box: ChartBox


def system_chart(chart: SystemChart, *, links: bool = True) -> Markup:
    """The drawing at its own size; empty without boxes. links: whether boxes lead to their links."""
    tallest = max((len(boxes) for _, boxes in chart.columns), default=0)
    if not tallest:
        return Markup("")
    places: dict[str, _At] = {}
    for n, (_, boxes) in enumerate(chart.columns):
        spread = STEP if len(boxes) < 2 else max(STEP, (tallest - 1) * STEP / (len(boxes) - 1) if n else STEP)
        spread = min(spread, STEP * 2.2)
        begin = TOP + ((tallest - 1) * STEP - (len(boxes) - 1) * spread) / 2 + HIGH / 2
        for m, box in enumerate(boxes):
            places[box.key] = _At(EDGE + n * (WIDE + GAP), begin + m * spread, box)
    width = EDGE * 2 + len(chart.columns) * WIDE + (len(chart.columns) - 1) * GAP
    height = TOP + tallest * STEP + EDGE
    marks = [_head(n, name) for n, (name, _) in enumerate(chart.columns)]
    marks += [_line(n, name, height) for n, name in enumerate(chart.lines)]
    marks += [_joint(each, places) for each in sorted(chart.joints, key=lambda each: _lit(each, places))]
    marks += [_box(each, links) for each in places.values()]
    led = links and any(each.box.link for each in places.values())
    size = {"width": number(width), "height": number(height)}
    return drawing(width, height, chart.sentence, "blueprint", *marks, role="group" if led else "img", **size)


def _head(n: int, name: str) -> Markup:
    x = EDGE + n * (WIDE + GAP) + WIDE / 2
    look = {"x": x, "y": 16.0, "text-anchor": "middle", "font-size": NAME + 1, "font-weight": 600, "fill": INK}
    return tag("text", look, name)


def _line(n: int, name: str, height: float) -> Markup:
    """The line between two columns, with its name above it."""
    x = EDGE + n * (WIDE + GAP) + WIDE + GAP / 2
    path = {"d": f"M{number(x)} {number(TOP - 6)}V{number(height)}", "stroke": RULE, "stroke-width": 1.0, "stroke-dasharray": "5 3"}  # fmt: skip
    said = {"x": x, "y": 32.0, "text-anchor": "middle", "font-size": SMALL, "fill": MUTED}
    return tag("g", {}, tag("path", path), tag("text", said, name))


def _lit(joint: ChartJoint, places: dict[str, _At]) -> bool:
    return not (places[joint.source].box.dim or places[joint.target].box.dim)


def _joint(joint: ChartJoint, places: dict[str, _At]) -> Markup:
    one, other = places[joint.source], places[joint.target]
    x0, x1 = one.left + WIDE, other.left
    half = (x1 - x0) / 2
    y0, y1, bend = number(one.middle), number(other.middle), number(x0 + half)
    path = f"M{number(x0)} {y0}C{bend} {y0} {bend} {y1} {number(x1)} {y1}"
    lit = _lit(joint, places)
    look = {"fill": "none", "stroke": BAR if lit else RULE, "stroke-width": 0.7 + 2.3 * joint.weight}
    return tag("path", {"d": path, **look, "stroke-opacity": 0.75 if lit else FAINT})


def _box(at: _At, links: bool) -> Markup:
    box = at.box
    look = LOOK[box.level] if box.level and not box.dim else None
    fill, stroke = (look.tint, look.edge or look.solid) if look else (CARD, OUTLINE)
    if box.chosen:
        stroke = ACCENT
    rect = {"x": at.left, "y": at.middle - HIGH / 2, "width": WIDE, "height": HIGH, "rx": 5, "fill": fill}
    ink = MUTED if box.dim else INK
    right = at.left + WIDE - 8
    taken = text_width(box.shown, SMALL) + 8 if box.shown else 0
    left = at.left + (22 if box.level else 9)
    name = cut(box.name, NAME, right - taken - left)
    marks = [
        tag("title", {}, f"{box.name} {box.shown}".strip()),
        tag("rect", {**rect, "stroke": stroke, "stroke-width": 2.0 if box.chosen else 1.0}),
        tag("text", {"x": left, "y": at.middle + 4, "font-size": NAME, "fill": ink}, name),
    ]
    if box.level:
        marks.append(shape(box.level, at.left + 12, at.middle, 10))
    if box.shown:
        said = {"x": right, "y": at.middle + 4, "text-anchor": "end", "font-size": SMALL, "fill": ink}
        marks.append(tag("text", said, box.shown))
    return tag("a", {"href": box.link}, *marks) if box.link and links else tag("g", {}, *marks)
