"""Shares of a whole: one 100 % bar a row, at most five parts in the same order, labelled directly.

Shades of grey from dark to light and white between them; no part has an alert's colour. What does not fit
into its part is in the part's title and in the table beside the chart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from ganzhi.portal.charts.palette import DOTTED, HEAT, INK, MUTED
from ganzhi.portal.charts.svg import Labels, cut, drawing, number, tag, text_width

MOST_PARTS = 5
ROW = 29.0
BAR_HEIGHT = 19.0
LINE = 16.0
WIDEST_NAME = 0.3
"""Part of the width that names take at most."""


@dataclass(frozen=True, slots=True)
class ShareRow:
    """A bar. amounts: one per part, none below zero; shown: the parts' shares in words."""

    name: str
    amounts: tuple[float, ...]
    shown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShareChart:
    """The bars and the names of their parts; of more than five the smallest must be folded before."""

    sentence: str
    parts: tuple[str, ...]
    rows: tuple[ShareRow, ...]


def folded(amounts: Sequence[Sequence[float]], most: int = MOST_PARTS) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Which parts stand alone, and which are summed as others so that no more than `most` remain; the largest
    over all rows stand alone, in their own order.

    >>> folded([(1, 50, 3, 2, 40, 4)])
    ((1, 2, 4, 5), (0, 3))
    """
    count = len(amounts[0]) if amounts else 0
    if count <= most:
        return tuple(range(count)), ()
    totals = [sum(row[place] for row in amounts) for place in range(count)]
    largest = sorted(range(count), key=lambda place: (-totals[place], place))[: most - 1]
    return tuple(sorted(largest)), tuple(sorted(set(range(count)) - set(largest)))


def _spans(row: ShareRow, left: float, wide: float) -> list[tuple[float, float]]:
    """Left and right edge of each part; none where nothing is there to share out."""
    whole = sum(row.amounts)
    if whole <= 0:
        return []
    found, x = [], left
    for amount in row.amounts:
        found.append((x, x + amount / whole * wide))
        x = found[-1][1]
    return found


@dataclass(frozen=True, slots=True)
class _Head:
    """Name of a part above the first bar: where its middle is, on which line from below, what it is tied to."""

    said: str
    middle: float
    line: int
    tie: float


def _heads(parts: Sequence[str], spans: Sequence[tuple[float, float]], right: float) -> list[_Head]:
    """Each name over its part, on the lowest line where it touches no other."""
    found: list[_Head] = []
    lines: list[list[tuple[float, float]]] = []
    for name, (left, end) in zip(parts, spans, strict=False):
        said = cut(name, 12, right - 4)
        half = text_width(said, 12) / 2
        middle = min(max((left + end) / 2, half), right - half)
        span = (middle - half - 3, middle + half + 3)
        line = next(
            (n for n, taken in enumerate(lines) if all(span[1] < a or b < span[0] for a, b in taken)), len(lines)
        )
        if line == len(lines):
            lines.append([])
        lines[line].append(span)
        found.append(_Head(said, middle, line, (left + end) / 2))
    return found


def _draw_heads(heads: Sequence[_Head], base: float, labels: Labels) -> list[Markup]:
    """The names, and a stroke from each that does not stand right above its part."""
    marks = []
    for head in heads:
        y = base - 4 - LINE * head.line
        labels.place(head.said, head.middle, y, anchor="middle", fill=INK)
        if head.line:
            path = f"M{number(head.tie)} {number(y + 4)}V{number(base + 3)}"
            marks.append(tag("path", {"d": path, "stroke": DOTTED}))
    return marks


def share_chart(chart: ShareChart, width: float = 1000) -> Markup:
    """The bars at a width; empty without rows."""
    assert len(chart.parts) <= MOST_PARTS, "at most five parts"
    if not chart.rows:
        return Markup("")
    names = max(text_width(row.name, 12) for row in chart.rows)
    left = min(names, width * WIDEST_NAME) + 10
    wide = width - left - 2
    first = next((spans for row in chart.rows if (spans := _spans(row, left, wide))), [])
    heads = _heads(chart.parts, first, width)
    base = LINE * (1 + max((head.line for head in heads), default=0))
    top = base + 4
    height = top + ROW * len(chart.rows)
    labels = Labels(width, height)
    marks = _draw_heads(heads, base, labels)
    shades = HEAT[: -1 - len(chart.parts) : -1]
    for n, row in enumerate(chart.rows):
        y = top + ROW * n + (ROW - BAR_HEIGHT) / 2
        labels.place(cut(row.name, 12, left - 8), left - 8, y + 14, anchor="end", fill=INK)
        for (x, end), name, shown, shade in zip(_spans(row, left, wide), chart.parts, row.shown, shades, strict=False):
            box = {"x": x, "y": y, "width": max(0.0, end - x - 1), "height": BAR_HEIGHT, "fill": shade}
            marks.append(tag("rect", box, tag("title", {}, f"{row.name} {name} {shown}")))
            if text_width(shown, 11) + 4 <= end - x:
                labels.place(shown, (x + end) / 2, y + 13.5, anchor="middle", size=11, fill=INK)
        if not _spans(row, left, wide):
            labels.place("–", left, y + 14, fill=MUTED)
    css = "line wide" if width >= 600 else "line narrow"
    return drawing(width, height, chart.sentence, css, *marks, *labels.marks)
