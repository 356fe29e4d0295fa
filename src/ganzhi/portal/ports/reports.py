"""Ports of the pages with reports, and of where complaints come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ganzhi.access.rights import Viewer
from ganzhi.base.errors import Issue
from ganzhi.base.periods import Period, parse_period
from ganzhi.complaints.analysis.source import Source, source_of, source_of_spot
from ganzhi.complaints.archive.desk import ArchiveDesk, ArchivePage, ArchiveQuery, Brought
from ganzhi.complaints.archive.naming import Given
from ganzhi.complaints.reports.document import KINDS, Kind
from ganzhi.complaints.reports.view import ReportView, keep_now, latest_period, report_view
from ganzhi.measure.answers import Answers
from ganzhi.measure.build.scope import Reader, default_period
from ganzhi.report.support.view import latest_month, support_view
from ganzhi.store.editions.editions import EditionHead
from ganzhi.store.notes.notes import Note, NoteFile


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


@dataclass(frozen=True, slots=True)
class ArchivePorts:
    """Earlier reports for one viewer. bring_in: what is handed in, what was wrong with it, whether to check only. withdraw:
    number and reason. file: number; its opening is put on record. name: of the file."""

    page: Callable[[ArchiveQuery], ArchivePage]
    bring_in: Callable[[Sequence[Given], Sequence[Issue], bool], Sequence[Brought]]
    withdraw: Callable[[int, str], Note]
    file: Callable[[int], NoteFile]
    name: Callable[[int], str]


def archive_ports(desk: ArchiveDesk, viewer: Viewer) -> ArchivePorts:
    """The ports on a desk."""
    return ArchivePorts(
        page=lambda query: desk.page(viewer, query),
        bring_in=lambda given, issues, dry: desk.bring_in(viewer, given, issues, dry=dry),
        withdraw=lambda number, why: desk.withdraw(viewer, number, why),
        file=lambda number: desk.file(viewer, number),
        name=lambda number: desk.name(viewer, number),
    )


@dataclass(frozen=True, slots=True)
class MadeReports:
    """The last edition of each report of the viewer's unit by kind, the latest period first. total: of all kinds."""

    unit: str
    kinds: tuple[tuple[Kind, tuple[EditionHead, ...]], ...]

    @property
    def total(self) -> int:
        """How many reports there are."""
        return sum(len(heads) for _, heads in self.kinds)


@dataclass(frozen=True, slots=True)
class SupportPorts:
    """made: what was kept. latest: the month of the latest report on support services. report: unit, month, edition; None
    for the viewer's own unit and the last edition."""

    made: Callable[[], MadeReports]
    latest: Callable[[], Period]
    report: Callable[[str | None, str, int | None], ReportView]


def support_ports(answers: Answers, viewer: Viewer) -> SupportPorts:
    """The ports on the answers of an open workspace, for one viewer."""

    def top() -> str:
        return answers.fresh(viewer, lambda reader: reader.ground.top)

    def report(unit: str | None, period: str, edition: int | None) -> ReportView:
        store = answers.workplace.store
        stands = len(store.editions.of("support", unit or top(), period)), store.audit.head().number
        return answers.kept(
            viewer,
            ("support report", unit, period, edition, stands),
            lambda reader: support_view(reader, unit, period, edition),
        )

    def made() -> MadeReports:
        unit, editions = top(), answers.workplace.store.editions
        kinds: tuple[Kind, ...] = ("support", *reversed(KINDS))
        return MadeReports(unit, tuple((kind, last_of_each(editions.list(kind, unit))) for kind in kinds))

    return SupportPorts(made, lambda: answers.fresh(viewer, latest_month), report)


def last_of_each(heads: Sequence[EditionHead]) -> tuple[EditionHead, ...]:
    """Of each period the last edition, the latest period first."""
    found: dict[str, EditionHead] = {}
    for head in sorted(heads, key=lambda each: each.number):
        found[head.period] = head
    return tuple(found[key] for key in sorted(found, reverse=True))
