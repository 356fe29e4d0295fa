"""Bars that start at zero: upright columns for ordered groups, and bars in table cells.

This period solid, the last as an outline, the one bar that explains a change in the dark of “worse”.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from markupsafe import Markup

from ganzhi.portal.charts.axis import axis
from ganzhi.portal.charts.palette import BAR, CARD, INK, MUTED, OUTLINE, RULE, WORSE
from ganzhi.portal.charts.svg import Labels, drawing, number, tag, text_width

CELL_HEIGHT = 29
HATCH = 5.0


@dataclass(frozen=True, slots=True)
class Column:
    """One upright bar. value None: unknown, its place stays empty. title: all of it in words. limit: a plan
    or limit, drawn as a tick; expected: a forecast, hatched instead of solid."""

    label: str
    value: float | None
    before: float | None
    shown: str
    title: str
    limit: float | None = None
    expected: bool = False


@dataclass(frozen=True, slots=True)
class ColumnChart:
    """Columns in the order of their groups."""

    sentence: str
    columns: tuple[Column, ...]
    unknown_word: str
    tick_text: Callable[[float, int], str]


def _one(
    chart: ColumnChart, column: Column, x: float, wide: float, zero: float, y: Callable[[float], float]
) -> list[Markup]:
    marks = []
    title = tag("title", {}, column.title)
    if column.before is not None:
        top, bottom = sorted((y(column.before), zero))
        box = {"x": x - 1.5, "y": top, "width": wide + 3, "height": bottom - top, "fill": "none", "stroke": OUTLINE}
        marks.append(tag("rect", box))
    if column.value is not None:
        top, bottom = sorted((y(column.value), zero))
        place = {"x": x, "y": top, "width": wide, "height": bottom - top}
        marks.append(tag("rect", {**place, "fill": CARD if column.expected else BAR}, title))
        if column.expected:
            marks.append(_hatched(x, top, wide, bottom))
    if column.limit is not None:
        path = f"M{number(x - 5)} {number(y(column.limit))}H{number(x + wide + 5)}"
        marks.append(tag("path", {"d": path, "stroke": INK, "stroke-width": 1.5}))
    return marks


def _hatched(x: float, top: float, wide: float, bottom: float) -> Markup:
    """The outline of a bar that is only expected, with level strokes in it."""
    rungs = int((bottom - top) / HATCH)
    strokes = "".join(f"M{number(x)} {number(bottom - HATCH * n)}h{number(wide)}" for n in range(1, rungs + 1))
    box = f"M{number(x)} {number(bottom)}V{number(top)}h{number(wide)}V{number(bottom)}Z"
    return tag("path", {"d": box + strokes, "fill": "none", "stroke": BAR})


def column_chart(chart: ColumnChart, width: float = 1000, height: float = 220) -> Markup:
    """The columns at a width; value texts stand above where there is room for them."""
    known = [v for c in chart.columns for v in (c.value, c.before, c.limit) if v is not None]
    scale = axis(known, from_zero=True)
    left = max(text_width(chart.tick_text(tick, scale.decimals), 12) for tick in scale.ticks) + 9
    bottom, right = height - 26.0, width - 6

    def y(value: float) -> float:
        return bottom - scale.share(value) * (bottom - 18)

    labels = Labels(width, height)
    marks: list[Markup] = []
    for tick in scale.ticks:
        labels.place(chart.tick_text(tick, scale.decimals), left - 7, y(tick) + 4, anchor="end")
        path = f"M{number(left)} {number(y(tick))}H{number(right)}"
        marks.append(tag("path", {"d": path, "stroke": RULE if tick else MUTED, "stroke-width": ".5"}))
    step = (right - left) / max(len(chart.columns), 1)
    bar = min(step * 0.66, 46)
    for place, column in enumerate(chart.columns):
        middle = left + (place + 0.5) * step
        marks += _one(chart, column, middle - bar / 2, bar, y(0), y)
        labels.place(column.label, middle, bottom + 18, anchor="middle")
    for place, column in enumerate(chart.columns):
        middle = left + (place + 0.5) * step
        if column.value is None:
            labels.place(chart.unknown_word, middle, bottom - 5, anchor="middle")
        elif text_width(column.shown, 11) <= step:
            seen = (column.value, column.before, column.limit)
            above = min(y(v) for v in seen if v is not None) - 5
            labels.place(column.shown, middle, above, anchor="middle", size=11, fill=INK)
    css = "line wide" if width >= 600 else "line narrow"
    return drawing(width, height, chart.sentence, css, *marks, *labels.marks)


def thin_bar(share: float) -> Markup:
    """A bar of a few pixels under a number, its length a share in [0, 1] of its place."""
    bar = tag("rect", {"width": f"{share * 100:.1f}%", "height": 4, "fill": BAR})
    return tag("svg", {"class": "thin", "width": "100%", "height": 4, "aria-hidden": "true"}, bar)


def bar_cell(
    share: float | None, before: float | None = None, *, stressed: bool = False, limit: float | None = None
) -> Markup:
    """A bar in a table cell, its length a share in [0, 1] of the cell's width; its number stands beside it.

    before: last period, as an outline; limit: as a tick.
    """
    marks: list[Markup] = []
    if before is not None:
        box = {"x": 0, "y": 5.5, "width": f"{before * 100:.1f}%", "height": 18, "fill": "none", "stroke": OUTLINE}
        marks.append(tag("rect", box))
    if share is not None:
        fill = WORSE if stressed else BAR
        marks.append(tag("rect", {"x": 0, "y": 10, "width": f"{share * 100:.1f}%", "height": 9, "fill": fill}))
    if limit is not None:
        x = f"{limit * 100:.1f}%"
        marks.append(tag("line", {"x1": x, "x2": x, "y1": 2, "y2": 27, "stroke": INK, "stroke-width": 1.5}))
    return tag("svg", {"class": "cell", "width": "100%", "height": CELL_HEIGHT, "aria-hidden": "true"}, *marks)
