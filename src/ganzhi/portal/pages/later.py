"""Pages of the main navigation whose feature has no data yet: what will stand there and what it needs."""

from __future__ import annotations

from ganzhi.portal.links import Links
from ganzhi.portal.page import Html, Page
from ganzhi.portal.present import Words
from ganzhi.portal.visit import Visit

NAMES = ("assessment",)


def _page(name: str) -> Page:
    def show(visit: Visit, words: Words) -> Html:
        return Html("later.html", words.t(f"nav.{name}"), Links(), {"name": name})

    return Page(name, f"/{name}", show, nav=name)


EMPTY_PAGES: tuple[Page, ...] = tuple(_page(name) for name in NAMES)
