"""A chart as an SVG file that needs nothing else: title above, who took it, when and what was asked below.

The same is in its metadata (Dublin Core). Every look is a presentation attribute from the palette; there is
no style, script, link or address to load anything from.
"""

from __future__ import annotations

import re

from markupsafe import Markup

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.messages import Lang
from ganzhi.portal.charts.palette import CARD, INK, MUTED, RULE
from ganzhi.portal.charts.svg import number, tag, text_width, wrapped
from ganzhi.portal.drawings.picture import Drawing, Drawings

PAD = 24.0
NARROWEST = 520.0
TITLE, SMALL = 16.0, 11.0
TITLE_LINE, LINE = 23.0, 16.0
HAN = (
    "PingFang SC, HarmonyOS Sans SC, Microsoft YaHei UI, Microsoft YaHei, Noto Sans CJK SC, Noto Sans SC, "
    "Source Han Sans SC, Source Han Sans CN, WenQuanYi Micro Hei, WenQuanYi Zen Hei, SimHei, Noto Serif CJK SC, "
    "Source Han Serif SC, SimSun, AR PL UMing CN, Droid Sans Fallback"
)
PLAIN = "Segoe UI, Helvetica Neue, Arial, Noto Sans, DejaVu Sans, Liberation Sans"
FONTS = {"zh": f"{HAN}, {PLAIN}, sans-serif", "en": f"{PLAIN}, {HAN}, sans-serif"}
"""As the style sheet has them, and what is common on servers; none is downloaded."""
TONGUE = {"zh": "zh-CN", "en": "en"}

_BOX = re.compile(r'<svg [^>]*?viewBox="0 0 ([0-9.]+) ([0-9.]+)"')
_HOVER = re.compile(r' data-[a-z]+="[^"]*"')
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML document may hold."""


def standalone(given: Drawings, drawing: Drawing, lang: Lang) -> str:
    """The document. POR019 when there is nothing to draw."""
    chart = drawing.draw()
    size = _BOX.match(chart)
    if size is None:
        raise InputError(Issue("POR019", drawing.id))
    wide, high = float(size[1]), float(size[2])
    width = max(wide, NARROWEST) + 2 * PAD
    title = drawing.title if drawing.title == given.title else f"{given.title} · {drawing.title}"
    marks: list[Markup] = []
    y = _head(marks, title, drawing.note, width)
    marks.append(tag("svg", {"x": PAD, "y": y, "width": wide, "height": high}, Markup(_HOVER.sub("", chart))))  # noqa: S704
    height = _foot(marks, given.facts, y + high + 14, width)
    ground = tag("rect", {"width": float(width), "height": float(height), "fill": CARD})
    told = tag("title", {}, title) + tag("desc", {}, "\n".join(f"{label}: {text}" for label, text in given.facts))
    root = {
        "xmlns": "http://www.w3.org/2000/svg",
        "xml:lang": TONGUE[lang],
        "width": float(width),
        "height": float(height),
        "viewBox": f"0 0 {number(width)} {number(height)}",
        "font-family": FONTS[lang],
        "font-size": 12,
    }
    whole = tag("svg", root, told, _metadata(given, title, lang), ground, *marks)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + _FORBIDDEN.sub("\ufffd", whole) + "\n"


def _head(marks: list[Markup], title: str, note: str, width: float) -> float:
    """Title and note; returns where the chart begins."""
    y = PAD
    for line in wrapped(title, TITLE * 1.06, width - 2 * PAD, 3):
        look = {"x": PAD, "y": y + TITLE, "font-size": TITLE, "font-weight": 600, "fill": INK}
        marks.append(tag("text", look, line))
        y += TITLE_LINE
    for line in wrapped(note, 12, width - 2 * PAD, 2) if note else ():
        marks.append(tag("text", {"x": PAD, "y": y + 13, "font-size": 12, "fill": MUTED}, line))
        y += LINE + 2
    return y + 12


def _foot(marks: list[Markup], facts: tuple[tuple[str, str], ...], y: float, width: float) -> float:
    """The facts under a rule, as many on a line as fit; returns the height of the picture."""
    marks.append(tag("path", {"d": f"M{number(PAD)} {number(y)}H{number(width - PAD)}", "stroke": RULE}))
    lines: list[str] = []
    room = width - 2 * PAD
    for fact in (f"{label}: {text}" for label, text in facts):
        joined = f"{lines[-1]} · {fact}" if lines else fact
        if lines and text_width(joined, SMALL) <= room:
            lines[-1] = joined
        else:
            lines += wrapped(fact, SMALL, room, 4)
    for n, line in enumerate(lines):
        place = {"x": PAD, "y": y + 18 + LINE * n, "font-size": SMALL, "fill": MUTED}
        marks.append(tag("text", place, line))
    return y + 18 + LINE * len(lines) + 6


def _metadata(given: Drawings, title: str, lang: Lang) -> Markup:
    """Title, user, time, filters and language as Dublin Core."""
    user, at = given.facts[0][1], given.facts[1][1]
    told = "\n".join(f"{label}: {text}" for label, text in given.facts[2:])
    terms = (("title", title), ("creator", user), ("date", at), ("description", told), ("language", TONGUE[lang]))
    about = tag("rdf:Description", {"rdf:about": ""}, *(tag(f"dc:{name}", {}, text) for name, text in terms))
    spaces = {
        "xmlns:rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "xmlns:dc": "http://purl.org/dc/elements/1.1/",
    }
    return tag("metadata", {}, tag("rdf:RDF", spaces, about))
