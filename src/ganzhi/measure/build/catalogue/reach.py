"""Which feeds hold rows, and which indicators can therefore have a value."""

from __future__ import annotations

from collections.abc import Collection

from ganzhi.catalogue.model.indicators import Indicator
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.views.journeys.parts import Named
from ganzhi.store.manifest import Snapshot
from ganzhi.warehouse.workplace import Workplace

ROWS = "rows/"
"""In front of a feed's code in the name of the table that keeps its rows."""


def arrived_feeds(workplace: Workplace) -> frozenset[str]:
    """Feeds of which rows are kept, whoever wrote them."""
    return fed_in(workplace.store.manifest.snapshot())


def fed_in(snapshot: Snapshot) -> frozenset[str]:
    """Feeds of which a snapshot has rows."""
    return frozenset(table.removeprefix(ROWS) for table in snapshot.tables() if table.startswith(ROWS))


def has_data(catalogue: Catalogue, code: str, arrived: Collection[str]) -> bool:
    """Whether an indicator's feed holds rows: of a rate both feeds, of a score any below it."""
    indicator = catalogue.indicators[code]
    if indicator.feed is None:
        return any(has_data(catalogue, child, arrived) for child in catalogue.children(code))
    if indicator.feed not in arrived:
        return False
    return indicator.rate is None or has_data(catalogue, indicator.rate.per, arrived)


def in_use(catalogue: Catalogue) -> dict[str, Indicator]:
    """Indicators that are not retired."""
    return {code: each for code, each in catalogue.indicators.items() if not each.retired}


def sources_of(catalogue: Catalogue, feed: str) -> tuple[Named, ...]:
    """Systems that deliver a feed."""
    return tuple(Named(code, each.name) for code, each in catalogue.sources.items() if feed in each.feeds)
