"""Two shares against each other: things as labelled points in four quarters, some of them marked.

Marked points are solid, the others hollow; no level and no colour, because nothing is judged here.
A label that has no free place beside its point is left out; the table beside the chart names all.
"""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from ganzhi.portal.charts.palette import CARD, DOTTED, GROUND, INK, MUTED, RULE
from ganzhi.portal.charts.svg import Box, Labels, drawing, tag, text_width

RADIUS = 5.0
MARGIN = 8.0


@dataclass(frozen=True, slots=True)
class ScatterPoint:
    """One thing. x, y: shares in [0, 1]. title: all of it in words."""

    label: str
    x: float
    y: float
    marked: bool
    title: str


@dataclass(frozen=True, slots=True)
class Scatter:
    """The points, the share from which either way is high, and the words of the axes and the quarters.

    corners: low x and high y, both high, both low, high x and low y.
    """

    sentence: str
    points: tuple[ScatterPoint, ...]
    high_from: float
    across: str
    up: str
    corners: tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where the shares lie in the drawing."""

    left: float
    top: float
    right: float
    bottom: float

    def x(self, share: float) -> float:
        return self.left + min(1.0, max(0.0, share)) * (self.right - self.left)

    def y(self, share: float) -> float:
        return self.bottom - min(1.0, max(0.0, share)) * (self.bottom - self.top)


def scatter(chart: Scatter, width: float = 1000, height: float = 460) -> Markup:
    """The chart at a size."""
    frame = _Frame(MARGIN + RADIUS, 26.0, width - MARGIN - RADIUS, height - 30.0)
    labels = Labels(width, height)
    for point in chart.points:
        x, y = frame.x(point.x), frame.y(point.y)
        labels.block(Box(x - RADIUS, y - RADIUS, x + RADIUS, y + RADIUS))
    labels.place(f"↑ {chart.up}", 0.0, 14.0, fill=MUTED)
    labels.place(f"{chart.across} →", width, height - 6.0, anchor="end", fill=MUTED)
    _corners(chart, frame, labels)
    marks = [*_quarters(chart, frame), *(_mark(point, frame) for point in chart.points)]
    for point in sorted(chart.points, key=lambda p: (not p.marked, -(p.x + p.y))):
        _label(point, frame, labels)
    kind = "line wide" if width > 500 else "line narrow"
    return drawing(width, height, chart.sentence, kind, *marks, *labels.marks)


def _quarters(chart: Scatter, frame: _Frame) -> list[Markup]:
    """The quarter in which both are high shaded, the border between low and high dashed."""
    x, y = frame.x(chart.high_from), frame.y(chart.high_from)
    pad = RADIUS + 4
    both = {"x": x, "y": frame.top - pad, "width": frame.right + pad - x, "height": y - frame.top + pad, "fill": GROUND}
    edges = {
        "x": frame.left - pad,
        "y": frame.top - pad,
        "width": frame.right - frame.left + 2 * pad,
        "height": frame.bottom - frame.top + 2 * pad,
        "fill": "none",
        "stroke": RULE,
    }
    dashed = {"stroke": DOTTED, "stroke-dasharray": "4 3"}
    return [
        tag("rect", both),
        tag("rect", edges),
        tag("line", {"x1": x, "x2": x, "y1": frame.top - pad, "y2": frame.bottom + pad, **dashed}),
        tag("line", {"x1": frame.left - pad, "x2": frame.right + pad, "y1": y, "y2": y, **dashed}),
    ]


def _corners(chart: Scatter, frame: _Frame, labels: Labels) -> None:
    """The word of each quarter in its outer corner."""
    upper, lower = frame.top + 8.0, frame.bottom + 2.0
    high_left, both, neither, high_right = chart.corners
    labels.place(high_left, frame.left, upper)
    labels.place(both, frame.right, upper, anchor="end")
    labels.place(neither, frame.left, lower)
    labels.place(high_right, frame.right, lower, anchor="end")


def _mark(point: ScatterPoint, frame: _Frame) -> Markup:
    look = {"fill": INK, "stroke": CARD} if point.marked else {"fill": CARD, "stroke": MUTED, "stroke-width": 1.2}
    place = {"cx": frame.x(point.x), "cy": frame.y(point.y), "r": RADIUS if point.marked else RADIUS - 1}
    return tag("circle", {**place, **look}, tag("title", {}, point.title))


def _label(point: ScatterPoint, frame: _Frame, labels: Labels) -> None:
    """The name beside its point: to the right, else to the left, else above or below."""
    x, y, fill = frame.x(point.x), frame.y(point.y), INK if point.marked else MUTED
    half = text_width(point.label, 12) / 2
    beside = RADIUS + 4
    for at, baseline, anchor in (
        (x + beside, y + 4, "start"),
        (x - beside, y + 4, "end"),
        (x, y - beside - 2, "middle"),
        (x, y + beside + 10, "middle"),
        (x + half, y - beside - 2, "middle"),
        (x - half, y + beside + 10, "middle"),
    ):
        if labels.place(point.label, at, baseline, anchor=anchor, fill=fill, bold=point.marked):
            return
