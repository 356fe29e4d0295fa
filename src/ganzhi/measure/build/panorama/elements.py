"""Builds the panorama of perception elements from the catalogue, with numbers where there are any (S001-052)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ganzhi.catalogue.derive.coverage import Pair, measured_by, pairs_of
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.build.catalogue.reach import arrived_feeds, has_data
from ganzhi.measure.build.journeys.shared import by_order, named, process_of
from ganzhi.measure.build.panorama.marks import LEVEL_ORDER
from ganzhi.measure.build.readings import Board, subject_of
from ganzhi.measure.build.scope import Reader, scope_of
from ganzhi.measure.views.panorama.elements import ElementCell, ElementGroup, ElementRow, ElementsPage, Measured
from ganzhi.measure.views.parts import Reading, Scope
from ganzhi.measure.views.query import PageQuery


@dataclass(frozen=True, slots=True)
class _Drawing:
    """What every cell is made from."""

    catalogue: Catalogue
    scope: Scope
    readings: Mapping[str, Reading]
    attributes: tuple[str, ...]

    def cell(self, pairs: Sequence[Pair], *, sentence: bool) -> ElementCell | None:
        """Pairs of touchpoint and attribute as one cell."""
        if not pairs:
            return None
        codes = tuple(dict.fromkeys(code for pair in pairs for code in pair.indicators))
        shown = tuple(
            Measured(subject_of(self.catalogue, code, self.scope.period.grain), self.readings.get(code))
            for code in codes
        )
        known = [each.reading for each in shown if each.reading is not None and each.reading.value is not None]
        levels = {each.level for each in known}
        said = self.catalogue.touchpoints[pairs[0].touchpoint].attributes[pairs[0].attribute] if sentence else None
        return ElementCell(
            pairs=len(pairs),
            answered=sum(pair.covered for pair in pairs),
            measured=len(known),
            level=next((each for each in LEVEL_ORDER if each in levels), None),
            indicators=shown,
            sentence=said,
        )

    def cells(self, pairs: Iterable[Pair], *, sentence: bool = False) -> tuple[ElementCell | None, ...]:
        """A row of cells, one for each attribute."""
        given = list(pairs)
        return tuple(
            self.cell([pair for pair in given if pair.attribute == attribute], sentence=sentence)
            for attribute in self.attributes
        )


def elements_page(reader: Reader, query: PageQuery, process: str | None) -> ElementsPage:
    """All processes by attribute, or the touchpoints of one; InputError REQ017 for a process there is not."""
    catalogue = reader.workplace.catalogue
    if process:
        process_of(catalogue, process)
    scope = scope_of(reader, query)
    answering = dict.fromkeys(code for pair in pairs_of(catalogue, process or None) for code in pair.indicators)
    return drawn(catalogue, scope, process, _readings(reader, scope, tuple(answering)))


def drawn(catalogue: Catalogue, scope: Scope, process: str | None, readings: Mapping[str, Reading]) -> ElementsPage:
    """The drawing of a catalogue with the readings that are known; InputError REQ017 for a process there is not."""
    chosen = process_of(catalogue, process) if process else None
    pairs = pairs_of(catalogue, process or None)
    answering = tuple(dict.fromkeys(code for pair in pairs for code in pair.indicators))
    used = {pair.attribute for pair in pairs}
    attributes = tuple(code for code, _ in by_order(catalogue.attributes) if code in used)
    drawing = _Drawing(catalogue, scope, readings, attributes)
    groups = _touchpoints(drawing, pairs) if chosen else _processes(drawing, pairs)
    codes = tuple(catalogue.processes) if chosen is None else (chosen.code,)
    met = {each.process for each in catalogue.touchpoints.values()}
    known = [readings[code] for code in answering if code in readings]
    return ElementsPage(
        scope=scope,
        process=chosen,
        attributes=tuple((named(catalogue.attributes, a), catalogue.attributes[a].family) for a in attributes),
        groups=groups,
        bare=tuple(named(catalogue.processes, code) for code in codes if code not in met),
        processes=len(codes),
        touchpoints=sum(each.process in codes for each in catalogue.touchpoints.values()),
        pairs=len(pairs),
        answered=sum(pair.covered for pair in pairs),
        indicators=len(answering),
        measured=sum(reading.value is not None for reading in known),
        in_alert=sum(reading.level is not None for reading in known),
    )


def _readings(reader: Reader, scope: Scope, codes: Sequence[str]) -> dict[str, Reading]:
    """What those indicators say whose feeds hold rows."""
    catalogue, arrived = reader.workplace.catalogue, arrived_feeds(reader.workplace)
    held = [code for code in codes if has_data(catalogue, code, arrived)]
    board = Board(reader, held, basis=scope.basis)
    board.ask(scope.unit, [scope.period])
    return {code: board.reading(code, scope.unit, scope.period) for code in held}


def _processes(drawing: _Drawing, pairs: Sequence[Pair]) -> tuple[ElementGroup, ...]:
    """Processes that have touchpoints, by stage of the operator's frame."""
    catalogue = drawing.catalogue
    measured = measured_by(catalogue)
    of_process: dict[str, list[Pair]] = {}
    touchpoints: dict[str, int] = {}
    for pair in pairs:
        of_process.setdefault(catalogue.touchpoints[pair.touchpoint].process, []).append(pair)
    for touchpoint in catalogue.touchpoints.values():
        touchpoints[touchpoint.process] = touchpoints.get(touchpoint.process, 0) + 1

    def row(code: str) -> ElementRow:
        name = catalogue.processes[code].name
        cells = drawing.cells(of_process.get(code, []))
        return ElementRow(code, name, touchpoints[code], len(measured[code]), cells)

    groups = []
    for stage, entry in by_order(catalogue.stages):
        classes = {code for code, each in catalogue.process_classes.items() if each.stage == stage}
        codes = [c for c, each in catalogue.processes.items() if each.process_class in classes and c in touchpoints]
        codes.sort(key=lambda c: _order(catalogue, c))
        if codes:
            groups.append(ElementGroup(stage, entry.name, tuple(row(code) for code in codes)))
    return tuple(groups)


def _order(catalogue: Catalogue, code: str) -> tuple[int, int]:
    process = catalogue.processes[code]
    return catalogue.process_classes[process.process_class].order, process.order


def _touchpoints(drawing: _Drawing, pairs: Sequence[Pair]) -> tuple[ElementGroup, ...]:
    """Touchpoints of one process, by step of contact."""
    catalogue = drawing.catalogue
    of_touchpoint: dict[str, list[Pair]] = {}
    for pair in pairs:
        of_touchpoint.setdefault(pair.touchpoint, []).append(pair)

    def row(code: str, mine: Sequence[Pair]) -> ElementRow:
        name = catalogue.touchpoints[code].name
        indicators = {each for pair in mine for each in pair.indicators}
        return ElementRow(code, name, 1, len(indicators), drawing.cells(mine, sentence=True))

    groups = []
    for step, entry in by_order(catalogue.contact_steps):
        rows = [row(code, mine) for code, mine in of_touchpoint.items() if catalogue.touchpoints[code].step == step]
        if rows:
            groups.append(ElementGroup(step, entry.name, tuple(rows)))
    return tuple(groups)
