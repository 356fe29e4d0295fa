"""A table whose rows hold a drawing (dots, bars, rulers, steps) as one picture, for files that leave the page.

On a page such charts stand in the cells of a table; here names, cells and numbers are drawn together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from markupsafe import Markup

from ganzhi.portal.charts.palette import INK, MUTED, RULE
from ganzhi.portal.charts.svg import Labels, cut, drawing, number, tag, text_width, wrapped

ROW = 31.0
HEAD = 26.0
PAD = 12.0
WIDEST_NAME, WIDEST_TEXT = 0.32, 0.16
"""Parts of the width that a name and one text take at most."""
HEAVY = 1.06
"""How much wider a text in bold is."""


@dataclass(frozen=True, slots=True)
class Say:
    """A text of a row and how it looks."""

    text: str
    fill: str = MUTED
    bold: bool = False

    @property
    def width(self) -> float:
        """Its width on the safe side."""
        return text_width(self.text, 12) * HEAVY


@dataclass(frozen=True, slots=True)
class PictureRow:
    """cell: the drawing, None where there is none; texts: numbers in words, right of it, one per heading, or
    none at all; depth: how far the name is moved in; heading: a row that stands above those it names."""

    name: str
    cell: Markup | None
    texts: tuple[Say, ...]
    depth: int = 0
    heading: bool = False


@dataclass(frozen=True, slots=True)
class PictureTable:
    """heads: of the names and of each text. cell: width that a cell's drawing was made for, None where it
    takes any; cell_head: what stands above the drawings. widest: part of the width that one text takes at most."""

    sentence: str
    heads: tuple[str, ...]
    rows: tuple[PictureRow, ...]
    cell: float | None = None
    cell_head: Markup | None = None
    widest: float = WIDEST_TEXT


def cumulative(amounts: Sequence[float]) -> tuple[float, ...]:
    """Shares of the whole up to and with each amount; empty when there is nothing to share out.

    >>> cumulative([6, 3, 1])
    (0.6, 0.9, 1.0)
    """
    whole = sum(amounts)
    return tuple(reached / whole for reached in accumulate(amounts)) if whole > 0 else ()


def _columns(table: PictureTable, width: float) -> tuple[float, list[float]]:
    """Where the cells begin and end, and where each text ends."""
    names = [text_width(table.heads[0], 12)]
    names += [text_width(row.name, 12) * HEAVY + row.depth * PAD for row in table.rows if row.texts]
    left = min(max(names), width * WIDEST_NAME) + PAD
    ends: list[float] = []
    right = width
    for place in reversed(range(len(table.heads) - 1)):
        texts = [text_width(table.heads[place + 1], 12), *(row.texts[place].width for row in table.rows if row.texts)]
        ends.insert(0, right)
        right -= min(max(texts), width * table.widest) + PAD
    return left, [right, *ends]


def picture_table(table: PictureTable, width: float = 1000) -> Markup:
    """The table at a width, narrower where its cells take less; empty without rows."""
    if not table.rows:
        return Markup("")
    left, (right, *ends) = _columns(table, width)
    spare = max(0.0, right - left - table.cell - PAD) if table.cell else 0.0
    width, right, ends = width - spare, right - spare, [end - spare for end in ends]
    room = left - PAD
    labels = Labels(width, HEAD + ROW * len(table.rows))
    labels.place(cut(table.heads[0], 12, room), 0, 16)
    starts = [right, *ends[:-1]]
    for head, start, end in zip(table.heads[1:], starts, ends, strict=True):
        labels.place(cut(head, 12, end - start - PAD + 0.5), end, 16, anchor="end")
    marks = [tag("path", {"d": f"M0 {number(HEAD - 3)}H{number(width)}", "stroke": RULE})]
    box = {"x": float(left), "width": table.cell or right - left, "height": ROW}
    if table.cell_head:
        marks.append(tag("svg", {**box, "y": 4}, table.cell_head))
    for n, row in enumerate(table.rows):
        y = HEAD + ROW * n
        indent = row.depth * PAD
        own = cut(row.name, 12 * (HEAVY if row.heading else 1), (room if row.texts else width) - indent + 0.5)
        labels.place(own, indent, y + 20, fill=INK, bold=row.heading)
        if row.cell:
            marks.append(tag("svg", {**box, "y": y}, row.cell))
        for said, start, end in zip(row.texts, starts, ends, strict=False):
            text = cut(said.text, 12 * HEAVY, end - start - PAD + 0.5)
            labels.place(text, end, y + 20, anchor="end", fill=said.fill, bold=said.bold)
    return drawing(width, HEAD + ROW * len(table.rows), table.sentence, "line wide", *marks, *labels.marks)


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
        (name,) = wrapped(item.name, 12 * HEAVY, step - PAD, 1)
        labels.place(name, x, y + 14, fill=INK, bold=True)
        labels.place(cut(item.value, 12, step - PAD), x, y + 32)
        marks.append(tag("svg", {"x": x, "y": y + 40, "width": size[0], "height": size[1]}, item.picture))
    return drawing(width, height, sentence, "line wide", *marks, *labels.marks)
