"""Nothing stands alone: feeds have a source, KQI a source below them, processes indicators and the reverse (S000-031).

A KQI without a source is an error; the other gaps are warnings, because a catalogue grows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ganzhi.base.errors import Issue
from ganzhi.catalogue.checks.places import issue_at
from ganzhi.catalogue.model.whole import Catalogue


def check(catalogue: Catalogue) -> Iterator[Issue]:
    """Report what is linked to nothing."""
    if catalogue.unreadable:
        return
    delivered = {feed for source in catalogue.sources.values() for feed in source.feeds}
    if delivered <= catalogue.feeds.keys():  # a misspelt feed would show as many that nobody delivers
        yield from _sources(catalogue, delivered)
    alive = {c: i for c, i in catalogue.indicators.items() if not i.retired and i.state == "live"}
    placed = {p for indicator in alive.values() for p in indicator.processes}
    for code in catalogue.processes:
        if code not in placed:
            yield _warning(issue_at(catalogue, "CAT189", ("processes", code)))
    for code, indicator in alive.items():
        if not (indicator.processes or indicator.commercial_process) and not _placed_above(catalogue, code, ()):
            yield _warning(issue_at(catalogue, "CAT190", ("indicators", code)))


def _sources(catalogue: Catalogue, delivered: set[str]) -> Iterator[Issue]:
    for code, feed in catalogue.feeds.items():
        if code not in delivered and feed.made_by is None:
            yield _warning(issue_at(catalogue, "CAT187", ("feeds", code)))
    for code, indicator in catalogue.indicators.items():
        live = indicator.state == "live" and not indicator.retired
        made_of_something = indicator.feed is not None or catalogue.children(code)
        if live and made_of_something and indicator.layer == "KQI" and not _has_source(catalogue, code, delivered, ()):
            yield issue_at(catalogue, "CAT188", ("indicators", code))


def _warning(issue: Issue) -> Issue:
    return replace(issue, severity="warning")


def _has_source(catalogue: Catalogue, code: str, delivered: set[str], path: tuple[str, ...]) -> bool:
    """Whether the indicator, or something below it, is measured on a feed that arrives."""
    if code in path:
        return True  # a circle is reported elsewhere
    feed = catalogue.indicators[code].feed
    if feed is not None:
        declared = catalogue.feeds.get(feed)
        return declared is None or feed in delivered or declared.made_by is not None
    return any(_has_source(catalogue, child, delivered, (*path, code)) for child in catalogue.children(code))


def _placed_above(catalogue: Catalogue, code: str, path: tuple[str, ...]) -> bool:
    """Whether something the indicator supports is placed in a process."""
    for support in catalogue.indicators[code].supports:
        parent = catalogue.indicators.get(support.parent)
        if parent is None or support.parent in path:
            continue
        if parent.processes or parent.commercial_process:
            return True
        if _placed_above(catalogue, support.parent, (*path, code)):
            return True
    return False
