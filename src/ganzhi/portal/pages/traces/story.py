"""One transaction from its start: every step with its system, its time, and how its record was found."""

from __future__ import annotations

from ganzhi.portal.links import Links
from ganzhi.portal.page import Crumb, Html, Page
from ganzhi.portal.pages.traces.shared import crumbs, exactly, lasting, moment, part, ports, told, trace_link
from ganzhi.portal.present import Words
from ganzhi.portal.visit import Visit


def show(visit: Visit, words: Words) -> Html:
    """The story."""
    query = visit.scope()
    view = ports(visit).story(visit.codes["trace"], query, visit.codes["chain"])
    story, links = view.story, Links.of(view.scope, query)

    names = story.names
    model = {
        "view": view,
        "story": story,
        "scope": view.scope,
        "lasting": lambda millis: lasting(words, millis),
        "exactly": lambda millis: exactly(words, millis),
        "moment": lambda at: moment(visit, at),
        "part": lambda share: part(words, share),
        "told": lambda name, value: told(words, value, names.get(name)),
    }
    name = words.text(story.name)
    title = f"{name} {story.chain_id}"
    way = crumbs(words, links, Crumb(name, trace_link(links, story.trace)), Crumb(story.chain_id))
    return Html("traces/story.html", title, links, model, way)


STORY = Page(
    "trace_story", "/traces/{trace}/chain/{chain}", show, nav="journeys", needs="list", private=True, slow=True
)
