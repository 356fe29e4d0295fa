"""Ports of the pages with reports of complaints and of where complaints come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ganzhi.access.rights import Viewer
from ganzhi.base.periods import Period, parse_period
from ganzhi.complaints.analysis.source import Source, source_of, source_of_spot
from ganzhi.complaints.reports.document import Kind
from ganzhi.complaints.reports.view import ReportView, keep_now, latest_period, report_view
from ganzhi.measure.answers import Answers
from ganzhi.measure.build.scope import Reader, default_period


@dataclass(frozen=True, slots=True)
class ReportPorts:
    """latest: of a kind the period of the latest report. report: kind, unit, period, edition; None for the viewer's own
    unit and the last edition. keep: make an edition of what comes out now; its number, None where the last says the same.
    source: of a complaint. spot: of the complaints of a unit, period and slice."""

    latest: Callable[[Kind], Period]
    report: Callable[[Kind, str | None, str, int | None], ReportView]
    keep: Callable[[Kind, str | None, str], int | None]
    source: Callable[[str], Source]
    spot: Callable[[str | None, str | None, Mapping[str, str]], Source]


def report_ports(answers: Answers, viewer: Viewer) -> ReportPorts:
    """The ports on the answers of an open workspace, for one viewer. What one complaint says is kept nowhere."""

    def report(kind: Kind, unit: str | None, period: str, edition: int | None) -> ReportView:
        editions = answers.workplace.store.editions
        stands = len(editions.of(kind, unit or viewer_top(), period))
        return answers.kept(
            viewer,
            ("complaint report", kind, unit, period, edition, stands),
            lambda reader: report_view(reader, kind, unit, period, edition),
        )

    def viewer_top() -> str:
        return answers.fresh(viewer, lambda reader: reader.ground.top)

    def keep(kind: Kind, unit: str | None, period: str) -> int | None:
        return answers.fresh(viewer, lambda reader: keep_now(reader, kind, unit, period))

    def spot(unit: str | None, period: str | None, where: Mapping[str, str]) -> Source:
        def built(reader: Reader) -> Source:
            asked = parse_period(period, reader.workplace.zone) if period else default_period(reader)
            return source_of_spot(reader, unit or reader.ground.top, asked, where)

        return answers.kept(viewer, ("complaint source", unit, period, tuple(sorted(where.items()))), built)

    return ReportPorts(
        latest=lambda kind: answers.fresh(viewer, lambda reader: latest_period(reader, kind)),
        report=report,
        keep=keep,
        source=lambda complaint: answers.fresh(viewer, lambda reader: source_of(reader, complaint)),
        spot=spot,
    )
