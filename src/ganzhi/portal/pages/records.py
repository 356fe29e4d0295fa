"""The records behind a number: what was asked as removable chips, how many, and the list itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal, InvalidOperation

from ganzhi.base.errors import InputError, Issue
from ganzhi.measure.build.definitions import both
from ganzhi.measure.views.query import RecordsQuery
from ganzhi.measure.views.record import RecordKey
from ganzhi.measure.views.records import Condition, RecordColumn, RecordsPage
from ganzhi.portal.context import ExportNote
from ganzhi.portal.links import WHERE_PREFIX, Links
from ganzhi.portal.page import Crumb, Html, Page
from ganzhi.portal.pages.choices import Choice
from ganzhi.portal.pages.overview import stem
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.present import Words
from ganzhi.portal.sheets import Book, Cell, Kind, Sheet, SheetColumn, refuse_too_long
from ganzhi.portal.visit import Visit

PARTS = ("all", "numerator", "denominator")
ORIGIN = (
    RecordColumn("_file", both("portal.records.file"), "text", "none"),
    RecordColumn("_line", both("portal.records.line"), "int", "none"),
)
"""The last cells of each row."""
PER_PAGE = 50
WHOLE_AT_MOST = 500
SHOW = ("all",)
"""What `show` may ask for: the first records on one page."""
NOTED = ("indicator", "part", "region", "period", "basis", "sort")
"""Parameters, beside conditions on dimensions, that the audit log keeps of an export."""


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
        sort=visit.text("sort"),
        search=visit.text("q"),
        whole=visit.choice("show", SHOW) is not None,
    )


class _Ways:
    """Links within the list: each keeps the other conditions."""

    def __init__(self, page: RecordsPage, query: RecordsQuery, links: Links, cols: str | None) -> None:
        self._page, self._query, self._links, self._cols = page, query, links, cols

    def to(self, **changed: str | int | None) -> str:
        """changed: part, sort, q, page, cols, show; another page is only kept by a link to a page."""
        kept: dict[str, str | int | None] = {
            "part": self._query.part,
            "sort": self._query.sort,
            "q": self._query.search,
            "cols": self._cols,
            "show": SHOW[0] if self._query.whole else None,
        }
        asked = {**kept, **changed}
        part = asked.pop("part")
        code, feed = self._page.subject.code, self._page.feed
        return self._links.records(feed, code, str(part) if part else None, self._query.where, **asked)

    def record(self, key: RecordKey | None, place: int) -> str | None:
        """The page of one record, which knows this list. place: from 1."""
        if key is None:
            return None
        asked = self._query
        code, feed = self._page.subject.code, self._page.feed
        more: dict[str, str | int | None] = {"sort": asked.sort, "q": asked.search, "at": place}
        return self._links.record(feed, key.load, key.line, code, asked.part, asked.where, **more)

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


def record_columns(page: RecordsPage) -> tuple[RecordColumn, ...]:
    """The columns of the rows, with origin file and line last."""
    return page.columns if page.columns[-2:] == ORIGIN else (*page.columns, *ORIGIN)


def shown_columns(visit: Visit, columns: tuple[RecordColumn, ...]) -> tuple[int, ...]:
    """Places of the columns asked for by `cols` (repeated or comma-separated); all of them by default."""
    asked = {name for value in visit.lists.get("cols", ()) for name in value.split(",") if name}
    known = [place for place, column in enumerate(columns) if column.name in asked]
    return tuple(known) or tuple(range(len(columns)))


def _sorts(page: RecordsPage, ways: _Ways) -> dict[str, tuple[str | None, str]]:
    """Per column: the link that sorts by it, and the aria-sort value it has now. Hidden values and
    origins have no order to offer."""
    found: dict[str, tuple[str | None, str]] = {column.name: (None, "none") for column in ORIGIN}
    for column in page.columns:
        now = {column.name: "ascending", f"-{column.name}": "descending"}.get(page.sort, "none")
        link = ways.to(sort=f"-{column.name}" if now == "ascending" else column.name)
        found[column.name] = (None if column.protection in ("personal", "sensitive") else link, now)
    return found


def _parts(words: Words, page: RecordsPage, ways: _Ways) -> tuple[Choice, ...]:
    return tuple(
        Choice(
            f"{words.t(f'part.{name}')} {words.all_digits(count)}",
            ways.to(part=None if name == PARTS[0] else name),
            name == page.part,
        )
        for name, count in page.parts
    )


def show(visit: Visit, words: Words) -> Html:
    """A page of the list."""
    query, code = _query(visit), _indicator(visit)
    page = visit.context.records(visit.codes["feed"], code, visit.scope(), query)
    links = Links.of(page.scope, visit.scope())
    columns = record_columns(page)
    shown = shown_columns(visit, columns)
    cols = None if len(shown) == len(columns) else ",".join(columns[place].name for place in shown)
    ways = _Ways(page, query, links, cols)
    first = (page.page - 1) * (WHOLE_AT_MOST if page.whole else PER_PAGE) + 1
    model = {
        "page": page,
        "scope": page.scope,
        "parts": _parts(words, page, ways),
        "columns": columns,
        "shown": shown,
        "sorts": _sorts(page, ways),
        "chips": [(c, ways.without(c) if c.removable and c.field != "indicator" else None) for c in page.conditions],
        "before": ways.to(page=page.page - 1 if page.page > 2 else None) if page.page > 1 else None,
        "after": ways.to(page=page.page + 1) if page.page < page.pages else None,
        "here": ways.to(),
        "keep": tuple((key, value) for key, value in visit.query.items() if key not in ("page", "cols")),
        "keep_but_search": tuple((key, value) for key, value in visit.query.items() if key not in ("page", "q")),
        "first": first,
        "opens": [ways.record(key, first + n) for n, key in enumerate(page.keys)],
        "all": None if page.whole or page.total <= PER_PAGE else ways.to(show=SHOW[0]),
        "by_page": ways.to(show=None) if page.whole else None,
        "cut": page.whole and page.total > WHOLE_AT_MOST,
        "most": WHOLE_AT_MOST,
    }
    name = words.text(page.subject.name)
    crumbs = (
        Crumb(words.t("nav.overview"), links.overview()),
        Crumb(name, links.indicator(code)),
        Crumb(words.t("records.title")),
    )
    return Html(
        "records.html", f"{words.t('records.title')} · {name}", links, model, crumbs, {"list": "parts/list.html"}
    )


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
            return (
                datetime.fromisoformat(text).replace(tzinfo=None)
                if kind == "instant"
                else datetime.fromisoformat(text).date()
            )
    except (ValueError, InvalidOperation):
        return text
    return text


def _typed(columns: tuple[RecordColumn, ...], rows: Iterator[tuple[str | None, ...]]) -> Iterator[tuple[Cell, ...]]:
    for row in rows:
        yield tuple(_cell(text, column) for text, column in zip(row, columns, strict=True))


def book(visit: Visit, words: Words) -> Book:
    """The whole list as a table; noted in the audit log before its first byte."""
    query, code = _query(visit), _indicator(visit)
    export = visit.context.records_export(visit.codes["feed"], code, visit.scope(), query)
    head = export.head
    form = visit.form or "csv"
    refuse_too_long(head.total, form)
    told = {name: text for name, text in visit.query.items() if name in NOTED or name.startswith(WHERE_PREFIX)}
    asked = "&".join(f"{name}={text}" for name, text in sorted(told.items()))
    visit.context.exported(ExportNote(visit.context.user, head.feed, asked, form, head.total))
    columns = record_columns(head)
    titles = tuple(
        SheetColumn(c.name, words.text(c.title), _KINDS.get(c.type, "text"), 2 if c.type == "decimal" else 0)
        for c in columns
    )
    conditions = [(words.t(f"condition.{_field(c)}"), _said(words, head, c)) for c in head.conditions]
    sheet = Sheet("records", words.text(head.record_name), titles, _typed(columns, export.rows))
    kept = facts(visit, words, head.scope, *conditions, (words.t("records.rows"), words.all_digits(head.total)))
    stem_ = stem(f"{head.feed}-{code}", head.scope)
    return Book(stem_, words.text(head.record_name), kept, (sheet,), words.t("taken.cut"))


def _said(words: Words, page: RecordsPage, condition: Condition) -> str:
    return words.period(page.scope.period) if condition.field == "period" else words.text(condition.title)


def _field(condition: Condition) -> str:
    return condition.field if condition.field in ("indicator", "part", "unit", "period") else "dimension"


RECORDS = Page("records", "/records/{feed}", show, nav="topics", book=book, private=True)
