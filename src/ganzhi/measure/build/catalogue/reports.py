"""Builds the catalogue of reports and the specification of one (S004-001, S004-002)."""

from __future__ import annotations

from collections.abc import Collection

from ganzhi.base.errors import InputError
from ganzhi.base.periods import Grain
from ganzhi.catalogue.model.guidance import Report
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import Catalogue, unknown
from ganzhi.measure.build.breakdowns import dimensions_of
from ganzhi.measure.build.catalogue.entry import external_codes
from ganzhi.measure.build.catalogue.reach import has_data
from ganzhi.measure.build.definitions import definition_of
from ganzhi.measure.build.journeys.shared import by_order, named
from ganzhi.measure.build.readings import subject_of
from ganzhi.measure.views.catalogue.reports import ReportIndicator, ReportPage, ReportRow, ReportsPage
from ganzhi.measure.views.journeys.parts import Named


def reports_page(catalogue: Catalogue, arrived: Collection[str]) -> ReportsPage:
    """Reports in the order of their standard, under its headings."""
    groups: dict[str, tuple[Text, list[ReportRow]]] = {}
    for code, report in by_order(catalogue.reports):
        groups.setdefault(report.group.zh, (report.group, []))[1].append(_row(catalogue, code, report, arrived))
    found = tuple((name, tuple(rows)) for name, rows in groups.values())
    return ReportsPage(found, len(catalogue.reports), catalogue.version)


def report_page(catalogue: Catalogue, code: str, arrived: Collection[str]) -> ReportPage:
    """One specification; InputError REQ021 with the nearest codes."""
    if code not in catalogue.reports:
        raise InputError(unknown("REQ021", code, catalogue.reports))
    report = catalogue.reports[code]
    return ReportPage(
        row=_row(catalogue, code, report, arrived),
        group=report.group,
        function=report.function,
        audience=report.audience,
        indicators=tuple(_indicator(catalogue, each, report, arrived) for each in report.indicators),
        by=tuple(named(catalogue.dimensions, each) for each in report.by if each in catalogue.dimensions),
        presentation=report.presentation,
        source=report.source,
        catalogue_version=catalogue.version,
    )


def _row(catalogue: Catalogue, code: str, report: Report, arrived: Collection[str]) -> ReportRow:
    return ReportRow(
        code=code,
        name=report.name,
        number=report.number,
        goal=report.goal,
        rhythm=report.rhythm,
        codes=external_codes(catalogue, report.codes.items()),
        indicators=len(report.indicators),
        arrived=sum(has_data(catalogue, each, arrived) for each in report.indicators),
    )


def _indicator(catalogue: Catalogue, code: str, report: Report, arrived: Collection[str]) -> ReportIndicator:
    indicator = catalogue.indicators[code]
    own = dict(dimensions_of(catalogue, indicator))
    return ReportIndicator(
        subject=subject_of(catalogue, code, Grain.MONTH),
        formula=definition_of(catalogue, code).formula,
        feed=named(catalogue.feeds, indicator.feed)
        if indicator.feed is not None and indicator.feed in catalogue.feeds
        else None,
        cut_by=tuple(Named(name, own[name]) for name in report.by if name in own),
        arrived=has_data(catalogue, code, arrived),
    )
