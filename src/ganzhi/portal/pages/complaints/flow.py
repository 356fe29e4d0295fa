"""The visual board of complaint handling: open tickets by step, department and owner, by age; each count is its list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from ganzhi.complaints.desk.views import AGES, FlowPage, FlowRow, QueueQuery
from ganzhi.portal.links import Links, url
from ganzhi.portal.page import Crumb, Html, Page
from ganzhi.portal.pages.choices import Choice, Picker
from ganzhi.portal.pages.complaints.desk_words import FLOW, PROBLEMS, QUEUE, ports_of, queue_link
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.present import Words
from ganzhi.portal.sheets import Book, Cell, Sheet, SheetColumn
from ganzhi.portal.visit import Visit

BANDS = tuple(name for name, _ in AGES)
PARTS = ("step", "department", "owner")


def flow_link(unit: str | None) -> str:
    """The board of a unit, or of all in reach."""
    return url(FLOW, {"region": unit})


def show(visit: Visit, words: Words) -> Html:
    """The board."""
    unit = visit.text("region")
    page = ports_of(visit).flow(unit)

    def opened(part: str, row: FlowRow | None, shown: str = "open", age: str | None = None) -> str | None:
        if not page.lists:
            return None
        query = QueueQuery(shown=shown, unit=unit, age=age)  # type: ignore[arg-type]  # one of them
        return queue_link(query if row is None else replace(query, **{part: row.code}))  # type: ignore[arg-type]

    model = {
        "page": page,
        "boards": _boards(page),
        "bands": BANDS,
        "opened": opened,
        "name_of": lambda row: _name(words, row),
        "picker": _picker(words, page, unit),
        "here": flow_link(unit),
        "queue": QUEUE,
        "problems": PROBLEMS,
    }
    crumbs = (Crumb(words.t("nav.complaints"), "/complaints"), Crumb(words.t("desk.flow")))
    return Html("complaints/flow.html", words.t("desk.flow"), Links(), model, crumbs)


def _boards(page: FlowPage) -> tuple[tuple[str, tuple[FlowRow, ...]], ...]:
    return tuple(zip(PARTS, (page.steps, page.departments, page.owners), strict=True))


def _name(words: Words, row: FlowRow) -> str:
    return words.t("desk.none") if row.code == "none" else words.text(row.name)


def _picker(words: Words, page: FlowPage, unit: str | None) -> Picker | None:
    if len(page.units) < 2:
        return None
    top, *below = page.units
    choices = (
        Choice(f"{words.text(top.name)} {words.count(top.count)}", flow_link(None), unit in (None, top.code)),
        *(Choice(f"{words.text(e.name)} {words.count(e.count)}", flow_link(e.code), e.code == unit) for e in below),
    )
    return Picker(words.t("desk.column.region"), words.text(page.unit_name), (("", choices),))


def book(visit: Visit, words: Words) -> Book:
    """The board as tables."""
    page = ports_of(visit).flow(visit.text("region"))

    def rows(board: tuple[FlowRow, ...]) -> Callable[[], Iterator[tuple[Cell, ...]]]:
        def made() -> Iterator[tuple[Cell, ...]]:
            for row in board:
                yield (_name(words, row), row.total, row.over, row.soon, *(row.cells[band].count for band in BANDS))

        return made

    sheets = tuple(
        Sheet(
            part,
            words.t(f"desk.column.{part}"),
            (
                SheetColumn(part, words.t(f"desk.column.{part}")),
                *(SheetColumn(key, words.t(f"desk.shown.{key}"), "number", 0) for key in ("open", "over", "soon")),
                *(SheetColumn(f"age_{band}", words.t(f"desk.age.{band}"), "number", 0) for band in BANDS),
            ),
            rows(board)(),
        )
        for part, board in _boards(page)
    )
    told = facts(visit, words, None, (words.t("desk.column.region"), words.text(page.unit_name)))
    return Book("complaint-board", words.t("desk.flow"), told, sheets, words.t("taken.cut"))


FLOW_BOARD = Page("complaint-flow", FLOW, show, nav="complaints", book=book, needs="dynamic")
