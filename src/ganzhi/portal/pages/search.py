"""Search: indicators by name, code or definition; taken literally, whatever was typed."""

from __future__ import annotations

from ganzhi.measure.views.query import DictionaryQuery
from ganzhi.portal.links import Links
from ganzhi.portal.page import Html, Page
from ganzhi.portal.present import Words
from ganzhi.portal.visit import LONGEST, Visit

MOST_HITS = 50


def show(visit: Visit, words: Words) -> Html:
    """What was found, or how to look."""
    asked = visit.query.get("q", "").strip()
    found = visit.context.dictionary(DictionaryQuery(search=asked)) if 0 < len(asked) <= LONGEST else None
    hits = found.rows[:MOST_HITS] if found else ()
    model = {"asked": asked[:LONGEST], "hits": hits, "more": found.total - len(hits) if found else 0}
    return Html("search.html", words.t("search.title"), Links(), model)


SEARCH = Page("search", "/search", show)
