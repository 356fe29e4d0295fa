"""A table whose rows hold a drawing (dots, bars, rulers, steps) as one picture, for files that leave the page.

On a page such charts stand in the cells of a table; here names, cells and numbers are drawn together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from markupsafe import Markup

from ganzhi.portal.charts.palette import INK, LOOK, MUTED, RULE
from ganzhi.portal.charts.svg import Labels, cut, drawing, number, tag, text_width, wrapped

ROW = 31.0
HEAD = 26.0
PAD = 12.0
WIDEST_NAME, WIDEST_TEXT = 0.32, 0.16
"""Parts of the width that a name and one text take at most."""


@dataclass(frozen=True, slots=True)
class PictureRow:
    """cell: the drawing, None where there is none; texts: numbers in words, right of it; level: of a row in
    alert; depth: how far the name is moved in; heading: a row that only names those below it."""

    name: str
    cell: Markup | None
    texts: tuple[str, ...]
    level: str | None = None
    depth: int = 0
    heading: bool = False


@dataclass(frozen=True, slots=True)
class PictureTable:
    """heads: of the names and of each text. cell: width that a cell's drawing was made for, None where it
    takes any."""

    sentence: str
    heads: tuple[str, ...]
    rows: tuple[PictureRow, ...]
    cell: float | None = None


def cumulative(amounts: Sequence[float]) -> tuple[float, ...]:
    """Shares of the whole up to and with each amount; empty when there is nothing to share out.

    >>> cumulative([6, 3, 1])
    (0.6, 0.9, 1.0)
    """
    whole = sum(amounts)
    return tuple(reached / whole for reached in accumulate(amounts)) if whole > 0 else ()


def _columns(table: PictureTable, width: float) -> tuple[float, list[float]]:
    """Where the cells begin, and where each text ends."""
    names = [table.heads[0], *(row.name for row in table.rows if not row.heading)]
    deepest = max((row.depth for row in table.rows), default=0) * PAD
    left = min(max(text_width(name, 12) for name in names) + deepest, width * WIDEST_NAME) + PAD
    ends: list[float] = []
    right = width
    for place in reversed(range(len(table.heads) - 1)):
        texts = [table.heads[place + 1], *(row.texts[place] for row in table.rows if not row.heading)]
        ends.insert(0, right)
        right -= min(max(text_width(text, 12) * 1.06 for text in texts), width * WIDEST_TEXT) + PAD
    return left, [right, *ends]


def picture_table(table: PictureTable, width: float = 1000) -> Markup:
    """The table at a width; empty without rows."""
    if not table.rows:
        return Markup("")
    left, (right, *ends) = _columns(table, width)
    height = HEAD + ROW * len(table.rows)
    labels = Labels(width, height)
    labels.place(cut(table.heads[0], 12, left - PAD), 0, 16)
    starts = [right, *ends[:-1]]
    for head, start, end in zip(table.heads[1:], starts, ends, strict=True):
        labels.place(cut(head, 12, end - start - PAD), end, 16, anchor="end")
    marks = [tag("path", {"d": f"M0 {number(HEAD - 3)}H{number(width)}", "stroke": RULE})]
    for n, row in enumerate(table.rows):
        y = HEAD + ROW * n
        indent = row.depth * PAD
        room = width if row.heading else left - PAD - indent
        labels.place(cut(row.name, 12.72 if row.heading else 12, room), indent, y + 20, fill=INK, bold=row.heading)
        if row.heading:
            continue
        if row.cell:
            wide = table.cell or right - left
            place = {"x": float(left), "y": y, "width": float(wide), "height": ROW}
            marks.append(tag("svg", place, row.cell))
        for text, start, end in zip(row.texts, starts, ends, strict=True):
            bold = row.level in LOOK and text == row.texts[0]
            labels.place(
                cut(text, 12.72 if bold else 12, end - start - PAD),
                end,
                y + 20,
                anchor="end",
                fill=INK if bold else MUTED,
                bold=bold,
            )
    return drawing(width, height, table.sentence, "line wide", *marks, *labels.marks)


@dataclass(frozen=True, slots=True)
class Multiple:
    """One of several small charts of a kind: its name, its value in words, its drawing."""

    name: str
    value: str
    picture: Markup


def multiples(
    sentence: str, items: Sequence[Multiple], size: tuple[float, float], *, width: float = 1000, across: int = 3
) -> Markup:
    """Small charts in rows of `across`, each under its name and value. size: that the drawings were made for."""
    if not items:
        return Markup("")
    step, deep = width / across, size[1] + 56
    height = deep * -(-len(items) // across)
    labels = Labels(width, height)
    marks = []
    for n, item in enumerate(items):
        x, y = step * (n % across), deep * (n // across)
        names = wrapped(item.name, 12.72, step - PAD, 1)
        labels.place(names[0], x, y + 14, fill=INK, bold=True)
        labels.place(cut(item.value, 12, step - PAD), x, y + 32)
        place = {"x": float(x), "y": y + 40, "width": float(size[0]), "height": float(size[1])}
        marks.append(tag("svg", place, item.picture))
    return drawing(width, height, sentence, "line wide", *marks, *labels.marks)
