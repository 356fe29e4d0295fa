"""A rate divides by something that one can divide by, of another feed; entity feeds are not measured (S001-020)."""

from __future__ import annotations

from collections.abc import Iterator

from ganzhi.base.errors import Issue
from ganzhi.catalogue.checks.places import issue_at, near
from ganzhi.catalogue.model.whole import Catalogue

BASES = ("count", "sum", "distinct", "mean", "ratio")
"""Measures whose value is a quotient of exact parts, or exact itself."""


def check(catalogue: Catalogue) -> Iterator[Issue]:
    """Report bases that cannot be divided by, and measures on feeds that have no events."""
    for code, indicator in catalogue.indicators.items():
        feed = catalogue.feeds.get(indicator.feed or "")
        if feed is not None and feed.kind == "entity":
            yield issue_at(catalogue, "CAT179", ("indicators", code, "feed"), feed=str(indicator.feed))
        if indicator.rate is None or indicator.rate.per not in catalogue.indicators:
            continue
        per = catalogue.indicators[indicator.rate.per]
        path = ("indicators", code, "rate", "per")
        for number, dimension in enumerate(indicator.rate.whole):
            if dimension not in indicator.by:
                place = ("indicators", code, "rate", "whole", str(number))
                yield issue_at(catalogue, "CAT176", place, dimension=dimension, near=near(dimension, indicator.by))
        if per.measure not in BASES:
            measure = per.measure or "score"
            yield issue_at(
                catalogue, "CAT161", path, value=indicator.rate.per, measure=measure, allowed=", ".join(BASES)
            )
        elif per.feed == indicator.feed and not indicator.rate.whole:
            yield issue_at(catalogue, "CAT162", path, value=indicator.rate.per, feed=str(per.feed))
