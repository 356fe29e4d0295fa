"""Every expression of the catalogue is acceptable over the columns it may read (C11, C12, C16)."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass

from ganzhi.base.errors import InputError, Issue, Location
from ganzhi.catalogue.derive.chains import expressions_of
from ganzhi.catalogue.expressions import Expr, SecondOpinion, parse
from ganzhi.catalogue.expressions.parse import Want
from ganzhi.catalogue.model.data import ColumnType, Feed, Mapping
from ganzhi.catalogue.model.indicators import Indicator, Part
from ganzhi.catalogue.model.whole import Catalogue


@dataclass(frozen=True, slots=True)
class Written:
    """An expression as it stands in the catalogue, with the columns it may read and what it must give.

    declared, declared_at: for a derived column, the type it declares and where. shipped: it stands in a
    pack, and so does everything it is about.
    """

    text: str
    columns: ReadOnly[str, ColumnType]
    scales: ReadOnly[str, int]
    want: Want
    subject: str
    at: Location | None
    declared: ColumnType | None = None
    declared_at: Location | None = None
    shipped: bool = False

    def parse(self, second: SecondOpinion | None = None) -> Expr:
        """The checked form; raises InputError."""
        return parse(
            self.text,
            self.columns,
            want=self.want,
            scales=self.scales,
            subject=self.subject,
            at=self.at,
            second=second,
        )


def check(catalogue: Catalogue) -> Iterator[Issue]:
    """Parse all of them; a derived column must give the type it declares."""
    for written in all_expressions(catalogue):
        try:
            found = written.parse()
        except InputError as error:
            yield from error.issues
            continue
        declared = written.declared
        if declared is not None and found.type != declared and (found.type, declared) != ("int", "decimal"):
            params = {"wanted": declared, "found": found.type}
            yield Issue("CAT050", written.subject, written.declared_at, params)


def second_opinion(catalogue: Catalogue, second: SecondOpinion) -> Iterator[Issue]:
    """What an engine's own parser refuses of what `check` has passed.

    What ships is asked about once, when the pack is tested: a pack has thousands of expressions, and each
    question takes milliseconds.
    """
    for written in all_expressions(catalogue):
        if written.shipped:
            continue
        try:
            written.parse(second)
        except InputError as error:
            yield from error.issues


def feed_columns(feed: Feed) -> dict[str, ColumnType]:
    """Names and types an indicator's expression may read: columns and derived columns."""
    return {name: c.type for name, c in feed.columns.items()} | {name: d.type for name, d in feed.derived.items()}


def feed_scales(feed: Feed) -> dict[str, int]:
    """Decimal places of a feed's decimal columns."""
    return {name: c.scale for name, c in feed.columns.items() if c.type == "decimal"}


def all_expressions(catalogue: Catalogue) -> Iterator[Written]:
    """Every expression that stands in the catalogue, except those of indicators without a known feed."""
    for code, feed in catalogue.feeds.items():
        yield from _of_feed(catalogue, code, feed)
    for code, indicator in catalogue.indicators.items():
        own = catalogue.feeds.get(indicator.feed or "")
        if own is not None:
            yield from _of_indicator(catalogue, code, indicator, own)
    for code in catalogue.mappings:
        yield from _of_mapping(catalogue, code)
    for code, trace in catalogue.traces.items():
        shipped = _shipped(catalogue, ("traces", code), ("feeds", trace.chains))
        for each in expressions_of(catalogue, code, trace):
            scales = {} if each.feed is None else feed_scales(catalogue.feeds[each.feed])
            kind, entry, *rest = each.path
            at, subject = catalogue.place(kind, entry, *rest), ".".join((entry, *rest))[:120]
            yield Written(each.text, each.types, scales, each.want, subject, at, shipped=shipped)
    for code, flow in catalogue.flows.items():
        source = catalogue.feeds.get(flow.feed)
        if flow.where is not None and source is not None:
            at, shipped = (
                catalogue.place("flows", code, "where"),
                _shipped(catalogue, ("flows", code), ("feeds", flow.feed)),
            )
            columns, scales = feed_columns(source), feed_scales(source)
            yield Written(flow.where, columns, scales, "bool", f"{code}.where", at, shipped=shipped)


def _shipped(catalogue: Catalogue, *entries: tuple[str, str]) -> bool:
    """Whether entries stand as a pack has them; one that a workspace changes has its place there."""
    places = (catalogue.place(kind, code) for kind, code in entries)
    return all(place is not None and place.file.startswith("pack/") for place in places)


def _of_feed(catalogue: Catalogue, code: str, feed: Feed) -> Iterator[Written]:
    shipped = _shipped(catalogue, ("feeds", code))
    stored: dict[str, ColumnType] = {name: c.type for name, c in feed.columns.items()}
    scales = feed_scales(feed)
    for name, derived in feed.derived.items():
        at = catalogue.place("feeds", code, "derived", name, "expr")
        declared_at = catalogue.place("feeds", code, "derived", name, "type")
        subject = f"{code}.derived.{name}"
        yield Written(derived.expr, stored, scales, "any", subject, at, derived.type, declared_at, shipped)
    for name, rule in feed.rules.items():
        at = catalogue.place("feeds", code, "rules", name, "check")
        yield Written(rule.check, stored, scales, "bool", f"{code}.rules.{name}", at, shipped=shipped)


def _of_indicator(catalogue: Catalogue, code: str, indicator: Indicator, feed: Feed) -> Iterator[Written]:
    columns, scales = feed_columns(feed), feed_scales(feed)
    shipped = _shipped(catalogue, ("indicators", code), ("feeds", str(indicator.feed)))
    for path, text, want in expression_texts(indicator):
        at = catalogue.place("indicators", code, *path)
        yield Written(text, columns, scales, want, ".".join((code, *path)), at, shipped=shipped)


def expression_texts(indicator: Indicator) -> Iterator[tuple[tuple[str, ...], str, Want]]:
    """Path, text and wanted kind of every expression of an indicator's measure."""
    name = indicator.measure
    if name is None:
        return
    if indicator.ratio is not None:
        for side in ("numerator", "denominator"):
            yield from _part_texts(("ratio", side), getattr(indicator.ratio, side))
        return
    if indicator.rate is not None:
        yield from _part_texts(("rate", "numerator"), indicator.rate.numerator)
        return
    yield from _measure_texts((name,), name, getattr(indicator, name))


def _part_texts(path: tuple[str, ...], part: Part) -> Iterator[tuple[tuple[str, ...], str, Want]]:
    for name in ("count", "sum", "distinct"):
        measure = getattr(part, name)
        if measure is not None:
            yield from _measure_texts((*path, name), name, measure)


def _measure_texts(path: tuple[str, ...], name: str, measure: object) -> Iterator[tuple[tuple[str, ...], str, Want]]:
    of, where = getattr(measure, "of", None), getattr(measure, "where", None)
    if of is not None:
        yield (*path, "of"), of, "any" if name == "distinct" else "number"
    if where is not None:
        yield (*path, "where"), where, "bool"


def source_columns(mapping: Mapping) -> dict[str, ColumnType]:
    """Columns of the file that a mapping's expressions may read, all of them text."""
    names = list(mapping.columns_expected)
    for column in mapping.columns.values():
        names += [column.source] if column.source is not None else []
        names += [column.clock.date, column.clock.time] if column.clock is not None else []
    return dict.fromkeys(names, "text")


def _of_mapping(catalogue: Catalogue, code: str) -> Iterator[Written]:
    mapping = catalogue.mappings[code]
    if mapping.table is not None:
        return  # its columns have types that only the engine knows; `compile.live` checks them there
    columns = source_columns(mapping)
    shipped = _shipped(catalogue, ("mappings", code))
    for name, column in mapping.columns.items():
        if column.expr is not None:
            at = catalogue.place("mappings", code, "columns", name, "expr")
            yield Written(column.expr, columns, {}, "any", f"{code}.columns.{name}", at, shipped=shipped)
        if column.clock is not None and column.clock.absent_when is not None:
            at = catalogue.place("mappings", code, "columns", name, "clock", "absent_when")
            yield Written(column.clock.absent_when, columns, {}, "bool", f"{code}.columns.{name}", at, shipped=shipped)
    if mapping.where is not None:
        at = catalogue.place("mappings", code, "where")
        yield Written(mapping.where, columns, {}, "bool", f"{code}.where", at, shipped=shipped)
