"""A place: its rank and movement among its peers, levels in alert, its scorecard against the unit above and peers."""

from __future__ import annotations

from dataclasses import replace

from ganzhi.measure.views.overview import LISTED
from ganzhi.measure.views.panorama.places import PlacePage, Versus
from ganzhi.portal import sentences
from ganzhi.portal.links import Links
from ganzhi.portal.page import Crumb, Html, Page
from ganzhi.portal.pages.charted import known_spark
from ganzhi.portal.pages.choices import pickers
from ganzhi.portal.pages.overview import MOST_LISTED, book, drawings, told_blocks
from ganzhi.portal.pages.panorama.shared import ports
from ganzhi.portal.present import Words
from ganzhi.portal.visit import Visit


def standing(words: Words, view: PlacePage) -> tuple[sentences.Segment, ...]:
    """The place's rank, how it moved, and how many indicators are in alert, as one sentence; only what is known."""
    scope = view.overview.scope
    name = words.text(scope.unit_name)
    total = view.total
    if total is None or total.rank is None:
        return sentences.headline(words, scope, view.overview.headline)
    delta = words.rank_delta(total.rank, total.rank_before)
    found = [sentences.Segment(words.t("panorama.place.ranked", name=name, rank=total.rank, of=total.ranked))]
    if delta.tone in ("better", "worse"):
        found.append(sentences.Segment(f" {delta}", delta.tone))
        found.append(sentences.Segment(words.t("panorama.place.against", before=words.before(scope))))
    alerts = sum(count for _, count in view.alerts)
    if alerts:
        found.append(sentences.Segment(words.t("panorama.place.alerts", n=alerts)))
    worst = min(view.topics, key=lambda each: each.score or 0.0, default=None)
    if worst is not None:
        found.append(sentences.Segment(words.t("panorama.place.worst", topic=words.text(worst.name))))
    return tuple(found)


def place_html(visit: Visit, words: Words, view: PlacePage, links: Links, crumbs: tuple[Crumb, ...]) -> Html:
    """The page of a place, in whatever part of the site it stands."""
    scope = view.overview.scope

    def make(changed: Links) -> str:
        return changed.region_page(changed.region or scope.default_unit or scope.unit)

    told = told_blocks(view.overview)
    longest = max((len(known_spark(row)) for block in told for row in block.worst), default=0)
    model = {
        "view": view.overview,
        "place": view,
        "scope": scope,
        "headline": standing(words, view),
        "blocks": told,
        "silent": tuple(block for block in view.overview.topics if block not in told),
        "with_year": any(row.year_change.difference is not None for block in told for row in block.worst),
        "longest_spark": longest if longest > 1 else 0,
        "weak": view.overview.weak[:MOST_LISTED],
        "compared": compared(view),
        "listed": LISTED,
        "pickers": pickers(visit, words, scope, links, make),
        "here": visit.path,
    }
    title = f"{words.text(scope.unit_name)} · {words.short(scope.period)}"
    return Html("panorama/place.html", title, links, model, crumbs, parts={"scorecard": "parts/scorecard.html"})


def compared(view: PlacePage) -> tuple[Versus, ...]:
    """The total and the topics, lowest topic first."""
    topics = sorted(view.topics, key=lambda each: each.score or 0.0)
    return (*((view.total,) if view.total is not None else ()), *topics)


def show(visit: Visit, words: Words) -> Html:
    """The place in the path."""
    query = replace(visit.scope(), unit=visit.codes["unit"])
    view = ports(visit).place(query)
    links = Links.of(view.overview.scope, query)
    over = links.at(region=None)
    path = tuple(Crumb(words.text(each.name), links.region_page(each.code)) for each in view.path[1:])
    crumbs = (Crumb(words.t("nav.overview"), over.overview()), *path, Crumb(words.text(view.overview.scope.unit_name)))
    return place_html(visit, words, view, links, crumbs)


REGION = Page("region", "/regions/{unit}", show, nav="overview", book=book, drawings=drawings, rests="numbers")
