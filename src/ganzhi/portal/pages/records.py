"""The records behind a number: what was asked as removable chips, how many, and the list itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal, InvalidOperation

from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.views.query import RecordsQuery
from ganzhi.measure.views.records import Condition, RecordColumn, RecordsPage
from ganzhi.portal.context import ExportNote
from ganzhi.portal.links import Links
from ganzhi.portal.page import Crumb, Html, Page
from ganzhi.portal.pages.choices import Choice
from ganzhi.portal.pages.overview import stem
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.present import Words
from ganzhi.portal.sheets import Book, Cell, Kind, Sheet, SheetColumn, refuse_too_long
from ganzhi.portal.visit import Visit

PARTS = ("numerator", "denominator", "all")
_FILE = RecordColumn("_file", Text(zh="来源文件", en="Origin file"), "text", "none")
_LINE = RecordColumn("_line", Text(zh="行号", en="Line"), "int", "none")


def _indicator(visit: Visit) -> str:
    code = visit.text("indicator")
    if code is None:
        raise InputError(Issue("POR005", "indicator"))
    return code


def _query(visit: Visit) -> RecordsQuery:
    return RecordsQuery(
        part=visit.choice("part", PARTS),
        where=visit.where(),
        page=visit.number("page") or 1,
        sort=visit.text("sort") or "",
        search=visit.text("q") or "",
    )


class _Ways:
    """Links within the list: each keeps the other conditions."""

    def __init__(self, page: RecordsPage, query: RecordsQuery, links: Links, cols: str | None) -> None:
        self._page, self._query, self._links, self._cols = page, query, links, cols

    def to(self, **changed: str | int | None) -> str:
        """changed: part, sort, page, q, cols; another page is only kept by a link to a page."""
        kept: dict[str, str | int | None] = {
            "part": self._query.part,
            "sort": self._query.sort,
            "q": self._query.search,
            "cols": self._cols,
        }
        asked = {**kept, **changed}
        part = asked.pop("part")
        code, feed = self._page.subject.code, self._page.feed
        return self._links.records(feed, code, str(part) if part else None, self._query.where, **asked)

    def without(self, condition: Condition) -> str:
        """The list without one condition."""
        where = {name: value for name, value in self._query.where.items() if name != condition.field}
        links = self._links
        if condition.field in ("unit", "period"):
            links = links.at(**{"region" if condition.field == "unit" else "period": None})
        part = None if condition.field == "part" else self._query.part
        search = None if condition.field == "q" else self._query.search
        code, feed = self._page.subject.code, self._page.feed
        return links.records(feed, code, part, where, sort=self._query.sort, q=search, cols=self._cols)


def shown_columns(visit: Visit, page: RecordsPage) -> tuple[int, ...]:
    """Places of the columns asked for by `cols` (repeated or comma-separated); all of them by default."""
    asked = {name for value in visit.lists.get("cols", ()) for name in value.split(",") if name}
    known = [place for place, column in enumerate(page.columns) if column.name in asked]
    return tuple(known) or tuple(range(len(page.columns)))


def _sorts(page: RecordsPage, ways: _Ways) -> dict[str, tuple[str, str]]:
    """Per column: the link that sorts by it, and the aria-sort value it has now."""
    found = {}
    for column in page.columns:
        now = {column.name: "ascending", f"-{column.name}": "descending"}.get(page.sort, "none")
        found[column.name] = (ways.to(sort=f"-{column.name}" if now == "ascending" else column.name), now)
    return found


def show(visit: Visit, words: Words) -> Html:
    query, code = _query(visit), _indicator(visit)
    page = visit.context.records(visit.codes["feed"], code, visit.scope(), query)
    links = Links.of(page.scope, visit.scope())
    columns = shown_columns(visit, page)
    cols = None if len(columns) == len(page.columns) else ",".join(page.columns[place].name for place in columns)
    ways = _Ways(page, query, links, cols)
    parts = tuple(Choice(f"{words.t(f'part.{name}')} {words.all_digits(n)}", ways.to(part=name), name == page.part) for name, n in page.parts)
    removable = [c for c in page.conditions if c.removable and c.field not in ("indicator", "part")]
    model = {
        "page": page,
        "scope": page.scope,
        "parts": parts,
        "columns": columns,
        "sorts": _sorts(page, ways),
        "chips": [(condition, ways.without(condition) if condition in removable else None) for condition in page.conditions],
        "before": ways.to(page=page.page - 1 if page.page > 2 else None) if page.page > 1 else None,
        "after": ways.to(page=page.page + 1) if page.page < page.pages else None,
        "here": ways.to(page=page.page if page.page > 1 else None),
        "keep": tuple((key, value) for key, value in visit.query.items() if key not in ("q", "page", "cols")),
        "first": (page.page - 1) * 50 + 1,
        "cleared": ways.to(q=None),
    }
    name = words.text(page.subject.name)
    crumbs = (
        Crumb(words.t("nav.overview"), links.overview()),
        Crumb(name, links.indicator(code)),
        Crumb(words.t("records.title")),
    )
    return Html("records.html", f"{words.t('records.title')} · {name}", links, model, crumbs, {"list": "parts/list.html"})


_KINDS: dict[str, Kind] = {"int": "number", "decimal": "number", "timestamp": "instant", "date": "day"}


def _cell(text: str | None, column: RecordColumn) -> Cell:
    """A cell of a column in its type; text that does not read as its type (masked, too fine) stays text."""
    if text is None:
        return None
    kind = _KINDS.get(column.type)
    try:
        if kind == "number":
            number = Decimal(text)
            return number if number.is_finite() and abs(number) < 10**15 else text
        if kind in ("instant", "day"):
            return datetime.fromisoformat(text).replace(tzinfo=None) if kind == "instant" else datetime.fromisoformat(text).date()
    except (ValueError, InvalidOperation):
        return text
    return text


def _typed(columns: tuple[RecordColumn, ...], rows: Iterator[tuple[str | None, ...]]) -> Iterator[tuple[Cell, ...]]:
    for row in rows:
        yield tuple(_cell(text, column) for text, column in zip(row, columns, strict=True))


def book(visit: Visit, words: Words) -> Book:
    query, code = _query(visit), _indicator(visit)
    export = visit.context.records_export(visit.codes["feed"], code, visit.scope(), query)
    head = export.head
    form = visit.form or "csv"
    refuse_too_long(head.total, form)
    asked = "&".join(f"{key}={value}" for key, value in sorted(visit.query.items()) if key != "q")
    visit.context.exported(ExportNote(visit.context.user, head.feed, asked, form, head.total))
    columns = tuple(
        SheetColumn(column.name, words.text(column.title), _KINDS.get(column.type, "text"), 2 if column.type == "decimal" else 0)
        for column in head.columns
    )
    conditions = [(words.t(f"condition.{_field(c)}"), words.text(c.title)) for c in head.conditions]
    rows = (words.t("records.rows"), words.all_digits(head.total))
    sheet = Sheet("records", words.text(head.record_name), columns, _typed(head.columns, export.rows))
    told = facts(visit, words, head.scope, *conditions, rows)
    return Book(stem(f"{head.feed}-{code}", head.scope), words.text(head.record_name), told, (sheet,), words.t("taken.cut"))


def _field(condition: Condition) -> str:
    return condition.field if condition.field in ("indicator", "part", "unit", "period", "q") else "dimension"


RECORDS = Page("records", "/records/{feed}", show, nav="topics", book=book, private=True)
