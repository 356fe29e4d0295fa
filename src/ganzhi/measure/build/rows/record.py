"""Builds the page of one record, and shows a masked value in full, once, with a reason on record."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from ganzhi.access.shown.hidden import open_columns
from ganzhi.access.shown.masking import is_masked, mask
from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.model.data import Feed
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.build.records import cell_text, feed_of, key_of, request_of, shown_text
from ganzhi.measure.build.rows.find import Found, find
from ganzhi.measure.build.scope import Reader, scope_of
from ganzhi.measure.records import records
from ganzhi.measure.views.record import WHOLE, CountedIn, OpenedFrom, RecordField, RecordKey, RecordPage, Unmasked

SHORTEST_REASON, LONGEST_REASON = 5, 200
TELLING = 3
"""Characters from which a value in a reason would tell something."""


def record_page(
    reader: Reader,
    feed: str,
    load: str,
    line: str,
    opened_from: OpenedFrom | None = None,
) -> RecordPage:
    """One record, masked.

    opened_from: the list it was opened from, for its neighbours.
    Raises: as `find`; what is wrong with the list only costs the neighbours.
    """
    found = find(reader, feed, load, line)
    catalogue = reader.workplace.catalogue
    declared = catalogue.feed(feed)
    time = found.values[declared.time]
    assert isinstance(time, datetime)
    unit = str(found.values[declared.unit])
    known = catalogue.units.get(unit)
    page = RecordPage(
        feed=feed,
        feed_name=declared.name,
        record_name=declared.record,
        key=RecordKey(found.load.id, found.line),
        file=reader.hidden.file(found.load.file.rsplit("/", 1)[-1]) or "",
        mapping=found.load.mapping,
        loaded_at=found.load.finished_at,
        unit=unit,
        unit_name=Text(zh=unit, en=unit) if known is None else known.name,
        day=time.astimezone(reader.workplace.zone).date(),
        counts=found.counts,
        fields=tuple(_fields(reader, declared, found)),
        counted=tuple(_counted(catalogue, found)),
    )
    return page if opened_from is None else _between(reader, page, opened_from)


def _fields(reader: Reader, feed: Feed, found: Found) -> Iterator[RecordField]:
    told = open_columns(feed)
    for name, column in feed.columns.items():
        value = found.values[name]
        hidden = is_masked(column.protection)
        shown = shown_text(reader, name in told, mask(value, column.protection) if hidden else value)
        meaning = None if hidden else _meaning(reader, feed, name, shown)
        yield RecordField(name, column.name, column.type, column.protection, shown, meaning, hidden)


def _meaning(reader: Reader, feed: Feed, name: str, value: str | None) -> Text | None:
    """What a code stands for, as far as the catalogue says it."""
    catalogue = reader.workplace.catalogue
    if value is None:
        return None
    if name == feed.unit:
        return catalogue.units[value].name if value in catalogue.units and reader.ground.within(value) else None
    dimension = catalogue.dimensions.get(name)
    return None if dimension is None else dimension.values.get(value)


def _counted(catalogue: Catalogue, found: Found) -> Iterator[CountedIn]:
    for code, parts in found.counted.items():
        indicator = catalogue.indicator(code)
        yield CountedIn(code, indicator.name, indicator.layer, parts)


def _between(reader: Reader, page: RecordPage, opened: OpenedFrom) -> RecordPage:
    """The page with its neighbours in a list, unless another record stands at its place now."""
    catalogue = reader.workplace.catalogue
    code, place = opened.indicator, opened.place
    try:
        if feed_of(catalogue, code) != page.feed or place < 1:
            return page
        scope = scope_of(reader, opened.scope, feeds=(page.feed,))
        first = max(place - 1, 1)
        request = request_of(catalogue, code, scope, opened.list, limit=place - first + 2, offset=first - 1)
        found = records(reader.workplace, reader.states, request)
    except InputError:
        return page
    keys = [key_of(record) for record in found.records]
    here = place - first
    if len(keys) <= here or keys[here] != page.key:
        return page
    after = keys[here + 1] if len(keys) > here + 1 else None
    return replace(page, before=keys[0] if here else None, after=after, place=place, total=found.total)


# --- in full ------------------------------------------------------------------------------------


def unmask(reader: Reader, feed: str, load: str, line: str, column: str, reason: str) -> Unmasked:
    """A masked value of a record in full, or all of them; the audit trail says so before anybody sees it.

    Raises: AccessError without the right `unmask` or list depth; InputError REC001 as `find`, REC002 for a
    reason that is too short or long, REC003 for one that holds the value, REQ004 for a column not masked.
    """
    reader.viewer.require("unmask")
    found = find(reader, feed, load, line)
    hidden = {
        name: text
        for name, each in reader.workplace.catalogue.feed(feed).columns.items()
        if is_masked(each.protection) and (text := cell_text(found.values[name], reader.workplace.zone)) is not None
    }
    if column != WHOLE and column not in hidden:
        raise InputError(Issue("REQ004", "column", params={"value": column[:40], "known": ", ".join(hidden) or "–"}))
    said = _reason(reason, hidden)
    columns = tuple(hidden) if column == WHOLE else (column,)
    detail = {"load": found.load.id, "line": found.line, "columns": list(columns), "reason": said}
    entry = reader.workplace.store.audit.append(reader.viewer.login, "unmask", feed, detail)
    return Unmasked({name: hidden[name] for name in columns}, entry.number)


def _reason(given: str, hidden: dict[str, str]) -> str:
    kept = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in unicodedata.normalize("NFC", given))
    said = " ".join(kept.split())
    if not SHORTEST_REASON <= len(said) <= LONGEST_REASON:
        raise InputError(Issue("REC002", "reason", params={"least": str(SHORTEST_REASON), "most": str(LONGEST_REASON)}))
    bare = _bare(said)
    if any(len(_bare(value)) >= TELLING and _bare(value) in bare for value in hidden.values()):
        raise InputError(Issue("REC003", "reason"))
    return said


def _bare(text: str) -> str:
    """Letters and digits alone, so that a number is found however it is written."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())
