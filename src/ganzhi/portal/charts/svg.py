"""Writing SVG: escaped tags, level shapes, text widths, and labels that keep out of each other's way."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup, escape

from ganzhi.portal.charts.palette import CARD, INK, LOOK, MUTED

Attrs = Mapping[str, object]


def number(value: float) -> str:
    """A coordinate to a tenth.

    >>> number(12.0), number(3.14159)
    ('12', '3.1')
    """
    text = f"{value:.1f}"
    return text.removesuffix(".0")


def tag(name: str, attrs: Attrs, *children: str) -> Markup:
    """An element; attribute values that are None are left out, floats are coordinates, and children
    that are not Markup are escaped."""
    shown = "".join(
        f' {key}="{escape(number(value) if isinstance(value, float) else value)}"'
        for key, value in attrs.items()
        if value is not None
    )
    inner = "".join(str(escape(child)) for child in children)
    return Markup(f"<{name}{shown}>{inner}</{name}>" if inner else f"<{name}{shown}/>")  # noqa: S704 - all parts escaped


def drawing(
    box_width: float, box_height: float, sentence: str | None, css: str, /, *children: str, **more: object
) -> Markup:
    """The svg element: with a sentence an image that says it, without one a decoration beside its numbers.

    role: "group" instead of "img" for a drawing with links in it.
    """
    role = more.pop("role", "img")
    spoken: dict[str, object] = {"role": role, "aria-label": sentence} if sentence else {"aria-hidden": "true"}
    box = {"class": css, "viewBox": f"0 0 {number(box_width)} {number(box_height)}"}
    extra = {key.replace("_", "-"): value for key, value in more.items()}
    return tag("svg", {**box, **extra, **spoken}, *children)


def shape(level: str | None, x: float, y: float, size: float, *, known: bool = True) -> Markup:
    """The mark of a level, centred: circle, diamond, triangle, square; an ink dot on target; a
    hollow dot where the sample is too small to judge."""
    half = size / 2
    if not known:
        return tag("circle", {"cx": x, "cy": y, "r": half * 0.73, "fill": "#fff", "stroke": MUTED, "stroke-width": 1.2})
    if level is None:
        return tag("circle", {"cx": x, "cy": y, "r": half * 0.73, "fill": INK})
    look = LOOK[level]
    if level == "blue":
        return tag("circle", {"cx": x, "cy": y, "r": half * 0.8, "fill": look.solid})
    outline = {
        "yellow": ((0.0, -1.0), (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0)),
        "orange": ((0.0, -0.97), (1.0, 0.8), (-1.0, 0.8)),
        "red": ((-0.83, -0.83), (0.83, -0.83), (0.83, 0.83), (-0.83, 0.83)),
    }[level]
    path = "M" + "L".join(f"{number(x + dx * half)} {number(y + dy * half)}" for dx, dy in outline) + "Z"
    edge = {"stroke": look.edge, "stroke-width": 0.8} if look.edge else {}
    return tag("path", {"d": path, "fill": look.solid, **edge})


def icon(level: str | None, *, on_badge: bool = False) -> Markup:
    """A level's mark beside its word or number; on a badge in the badge's text colour."""
    if level is None:
        return Markup("")
    mark = shape(level, 6, 6, 11)
    if on_badge:
        path = {
            "blue": "M6 1.4a4.6 4.6 0 1 0 .01 0Z",
            "yellow": "M6 .6L11.4 6 6 11.4.6 6Z",
            "orange": "M6 1L11.6 11H.4Z",
        }
        mark = tag("path", {"d": path.get(level, "M1.4 1.4h9.2v9.2H1.4Z"), "fill": LOOK[level].on_solid})
    return tag("svg", {"class": "i", "viewBox": "0 0 12 12", "aria-hidden": "true"}, mark)


def text_width(text: str, size: float) -> float:
    """Width of a text on the safe side: full em for wide characters, 0.6 em for others."""
    return sum(size if unicodedata.east_asian_width(char) in "WF" else size * 0.6 for char in text)


def _pieces(text: str) -> list[str]:
    """A text in pieces that may stand at the end of a line: wide characters one by one, other words whole."""
    found: list[str] = []
    for char in text:
        alone = unicodedata.east_asian_width(char) in "WF"
        if (
            found
            and not alone
            and not found[-1].endswith(" ")
            and unicodedata.east_asian_width(found[-1][-1]) not in "WF"
        ):
            found[-1] += char
        else:
            found.append(char)
    return found


def cut(text: str, size: float, width: float) -> str:
    """As much of a text as a width holds, an ellipsis at its end where something is missing."""
    if text_width(text, size) <= width:
        return text
    kept = text
    while kept and text_width(kept, size) + size > width:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def wrapped(text: str, size: float, width: float, most: int) -> tuple[str, ...]:
    """A text in at most so many lines of a width; what does not fit ends in an ellipsis.

    >>> wrapped("省部门协查", 12, 36, 2), wrapped("a word too many", 10, 40, 2)
    (('省部门', '协查'), ('a word', 'too m…'))
    """
    lines = [""]
    for piece in _pieces(" ".join(text.split())):
        if lines[-1] and text_width((lines[-1] + piece).rstrip(), size) > width and len(lines) < most:
            lines.append("")
        lines[-1] += piece
    return tuple(cut(line.strip(), size, width) for line in lines)


@dataclass(frozen=True, slots=True)
class Box:
    """The rectangle a label covers."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Whether two rectangles share area."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


class Labels:
    """The texts of one chart. A text that would touch an earlier one or leave the chart is not written."""

    def __init__(self, width: float, height: float) -> None:
        self._frame = Box(0, 0, width, height)
        self._boxes: list[Box] = []
        self.marks: list[Markup] = []

    def block(self, box: Box) -> None:
        """Keep a rectangle free of texts, such as that of a mark."""
        self._boxes.append(box)

    def place(
        self,
        text: str,
        x: float,
        y: float,
        *,
        anchor: str = "start",
        size: float = 12,
        fill: str = MUTED,
        bold: bool = False,
        halo: bool = False,
    ) -> bool:
        """Write `text` with its baseline at y unless its place is taken; says whether it stands there.

        halo: with white around it, for a text that stands on lines.
        """
        wide = text_width(text, size) * (1.06 if bold else 1)
        left = x - (wide if anchor == "end" else wide / 2 if anchor == "middle" else 0)
        box = Box(left, y - size * 0.95, left + wide, y + size * 0.3)
        inside = (
            box.left >= -1
            and box.right <= self._frame.right + 1
            and box.top >= -1
            and box.bottom <= self._frame.bottom + 1
        )
        if not inside or any(box.meets(other) for other in self._boxes):
            return False
        self._boxes.append(box)
        anchored = None if anchor == "start" else anchor
        weight = 700 if bold else None
        attrs: dict[str, object] = {
            "x": float(x),
            "y": float(y),
            "font-size": size,
            "fill": fill,
            "text-anchor": anchored,
            "font-weight": weight,
        }
        if halo:
            attrs |= {"stroke": CARD, "stroke-width": 4, "paint-order": "stroke"}
        self.marks.append(tag("text", attrs, text))
        return True
