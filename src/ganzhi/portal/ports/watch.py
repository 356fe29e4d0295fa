"""Ports of what surrounds warnings: thresholds, daily reports, the calendar, breaks and leading indicators."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from ganzhi.access.rights import Viewer
from ganzhi.catalogue.model.warning import Grade
from ganzhi.store.findings.records import Threshold
from ganzhi.warn.limits.desk import Decision, ThresholdDesk, require_deciding
from ganzhi.warn.limits.exchange import Form
from ganzhi.warn.limits.views import ThresholdsPage, VersionPage


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
    """All of them, for one viewer."""

    thresholds: ThresholdPorts


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


def watch_ports(thresholds: ThresholdDesk, viewer: Viewer) -> WatchPorts:
    """All of them on open desks."""
    return WatchPorts(threshold_ports(thresholds, viewer))
