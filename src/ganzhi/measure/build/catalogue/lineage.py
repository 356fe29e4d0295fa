"""Builds the way from an indicator down to the columns of source systems (S002-001).

Reads the same texts the compiler reads: the measure's expressions, the feed's columns and derived
columns, and the mappings that fill them. A column that an expression cannot be read for is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ganzhi.base.errors import InputError
from ganzhi.catalogue.checks.expressions import expression_texts, feed_columns, feed_scales, source_columns
from ganzhi.catalogue.expressions import parse
from ganzhi.catalogue.model.data import ColumnType, Feed, MappedColumn
from ganzhi.catalogue.model.data import Mapping as FileMapping
from ganzhi.catalogue.model.indicators import Indicator, Part
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.build.journeys.shared import named
from ganzhi.measure.views.catalogue.lineage import (
    Lineage,
    LineageColumn,
    LineageMapping,
    LineagePart,
    LineageSource,
    SourceColumn,
)
from ganzhi.measure.views.journeys.parts import Named


def lineage_of(catalogue: Catalogue, code: str) -> Lineage | None:
    """The lineage of an indicator; None for a score of children."""
    indicator = catalogue.indicators[code]
    if indicator.feed is None or indicator.feed not in catalogue.feeds:
        return None
    feed = catalogue.feeds[indicator.feed]
    used = _roles(catalogue, indicator, feed)
    mappings = {name: each for name, each in catalogue.mappings.items() if each.feed == indicator.feed}
    return Lineage(
        parts=tuple(_parts(catalogue, indicator, feed)),
        feed=named(catalogue.feeds, indicator.feed),
        made_by=feed.made_by,
        columns=tuple(_column(catalogue, feed, name, roles, mappings) for name, roles in used.items()),
        mappings=tuple(
            LineageMapping(Named(name, each.name), each.files, each.format.kind, each.format.encoding)
            for name, each in mappings.items()
        ),
        sources=tuple(
            LineageSource(Named(name, each.name), each.system)
            for name, each in catalogue.sources.items()
            if indicator.feed in each.feeds
        ),
    )


def columns_read(
    text: str, columns: Mapping[str, ColumnType], scales: Mapping[str, int] | None = None
) -> tuple[str, ...]:
    """Columns an expression reads; none when it cannot be read, which the checks report."""
    try:
        return parse(text, columns, scales=scales or {}).columns
    except InputError:
        return ()


def columns_of(indicator: Indicator, feed: Feed) -> tuple[str, ...]:
    """Columns of its feed that an indicator's measure reads, in the feed's order."""
    read = {
        name
        for _, text, _ in expression_texts(indicator)
        for name in columns_read(text, feed_columns(feed), feed_scales(feed))
    }
    return tuple(name for name in (*feed.columns, *feed.derived) if name in read)


def _texts(catalogue: Catalogue, indicator: Indicator) -> Iterator[tuple[str, str]]:
    """Role and text of every expression, those of the indicators a ratio refers to included."""
    for path, text, _ in expression_texts(indicator):
        yield ("filter" if path[-1] == "where" else "value"), text
    for part in (indicator.ratio.numerator, indicator.ratio.denominator) if indicator.ratio is not None else ():
        if part.indicator is not None:
            yield from _texts(catalogue, catalogue.indicators[part.indicator])


def _roles(catalogue: Catalogue, indicator: Indicator, feed: Feed) -> dict[str, tuple[str, ...]]:
    """Columns of the measure, then time and unit, with what they are read for."""
    roles: dict[str, list[str]] = {}
    for role, text in _texts(catalogue, indicator):
        for name in columns_read(text, feed_columns(feed), feed_scales(feed)):
            if role not in roles.setdefault(name, []):
                roles[name].append(role)
    for name, role in ((feed.time, "time"), (feed.unit, "unit")):
        roles.setdefault(name, []).append(role)
    return {name: tuple(given) for name, given in roles.items()}


# -- parts ---------------------------------------------------------------------------------------


def _parts(catalogue: Catalogue, indicator: Indicator, feed: Feed) -> Iterator[LineagePart]:
    if indicator.ratio is not None:
        yield _part(catalogue, feed, "numerator", indicator.ratio.numerator)
        yield _part(catalogue, feed, "denominator", indicator.ratio.denominator)
    elif indicator.rate is not None:
        yield _part(catalogue, feed, "numerator", indicator.rate.numerator)
        yield LineagePart("denominator", "indicator", None, None, _base(catalogue, indicator.rate.per), 1.0, ())
    elif indicator.measure is not None:
        yield _measured(feed, "value", indicator.measure, getattr(indicator, indicator.measure), 1.0)


def _base(catalogue: Catalogue, code: str) -> Named:
    return named(catalogue.indicators, code)


def _part(catalogue: Catalogue, feed: Feed, part: str, given: Part) -> LineagePart:
    times = float(given.times)
    if given.indicator is not None:
        return LineagePart(part, "indicator", None, None, _base(catalogue, given.indicator), times, ())
    kind = next(name for name in ("count", "sum", "distinct") if getattr(given, name) is not None)
    return _measured(feed, part, kind, getattr(given, kind), times)


def _measured(feed: Feed, part: str, kind: str, measure: object, times: float) -> LineagePart:
    value, where = getattr(measure, "of", None), getattr(measure, "where", None)
    texts = [text for text in (value, where) if text is not None]
    read = dict.fromkeys(name for text in texts for name in columns_read(text, feed_columns(feed), feed_scales(feed)))
    return LineagePart(part, kind, value, where, None, times, tuple(read))


# -- columns -------------------------------------------------------------------------------------


def _column(
    catalogue: Catalogue, feed: Feed, name: str, roles: tuple[str, ...], mappings: Mapping[str, FileMapping]
) -> LineageColumn:
    derived = feed.derived.get(name)
    if derived is not None:
        stored: dict[str, ColumnType] = {other: column.type for other, column in feed.columns.items()}
        reads = columns_read(derived.expr, stored, feed_scales(feed))
        sources = tuple(found for other in reads for found in _sources(catalogue, other, mappings))
        protection = _strictest(feed.columns[other].protection for other in reads)
        return LineageColumn(name, derived.name, derived.type, protection, None, derived.expr, reads, roles, sources)
    column = feed.columns[name]
    allowed = _code_list(catalogue, column.allowed)
    return LineageColumn(
        name, column.name, column.type, column.protection, allowed, None, (), roles,
        tuple(_sources(catalogue, name, mappings)),
    )  # fmt: skip


def _code_list(catalogue: Catalogue, code: str | None) -> Named | None:
    return named(catalogue.code_lists, code) if code is not None and code in catalogue.code_lists else None


def _strictest(given: Iterator[str]) -> str:
    """A computed column is protected like the most protected column it reads."""
    order = ("none", "quasi", "personal", "sensitive")
    return max(given, key=order.index, default="none")


def _sources(catalogue: Catalogue, name: str, mappings: Mapping[str, FileMapping]) -> Iterator[SourceColumn]:
    for code, mapping in mappings.items():
        if name in mapping.columns:
            how, text, read = origin_of(mapping, mapping.columns[name])
            translated = _code_list(catalogue, mapping.columns[name].codes)
            yield SourceColumn(Named(code, mapping.name), how, text, read, translated)


def origin_of(mapping: FileMapping, column: MappedColumn) -> tuple[str, str, tuple[str, ...]]:
    """How a column is filled, in a text, and the columns of the file that it reads."""
    if column.source is not None:
        return "source", column.source, (column.source,)
    if column.expr is not None:
        return "expr", column.expr, columns_read(column.expr, source_columns(mapping))
    if column.clock is not None:
        return "clock", f"{column.clock.date} + {column.clock.time}", (column.clock.date, column.clock.time)
    return "const", column.const or "", ()
