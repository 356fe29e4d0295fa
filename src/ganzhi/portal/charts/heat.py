"""Heat tables: one hue, light for little and dark for much, with the numbers in the cells.

On a page a heat table is a table; `heat_chart` draws the same as a picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from ganzhi.portal.charts.palette import CARD, HEAT, INK, LOOK, MUTED, RULE
from ganzhi.portal.charts.svg import Labels, cut, drawing, number, shape, tag, text_width, wrapped

STEPS = len(HEAT)
"""Shades beside none; each is a class of the style sheet with text that stays readable on it."""
ROW = 26.0
MARK = 13.0
HEAD_LINE = 15.5
HEAD_LINES = 3
WIDEST_NAME = 0.3


@dataclass(frozen=True, slots=True)
class HeatCell:
    """A number in words and its shade, None where it is unknown. title: all of it in words. level: of a number
    in alert, shown by tint and shape; such a table has no other shades."""

    shown: str
    shade: int | None
    title: str = ""
    level: str | None = None


@dataclass(frozen=True, slots=True)
class HeatRow:
    """A row of cells, one per column."""

    name: str
    cells: tuple[HeatCell, ...]


@dataclass(frozen=True, slots=True)
class HeatChart:
    """Rows by columns, such as weekdays by hours. corner: what the rows are."""

    sentence: str
    corner: str
    columns: tuple[str, ...]
    rows: tuple[HeatRow, ...]


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


def heat_chart(chart: HeatChart, width: float = 1000) -> Markup:
    """The table as a picture; empty without rows or columns. A number too wide for its cell is left out, as is
    a heading that would touch another."""
    if not chart.rows or not chart.columns:
        return Markup("")
    names = [chart.corner, *(row.name for row in chart.rows)]
    left = min(max(text_width(name, 12) for name in names), width * WIDEST_NAME) + 10
    step = (width - left) / len(chart.columns)
    heads = [_head_lines(name, step) for name in chart.columns]
    top = HEAD_LINE * max(len(lines) for lines in heads) + 8
    height = top + ROW * len(chart.rows) + 2
    labels = Labels(width, height)
    labels.place(cut(chart.corner, 12, left - 10), 0, top - 8)
    for place, lines in enumerate(heads):
        for n, line in enumerate(lines):
            y = top - 8 - HEAD_LINE * (len(lines) - 1 - n)
            labels.place(line, left + (place + 0.5) * step, y, anchor="middle", fill=INK)
    marks = [tag("path", {"d": f"M0 {number(top - 2)}H{number(width)}", "stroke": RULE})]
    for n, row in enumerate(chart.rows):
        y = top + ROW * n
        labels.place(cut(row.name, 12, left - 10), 0, y + 17, fill=INK)
        for place, cell in enumerate(row.cells):
            x = left + place * step
            fill = LOOK[cell.level].tint if cell.level else HEAT[cell.shade - 1] if cell.shade else CARD
            box = {"x": x, "y": y, "width": step - 1, "height": ROW - 1, "fill": fill}
            title = tag("title", {}, cell.title or f"{row.name} {chart.columns[place]} {cell.shown}")
            marks.append(tag("rect", box, title))
            mark = MARK if cell.level else 0.0
            if text_width(cell.shown, 11) + mark + 4 <= step:
                muted = MUTED if cell.shade is None else INK
                labels.place(cell.shown, x + (step + mark) / 2, y + 17, anchor="middle", size=11, fill=muted)
            if cell.level:
                at = (
                    x + (step - text_width(cell.shown, 11)) / 2
                    if mark + text_width(cell.shown, 11) + 4 <= step
                    else x + step / 2
                )
                marks.append(shape(cell.level, at, y + ROW / 2, 9))
    css = "line wide" if width >= 600 else "line narrow"
    return drawing(width, height, chart.sentence, css, *marks, *labels.marks)


def _head_lines(name: str, step: float) -> tuple[str, ...]:
    """A heading in as many lines as its column needs; a short one stays whole and may be left out instead."""
    return (name,) if text_width(name, 12) <= 40 else wrapped(name, 12, step - 6, HEAD_LINES)
