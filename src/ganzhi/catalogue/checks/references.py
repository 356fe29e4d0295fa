"""Every code an entry refers to exists (C07); what is retired supports nothing that is alive."""

from __future__ import annotations

from collections.abc import Iterator

from ganzhi.base.errors import Issue
from ganzhi.catalogue.checks.places import issue_at, near
from ganzhi.catalogue.checks.service.links import Reference, links
from ganzhi.catalogue.model.indicators import Indicator
from ganzhi.catalogue.model.whole import CALENDAR_DIMENSIONS, Catalogue


def check(catalogue: Catalogue) -> Iterator[Issue]:
    """Report each reference to an entry that does not exist, and to an indicator that is retired."""
    for path, kind, code in references(catalogue):
        known = getattr(catalogue, kind)
        if code in known or (kind, code) in catalogue.unreadable:
            continue
        yield issue_at(catalogue, "CAT070", path, value=code[:64], kind=kind, near=near(code, known))
    for code, indicator in catalogue.indicators.items():
        if not indicator.retired:
            yield from _retired(catalogue, code, indicator)


def references(catalogue: Catalogue) -> Iterator[Reference]:
    """Every reference from one entry to another."""
    for code, source in catalogue.sources.items():
        for number, feed in enumerate(source.feeds):
            yield ("sources", code, "feeds", str(number)), "feeds", feed
    for code, unit in catalogue.units.items():
        if unit.parent is not None:
            yield ("units", code, "parent"), "units", unit.parent
        for number, former in enumerate(unit.formerly):
            yield ("units", code, "formerly", str(number), "parent"), "units", former.parent
    for code, topic in catalogue.topics.items():
        yield ("topics", code, "headline"), "indicators", topic.headline
        for field in ("indicators", "intervals"):
            for number, member in enumerate(getattr(topic, field)):
                yield ("topics", code, field, str(number)), "indicators", member
    yield from links(catalogue)
    yield from _of_feeds(catalogue)
    yield from _of_mappings(catalogue)
    for code, indicator in catalogue.indicators.items():
        yield from _of_indicator(code, indicator)


def _of_feeds(catalogue: Catalogue) -> Iterator[Reference]:
    for code, feed in catalogue.feeds.items():
        for name, column in feed.columns.items():
            if column.allowed is not None:
                yield ("feeds", code, "columns", name, "allowed"), "code_lists", column.allowed
        for number, dimension in enumerate(feed.dimensions):
            yield ("feeds", code, "dimensions", str(number)), "dimensions", dimension


def _of_mappings(catalogue: Catalogue) -> Iterator[Reference]:
    for code, mapping in catalogue.mappings.items():
        yield ("mappings", code, "feed"), "feeds", mapping.feed
        for name, column in mapping.columns.items():
            if column.codes is not None:
                yield ("mappings", code, "columns", name, "codes"), "code_lists", column.codes


def _of_indicator(code: str, indicator: Indicator) -> Iterator[Reference]:
    if indicator.feed is not None:
        yield ("indicators", code, "feed"), "feeds", indicator.feed
    for number, support in enumerate(indicator.supports):
        yield ("indicators", code, "supports", str(number), "parent"), "indicators", support.parent
    for number, dimension in enumerate(indicator.by):
        if dimension in CALENDAR_DIMENSIONS:
            yield ("indicators", code, "by", str(number)), "dimensions", dimension
    for path, other in parts(indicator):
        yield ("indicators", code, *path), "indicators", other


def parts(indicator: Indicator) -> Iterator[tuple[tuple[str, ...], str]]:
    """The indicators of the same feed that a ratio or a rate is made of: where each stands, and its code."""
    for measure in ("ratio", "rate"):
        for side in ("numerator", "denominator"):
            part = getattr(getattr(indicator, measure), side, None)
            if part is not None and part.indicator is not None:
                yield (measure, side, "indicator"), part.indicator


def _retired(catalogue: Catalogue, code: str, indicator: Indicator) -> Iterator[Issue]:
    named: list[tuple[tuple[str, ...], str]] = [
        (("supports", str(n), "parent"), s.parent) for n, s in enumerate(indicator.supports)
    ]
    named += list(parts(indicator))
    for path, other in named:
        if other in catalogue.indicators and catalogue.indicators[other].retired:
            alive = [c for c, i in catalogue.indicators.items() if not i.retired and c != code]
            yield issue_at(catalogue, "CAT071", ("indicators", code, *path), value=other, near=near(other, alive))
