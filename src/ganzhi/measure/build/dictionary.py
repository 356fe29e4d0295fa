"""Builds the dictionary: the list of indicators and one indicator's entry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import Grain
from ganzhi.catalogue.derive.coverage import processes_of
from ganzhi.catalogue.model.framework import LIFECYCLE
from ganzhi.catalogue.model.indicators import LAYERS, Indicator
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.plan import plan_feed
from ganzhi.compile.scan import scan_sql
from ganzhi.measure.build.breakdowns import dimensions_of
from ganzhi.measure.build.catalogue.entry import about
from ganzhi.measure.build.catalogue.reach import has_data, in_use, sources_of
from ganzhi.measure.build.definitions import definition_of
from ganzhi.measure.build.journeys.shared import Ways, by_order, filters_of, named, passes
from ganzhi.measure.build.readings import subject_of
from ganzhi.measure.views.dictionary import DictionaryEntry, DictionaryPage, DictionaryRow, Facet
from ganzhi.measure.views.query import DictionaryQuery

ROWS_A_PAGE = 50
FACETS: tuple[tuple[str, Callable[[Indicator], str]], ...] = (
    ("layer", lambda indicator: indicator.layer),
    ("type", lambda indicator: indicator.type),
    ("dimension", lambda indicator: indicator.dimension),
)


def dictionary_page(
    catalogue: Catalogue, asked: DictionaryQuery, arrived: Collection[str] = frozenset()
) -> DictionaryPage:
    """Indicators that pass every filter, by layer from the top, then by code. arrived: feeds that hold rows.

    A facet counts what would be left if only its own filter were changed.
    """
    facets = {"layer": asked.layer or "", "type": asked.type or "", "dimension": asked.dimension or ""}
    for field, of in FACETS:
        known = sorted({of(i) for i in catalogue.indicators.values()})
        if facets[field] and facets[field] not in known:
            raise InputError(Issue("REQ004", field, params={"value": facets[field][:40], "known": ", ".join(known)}))
    search = (asked.search or "").strip()
    matching = {code: i for code, i in in_use(catalogue).items() if _matches(code, i, search)}
    ways = _ways(catalogue, arrived)
    chosen = {field: getattr(asked, "process_class" if field == "class" else field) or "" for field, _ in ways}
    within = [code for code, i in matching.items() if _in_facets(i, facets)]
    filters = filters_of(within, ways, chosen, _names(catalogue))
    passing = {code: i for code, i in matching.items() if passes(code, ways, chosen)}
    shown = [code for code, i in passing.items() if _in_facets(i, facets)]
    ordered = sorted(shown, key=lambda code: (LAYERS.index(passing[code].layer), code))
    topics = _topics(catalogue)
    pages = max(1, -(-len(ordered) // ROWS_A_PAGE)) if asked.page is not None else 1
    page = min(max(1, asked.page or 1), pages)
    on_page = ordered if asked.page is None else ordered[(page - 1) * ROWS_A_PAGE : page * ROWS_A_PAGE]
    return DictionaryPage(
        rows=tuple(_row(catalogue, code, topics) for code in on_page),
        total=len(ordered),
        page=page,
        pages=pages,
        facets=tuple(_facet(field, passing, facets) for field, _ in FACETS),
        filters=filters,
        search=search,
        dimensions=tuple(catalogue.dimensions.items()),
        catalogue_version=catalogue.version,
    )


def _matches(code: str, indicator: Indicator, search: str) -> bool:
    """Literal text, any case, in code, names, definitions or external codes."""
    texts = (
        *(code, indicator.name.zh, indicator.name.en, indicator.definition.zh, indicator.definition.en),
        *(indicator.origin.item or "", *indicator.codes.values()),
    )
    return not search or any(search.casefold() in text.casefold() for text in texts)


def _in_facets(indicator: Indicator, chosen: Mapping[str, str], but: str = "") -> bool:
    return all(field == but or not chosen[field] or of(indicator) == chosen[field] for field, of in FACETS)


def _facet(field: str, passing: Mapping[str, Indicator], chosen: Mapping[str, str]) -> Facet:
    getters = dict(FACETS)
    counts = Counter(getters[field](i) for i in passing.values() if _in_facets(i, chosen, field))
    order = list(LAYERS) if field == "layer" else sorted(counts)
    return Facet(field, tuple((value, counts[value]) for value in order if counts[value]), chosen[field])


def _ways(catalogue: Catalogue, arrived: Collection[str]) -> Ways[str]:
    indicators = catalogue.indicators
    of = {code: processes_of(catalogue, each) for code, each in indicators.items()}
    sources = {feed: tuple(each.code for each in sources_of(catalogue, feed)) for feed in catalogue.feeds}

    def classes(code: str) -> tuple[str, ...]:
        return tuple({catalogue.processes[each].process_class for each in of[code]})

    def one(value: str | None) -> tuple[str, ...]:
        return (value,) if value else ()

    return (
        ("commercial_process", lambda code: one(indicators[code].commercial_process)),
        ("class", classes),
        ("process", lambda code: of[code]),
        ("state", lambda code: (indicators[code].state,)),
        ("source", lambda code: sources.get(indicators[code].feed or "", ())),
        ("feed", lambda code: one(indicators[code].feed)),
        ("data", lambda code: ("arrived" if has_data(catalogue, code, arrived) else "waiting",)),
    )


def _names(catalogue: Catalogue) -> dict[str, Mapping[str, Text | None]]:
    return {
        "commercial_process": {code: each.name for code, each in by_order(catalogue.commercial_processes)},
        "class": {code: each.name for code, each in by_order(catalogue.process_classes)},
        "process": {code: each.name for code, each in by_order(catalogue.processes)},
        "state": dict.fromkeys(reversed(LIFECYCLE)),
        "source": {code: each.name for code, each in catalogue.sources.items()},
        "feed": {code: each.name for code, each in catalogue.feeds.items()},
        "data": dict.fromkeys(("arrived", "waiting")),
    }


def _topics(catalogue: Catalogue) -> Mapping[str, Text]:
    """The first topic that shows each indicator."""
    found: dict[str, Text] = {}
    for topic in catalogue.topics.values():
        for code in (topic.headline, *topic.indicators):
            found.setdefault(code, topic.name)
    return found


def _row(catalogue: Catalogue, code: str, topics: Mapping[str, Text]) -> DictionaryRow:
    indicator = catalogue.indicators[code]
    row = indicator.commercial_process
    return DictionaryRow(
        subject=subject_of(catalogue, code, Grain.MONTH),
        topic=topics.get(code),
        feed=indicator.feed,
        parents=tuple(s.parent for s in indicator.supports),
        state=indicator.state,
        commercial_process=named(catalogue.commercial_processes, row) if row else None,
        processes=processes_of(catalogue, indicator),
        codes=tuple(indicator.codes.items()),
    )


def dictionary_entry(catalogue: Catalogue, code: str, arrived: Collection[str] = frozenset()) -> DictionaryEntry:
    """One indicator with everything that is declared about it. arrived: feeds that hold rows."""
    indicator = catalogue.indicator(code)
    targets = indicator.targets
    return DictionaryEntry(
        subject=subject_of(catalogue, code, Grain.MONTH),
        definition=definition_of(catalogue, code),
        management=subject_of(catalogue, code, Grain.MONTH) if targets.management else None,
        operations=subject_of(catalogue, code, Grain.HOUR) if targets.operations else None,
        about=about(catalogue, code, arrived),
        dimensions=dimensions_of(catalogue, indicator),
        sql=indicator_sql(catalogue, code),
        catalogue_version=catalogue.version,
    )


def indicator_sql(catalogue: Catalogue, code: str) -> str | None:
    """The SQL that computes the indicator's states from its feed; None for a score of children."""
    indicator = catalogue.indicator(code)
    if indicator.feed is None or indicator.retired:
        return None
    return scan_sql(plan_feed(catalogue, indicator.feed))["add"]
