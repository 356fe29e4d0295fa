"""What a page gives away as pictures: named charts, drawn only when one is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from ganzhi.base.errors import InputError, Issue
from ganzhi.portal.links import url

PictureForm = Literal["svg", "png"]
PICTURE_FORMS: tuple[PictureForm, ...] = ("svg", "png")
CHART = "chart"
"""The parameter that names a chart of a page."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """One chart. id: its name in the address; note: what is drawn, its unit; draw: the chart at its full width,
    without links, empty when there is nothing to draw."""

    id: str
    title: str
    draw: Callable[[], Markup]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Drawings:
    """The charts of a page. stem: file name without ending, ASCII; facts: user, time and what was asked, as
    label and text, the user first and the time second, as in every file."""

    stem: str
    title: str
    facts: tuple[tuple[str, str], ...]
    drawings: tuple[Drawing, ...]

    def chosen(self, name: str | None) -> Drawing:
        """The chart of a name, the first by default; POR001 for a name that the page does not have."""
        if name is None and self.drawings:
            return self.drawings[0]
        for drawing in self.drawings:
            if drawing.id == name:
                return drawing
        if not self.drawings:
            raise InputError(Issue("POR019", name or ""))
        known = ", ".join(drawing.id for drawing in self.drawings)
        raise InputError(Issue("POR001", CHART, params={"value": (name or "")[:40], "known": known}))


def picture_link(link: str, form: PictureForm, chart: str) -> str:
    """The link to a chart of the page behind a link.

    >>> picture_link("/indicators/a?by=city#part", "svg", "trend")
    '/indicators/a.svg?chart=trend&by=city'
    """
    path, _, query = link.partition("#")[0].partition("?")
    return url(f"{path}.{form}", {CHART: chart}) + (f"&{query}" if query else "")
