"""Builds the list of records behind a number."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from ganzhi.access.shown.hidden import open_columns
from ganzhi.access.shown.masking import is_masked
from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.model.data import Feed
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.measures import Kind
from ganzhi.compile.plan import plan_feed
from ganzhi.compile.records import Part
from ganzhi.measure.build.definitions import both
from ganzhi.measure.build.readings import subject_of
from ganzhi.measure.build.scope import Reader, scope_of
from ganzhi.measure.records import Record, RecordsRequest, records
from ganzhi.measure.records import RecordsPage as Found
from ganzhi.measure.views.parts import Scope
from ganzhi.measure.views.query import PageQuery, RecordsQuery
from ganzhi.measure.views.record import RecordKey
from ganzhi.measure.views.records import Condition, RecordColumn, RecordsPage

PER_PAGE = 50
WHOLE_AT_MOST = 500
PREVIEWED = 6
NO_LONGER = frozenset({"MEA013", "MEA031"})
"""Why a number has no records to show any more."""
EXPORT_BATCH = 5_000
PARTS: tuple[Part, ...] = ("all", "numerator", "denominator")


def records_page(reader: Reader, code: str, query: PageQuery, asked: RecordsQuery) -> RecordsPage:
    """One page of the records behind an indicator's number.

    Raises: InputError REQ004 for a part, sort or dimension the list does not have, REQ014 for an
    indicator that has no records of its own; AccessError ACC001 for a viewer without list depth.
    """
    reader.viewer.require("list")
    scope = scope_of(reader, query, feeds=(feed_of(reader.workplace.catalogue, code),))
    size = WHOLE_AT_MOST if asked.whole else PER_PAGE
    offset = (max(asked.page, 1) - 1) * size
    request = request_of(reader.workplace.catalogue, code, scope, asked, limit=size, offset=offset)
    return _page(reader, scope, records(reader.workplace, reader.states, request), asked)


def records_slice(
    reader: Reader, code: str, query: PageQuery, asked: RecordsQuery, *, limit: int, offset: int
) -> Found:
    """Some of the records behind an indicator's number as data, in the order of the list; errors as of `records_page`."""
    reader.viewer.require("list")
    catalogue = reader.workplace.catalogue
    scope = scope_of(reader, query, feeds=(feed_of(catalogue, code),))
    request = request_of(catalogue, code, scope, asked, limit=limit, offset=offset)
    return records(reader.workplace, reader.states, request)


def preview(reader: Reader, code: str, scope: Scope) -> RecordsPage | Issue:
    """The first records of a number, for the indicator page of a viewer with list depth; or why there are none to show
    any more (their time is up, or a live table has moved on), which takes nothing from the number."""
    request = request_of(reader.workplace.catalogue, code, scope, RecordsQuery(), limit=PREVIEWED)
    try:
        found = records(reader.workplace, reader.states, request)
    except InputError as error:
        if error.issues[0].code not in NO_LONGER:
            raise
        return error.issues[0]
    return _page(reader, scope, found, RecordsQuery())


def all_rows(reader: Reader, code: str, query: PageQuery, asked: RecordsQuery) -> Iterator[tuple[str | None, ...]]:
    """Every record of the list in its order, read batch by batch, for an export."""
    reader.viewer.require("list")
    catalogue = reader.workplace.catalogue
    scope = scope_of(reader, query, feeds=(feed_of(catalogue, code),))
    offset = 0
    while True:
        request = request_of(catalogue, code, scope, asked, limit=EXPORT_BATCH, offset=offset)
        found = records(reader.workplace, reader.states, request)
        yield from _cells(reader, catalogue.feed(found.feed), found.records)
        offset += EXPORT_BATCH
        if offset >= found.total:
            return


def feed_of(catalogue: Catalogue, code: str) -> str:
    """The feed an indicator is counted from; InputError REQ014 for one that has no records of its own."""
    feed = catalogue.indicator(code).feed
    if feed is None:
        raise InputError(Issue("REQ014", code))
    return feed


def parts_of(catalogue: Catalogue, code: str) -> tuple[Part, ...]:
    """Which parts of the number have records of their own."""
    formula = plan_feed(catalogue, feed_of(catalogue, code)).formula(code)
    return PARTS if formula.denominator is not None else PARTS[:1]


def request_of(
    catalogue: Catalogue, code: str, scope: Scope, asked: RecordsQuery, *, limit: int, offset: int = 0
) -> RecordsRequest:
    """What the list behind an indicator's number is asked with; raises as `records_page` does."""
    feed = catalogue.feed(feed_of(catalogue, code))
    parts = parts_of(catalogue, code)
    if asked.part and asked.part not in parts:
        raise InputError(Issue("REQ004", "part", params={"value": asked.part[:40], "known": ", ".join(parts)}))
    order = (asked.sort or "").removeprefix("-") or None
    if order is not None and order not in feed.columns:
        known = ", ".join(feed.columns)
        raise InputError(Issue("REQ004", "sort", params={"value": order[:40], "known": known}))
    if order is not None and is_masked(feed.columns[order].protection):
        # The order of hidden values would tell what they are.
        raise InputError(Issue("REQ015", "sort", params={"value": order}))
    return RecordsRequest(
        code=code,
        unit=scope.unit,
        period=scope.period,
        part=asked.part or parts[0],
        where=dict(asked.where),
        limit=limit,
        offset=offset,
        order=order,
        descending=(asked.sort or "").startswith("-"),
        search=(asked.search or "").strip(),
        basis=scope.basis,
        stale="show",
    )


def _page(reader: Reader, scope: Scope, found: Found, asked: RecordsQuery) -> RecordsPage:
    catalogue = reader.workplace.catalogue
    code = found.request.code
    pages = max(1, math.ceil(found.total / (WHOLE_AT_MOST if asked.whole else PER_PAGE)))
    if asked.page > pages:
        raise InputError(Issue("REQ004", "page", params={"value": str(asked.page), "known": f"1–{pages}"}))
    return RecordsPage(
        scope=scope,
        subject=subject_of(catalogue, code, scope.period.grain),
        feed=found.feed,
        record_name=catalogue.feed(found.feed).record,
        part=found.request.part,
        parts=_part_counts(catalogue, found),
        conditions=_conditions(catalogue, scope, found),
        columns=tuple(RecordColumn(c.name, c.title, c.type, c.protection) for c in found.columns),
        rows=tuple(_cells(reader, catalogue.feed(found.feed), found.records)),
        total=found.total,
        page=max(asked.page, 1),
        pages=pages,
        sort=asked.sort or "",
        search=found.request.search,
        keys=tuple(key_of(record) for record in found.records),
        whole=asked.whole,
    )


def key_of(record: Record) -> RecordKey | None:
    """Where a record's own page is found; None for a row that no load brought."""
    return (
        None if record.line is None or record.file is None or not record.load else RecordKey(record.load, record.line)
    )


def _part_counts(catalogue: Catalogue, found: Found) -> tuple[tuple[str, int], ...]:
    """Each part with the number of its records, as far as the number itself says it."""
    formula = plan_feed(catalogue, found.feed).formula(found.request.code)
    counts: dict[str, int] = {"all": found.observation.n}
    if not found.request.search:
        counts[found.request.part] = found.total
    terms = (("numerator", formula.numerator), ("denominator", formula.denominator))
    for name, term in terms:
        part = found.observation.numerator if name == "numerator" else found.observation.denominator
        if term is not None and term.measure.kind is Kind.COUNT and term.times == 1 and part is not None:
            counts[name] = int(part)
    return tuple((part, counts[part]) for part in parts_of(catalogue, found.request.code) if part in counts)


def _conditions(catalogue: Catalogue, scope: Scope, found: Found) -> tuple[Condition, ...]:
    request = found.request
    shown = [Condition("indicator", request.code, catalogue.indicator(request.code).name, removable=False)]
    if request.part != "all":
        shown.append(Condition("part", request.part, both(f"views.part_{request.part}"), removable=True))
    shown.append(Condition("unit", scope.unit, scope.unit_name, removable=scope.unit != scope.default_unit))
    shown.append(Condition("period", scope.period.key, Text(zh=scope.period.key, en=scope.period.key), removable=False))
    for name, value in request.where.items():
        dimension = catalogue.dimensions[name]
        label = dimension.values.get(value) or (Text(zh=value, en=value) if value else both("views.unknown_value"))
        title = Text(zh=f"{dimension.name.zh}：{label.zh}", en=f"{dimension.name.en}: {label.en}")
        shown.append(Condition(name, value, title, removable=True))
    if request.search:
        shown.append(Condition("q", request.search, Text(zh=request.search, en=request.search), removable=True))
    return tuple(shown)


def _cells(reader: Reader, feed: Feed, found: Sequence[Record]) -> Iterator[tuple[str | None, ...]]:
    """The records as texts, with origin file and line last; codes of units that do not exist for the viewer hidden."""
    told = open_columns(feed) if reader.hidden.codes else frozenset()
    for record in found:
        values = zip(feed.columns, record.values, strict=True)
        shown = (shown_text(reader, name in told, value) for name, value in values)
        yield (*shown, reader.hidden.file(record.file), None if record.line is None else str(record.line))


def shown_text(reader: Reader, told: bool, value: object) -> str | None:
    """A value as text. told: whether it may be the code of a unit, which is hidden where the unit is out of reach."""
    text = cell_text(value, reader.workplace.zone)
    return reader.hidden.value(text) if told and text is not None else text


def cell_text(value: object, zone: ZoneInfo) -> str | None:
    """A value as text: instants in local time to the second, dates as they are."""
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, bool):
        return "1" if value else "0"
    return str(value)
