"""The wall: one screen at a time, large, on dark ground; read-only, changing by itself without script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ganzhi.base.errors import InputError, Issue
from ganzhi.measure.views.panorama.start import StartPage
from ganzhi.measure.views.parts import Scope
from ganzhi.portal import sentences
from ganzhi.portal.drawings.picture import Drawing, Drawings
from ganzhi.portal.links import Links
from ganzhi.portal.page import Html, Page
from ganzhi.portal.pages.overview import told_blocks
from ganzhi.portal.pages.panorama.shared import day_delta, ports, spot_delta, usual_text
from ganzhi.portal.pages.panorama.walled import screen_table
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.present import Words
from ganzhi.portal.visit import Visit

SETS = ("overview", "topics", "halls")
EVERY_S = 20
ROWS = 9
"""Rows on one screen."""


@dataclass(frozen=True, slots=True)
class Screen:
    """One screen: what it shows, its heading, and what its part of the template reads."""

    kind: str
    title: str
    model: Mapping[str, object]


def _turned(kind: str, title: str, name: str, rows: Sequence[object], **more: object) -> list[Screen]:
    """Rows over as many screens as they take."""
    starts = range(0, len(rows), ROWS)
    return [Screen(kind, title, {name: rows[start : start + ROWS], **more}) for start in starts]


def _overview(words: Words, view: StartPage) -> list[Screen]:
    seen = view.overview
    said = sentences.plain(sentences.headline(words, seen.scope, seen.headline))
    found = _turned("topics", said, "blocks", told_blocks(seen))
    if seen.weak:
        found.append(Screen("weak", words.t("weak.title"), {"weak": seen.weak[:ROWS]}))
    if view.hot_spots is not None and view.hot_spots.reasons:
        found.append(Screen("hot", words.t("panorama.hot.title"), {"hot": view.hot_spots, "delta": spot_delta}))
    if view.brief.rows:
        model = {"rows": view.brief.rows[:ROWS], "usual": usual_text, "moved": day_delta}
        found.append(Screen("brief", words.t("panorama.brief.title"), model))
    return [*found, *_turned("places", words.t("places.title"), "places", seen.places)]


def _topics(words: Words, view: StartPage) -> list[Screen]:
    found = []
    for block in told_blocks(view.overview):
        rows = [row for row in block.rows if row.now.value is not None][:ROWS]
        found.append(Screen("topic", words.text(block.topic.name), {"block": block, "rows": rows}))
    return found


def _screens(visit: Visit, words: Words, shown: str) -> tuple[Scope, Sequence[Screen]]:
    query = visit.scope()
    if shown == "halls":
        halls = ports(visit).halls(query, 1)
        return halls.scope, _turned(
            "halls", words.t("panorama.halls.title"), "rows", halls.rows, subjects=halls.subjects[:4]
        )
    start = ports(visit).start(query)
    return start.overview.scope, _overview(words, start) if shown == "overview" else _topics(words, start)


def _asked(visit: Visit, words: Words) -> tuple[str, Scope, Sequence[Screen], int]:
    """The set, its scope and screens, and the place of the one to show."""
    shown = visit.codes["set"]
    if shown not in SETS:
        raise InputError(Issue("REQ035", shown, params={"known": ", ".join(SETS)}))
    scope, screens = _screens(visit, words, shown)
    page = visit.number("page") or 1
    return shown, scope, screens, (page - 1) % len(screens) if screens else 0


def show(visit: Visit, words: Words) -> Html:
    """A screen of a set; after some seconds the next, from the first again after the last."""
    shown, scope, screens, place = _asked(visit, words)
    links = Links.of(scope, visit.scope())
    following = place + 2 if place + 1 < len(screens) else None
    model = {
        "scope": scope,
        "screen": screens[place] if screens else None,
        "place": place + 1,
        "screens": len(screens),
        "here": links.wall(shown, place + 1 if place else None),
        "next": links.wall(shown, following),
        "every": EVERY_S,
        "others": [(each, links.wall(each)) for each in SETS],
        "shown": shown,
    }
    title = words.t(f"panorama.wall.{shown}")
    return Html("panorama/wall.html", title, links, model)


def drawings(visit: Visit, words: Words) -> Drawings:
    """The screen that is shown, on light ground as every file."""
    shown, scope, screens, place = _asked(visit, words)
    page = place + 1 if place else None
    told = facts(visit, words, scope, address=Links.of(scope, visit.scope()).wall(shown, page))
    found = []
    if screens:
        screen = screens[place]
        draw = lambda: screen_table(words, scope, screen.kind, screen.title, screen.model)  # noqa: E731 - one expression
        found.append(Drawing(screen.kind, screen.title, draw))
    return Drawings(f"wall-{shown}-{place + 1}", words.t(f"panorama.wall.{shown}"), told, tuple(found))


WALL = Page("wall", "/wall/{set}", show, nav="overview", drawings=drawings)
