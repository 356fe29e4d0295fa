"""The case library: a search with the best first, filters, and the cases that want somebody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, cast

from ganzhi.complaints.cases.views import LISTS, SHOWN, SORTS, CaseRow, CasesPage, CasesQuery, Listed, Sort
from ganzhi.portal.links import Links, url
from ganzhi.portal.page import Html, Page
from ganzhi.portal.pages.cases.shared import PATH, crumbs, named, path_text, ports_of, standing, tools
from ganzhi.portal.pages.choices import Choice
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.present import Words
from ganzhi.portal.sheets import Book, Cell, Sheet, SheetColumn
from ganzhi.portal.visit import Visit

SHEET: Final = (
    "number", "title", "category", "product", "state", "valid_from", "valid_to", "review_on", "owner", "shared", "shown",
    "opened", "used", "helped", "not_helped",
)  # fmt: skip
COUNTS: Final = frozenset({"number", "shown", "opened", "used", "helped", "not_helped"})


def query_of(visit: Visit) -> CasesQuery:
    """What the address asks for."""
    return CasesQuery(
        q=visit.text("q") or "",
        category=visit.text("category"),
        product=visit.text("product"),
        listed=cast("Listed", visit.choice("state", LISTS) or "usable"),
        sort=cast("Sort", visit.choice("sort", SORTS) or "new"),
        page=visit.number("page") or 1,
    )


def list_link(query: CasesQuery, **changed: str | int | None) -> str:
    """The list under conditions, defaults left out."""
    asked: dict[str, str | int | None] = {
        "q": query.q,
        "category": query.category,
        "product": query.product,
        "state": None if query.listed == "usable" else query.listed,
        "sort": None if query.sort == "new" else query.sort,
        **changed,
    }
    return url(PATH, asked)


def show(visit: Visit, words: Words) -> Html:
    """The page; a search is kept in the log."""
    query, ports = query_of(visit), ports_of(visit)
    page = ports.read.list(query)
    if query.q and query.page == 1:
        ports.searched(query.q, query.category, query.product, [row.id for row in page.rows[:10]])
    lists = LISTS if page.may_act else ("usable",)
    model = {
        **tools(words),
        "page": page,
        "query": query,
        "here": list_link(query),
        "lists": tuple(
            Choice(
                words.t(f"cases.list.{each}"),
                list_link(query, state=None if each == "usable" else each),
                each == query.listed,
            )
            for each in lists
        ),
        "sorts": ()
        if query.q
        else tuple(
            Choice(
                words.t(f"cases.sort.{each}"),
                list_link(query, sort=None if each == "new" else each),
                each == query.sort,
            )
            for each in SORTS
        ),
        "kept": tuple(
            (name, value)
            for name, value in (
                ("state", None if query.listed == "usable" else query.listed),
                ("sort", None if query.sort == "new" else query.sort),
            )
            if value
        ),
        "before": list_link(query, page=query.page - 1 if query.page > 2 else None) if query.page > 1 else None,
        "after": list_link(query, page=query.page + 1) if query.page * SHOWN < page.total else None,
        "narrowed": bool(query.q or query.category or query.product),
        "headline": _headline(words, page),
    }
    return Html("cases/list.html", words.t("cases.title"), Links(), model, crumbs(words))


def _headline(words: Words, page: CasesPage) -> str:
    if page.query.q:
        return words.t("cases.headline_found", n=words.count(page.total), q=page.query.q[:60])
    return words.t("cases.headline", n=words.count(page.total))


def sheet_columns(words: Words) -> tuple[SheetColumn, ...]:
    """The columns of cases in a file."""
    return tuple(
        SheetColumn(name, words.t(f"cases.field.{name}"), "number" if name in COUNTS else "text", 0) for name in SHEET
    )


def sheet_row(words: Words, row: CaseRow) -> tuple[Cell, ...]:
    """A case in a file."""
    counts = row.counts
    return (
        row.number, row.title, path_text(words, row.path), "" if row.product is None else named(words, row.product),
        standing(words, row), row.valid_from.isoformat(), None if row.valid_to is None else row.valid_to.isoformat(),
        row.review_on.isoformat(), row.owner, words.t("cases.yes" if row.shared else "cases.no"), counts.shown,
        counts.opened, counts.used, counts.helped, counts.not_helped,
    )  # fmt: skip


def book(visit: Visit, words: Words) -> Book:
    """All cases under the conditions."""
    query = query_of(visit)

    def rows() -> Iterator[tuple[Cell, ...]]:
        for row in ports_of(visit).read.rows(query):
            yield sheet_row(words, row)

    told = facts(visit, words, None, *((("q", query.q),) if query.q else ()), address=list_link(query))
    sheets = (Sheet("cases", words.t("cases.title"), sheet_columns(words), rows()),)
    return Book("cases", words.t("cases.title"), told, sheets, words.t("taken.cut"))


CASES = Page("cases", PATH, show, nav="complaints", book=book, private=True)
