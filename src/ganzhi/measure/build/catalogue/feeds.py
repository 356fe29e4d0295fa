"""Builds the catalogue of feeds and the contract of one with every indicator it gives (S002-001)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from ganzhi.catalogue.model.data import Column, Feed, Mapping
from ganzhi.catalogue.model.indicators import LAYERS
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.build.catalogue.entry import external_codes
from ganzhi.measure.build.catalogue.lineage import columns_of, origin_of
from ganzhi.measure.build.catalogue.reach import in_use, sources_of
from ganzhi.measure.build.journeys.shared import Ways, all_named, filters_of, named, passes
from ganzhi.measure.views.catalogue.feeds import (
    Bounds,
    ColumnRow,
    FedRow,
    FeedPage,
    FeedRow,
    FeedsPage,
    MappedRow,
    MappingBlock,
    RuleRow,
)
from ganzhi.measure.views.catalogue.query import FeedsQuery
from ganzhi.measure.views.journeys.parts import Named

MADE = ("source", "trace", "floor", "voice", "improve")


def feeds_page(catalogue: Catalogue, asked: FeedsQuery, arrived: Collection[str]) -> FeedsPage:
    """Feeds that pass the filters, by code. arrived: feeds that hold rows."""
    search = (asked.search or "").strip()
    counts = Counter(each.feed for each in in_use(catalogue).values() if each.feed)
    rows = [_row(catalogue, code, counts[code], arrived) for code in sorted(catalogue.feeds)]
    found = [row for row in rows if _matches(row, search)]
    ways: Ways[FeedRow] = (
        ("source", lambda row: tuple(each.code for each in row.sources)),
        ("kind", lambda row: (row.kind,)),
        ("made", lambda row: (row.made_by or "source",)),
        ("data", lambda row: ("arrived" if row.arrived else "waiting",)),
    )
    chosen = {field: getattr(asked, field) or "" for field, _ in ways}
    names: dict[str, dict[str, Text | None]] = {
        "source": {code: each.name for code, each in catalogue.sources.items()},
        "kind": dict.fromkeys(("event", "entity")),
        "made": dict.fromkeys(MADE),
        "data": dict.fromkeys(("arrived", "waiting")),
    }
    filters = filters_of(found, ways, chosen, names)
    shown = tuple(row for row in found if passes(row, ways, chosen))
    return FeedsPage(
        rows=shown,
        arrived=sum(row.arrived for row in shown),
        without=sum(not row.indicators for row in shown),
        filters=filters,
        search=search,
        catalogue_version=catalogue.version,
    )


def _matches(row: FeedRow, search: str) -> bool:
    texts = (row.code, row.name.zh, row.name.en, row.record.zh, row.record.en)
    return not search or any(search.casefold() in text.casefold() for text in texts)


def _row(catalogue: Catalogue, code: str, indicators: int, arrived: Collection[str]) -> FeedRow:
    feed = catalogue.feeds[code]
    return FeedRow(
        code=code,
        name=feed.name,
        record=feed.record,
        kind=feed.kind,
        made_by=feed.made_by,
        sources=sources_of(catalogue, code),
        columns=len(feed.columns),
        mappings=sum(each.feed == code for each in catalogue.mappings.values()),
        indicators=indicators,
        arrived=code in arrived,
    )


def feed_page(catalogue: Catalogue, code: str, arrived: Collection[str]) -> FeedPage:
    """The contract of a feed; InputError REQ011 with the nearest codes."""
    feed = catalogue.feed(code)
    fed = _fed(catalogue, code, feed)
    return FeedPage(
        row=_row(catalogue, code, len(fed), arrived),
        systems=tuple((each, catalogue.sources[each.code].system) for each in sources_of(catalogue, code)),
        codes=external_codes(catalogue, feed.codes.items()),
        bounds=Bounds(
            feed.finest.value,
            feed.retention_days,
            feed.window.earliest,
            feed.window.future_hours,
            float(feed.rejected_limit),
        ),
        columns=_columns(catalogue, feed, fed),
        rules=tuple(
            RuleRow(name, rule.name, rule.check, rule.on_violation, rule.blanks) for name, rule in feed.rules.items()
        ),
        dimensions=all_named(catalogue.dimensions, (name for name in feed.dimensions if name in catalogue.dimensions)),
        cuboids=feed.cuboids,
        mappings=tuple(_mapping(catalogue, c, each) for c, each in catalogue.mappings.items() if each.feed == code),
        indicators=fed,
        steps=tuple(
            (named(catalogue.processes, process), step.name)
            for process, each in catalogue.processes.items()
            for step in each.steps.values()
            if step.feed == code
        ),
        interfaces=all_named(
            catalogue.interfaces, (i for i, each in catalogue.interfaces.items() if each.feed == code)
        ),
        catalogue_version=catalogue.version,
    )


def _fed(catalogue: Catalogue, code: str, feed: Feed) -> tuple[FedRow, ...]:
    mine = {c: each for c, each in in_use(catalogue).items() if each.feed == code}
    ordered = sorted(mine, key=lambda c: (LAYERS.index(mine[c].layer), c))
    return tuple(
        FedRow(named(mine, c), mine[c].layer, mine[c].type, mine[c].state, columns_of(mine[c], feed)) for c in ordered
    )


def _columns(catalogue: Catalogue, feed: Feed, fed: Sequence[FedRow]) -> tuple[ColumnRow, ...]:
    uses = Counter(name for row in fed for name in row.columns)
    stored = (_stored(catalogue, feed, name, column, uses[name]) for name, column in feed.columns.items())
    computed = (
        ColumnRow(
            name,
            each.name,
            each.type,
            False,
            None,
            None,
            None,
            None,
            (),
            "none",
            None,
            each.expr,
            ("dimension",) if name in feed.dimensions else (),
            uses[name],
        )
        for name, each in feed.derived.items()
    )
    return (*stored, *computed)


def _stored(catalogue: Catalogue, feed: Feed, name: str, column: Column, uses: int) -> ColumnRow:
    roles = {
        "key": name in feed.key,
        "time": name == feed.time,
        "unit": name == feed.unit,
        "version": name == feed.version,
        "dimension": name in feed.dimensions,
    }
    limited = column.min is not None or column.max is not None or column.allowed is not None
    known = column.allowed in catalogue.code_lists
    return ColumnRow(
        name=name,
        title=column.name,
        type=column.type,
        required=column.required,
        measured_in=column.measured_in,
        low=None if column.min is None else f"{column.min:f}",
        high=None if column.max is None else f"{column.max:f}",
        allowed=named(catalogue.code_lists, column.allowed) if column.allowed and known else None,
        codes=_codes(catalogue, column.allowed) if column.allowed and known else (),
        protection=column.protection,
        on_violation=column.on_violation if limited else None,
        derived=None,
        roles=tuple(role for role, holds in roles.items() if holds),
        indicators=uses,
    )


def _codes(catalogue: Catalogue, code_list: str) -> tuple[tuple[str, Text | None], ...]:
    """What a list of codes translates to, each once, with its name."""
    return tuple({entry.to: entry.name for entry in catalogue.code_lists[code_list].entries}.items())


def _mapping(catalogue: Catalogue, code: str, mapping: Mapping) -> MappingBlock:
    return MappingBlock(
        code=code,
        name=mapping.name,
        files=mapping.files,
        kind=mapping.format.kind,
        encoding=mapping.format.encoding,
        delimiter=mapping.format.delimiter if mapping.format.kind == "csv" else None,
        where=mapping.where,
        expected=mapping.expected.per if mapping.expected else None,
        shards=mapping.expected.shards if mapping.expected else (),
        columns=tuple(_mapped(catalogue, mapping, mapping.columns)),
    )


def _mapped(catalogue: Catalogue, mapping: Mapping, names: Iterable[str]) -> Iterable[MappedRow]:
    for name in names:
        column = mapping.columns[name]
        how, text, _ = origin_of(mapping, column)
        codes: Named | None = None
        if column.codes in catalogue.code_lists and column.codes is not None:
            codes = named(catalogue.code_lists, column.codes)
        yield MappedRow(name, how, text, column.format or column.epoch, codes)
