"""An indicator can be computed as it is written: slices, grain, unit of value, parts of ratios (C12)."""

from __future__ import annotations

from collections.abc import Iterator

from ganzhi.base.errors import Issue
from ganzhi.catalogue.checks.places import issue_at, near
from ganzhi.catalogue.checks.references import parts
from ganzhi.catalogue.model.data import Feed
from ganzhi.catalogue.model.indicators import Indicator
from ganzhi.catalogue.model.whole import CALENDAR_DIMENSIONS, Catalogue

ADDITIVE = ("count", "sum", "distinct")
UNITS_OF: dict[str | None, tuple[str, ...]] = {
    None: ("score",),
    "count": ("count",),
    "distinct": ("count",),
    "share_within": ("percent",),
    "ratio": ("percent", "per_10k", "ratio", "ms", "s", "min", "h", "day", "yuan", "mbps", "mb", "rating", "count"),
    "rate": ("percent", "per_10k", "ratio", "yuan", "mb", "count"),
}
"""Units of value a measure may have; the others may have any but `score` and `percent`."""


def check(catalogue: Catalogue) -> Iterator[Issue]:
    """Report slices, grains, units and parts that do not fit the feed or the measure."""
    for code, indicator in catalogue.indicators.items():
        feed = catalogue.feeds.get(indicator.feed or "")
        if feed is not None:
            yield from _fits_feed(catalogue, code, indicator, feed)
        yield from _unit(catalogue, code, indicator)
        yield from _ratio(catalogue, code, indicator)
        if indicator.measure is None and indicator.state == "live" and not indicator.retired:
            yield from _score(catalogue, code)


def _fits_feed(catalogue: Catalogue, code: str, indicator: Indicator, feed: Feed) -> Iterator[Issue]:
    known = [*feed.dimensions, *CALENDAR_DIMENSIONS]
    for number, name in enumerate(indicator.by):
        if name not in known:
            place = ("indicators", code, "by", str(number))
            yield issue_at(catalogue, "CAT095", place, dimension=name, feed=str(indicator.feed), near=near(name, known))
    if indicator.finest is not None and indicator.finest.rank < feed.finest.rank:
        params = {"finest": indicator.finest.value, "feed_finest": feed.finest.value}
        yield issue_at(catalogue, "CAT096", ("indicators", code, "finest"), **params)


def _unit(catalogue: Catalogue, code: str, indicator: Indicator) -> Iterator[Issue]:
    if indicator.measure is None and indicator.state == "planned":
        return
    others = ("count", "ms", "s", "min", "h", "day", "yuan", "mbps", "mb", "per_10k", "rating", "ratio")
    allowed = UNITS_OF.get(indicator.measure, others)
    if indicator.unit not in allowed:
        measure = indicator.measure or "–"
        place = ("indicators", code, "unit")
        yield issue_at(catalogue, "CAT105", place, unit=indicator.unit, measure=measure, allowed=", ".join(allowed))


def _ratio(catalogue: Catalogue, code: str, indicator: Indicator) -> Iterator[Issue]:
    """Parts are additive and of one feed; a ratio of ratios has its right form named."""
    for path, other in parts(indicator):
        place = ("indicators", code, *path)
        target = catalogue.indicators.get(other)
        if target is None:
            continue
        if target.measure not in ADDITIVE:
            yield issue_at(
                catalogue, "CAT097", place, value=other, measure=target.measure or "score", form=_form(target)
            )
        elif target.feed != indicator.feed and target.feed in catalogue.feeds and indicator.feed in catalogue.feeds:
            params = {"value": other, "feed": str(target.feed), "own": str(indicator.feed)}
            yield issue_at(catalogue, "CAT108", place, **params)


def _form(target: Indicator) -> str:
    """What may stand instead of an indicator that does not add up."""
    if target.ratio is not None:
        named = [p.indicator or "count/sum/distinct" for p in (target.ratio.numerator, target.ratio.denominator)]
        return " | ".join(named)
    return "count | sum | distinct"


def _score(catalogue: Catalogue, code: str) -> Iterator[Issue]:
    if not catalogue.children(code) and not any(kind == "indicators" for kind, _ in catalogue.unreadable):
        yield issue_at(catalogue, "CAT098", ("indicators", code))
