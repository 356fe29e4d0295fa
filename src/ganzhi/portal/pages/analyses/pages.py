"""Which analyses are installed, and what one of them finds for a place and period."""

from __future__ import annotations

from collections.abc import Iterator

from ganzhi.base.errors import InternalError
from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.analyses.analysis import AnyCell, Column, Records, records_of, value_of
from ganzhi.measure.analyses.installed import AnalysisPage, Installed
from ganzhi.portal.links import Links, url
from ganzhi.portal.page import Crumb, Html, Page
from ganzhi.portal.pages.choices import pickers
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.ports.analyses import AnalysisPorts
from ganzhi.portal.present import UNKNOWN, Words
from ganzhi.portal.sheets import Book, Cell, Sheet, SheetColumn
from ganzhi.portal.visit import Visit

PATH = "/analyses"
MOST_ROWS = 500
"""Rows on a page; a file has all."""


def _ports(visit: Visit) -> AnalysisPorts:
    found = visit.context.analyses
    if found is None:
        raise InternalError("a portal without analyses")
    return found


def _link(links: Links, code: str) -> str:
    scope = {"region": links.region, "period": links.period, "vs": links.vs, "basis": links.basis}
    return url(f"{PATH}/{code}", scope)


def show_all(visit: Visit, words: Words) -> Html:
    """The list."""
    model = {"found": _ports(visit).installed(), "link_of": lambda each: _link(visit.links(), each.code)}
    return Html("analyses/list.html", words.t("analyses.title"), Links(), model)


def book_all(visit: Visit, words: Words) -> Book:
    """The list as a table."""
    columns = tuple(
        SheetColumn(name, words.t(f"analyses.column.{name}")) for name in ("code", "name", "about", "package", "fault")
    )

    def row(each: Installed) -> tuple[Cell, ...]:
        of, package = each.analysis, f"{each.package} {each.version}"
        if of is None:
            return (each.code, None, None, package, each.fault)
        return (each.code, words.text(of.name), words.text(of.about), package, None)

    title = words.t("analyses.title")
    sheet = Sheet("analyses", title, columns, map(row, _ports(visit).installed()))
    return Book("analyses", title, facts(visit, words, None), (sheet,), words.t("taken.cut"))


def show_one(visit: Visit, words: Words) -> Html:
    """What an analysis finds."""
    query, code = visit.scope(), visit.codes["code"]
    page = _ports(visit).run(code, query)
    links = Links.of(page.scope, query)
    rows = page.table.rows[:MOST_ROWS]
    name = words.text(page.analysis.name)
    model = {
        "page": page,
        "scope": page.scope,
        "rows": [
            [
                (c.kind, _shown(words, c, cell), _opened(page, links, cell))
                for c, cell in zip(page.table.columns, row, strict=True)
            ]
            for row in rows
        ],
        "more": len(page.table.rows) - len(rows),
        "here": _link(links, code),
        "pickers": pickers(visit, words, page.scope, links, lambda changed: _link(changed, code)),
    }
    crumbs = (Crumb(words.t("analyses.title"), PATH), Crumb(name))
    return Html("analyses/one.html", name, links, model, crumbs)


def _opened(page: AnalysisPage, links: Links, cell: AnyCell) -> tuple[str, int] | None:
    """Where a cell leads to, and how many records are there."""
    records = records_of(cell)
    return None if records is None else (_records_link(page, links, records), records.count)


def _records_link(page: AnalysisPage, links: Links, of: Records) -> str:
    """The list of records in the unit and period of the cell; what is the default is left out."""
    scope = page.scope
    unit = None if of.unit == scope.default_unit else of.unit
    period = None if scope.default_period is not None and of.period == scope.default_period.key else of.period
    part = None if of.part == "all" else of.part
    return links.at(region=unit, period=period, vs=None).records(of.feed, of.indicator, part, dict(of.where))


def _shown(words: Words, column: Column, cell: AnyCell) -> str:
    """A cell in words."""
    value = value_of(cell)
    if value is None:
        return UNKNOWN
    if isinstance(value, Text):
        return words.text(value)
    if column.kind in ("number", "percent") and isinstance(value, int | float):
        return f"{value:,.{column.decimals}f}{'%' if column.kind == 'percent' else ''}"
    return str(value)


def book_one(visit: Visit, words: Words) -> Book:
    """The table of an analysis, whole."""
    page: AnalysisPage = _ports(visit).run(visit.codes["code"], visit.scope())
    columns = tuple(SheetColumn(c.code, words.text(c.name), c.kind, c.decimals) for c in page.table.columns)

    def rows() -> Iterator[tuple[Cell, ...]]:
        for row in page.table.rows:
            values = map(value_of, row)
            yield tuple(words.text(value) if isinstance(value, Text) else value for value in values)

    name, of = words.text(page.analysis.name), page.installed
    told = facts(visit, words, page.scope, (words.t("analyses.column.package"), f"{of.package} {of.version}"))
    return Book(f"analysis-{of.code}", name, told, (Sheet(of.code, name, columns, rows()),), words.t("taken.cut"))


ANALYSES = Page("analyses", PATH, show_all, book=book_all)
ANALYSIS = Page("analysis", f"{PATH}/{{code}}", show_one, book=book_one, private=True, slow=True)
