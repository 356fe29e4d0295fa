"""Ports of what surrounds warnings: thresholds, daily reports, the calendar, breaks and leading indicators."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from ganzhi.access.rights import Ground, Viewer
from ganzhi.catalogue.model.warning import Grade
from ganzhi.measure.answers import Answers
from ganzhi.store.findings.records import Threshold
from ganzhi.warn.breaks import watched_codes
from ganzhi.warn.footfall.today import HallToday, hall_today
from ganzhi.warn.limits.desk import Decision, ThresholdDesk, require_deciding
from ganzhi.warn.limits.exchange import Form
from ganzhi.warn.limits.views import ThresholdsPage, VersionPage
from ganzhi.warn.surroundings import (
    CalendarPage,
    MovesPage,
    OccasionPage,
    calendar_page,
    last_day,
    moves_page,
    occasion_page,
)


@dataclass(frozen=True, slots=True)
class ThresholdPorts:
    """Ports for one viewer. version: id. propose: rule, month, grade that is tried. decide: id, what, the version of the
    record that was looked at, note. take_in: name and content of a file. table: what is in force, as a file."""

    page: Callable[[], ThresholdsPage]
    version: Callable[[str], VersionPage]
    propose: Callable[[str, date, Grade], Threshold]
    decide: Callable[[str, Decision, int, str], Threshold]
    take_in: Callable[[str, bytes], tuple[Threshold, ...]]
    table: Callable[[Form], bytes]


@dataclass(frozen=True, slots=True)
class WatchPorts:
    """All of them, for one viewer. hall: its day, None for the last known one. calendar: a month, None for the present one
    or that of the last data. occasion: code. moves: indicator, and a unit or None for the viewer's own."""

    thresholds: ThresholdPorts
    calendar: Callable[[date | None], CalendarPage]
    occasion: Callable[[str], OccasionPage]
    moves: Callable[[str, str | None], MovesPage]
    hall: Callable[[str, date | None], HallToday | None]


def threshold_ports(desk: ThresholdDesk, viewer: Viewer) -> ThresholdPorts:
    """The ports on a desk; only who may act for the whole organisation proposes and decides."""

    def propose(code: str, month: date, grade: Grade) -> Threshold:
        require_deciding(viewer)
        return desk.propose(code, month, grade, why=viewer.login)

    def decide(given: str, what: Decision, seen: int, note: str) -> Threshold:
        require_deciding(viewer)
        return desk.decide(given, what, by=viewer.login, note=note, seen=seen)

    def take_in(name: str, content: bytes) -> tuple[Threshold, ...]:
        require_deciding(viewer)
        return desk.take_in(name, content, by=viewer.login)

    def table(form: Form) -> bytes:
        viewer.require_whole()
        return desk.table((), form)

    return ThresholdPorts(
        lambda: desk.page(viewer), lambda given: desk.version(viewer, given), propose, decide, take_in, table
    )


def watch_ports(thresholds: ThresholdDesk, answers: Answers, viewer: Viewer) -> WatchPorts:
    """All of them on open desks and answers."""
    catalogue = answers.workplace.catalogue

    def shown(month: date | None) -> CalendarPage:
        """By default the present month, or that of the last data where they end earlier."""
        if month is None:
            codes = watched_codes(catalogue)
            last = answers.kept(viewer, ("last day",), lambda reader: last_day(reader, codes))
            month = min(thresholds.today(), last or date.max)
        return calendar_page(catalogue, Ground(catalogue, viewer), month)

    def minute() -> int:
        return int(answers.workplace.clock.now().timestamp() // 60)

    return WatchPorts(
        thresholds=threshold_ports(thresholds, viewer),
        calendar=shown,
        occasion=lambda code: answers.kept(viewer, ("occasion", code), lambda reader: occasion_page(reader, code)),
        moves=lambda code, unit: answers.kept(
            viewer, ("moves", code, unit), lambda reader: moves_page(reader, code, unit)
        ),
        hall=lambda unit, day: answers.kept(
            viewer, ("hall", unit, day, minute()), lambda reader: hall_today(reader, unit, day)
        ),
    )
