"""The drawing of a blueprint: lanes and lines, boxes with figures, poor steps circled."""

from __future__ import annotations

from itertools import pairwise

from markupsafe import Markup

from ganzhi.portal.charts.blueprint.layout import HEAD, LINE, NAME, SMALL, Layout, Point, layout
from ganzhi.portal.charts.blueprint.model import BlueprintChart, ChartStep
from ganzhi.portal.charts.palette import ACCENT, CARD, GROUND, INK, LOOK, MUTED, OUTLINE
from ganzhi.portal.charts.svg import Box, drawing, number, shape, tag, text_width, wrapped

LOOKS = (("customer", "5 3", 1.0), ("front", None, 1.8), ("back", "5 3", 1.0))
"""Below which row each line runs, its dashes and its width: interaction, visibility, internal interaction."""


def blueprint(chart: BlueprintChart, *, links: bool = True) -> Markup:
    """The blueprint at its own size; empty without steps. links: whether boxes lead to their links."""
    if not chart.steps:
        return Markup("")
    places = layout(chart)
    marks = [*_ground(chart, places), *_ways(places)]
    marks += [_step(step, places, links) for step in chart.steps]
    led = links and any(step.link for step in chart.steps)
    size = {"width": number(places.width), "height": number(places.height)}
    role = "group" if led else "img"
    return drawing(places.width, places.height, chart.sentence, "blueprint", *marks, role=role, **size)


def _ground(chart: BlueprintChart, places: Layout) -> list[Markup]:
    """The customer's band, names of phases and rows, the three lines."""
    top, bottom = places.rows["customer"]
    band = {"x": HEAD - 6, "y": top - 6, "width": places.width - HEAD + 6, "height": bottom - top + 12, "fill": GROUND}
    marks = [tag("rect", band)]
    for phase in chart.phases:
        look = {"x": places.phases[phase.code], "y": 18.0, "text-anchor": "middle", "font-size": NAME, "font-weight": 600, "fill": INK}  # fmt: skip
        marks += [tag("text", look, line) for line in wrapped(phase.name, NAME * 1.06, 170, 1)]
    for row, (begin, end) in places.rows.items():
        for n, line in enumerate(wrapped(chart.rows[row], NAME * 1.06, HEAD - 16, 2)):
            look = {"x": 4.0, "y": (begin + end) / 2 + 4 + 15 * n, "font-size": NAME, "font-weight": 600, "fill": INK}
            marks.append(tag("text", look, line))
    for (row, dashes, wide), name in zip(LOOKS, chart.lines, strict=True):
        y = places.rows[row][1] + 5
        look = {"d": f"M4 {number(y)}H{number(places.width - 4)}", "stroke": MUTED, "stroke-width": wide}
        marks.append(tag("path", {**look, "stroke-dasharray": dashes}))
        marks.append(tag("text", {"x": 4.0, "y": y - 4, "font-size": SMALL, "fill": MUTED}, name))
    return marks


def _ways(places: Layout) -> list[Markup]:
    marks = []
    for _, points in places.ways:
        path = "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points)
        marks.append(tag("path", {"d": path, "fill": "none", "stroke": OUTLINE, "stroke-width": 1.1, "stroke-linejoin": "round"}))  # fmt: skip
        marks.append(_head(points))
    return marks


def _head(points: tuple[Point, ...]) -> Markup:
    """An arrow head at the last point, in the direction of the last piece."""
    ((x0, y0), (x, y)) = next(iter(list(pairwise(points))[::-1]))
    back = (
        (-7, -3.5, 0, 7) if x > x0 else (7, -3.5, 0, 7) if x < x0 else (-3.5, -7, 7, 0) if y > y0 else (-3.5, 7, 7, 0)
    )
    dx, dy, right, down = back
    path = f"M{number(x)} {number(y)}l{number(dx)} {number(dy)}" + (
        f"v{number(down)}Z" if down else f"h{number(right)}Z"
    )
    return tag("path", {"d": path, "fill": MUTED})


def _step(step: ChartStep, places: Layout, links: bool) -> Markup:
    box, lines = places.boxes[step.code], places.lines[step.code]
    look = LOOK[step.level] if step.level else None
    fill, stroke = (look.tint, look.edge or look.solid) if look else (CARD, ACCENT if step.marked else OUTLINE)
    rect = {"x": box.left, "y": box.top, "width": box.right - box.left, "height": box.bottom - box.top, "rx": 5}
    wide = 1.6 if step.marked or look else 1.0
    marks = [tag("title", {}, step.title or f"{step.name} {step.shown}".strip())]
    if step.poor and look:
        marks.append(_circle(box, look.solid))
    marks.append(tag("rect", {**rect, "fill": fill, "stroke": stroke, "stroke-width": wide}))
    middle = (box.left + box.right) / 2
    y = box.top + 18
    for line in lines:
        marks.append(tag("text", {"x": middle, "y": y, "text-anchor": "middle", "font-size": NAME, "fill": INK}, line))
        y += LINE
    if step.shown:
        shift = 8 if step.level else 0
        said = {
            "x": middle + shift,
            "y": y,
            "text-anchor": "middle",
            "font-size": SMALL,
            "fill": INK if look else MUTED,
        }
        marks.append(tag("text", {**said, "font-weight": 600 if step.poor else None}, step.shown))
        if step.level:
            marks.append(shape(step.level, middle + shift - text_width(step.shown, SMALL) / 2 - 9, y - 4, 9))
    return tag("a", {"href": step.link}, *marks) if step.link and links else tag("g", {}, *marks)


def _circle(box: Box, colour: str) -> Markup:
    """A ring around a box."""
    around = {
        "x": box.left - 4,
        "y": box.top - 4,
        "width": box.right - box.left + 8,
        "height": box.bottom - box.top + 8,
    }
    return tag("rect", {**around, "rx": 14, "fill": "none", "stroke": colour, "stroke-width": 2.0})
