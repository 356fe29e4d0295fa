"""The handler's queue and the visual board: open tickets under conditions, counted so that every count is its list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from ganzhi.access.rights import SMALLEST_CELL, Ground, Viewer
from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.complaints.desk.directory import Directory
from ganzhi.complaints.desk.gather import Gathered, Joined, coded, row_of
from ganzhi.complaints.desk.limits import least_left_first
from ganzhi.complaints.desk.views import (
    AGES,
    SHOWN,
    Facet,
    FlowCell,
    FlowPage,
    FlowRow,
    QueuePage,
    QueueQuery,
    Shown,
    TicketRow,
)

PER_PAGE: Final = 50
NO_STEP: Final = "none"
"""What the board calls tickets without any recorded step, and without an owner."""
LAST: Final = 99


def age_of(age: timedelta) -> str:
    """The band of an age."""
    return next(name for name, below in AGES if below is None or age < below)


def _shows(row: TicketRow, shown: Shown) -> bool:
    if shown == "closed":
        return row.state == "closed"
    if row.state == "closed":
        return False
    return shown == "open" or (row.must if shown == "must" else row.urgency == shown)


def _fits(
    row: TicketRow, query: QueueQuery, within: Collection[str] | None, but: str, mine: Callable[[TicketRow], bool]
) -> bool:
    """Whether a ticket meets all conditions but one."""
    tests: Mapping[str, bool] = {
        "shown": _shows(row, query.shown),
        "unit": within is None or row.unit in within,
        "department": query.department in (None, row.department),
        "category": query.category in (None, row.category or NO_STEP),
        "kind": query.kind in (None, row.nature or NO_STEP),
        "step": query.step in (None, row.step or NO_STEP),
        "age": query.age in (None, age_of(row.age)),
        "owner": query.owner in (None, row.owner or NO_STEP),
        "mine": not query.mine or mine(row),
    }
    return all(met for name, met in tests.items() if name != but)


class Queue:
    """The tickets of a gathered state for one viewer, least time left first."""

    def __init__(
        self, catalogue: Catalogue, viewer: Viewer, found: Gathered, joined: Mapping[str, Joined], directory: Directory
    ) -> None:
        self._catalogue, self._viewer, self._found, self._directory = catalogue, viewer, found, directory
        rows = {name: row_of(catalogue, each, directory, found.now) for name, each in joined.items()}
        order = least_left_first([(name, joined[name].limits, row.rank or LAST) for name, row in rows.items()])
        self.rows = tuple(rows[name] for name in order)
        self._own = directory.mine(viewer.login)

    def is_mine(self, row: TicketRow) -> bool:
        """Whether the viewer owns a ticket, or it lies with a department of theirs and nobody owns it."""
        return row.owner == self._viewer.login or (not row.owner and row.department in self._own)

    def under(self, query: QueueQuery, but: str = "") -> list[TicketRow]:
        """The tickets that meet all conditions, but one where it is named."""
        within = None if query.unit is None else _below(self._catalogue, self._viewer, query.unit)
        return [row for row in self.rows if _fits(row, query, within, but, self.is_mine)]

    def page(self, query: QueueQuery) -> QueuePage:
        """A page of the queue. Raises: InputError REQ004 for a page that there is not."""
        rows, catalogue = self.under(query), self._catalogue
        pages = max(1, -(-len(rows) // PER_PAGE))
        if query.page > pages:
            raise InputError(Issue("REQ004", "page", params={"value": str(query.page), "known": f"1–{pages}"}))
        unit = query.unit or self._found.unit
        of_state = self.under(query, "shown")
        return QueuePage(
            query=query,
            now=self._found.now,
            late=self._found.late,
            unit=unit,
            unit_name=catalogue.units[unit].name,
            counts={shown: sum(_shows(row, shown) for row in of_state) for shown in SHOWN},
            units=self.units(self.under(query, "unit")),
            departments=_facets(
                (row.department for row in self.under(query, "department")), self._directory.name, query.department
            ),
            categories=_facets((row.category for row in self.under(query, "category")), self._category, query.category),
            kinds=_facets((row.nature for row in self.under(query, "kind")), self._kind, query.kind),
            mine=sum(map(self.is_mine, self.under(query, "mine"))),
            total=len(rows),
            pages=pages,
            rows=tuple(rows[(query.page - 1) * PER_PAGE : query.page * PER_PAGE]),
        )

    def units(self, rows: Iterable[TicketRow]) -> tuple[Facet, ...]:
        """The viewer's own unit and those directly below it, with the tickets in each."""
        top, ground = self._found.unit, Ground(self._catalogue, self._viewer)
        some = list(rows)
        found = []
        for code in (top, *ground.children(top)):
            within = _below(self._catalogue, self._viewer, code)
            found.append(Facet(code, self._catalogue.units[code].name, sum(row.unit in within for row in some)))
        return tuple(found)

    def _category(self, code: str) -> Text:
        return coded(self._catalogue, "complaint_categories", code) or Text(zh="–", en="–")

    def _kind(self, code: str) -> Text:
        return coded(self._catalogue, "complaint_kinds", code) or Text(zh="–", en="–")

    # -- the board ---------------------------------------------------------------------------------

    def flow(self, unit: str | None) -> FlowPage:
        """The visual board. Viewers without list depth see no small numbers, and no sums that would tell them."""
        lists = self._viewer.may("list")
        rows = self.under(QueueQuery(unit=unit))
        steps = [*self._codes("complaint_flow_steps"), NO_STEP]
        boards = [
            _rows(rows, lambda row: row.step or NO_STEP, steps, self._step),
            _rows(rows, lambda row: row.department, None, self._directory.name),
            _rows(rows, lambda row: row.owner or NO_STEP, None, lambda owner: Text(zh=owner, en=owner))
            if lists
            else (),
        ]
        hidden = not lists and any(
            cell.count and cell.count < SMALLEST_CELL
            for board in boards
            for row in board
            for cell in (
                *row.cells.values(),
                FlowCell(row.over, None),
                FlowCell(row.soon, None),
                FlowCell(row.total, None),
            )
        )
        if hidden:
            boards = [tuple(_hidden(row) for row in board) for board in boards]
        asked = unit or self._found.unit
        sums = [len(rows), *(sum(row.urgency == name for row in rows) for name in ("over", "soon"))]
        shown = [None if hidden and 0 < n < SMALLEST_CELL else n for n in sums]
        return FlowPage(
            now=self._found.now,
            late=self._found.late,
            unit=asked,
            unit_name=self._catalogue.units[asked].name,
            units=self.units(self.under(QueueQuery(), "unit")) if lists else (),
            total=shown[0],
            over=shown[1],
            soon=shown[2],
            steps=boards[0],
            departments=boards[1],
            owners=boards[2],
            lists=lists,
        )

    def _codes(self, listed: str) -> list[str]:
        found = self._catalogue.code_lists.get(listed)
        return [] if found is None else list(dict.fromkeys(each.to for each in found.entries))

    def _step(self, code: str) -> Text:
        return coded(self._catalogue, "complaint_flow_steps", code) or Text(zh=code, en=code)


def _below(catalogue: Catalogue, viewer: Viewer, unit: str) -> frozenset[str]:
    """A unit and all below it. Raises: InputError REQ012 for one out of reach."""
    Ground(catalogue, viewer).unit(unit)
    found, todo = {unit}, [unit]
    while todo:
        at = todo.pop()
        below = [code for code, each in catalogue.units.items() if each.parent == at and code not in found]
        found.update(below)
        todo += below
    return frozenset(found)


def _facets(values: Iterable[str | None], name: Callable[[str], Text], chosen: str | None) -> tuple[Facet, ...]:
    """Values with their counts, the most frequent first; the chosen one is there even when it has none."""
    counts = Counter(value or NO_STEP for value in values)
    if chosen is not None:
        counts.setdefault(chosen, 0)
    return tuple(Facet(code, name(code), n) for code, n in sorted(counts.items(), key=lambda each: (-each[1], each[0])))


def _rows(
    rows: Sequence[TicketRow], key: Callable[[TicketRow], str], order: Sequence[str] | None, name: Callable[[str], Text]
) -> tuple[FlowRow, ...]:
    """Tickets by a key and by age. order: the keys in their order; by how many there are where none is given."""
    of: dict[str, list[TicketRow]] = {}
    for row in rows:
        of.setdefault(key(row), []).append(row)
    keys = sorted(of, key=lambda each: (-len(of[each]), each))
    if order is not None:
        keys.sort(key=lambda each: order.index(each) if each in order else len(order))
    return tuple(_flow_row(each, name(each), of[each]) for each in keys)


def _flow_row(code: str, name: Text, rows: Sequence[TicketRow]) -> FlowRow:
    cells = {}
    for band, _ in AGES:
        those = [row for row in rows if age_of(row.age) == band]
        cells[band] = FlowCell(len(those), sum(row.urgency == "over" for row in those))
    over, soon = (sum(row.urgency == each for row in rows) for each in ("over", "soon"))
    return FlowRow(code, name, len(rows), over, soon, cells)


def _hidden(row: FlowRow) -> FlowRow:
    """Without small numbers, and without sums from which they would follow."""
    cells = {
        band: FlowCell(None if cell.count and cell.count < SMALLEST_CELL else cell.count, None)
        for band, cell in row.cells.items()
    }
    return replace(row, total=None, over=None, soon=None, cells=cells)
