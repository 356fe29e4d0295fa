"""A chart of a page as the bytes of a file."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ganzhi.base.messages import Lang
from ganzhi.portal.drawings.picture import Drawings, PictureForm
from ganzhi.portal.drawings.raster import png
from ganzhi.portal.drawings.standalone import standalone

MEDIA = {"svg": "image/svg+xml", "png": "image/png"}
_ODD = re.compile(r"[^A-Za-z0-9._-]")


@dataclass(frozen=True, slots=True)
class Picture:
    """A file. name: of safe characters."""

    name: str
    media: str
    body: bytes


def take(given: Drawings, chart: str | None, form: PictureForm, lang: Lang) -> Picture:
    """The chart of a name, the first by default, in a form."""
    drawing = given.chosen(chart)
    svg = standalone(given, drawing, lang)
    title = drawing.title if drawing.title == given.title else f"{given.title} · {drawing.title}"
    body = svg.encode() if form == "svg" else png(svg, given.facts, title)
    return Picture(f"{given.stem}-{_ODD.sub('-', drawing.id)}.{form}", MEDIA[form], body)
