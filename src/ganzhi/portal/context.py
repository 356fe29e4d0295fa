"""What the portal needs from the rest of the house, as one value of callables.

The integrator fills it from an open workspace, tests fill it with fakes. Every callable answers
from one state of the data and raises `InputError` for what was asked wrongly, `EngineError` when
an outside system failed. The portal never sees a session, a store or SQL.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

from ganzhi.access.rights import Viewer
from ganzhi.base.clock import Clock
from ganzhi.catalogue.model.indicators import Topic
from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.views.arrival import ArrivalPage, RejectsPage
from ganzhi.measure.views.catalogue.changes import ChangesPage
from ganzhi.measure.views.catalogue.feeds import FeedPage, FeedsPage
from ganzhi.measure.views.catalogue.frame import SurroundingsPage
from ganzhi.measure.views.catalogue.matrix import MatrixPage
from ganzhi.measure.views.catalogue.query import ChangesQuery, FeedsQuery, TreeQuery
from ganzhi.measure.views.catalogue.reports import ReportPage, ReportsPage
from ganzhi.measure.views.catalogue.tree import TreePage
from ganzhi.measure.views.dictionary import DictionaryEntry, DictionaryPage
from ganzhi.measure.views.explain import ExplainPage, ExplainQuery
from ganzhi.measure.views.indicator import IndicatorPage
from ganzhi.measure.views.journeys.benchmark import BenchmarkPage
from ganzhi.measure.views.journeys.derivation import DerivationPage
from ganzhi.measure.views.journeys.frame import FramePage
from ganzhi.measure.views.journeys.process import ProcessPage
from ganzhi.measure.views.journeys.query import FrameQuery, TouchpointsQuery
from ganzhi.measure.views.journeys.selection import SelectionPage
from ganzhi.measure.views.journeys.touchpoints import TouchpointsPage
from ganzhi.measure.views.overview import Overview, TopicPage
from ganzhi.measure.views.query import DictionaryQuery, IndicatorQuery, PageQuery, RecordsQuery
from ganzhi.measure.views.records import RecordsPage
from ganzhi.portal.ports.accounts import AccountPorts
from ganzhi.portal.ports.alerts import AlertPorts
from ganzhi.portal.ports.analyses import AnalysisPorts
from ganzhi.portal.ports.ask import AskPorts
from ganzhi.portal.ports.cases import CasePorts, KnowledgePorts
from ganzhi.portal.ports.closings import ClosingPorts
from ganzhi.portal.ports.complaints import ComplaintPorts
from ganzhi.portal.ports.desk import DeskPorts
from ganzhi.portal.ports.imports import ImportPorts, RowPorts
from ganzhi.portal.ports.panorama import PanoramaPorts
from ganzhi.portal.ports.process import ProcessPorts
from ganzhi.portal.ports.reports import ArchivePorts, ReportPorts, SupportPorts
from ganzhi.portal.ports.traces import TracePorts
from ganzhi.portal.ports.watch import WatchPorts

Rests = Literal["numbers", "findings"]
"""What a page's body may rest on: the state of the numbers, or that and the state of the findings."""


@dataclass(frozen=True, slots=True)
class RecordsExport:
    """Records for a file. head: the first page of the list, for its columns, conditions and total;
    rows: every record in order, masked like the list, read as the iterator advances."""

    head: RecordsPage
    rows: Iterator[tuple[str | None, ...]]


@dataclass(frozen=True, slots=True)
class ExportNote:
    """An export of records as the audit log keeps it; holds codes and counts, no personal data."""

    user: str
    feed: str
    query: str
    form: str
    rows: int


@dataclass(frozen=True, slots=True)
class JourneyPorts:
    """Ports of the journeys: the process frame, one process, touchpoints, derivation, selection."""

    frame: Callable[[FrameQuery], FramePage]
    process: Callable[[str, PageQuery], ProcessPage]
    benchmark: Callable[[str, PageQuery, str], BenchmarkPage]
    """A process, scope, and a layer, or nothing for the usual one."""
    touchpoints: Callable[[TouchpointsQuery], TouchpointsPage]
    derivation: Callable[[str | None], DerivationPage]
    """A process, or None for all."""
    selection: Callable[[PageQuery, str | None], SelectionPage]
    """Scope, and a selection, or None for the first."""


@dataclass(frozen=True, slots=True)
class CataloguePorts:
    """Ports of what is declared: tree, matrix, feeds, reports, surroundings, versions, the workbook to edit."""

    tree: Callable[[TreeQuery], TreePage]
    matrix: Callable[[], MatrixPage]
    feeds: Callable[[FeedsQuery], FeedsPage]
    feed: Callable[[str], FeedPage]
    reports: Callable[[], ReportsPage]
    report: Callable[[str], ReportPage]
    surroundings: Callable[[], SurroundingsPage]
    changes: Callable[[ChangesQuery], ChangesPage]
    workbook: Callable[[], bytes]
    """The whole catalogue as an Excel workbook that can be edited and imported."""


@dataclass(frozen=True, slots=True)
class PortalContext:
    """Ports of the portal.

    title: the operator's name of the site, as in the header. viewer: for whom every port answers;
    there is one context for each viewer, so no page can ask on behalf of nobody. ready: raises
    EngineError while the data cannot be read. exported: appends to the audit log, in force before a
    byte is sent.
    """

    clock: Clock
    zone: ZoneInfo
    title: Text
    viewer: Viewer
    ready: Callable[[], None]
    topics: Callable[[], tuple[tuple[str, Topic], ...]]
    overview: Callable[[PageQuery], Overview]
    topic: Callable[[str, PageQuery], TopicPage]
    indicator: Callable[[str, PageQuery, IndicatorQuery], IndicatorPage]
    explain: Callable[[str, PageQuery, ExplainQuery], ExplainPage]
    records: Callable[[str, str, PageQuery, RecordsQuery], RecordsPage]
    """Feed, indicator, scope, conditions."""
    records_export: Callable[[str, str, PageQuery, RecordsQuery], RecordsExport]
    dictionary: Callable[[DictionaryQuery], DictionaryPage]
    entry: Callable[[str], DictionaryEntry]
    arrival: Callable[[], ArrivalPage]
    rejects: Callable[[str, int], RejectsPage]
    """Load id, page from 1."""
    exported: Callable[[ExportNote], None]
    journeys: JourneyPorts
    catalogue: CataloguePorts
    accounts: AccountPorts | None = None
    """Sign-in, one's own account, the accounts of others, the audit trail; None where there is no such thing."""
    panorama: PanoramaPorts | None = None
    """The start page, panoramas, modules, places and halls; None where there are none."""
    analyses: AnalysisPorts | None = None
    """Analyses that other packages bring along; None where there are none."""
    closings: ClosingPorts | None = None
    """Closed periods; None where there are none."""
    ask: AskPorts | None = None
    """Free questions; None where there are none."""
    rows: RowPorts | None = None
    """Single records; None where there are none."""
    imports: ImportPorts | None = None
    """The import port; None where nothing can be handed in."""
    alerts: AlertPorts | None = None
    """Warnings; None where there are none."""
    watch: WatchPorts | None = None
    """What surrounds warnings: thresholds, daily reports, the calendar; None where there are none."""
    process: ProcessPorts | None = None
    """Flows; None where there are none."""
    traces: TracePorts | None = None
    """Transactions across systems; None where there are none."""
    complaints: ComplaintPorts | None = None
    """Complaints; None where there are none."""
    cases: CasePorts | None = None
    """The case library; None where there is none."""
    knowledge: KnowledgePorts | None = None
    """Notes on indicators, processes and cases; None where there are none."""
    complaint_reports: ReportPorts | None = None
    """Reports of complaints, and where complaints come from; None where there are none."""
    support: SupportPorts | None = None
    """The reports that were made, and the monthly one on support services; None where there are none."""
    archive: ArchivePorts | None = None
    """Reports that were written elsewhere; None where there are none."""
    desk: DeskPorts | None = None
    """The complaint desk; None where there is none."""
    stands: Callable[[Rests], Hashable] | None = None
    """The state of what a body rests on, which is another whenever the body may come out another; None where nothing
    is kept."""

    @property
    def user(self) -> str:
        """The login, as written into exports and the audit trail."""
        return self.viewer.login
