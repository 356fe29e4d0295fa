"""One transaction from its start: every step with its system, its time, and how its record was found."""

from __future__ import annotations

from datetime import timedelta

from ganzhi.portal.links import Links
from ganzhi.portal.page import Crumb, Html, Page
from ganzhi.portal.pages.traces.shared import (
    asked_link,
    crumbs,
    exactly,
    lasting,
    moment,
    part,
    ports,
    told,
    trace_link,
    untied,
)
from ganzhi.portal.present import Words
from ganzhi.portal.visit import Visit
from ganzhi.trace.views import StoryPage, StoryStep


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
        "told": lambda name, value: told(words, value, names.get(name), money=name == story.amount),
        "heading": lambda name, text: untied(words, text, money=name == story.amount),
        "record": lambda step: _record(visit, view, links, step),
    }
    name = words.text(story.name)
    title = f"{name} {story.chain_id}"
    way = crumbs(words, links, Crumb(name, trace_link(links, story.trace)), Crumb(story.chain_id))
    return Html("traces/story.html", title, links, model, way)


def _record(visit: Visit, view: StoryPage, links: Links, step: StoryStep) -> str | None:
    """The record that a step was read from, for whoever may ask freely."""
    _, key = view.story.feeds.get(step.feed, (None, ""))
    if not key or not visit.context.viewer.may("query"):
        return None
    day = step.at.astimezone(visit.context.zone).date()
    near = timedelta(days=1)
    return asked_link(links, step.feed, day - near, day + near, (key, step.record), place=False)


STORY = Page(
    "trace_story", "/traces/{trace}/chain/{chain}", show, nav="journeys", needs="list", private=True, slow=True
)
