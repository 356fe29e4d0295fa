"""What may be imported and how: feeds that take files, the forms of a file, the columns of its template."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ganzhi.access.shown.masking import is_masked
from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.model.data import Feed, FileFormat, MappedColumn
from ganzhi.catalogue.model.data import Mapping as FeedMapping
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import Catalogue, unknown
from ganzhi.ingest.template import template_columns
from ganzhi.measure.build.definitions import both
from ganzhi.measure.states.live import live_feeds
from ganzhi.measure.views.imports.pages import AskedColumn, FeedChoice, FormChoice

OWN_CSV, OWN_EXCEL = "own_csv", "own_excel"
"""Beginnings of the mappings by which files whose columns are called as the feed's are loaded."""
_OWN = {OWN_CSV: "csv", OWN_EXCEL: "excel"}
ALLOWED_SHOWN = 12


def with_own(catalogue: Catalogue) -> Catalogue:
    """The catalogue with, for each feed that takes files, mappings of its own columns: as CSV and as Excel."""
    more = {
        f"{prefix}.{code}": _own(feed, code, kind)
        for code, feed in catalogue.feeds.items()
        if code not in live_feeds(catalogue)
        for prefix, kind in _OWN.items()
    }
    return replace(catalogue, mappings={**catalogue.mappings, **more})


def _own(feed: Feed, code: str, kind: str) -> FeedMapping:
    formats = {"timestamp": "%Y-%m-%d %H:%M:%S", "date": "%Y-%m-%d"}
    columns = {name: MappedColumn(source=name, format=formats.get(c.type)) for name, c in feed.columns.items()}
    name = both(f"imports.form_{kind}")
    form = FileFormat.model_validate({"kind": kind})
    return FeedMapping(name=name, feed=code, format=form, columns=columns, columns_expected=tuple(columns))


def is_own(mapping: str) -> bool:
    """Whether a mapping is that of a feed's own columns."""
    return mapping.partition(".")[0] in _OWN


def feed_choices(catalogue: Catalogue) -> tuple[FeedChoice, ...]:
    """The feeds that take files, each with the forms a file may have; their own columns first."""
    forms: dict[str, list[FormChoice]] = {code: [] for code in catalogue.feeds if code not in live_feeds(catalogue)}
    for code, each in sorted(catalogue.mappings.items(), key=lambda item: not is_own(item[0])):
        if each.feed in forms and each.table is None:
            forms[each.feed].append(FormChoice(code, each.name, each.format.kind, each.files or "", is_own(code)))
    return tuple(FeedChoice(code, catalogue.feeds[code].name, tuple(found)) for code, found in forms.items())


def chosen(
    choices: tuple[FeedChoice, ...], feed: str | None, form: str | None
) -> tuple[FeedChoice | None, FormChoice | None]:
    """The feed and form a page is about; InputError REQ011 or ING024 for those that are not there."""
    if not feed:
        return None, None
    found = next((each for each in choices if each.code == feed), None)
    if found is None:
        raise InputError(unknown("REQ011", feed, {each.code: each for each in choices}))
    if not form:
        return found, found.forms[0]
    known = ", ".join(each.code for each in found.forms)
    for each in found.forms:
        if each.code == form:
            return found, each
    raise InputError(Issue("ING024", form[:64], params={"feed": feed, "known": known}))


def asked_columns(catalogue: Catalogue, feed: str, form: str, unit: str) -> Iterator[AskedColumn]:
    """The columns of a file, as its template has them. unit: the one in the example."""
    columns = catalogue.feed(feed).columns
    for each in template_columns(catalogue, feed, form, unit):
        column = columns.get(each.feeds)
        allowed = each.allowed[:ALLOWED_SHOWN]
        yield AskedColumn(
            source=each.source,
            name=column.name if column is not None else Text(zh=each.source, en=each.source),
            type=each.type,
            required=each.required,
            allowed=(*allowed, "…") if len(each.allowed) > len(allowed) else allowed,
            format=each.format,
            example=each.example,
            masked=column is not None and is_masked(column.protection),
        )
