"""One day of a trace against the days before: where it broke, whom it hit, what the systems showed, what was released."""

from __future__ import annotations

from ganzhi.base import wording
from ganzhi.base.periods import parse_day
from ganzhi.measure.views.parts import Subject
from ganzhi.portal.links import Links
from ganzhi.portal.page import Crumb, Html, Page
from ganzhi.portal.pages.traces.shared import counted, crumbs, lasting, part, ports, told, trace_link
from ganzhi.portal.present import UNKNOWN, Words
from ganzhi.portal.visit import Visit


def show(visit: Visit, words: Words) -> Html:
    """The day."""
    query = visit.scope()
    view = ports(visit).day(visit.codes["trace"], query, parse_day(visit.codes["day"], "day"))
    sheet, links = view.sheet, Links.of(view.scope, query)

    def figure(subject: Subject, value: float | None) -> str:
        return UNKNOWN if value is None else str(words.value(subject, value))

    model = {
        "view": view,
        "sheet": sheet,
        "scope": view.scope,
        "n": lambda number: counted(visit, words, number),
        "lasting": lambda millis: lasting(words, millis),
        "part": lambda share: part(words, share),
        "figure": figure,
        "count": wording.grouped,
        "told": lambda name, value: told(words, value, sheet.release_names.get(name)),
    }
    name, day = words.text(sheet.name), words.day(sheet.day)
    way = crumbs(words, links, Crumb(name, trace_link(links, sheet.trace)), Crumb(day))
    return Html("traces/day.html", f"{name} {day}", links, model, way)


TRACE_DAY = Page("trace_day", "/traces/{trace}/day/{day}", show, nav="journeys", needs="dynamic", slow=True)
