"""A mapping fits its feed and its file: columns covered, sources declared, times readable, names dated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import known_zones
from ganzhi.catalogue.checks.expressions import source_columns
from ganzhi.catalogue.checks.places import issue_at, near
from ganzhi.catalogue.expressions import parse, pattern_problem
from ganzhi.catalogue.model.data import ColumnType, Feed, MappedColumn, Mapping
from ganzhi.catalogue.model.whole import Catalogue

Place = tuple[str, ...]


def check(catalogue: Catalogue) -> Iterator[Issue]:
    """Report what a mapping leaves out, names wrongly or could not read."""
    for code, mapping in catalogue.mappings.items():
        feed = catalogue.feeds.get(mapping.feed)
        if feed is not None:
            yield from _covers(catalogue, code, mapping, feed)
        yield from _names(catalogue, code, mapping)
        for name, column in mapping.columns.items():
            yield from _column(catalogue, code, mapping, name, column)


def _covers(catalogue: Catalogue, code: str, mapping: Mapping, feed: Feed) -> Iterator[Issue]:
    for name, wanted in feed.columns.items():
        if wanted.required and name not in mapping.columns:
            yield issue_at(catalogue, "CAT088", ("mappings", code, "columns"), column=name, feed=mapping.feed)
    for name, column in mapping.columns.items():
        place = ("mappings", code, "columns", name)
        if name not in feed.columns:
            yield issue_at(catalogue, "CAT100", place, column=name, feed=mapping.feed, near=near(name, feed.columns))
            continue
        kind = feed.columns[name].type
        if mapping.table is not None:
            continue
        yield from _type(catalogue, mapping, place, column, kind)
        yield from _time(catalogue, mapping, place, column, kind)


def _type(
    catalogue: Catalogue, mapping: Mapping, place: Place, column: MappedColumn, kind: ColumnType
) -> Iterator[Issue]:
    """An expression gives text, which is then read strictly, or the column's own type."""
    if column.expr is None:
        return
    try:
        found = parse(column.expr, source_columns(mapping)).type
    except InputError:
        return  # the expression check reports it
    if found not in ("text", kind) and (found, kind) != ("int", "decimal"):
        yield issue_at(catalogue, "CAT101", (*place, "expr"), found=found, wanted=kind)


def _time(
    catalogue: Catalogue, mapping: Mapping, place: Place, column: MappedColumn, kind: ColumnType
) -> Iterator[Issue]:
    """Dates and time stamps say how they are written; other columns do not."""
    reads_file = column.source is not None or column.expr is not None
    says_how = column.format is not None or column.epoch is not None
    typed_file = mapping.format.kind in ("parquet", "excel")
    if kind in ("timestamp", "date"):
        if reads_file and not says_how and not typed_file:
            yield issue_at(catalogue, "CAT112", place, type=kind)
    elif says_how or column.clock is not None:
        yield issue_at(catalogue, "CAT113", place, type=kind)


def _column(catalogue: Catalogue, code: str, mapping: Mapping, name: str, column: MappedColumn) -> Iterator[Issue]:
    place = ("mappings", code, "columns", name)
    sources: list[tuple[Place, str]] = [] if column.source is None else [(("source",), column.source)]
    if column.clock is not None:
        sources += [(("clock", "date"), column.clock.date), (("clock", "time"), column.clock.time)]
    for path, source in sources:
        if mapping.columns_expected and source not in mapping.columns_expected:
            known = near(source, mapping.columns_expected)
            yield issue_at(catalogue, "CAT089", (*place, *path), column=source[:60], near=known)
    if column.format is not None and not _reads_back(column.format, date=True):
        yield issue_at(catalogue, "CAT090", (*place, "format"), format=column.format)
    if column.zone is not None and column.zone != "offset":
        yield from _zone(catalogue, (*place, "zone"), column.zone)
    if column.clock is not None:
        yield from _clock(catalogue, mapping, place, name, column)


def _clock(catalogue: Catalogue, mapping: Mapping, place: Place, name: str, column: MappedColumn) -> Iterator[Issue]:
    clock = column.clock
    assert clock is not None
    if not _reads_back(clock.date_format, date=True):
        yield issue_at(catalogue, "CAT090", (*place, "clock", "date_format"), format=clock.date_format)
    if not _reads_back(clock.time_format, date=False):
        yield issue_at(catalogue, "CAT090", (*place, "clock", "time_format"), format=clock.time_format)
    earlier = list(mapping.columns)[: list(mapping.columns).index(name)]
    if clock.after is not None and clock.after not in earlier:
        yield issue_at(
            catalogue, "CAT102", (*place, "clock", "after"), column=clock.after, near=near(clock.after, earlier)
        )


_DIRECTIVES = re.compile(r"%(.)")
_DATE_PARTS = ({"Y", "m", "d"}, {"y", "m", "d"}, {"Y", "j"}, {"Y", "b", "d"})
_TIME_PARTS = {"H", "I", "M", "S", "f", "p", "z"}


def _reads_back(text: str, *, date: bool) -> bool:
    """Whether a format holds a whole date (or a time of day), each part once, and reads what it writes."""
    found = _DIRECTIVES.findall(text)
    parts = set(found)
    if len(found) != len(parts) or ("I" in parts) != ("p" in parts):
        return False
    if date and not any(need <= parts and parts - need <= _TIME_PARTS for need in _DATE_PARTS):
        return False
    if not date and not ("H" in parts or "I" in parts or not parts - _TIME_PARTS):
        return False
    if not date and not parts <= _TIME_PARTS:
        return False
    sample = datetime(2026, 11, 9, 13, 5, 7)  # noqa: DTZ001 - a wall-clock sample for strptime
    try:
        read = datetime.strptime(sample.strftime(text), text)  # noqa: DTZ007
    except ValueError:
        return "z" in parts
    return not date or read.date() == sample.date()


def _zone(catalogue: Catalogue, place: Place, zone: str) -> Iterator[Issue]:
    if zone not in known_zones():
        yield issue_at(catalogue, "CAT091", place, zone=zone[:60], near=near(zone, sorted(known_zones())))


_PLACEHOLDER = re.compile(r"\{[^}]*\}?|\}")


def _names(catalogue: Catalogue, code: str, mapping: Mapping) -> Iterator[Issue]:
    """Zone of the mapping, its line patterns, and the pattern of its file names."""
    place = ("mappings", code)
    if mapping.zone is not None:
        yield from _zone(catalogue, (*place, "zone"), mapping.zone)
    for number, pattern in enumerate(mapping.format.skip_lines):
        problem = pattern_problem(pattern)
        if problem is not None:
            at = (*place, "format", "skip_lines", str(number))
            yield issue_at(catalogue, "CAT055", at, pattern=pattern[:60], problem=problem)
    if mapping.files is None:
        if mapping.expected is not None:
            yield issue_at(catalogue, "CAT115", (*place, "expected"))
        return
    held = _PLACEHOLDER.findall(mapping.files)
    dates = [h for h in held if h in ("{yyyymmdd}", "{yyyymm}")]
    if len(dates) != 1 or held.count("{shard}") > 1 or set(held) - {"{shard}", *dates}:
        yield issue_at(catalogue, "CAT092", (*place, "files"), pattern=mapping.files[:80])
    if mapping.expected is not None and bool(mapping.expected.shards) != ("{shard}" in held):
        yield issue_at(catalogue, "CAT115", (*place, "expected"))
