"""A text as a QR code (ISO/IEC 18004), for a phone that takes it over from the screen.

Dark on white with the quiet zone of four modules whatever the page's colours are, as readers expect. The text is
nowhere in the drawing but in its modules.
"""

from __future__ import annotations

from typing import Final

import segno
from markupsafe import Markup

from ganzhi.portal.charts import palette
from ganzhi.portal.charts.svg import tag

QUIET: Final = 4
"""Light modules around the code."""
LEVEL: Final = "m"
"""How much may be unreadable: 15 % of the code words."""
DARK, LIGHT = palette.INK, "#fff"


def modules_of(text: str) -> tuple[tuple[bool, ...], ...]:
    """The rows of the smallest code that holds a text, True for dark; without quiet zone."""
    made = segno.make_qr(text, error=LEVEL, boost_error=False)
    return tuple(tuple(bool(each) for each in row) for row in made.matrix)


def qr_code(text: str, sentence: str) -> Markup:
    """The drawing of a text. sentence: what it is, for who does not see it."""
    rows = modules_of(text)
    size = len(rows) + 2 * QUIET
    path = "".join(_runs(row, y + QUIET) for y, row in enumerate(rows))
    ground = tag("rect", {"width": size, "height": size, "fill": LIGHT})
    look = {"class": "qr", "viewBox": f"0 0 {size} {size}", "role": "img", "aria-label": sentence}
    return tag("svg", {**look, "shape-rendering": "crispEdges"}, ground, tag("path", {"d": path, "fill": DARK}))


def _runs(row: tuple[bool, ...], y: int) -> str:
    """The dark runs of a row as closed boxes, one module high."""
    found, start = "", None
    for x, dark in enumerate((*row, False)):
        if dark and start is None:
            start = x
        elif not dark and start is not None:
            found += f"M{start + QUIET} {y}h{x - start}v1h{start - x}z"
            start = None
    return found
