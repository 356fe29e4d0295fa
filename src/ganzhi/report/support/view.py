"""The report as a viewer sees it: the edition that was kept, or where none was, as it comes out now."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from ganzhi.access.rights import LOCAL
from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import Grain, Period, parse_period
from ganzhi.complaints.reports.document import Kind, Report, Row, Section, Table, from_json, shown_to
from ganzhi.complaints.reports.view import EditionLine, ReportView
from ganzhi.measure.build.readings import Board
from ganzhi.measure.build.scope import Reader, default_period
from ganzhi.measure.open import States
from ganzhi.report.support.build import support
from ganzhi.warehouse.workplace import Workplace

KIND: Final[Kind] = "support"
NUMBERS: Final = ("count", "number", "reading", "level")


def made_now(workplace: Workplace, states: States, unit: str, period: Period) -> Report:
    """The report as it comes out now, with everything in it; InputError REQ012 for an unknown unit."""
    reader = Reader(workplace, states, replace(LOCAL, units=()))
    reader.ground.unit(unit)
    return support(reader, unit, period)


def latest_month(reader: Reader) -> Period:
    """The month of the last kept report of the viewer's unit, or the last that is over by what arrived."""
    zone = reader.workplace.zone
    kept = reader.workplace.store.editions.list(KIND, reader.ground.top, limit=1)
    return parse_period(kept[0].period, zone) if kept else default_period(reader, Grain.MONTH)


def support_view(reader: Reader, unit: str | None, given: str, edition: int | None) -> ReportView:
    """Raises: InputError CRP001 for a period that is no month, CRP004 for an edition that is not there, REQ012."""
    reader.viewer.require("dynamic")
    place, at = reader.workplace, unit or reader.ground.top
    reader.ground.unit(at)
    period = _month(reader, given)
    heads = place.store.editions.of(KIND, at, period.key)
    lines = tuple(EditionLine(each.number, each.made_at, each.made_by) for each in heads)
    kept = place.store.editions.get(KIND, at, period.key, edition) if lines or edition is not None else None
    if edition is not None and kept is None:
        known = ", ".join(str(each.number) for each in lines) or "–"
        raise InputError(Issue("CRP004", str(edition), params={"known": known}))
    report = from_json(kept.content) if kept is not None else made_now(place, reader.states, at, period)
    number = None if kept is None else kept.head.number
    span = reader.span()
    earlier, later = period.previous(), period.following()
    children = [(code, each.name) for code, each in reader.ground.children(reader.ground.top).items()]
    return ReportView(
        report=seen(reader, report, period),
        period=period,
        edition=next((each for each in lines if each.number == number), None),
        editions=lines,
        before=earlier if span is not None and earlier.last_day >= span[0] else None,
        after=later if span is not None and later.first_day <= span[1] else None,
        units=((reader.ground.top, reader.ground.unit(reader.ground.top).name), *children),
        default_unit=reader.ground.top,
        records=reader.viewer.may("list"),
    )


def _month(reader: Reader, given: str) -> Period:
    period = parse_period(given, reader.workplace.zone)
    if not 1990 <= period.first_day.year <= 2200:
        raise InputError(Issue("REQ001", "period", params={"value": given[:40]}))
    if period.grain is not Grain.MONTH:
        raise InputError(Issue("CRP001", given[:40], params={"kind": KIND, "grain": Grain.MONTH.value}))
    return period


def seen(reader: Reader, report: Report, period: Period) -> Report:
    """The report without the numbers that the viewer's other pages withhold too."""
    if reader.viewer.may("list"):
        return report
    catalogue = reader.workplace.catalogue
    codes = {
        str(cell)
        for section in report.sections
        for table in section.tables
        for row in table.rows
        for column, cell in zip(table.columns, row.cells, strict=True)
        if column.form == "indicator" and str(cell) in catalogue.indicators
    }
    board = Board(reader, sorted(codes))
    board.ask(report.unit, (period.previous(), period))
    months = (period.previous(), period)
    out = {code for code in codes if any(board.withholds(code, report.unit, each) for each in months)}
    kept = tuple(_section(section, out) for section in report.sections)
    return shown_to(replace(report, sections=kept), lists=False)


def _section(section: Section, out: set[str]) -> Section:
    return replace(section, tables=tuple(_table(each, out) for each in section.tables))


def _table(table: Table, out: set[str]) -> Table:
    place = next((at for at, column in enumerate(table.columns) if column.form == "indicator"), None)
    if place is None:
        return table
    return replace(table, rows=tuple(_blank(table, row) if str(row.cells[place]) in out else row for row in table.rows))


def _blank(table: Table, row: Row) -> Row:
    cells = (None if c.form in NUMBERS else cell for c, cell in zip(table.columns, row.cells, strict=True))
    return Row(tuple(cells), withheld=True)
