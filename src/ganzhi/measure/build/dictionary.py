"""Builds the dictionary: the list of indicators and one indicator's entry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import Grain
from ganzhi.catalogue.model.indicators import LAYERS, Indicator
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.plan import plan_feed
from ganzhi.compile.scan import scan_sql
from ganzhi.measure.build.breakdowns import dimensions_of
from ganzhi.measure.build.definitions import definition_of
from ganzhi.measure.build.readings import subject_of
from ganzhi.measure.views.dictionary import DictionaryEntry, DictionaryPage, DictionaryRow, Facet
from ganzhi.measure.views.parts import ScoreNow
from ganzhi.measure.views.query import DictionaryQuery

FACETS: tuple[tuple[str, Callable[[Indicator], str]], ...] = (
    ("layer", lambda indicator: indicator.layer),
    ("type", lambda indicator: indicator.type),
    ("dimension", lambda indicator: indicator.dimension),
)


def dictionary_page(catalogue: Catalogue, asked: DictionaryQuery) -> DictionaryPage:
    """Indicators that pass every filter, by layer from the top, then by code.

    A facet counts what would be left if only its own filter were changed.
    """
    chosen = {"layer": asked.layer or "", "type": asked.type or "", "dimension": asked.dimension or ""}
    for field, of in FACETS:
        known = sorted({of(i) for i in catalogue.indicators.values()})
        if chosen[field] and chosen[field] not in known:
            raise InputError(Issue("REQ004", field, params={"value": chosen[field][:40], "known": ", ".join(known)}))
    search = (asked.search or "").strip()
    live = {code: i for code, i in catalogue.indicators.items() if not i.retired and _matches(code, i, search)}
    shown = {code: i for code, i in live.items() if all(not chosen[f] or of(i) == chosen[f] for f, of in FACETS)}
    ordered = sorted(shown, key=lambda code: (LAYERS.index(shown[code].layer), code))
    return DictionaryPage(
        rows=tuple(_row(catalogue, code) for code in ordered),
        total=len(ordered),
        facets=tuple(_facet(field, live, chosen) for field, _ in FACETS),
        search=search,
        dimensions=tuple(catalogue.dimensions.items()),
        catalogue_version=catalogue.version,
    )


def _matches(code: str, indicator: Indicator, search: str) -> bool:
    """Literal text, any case, in code, names or definitions."""
    texts = (code, indicator.name.zh, indicator.name.en, indicator.definition.zh, indicator.definition.en)
    return not search or any(search.casefold() in text.casefold() for text in texts)


def _facet(field: str, live: dict[str, Indicator], chosen: dict[str, str]) -> Facet:
    getters = dict(FACETS)
    left = [i for i in live.values() if all(f == field or not chosen[f] or of(i) == chosen[f] for f, of in FACETS)]
    counts = Counter(getters[field](i) for i in left)
    order = list(LAYERS) if field == "layer" else sorted(counts)
    return Facet(field, tuple((value, counts[value]) for value in order if counts[value]), chosen[field])


def _row(catalogue: Catalogue, code: str) -> DictionaryRow:
    indicator = catalogue.indicator(code)
    topic = next((t.name for t in catalogue.topics.values() if code in (t.headline, *t.indicators)), None)
    return DictionaryRow(
        subject_of(catalogue, code, Grain.MONTH), topic, indicator.feed, tuple(s.parent for s in indicator.supports)
    )


def dictionary_entry(catalogue: Catalogue, code: str) -> DictionaryEntry:
    """One indicator with everything that is declared about it."""
    indicator = catalogue.indicator(code)
    targets = indicator.targets
    return DictionaryEntry(
        subject=subject_of(catalogue, code, Grain.MONTH),
        definition=definition_of(catalogue, code),
        management=subject_of(catalogue, code, Grain.MONTH) if targets.management else None,
        operations=subject_of(catalogue, code, Grain.HOUR) if targets.operations else None,
        parents=tuple(_named(catalogue, s.parent) for s in indicator.supports),
        children=tuple((c, catalogue.indicator(c).name, w) for c, w in catalogue.children(code).items()),
        dimensions=dimensions_of(catalogue, indicator),
        topics=tuple(
            (t, topic.name) for t, topic in catalogue.topics.items() if code in (topic.headline, *topic.indicators)
        ),
        sql=indicator_sql(catalogue, code),
        catalogue_version=catalogue.version,
    )


def _named(catalogue: Catalogue, code: str) -> ScoreNow:
    indicator = catalogue.indicator(code)
    return ScoreNow(code, indicator.name, indicator.layer, None, None, 0.0, None)


def indicator_sql(catalogue: Catalogue, code: str) -> str | None:
    """The SQL that computes the indicator's states from its feed; None for a score of children."""
    indicator = catalogue.indicator(code)
    if indicator.feed is None:
        return None
    return scan_sql(plan_feed(catalogue, indicator.feed)).add
