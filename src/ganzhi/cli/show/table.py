"""Plain-text tables whose columns stay aligned when Chinese and Latin text stand together.

Assumes a terminal that draws East Asian wide and full-width characters two cells wide, as all of
them do; characters of ambiguous width count as one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

ELLIPSIS = "…"
GAP = "  "


def display_width(text: str) -> int:
    """Number of terminal cells that `text` takes.

    >>> display_width("接通率 %")
    8
    """
    cells = 0
    for char in text:
        if unicodedata.combining(char) or unicodedata.category(char) in ("Cf", "Cc"):
            continue
        cells += 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1
    return cells


def printable(text: str) -> str:
    """`text` on one line, with control characters and direction marks shown as escapes."""
    return "".join(
        char if unicodedata.category(char) not in ("Cc", "Cf", "Zl", "Zp") else char.encode("unicode_escape").decode()
        for char in text
    )


def shorten(text: str, cells: int) -> str:
    """`text`, or its beginning with an ellipsis, in at most `cells` cells."""
    if display_width(text) <= cells:
        return text
    kept = ""
    for char in text:
        if display_width(kept + char) > cells - 1:
            break
        kept += char
    return kept + ELLIPSIS


@dataclass(frozen=True, slots=True)
class Column:
    """A column's heading, side and widest extent in cells."""

    heading: str
    align: Literal["left", "right"] = "left"
    at_most: int = 60


def _pad(text: str, cells: int, align: str) -> str:
    blank = " " * (cells - display_width(text))
    return blank + text if align == "right" else text + blank


def table(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> str:
    """The rows under their headings and a rule, one line each, without trailing blanks."""
    cells = [
        [shorten(printable(text), column.at_most) for text, column in zip(row, columns, strict=True)] for row in rows
    ]
    heads = [column.heading for column in columns]
    widths = [max(display_width(line[n]) for line in [heads, *cells]) for n in range(len(columns))]

    def line(texts: Sequence[str]) -> str:
        padded = [_pad(text, width, column.align) for text, width, column in zip(texts, widths, columns, strict=True)]
        return GAP.join(padded).rstrip()

    rule = GAP.join("─" * width for width in widths)
    return "\n".join([line(heads), rule, *(line(texts) for texts in cells)])
