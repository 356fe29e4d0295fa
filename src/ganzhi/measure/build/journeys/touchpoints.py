"""Builds the touchpoint matrix: processes by contact step, content or channel, and the pairs behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.build.journeys.shared import (
    Ways,
    by_order,
    covered,
    filters_of,
    passes,
    touchpoint_rows,
)
from ganzhi.measure.views.journeys.parts import Coverage, Named, PairRow, TouchpointRow
from ganzhi.measure.views.journeys.query import TouchpointsQuery
from ganzhi.measure.views.journeys.touchpoints import MatrixRow, TouchpointsPage

PAIRS_A_PAGE = 50
COVERS = ("open", "covered")
COLUMNS: Mapping[str, Callable[[TouchpointRow], Iterable[Named]]] = {
    "step": lambda row: (row.step,),
    "content": lambda row: (row.content,),
    "channel": lambda row: row.channels,
}
"""What may stand across the matrix."""


def touchpoints_page(catalogue: Catalogue, asked: TouchpointsQuery) -> TouchpointsPage:
    """The matrix under its filters, with the pairs of the touchpoints that pass them."""
    by = _chosen("by", asked.by, tuple(COLUMNS)) or "step"
    cover = _chosen("cover", asked.cover, COVERS)
    ways = _ways(catalogue)
    chosen = {field: getattr(asked, "process_class" if field == "class" else field) or "" for field, _ in ways}
    every = touchpoint_rows(catalogue)
    filters = filters_of(every, ways, chosen, _names(catalogue, every))
    shown = tuple(row for row in every if passes(row, ways, chosen))
    pairs = tuple(pair for row in shown for pair in row.pairs)
    listed = tuple(pair for pair in pairs if not cover or bool(pair.answers) == (cover == "covered"))
    pages = max(1, -(-len(listed) // PAIRS_A_PAGE))
    page = min(max(1, asked.page), pages)
    columns = _columns(catalogue, by, shown)
    return TouchpointsPage(
        by=by,
        columns=columns,
        rows=tuple(_row(by, columns, rows) for rows in _by_process(shown)),
        touchpoints=shown,
        coverage=covered(pairs),
        by_attribute=_by_attribute(catalogue, pairs),
        filters=filters,
        cover=cover,
        pairs=listed[(page - 1) * PAIRS_A_PAGE : page * PAIRS_A_PAGE],
        all_pairs=listed,
        page=page,
        pages=pages,
        catalogue_version=catalogue.version,
    )


def _chosen(field: str, given: str | None, known: tuple[str, ...]) -> str:
    if given and given not in known:
        raise InputError(Issue("REQ004", field, params={"value": given[:40], "known": ", ".join(known)}))
    return given or ""


def _ways(catalogue: Catalogue) -> Ways[TouchpointRow]:
    def with_group(row: TouchpointRow) -> Iterable[str]:
        """The content and the group it belongs to."""
        parent = catalogue.contact_contents[row.content.code].parent
        return (row.content.code, parent) if parent else (row.content.code,)

    def with_parents(row: TouchpointRow) -> Iterable[str]:
        """The channels and those they are part of."""
        codes = [channel.code for channel in row.channels]
        return {*codes, *(parent for code in codes if (parent := catalogue.channels[code].parent))}

    return (
        ("class", lambda row: (catalogue.processes[row.process.code].process_class,)),
        ("process", lambda row: (row.process.code,)),
        ("step", lambda row: (row.step.code,)),
        ("content", with_group),
        ("channel", with_parents),
        ("ownership", lambda row: {catalogue.channels[channel.code].ownership for channel in row.channels}),
    )


def _names(catalogue: Catalogue, rows: Sequence[TouchpointRow]) -> dict[str, Mapping[str, Text | None]]:
    return {
        "class": {code: each.name for code, each in by_order(catalogue.process_classes)},
        "process": {code: each.name for code, each in by_order(catalogue.processes)},
        "step": {code: each.name for code, each in by_order(catalogue.contact_steps)},
        "content": {code: each.name for code, each in by_order(catalogue.contact_contents)},
        "channel": {code: each.name for code, each in by_order(catalogue.channels)},
        "ownership": dict.fromkeys(("own", "partner")),
    }


def _columns(catalogue: Catalogue, by: str, rows: Sequence[TouchpointRow]) -> tuple[Named, ...]:
    used = {column.code for row in rows for column in COLUMNS[by](row)}
    names = _names(catalogue, rows)[by]
    return tuple(Named(code, name) for code, name in names.items() if code in used and name is not None)


def _by_process(rows: Sequence[TouchpointRow]) -> list[list[TouchpointRow]]:
    found: dict[str, list[TouchpointRow]] = {}
    for row in rows:
        found.setdefault(row.process.code, []).append(row)
    return list(found.values())


def _row(by: str, columns: Sequence[Named], rows: Sequence[TouchpointRow]) -> MatrixRow:
    cells = tuple(tuple(row for row in rows if column in COLUMNS[by](row)) for column in columns)
    return MatrixRow(rows[0].process, cells, covered([pair for row in rows for pair in row.pairs]))


def _by_attribute(catalogue: Catalogue, pairs: Sequence[PairRow]) -> tuple[tuple[Named, Coverage], ...]:
    """Coverage of each attribute that is marked anywhere."""
    ordered = (Named(code, attribute.name) for code, attribute in by_order(catalogue.attributes))
    found = ((each, [pair for pair in pairs if pair.attribute == each]) for each in ordered)
    return tuple((each, covered(mine)) for each, mine in found if mine)
