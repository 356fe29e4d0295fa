"""Ports of the pages of warnings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from ganzhi.access.rights import Viewer
from ganzhi.improve.pages.desk import AlertDesk
from ganzhi.improve.pages.reportviews import ReportPage, SamplePage
from ganzhi.improve.pages.views import AlertPage, AlertRow, AlertsPage, AlertsQuery, Asked


@dataclass(frozen=True, slots=True)
class AlertPorts:
    """Ports for one viewer. list: a page under conditions; rows: all of them. waiting: a unit, or None for all in
    reach, and how many at most; those in which somebody has to act, and their number. page: id. act: id, what is asked.
    sample: id, part. code: id, version of the sample, phenomenon and cause by record. report: day, level.
    latest_report: the day of the latest of a level."""

    list: Callable[[AlertsQuery], AlertsPage]
    rows: Callable[[AlertsQuery], Iterable[AlertRow]]
    waiting: Callable[[str | None, int], tuple[tuple[AlertRow, ...], int]]
    page: Callable[[str], AlertPage]
    act: Callable[[str, Asked], None]
    sample: Callable[[str, int], SamplePage]
    code: Callable[[str, int, Mapping[str, tuple[str, str]]], None]
    report: Callable[[date, str], ReportPage]
    latest_report: Callable[[str], date]


def alert_ports(desk: AlertDesk, viewer: Viewer) -> AlertPorts:
    """The ports on a desk; nothing of findings is kept from one answer to the next."""
    return AlertPorts(
        list=lambda query: desk.list(viewer, query),
        rows=lambda query: desk.rows(viewer, query),
        waiting=lambda unit, most: desk.waiting(viewer, unit, most),
        page=lambda given: desk.page(viewer, given),
        act=lambda given, asked: desk.act(viewer, given, asked),
        sample=lambda given, part: desk.sample(viewer, given, part),
        code=lambda given, version, found: desk.code(viewer, given, version, found),
        report=lambda day, level: desk.report(viewer, day, level),
        latest_report=lambda level: desk.latest_report(viewer, level),
    )
