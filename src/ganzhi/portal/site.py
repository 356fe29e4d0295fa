"""The portal on a real workspace: view models from `measure`, served with the schedule in one process."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
from collections.abc import Callable, Hashable, Iterator
from datetime import datetime
from typing import TypeVar

import uvicorn
from fastapi import FastAPI

from ganzhi.access.counted.limits import Rate, shared_by
from ganzhi.access.loopback import is_loopback
from ganzhi.access.open import Access, open_access
from ganzhi.access.rights import Viewer
from ganzhi.access.shown.declared import declared_for
from ganzhi.api.app import add_api
from ganzhi.base.errors import EngineError, GanzhiError, InputError, Issue
from ganzhi.base.messages import Lang
from ganzhi.base.settings import ServeSettings
from ganzhi.base.wording import duration
from ganzhi.catalogue.exchange.write import workbook
from ganzhi.catalogue.model.indicators import Topic
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.complaints.archive.desk import ArchiveDesk
from ganzhi.complaints.cases.desk import CaseDesk
from ganzhi.complaints.cases.library import Library
from ganzhi.complaints.desk.beside import Neighbours
from ganzhi.complaints.desk.desk import TicketDesk
from ganzhi.complaints.desk.process.outgoing import Telling
from ganzhi.complaints.knowledge.desk import KnowledgeDesk
from ganzhi.improve.pages.desk import AlertDesk
from ganzhi.jobs import Runner, closing_rules
from ganzhi.measure.answers import Answers
from ganzhi.measure.build.arrival import arrival_page, rejects_page
from ganzhi.measure.build.ask.desk import AskDesk
from ganzhi.measure.build.catalogue.changes import changes_page
from ganzhi.measure.build.catalogue.feeds import feed_page, feeds_page
from ganzhi.measure.build.catalogue.matrix import matrix_page
from ganzhi.measure.build.catalogue.reach import arrived_feeds
from ganzhi.measure.build.catalogue.reports import report_page, reports_page
from ganzhi.measure.build.catalogue.surroundings import surroundings_page
from ganzhi.measure.build.catalogue.tree import tree_page
from ganzhi.measure.build.dictionary import dictionary_entry, dictionary_page
from ganzhi.measure.build.explain import explain_page
from ganzhi.measure.build.imports.desk import ImportDesk
from ganzhi.measure.build.indicator import indicator_page
from ganzhi.measure.build.journeys.benchmark import benchmark_page
from ganzhi.measure.build.journeys.derivation import derivation_page
from ganzhi.measure.build.journeys.frame import frame_page
from ganzhi.measure.build.journeys.process import process_page
from ganzhi.measure.build.journeys.selection import selection_page
from ganzhi.measure.build.journeys.touchpoints import touchpoints_page
from ganzhi.measure.build.overview import overview, topic_page
from ganzhi.measure.build.records import all_rows, records_page
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.reported.desk import ClosingDesk
from ganzhi.measure.views.arrival import RejectsPage
from ganzhi.measure.views.catalogue.changes import ChangesPage
from ganzhi.measure.views.catalogue.query import ChangesQuery
from ganzhi.measure.views.query import PageQuery, RecordsQuery
from ganzhi.measure.views.records import RecordsPage
from ganzhi.portal.app import create_app
from ganzhi.portal.context import CataloguePorts, ExportNote, JourneyPorts, PortalContext, RecordsExport, Rests
from ganzhi.portal.door import SIGN_IN, Door
from ganzhi.portal.gate.demo import DEMO_PAGE, demo_account, demo_roles
from ganzhi.portal.gate.limits import RATES, Limits
from ganzhi.portal.gate.visitors import Gate
from ganzhi.portal.ports.accounts import Entry, account_ports
from ganzhi.portal.ports.alerts import alert_ports
from ganzhi.portal.ports.analyses import analysis_ports
from ganzhi.portal.ports.ask import ask_ports
from ganzhi.portal.ports.cases import case_ports, knowledge_ports
from ganzhi.portal.ports.closings import closing_ports
from ganzhi.portal.ports.complaints import complaint_ports
from ganzhi.portal.ports.desk import desk_ports
from ganzhi.portal.ports.imports import import_ports, row_ports
from ganzhi.portal.ports.panorama import panorama_ports
from ganzhi.portal.ports.process import process_ports
from ganzhi.portal.ports.reports import archive_ports, report_ports, support_ports
from ganzhi.portal.ports.traces import trace_ports
from ganzhi.portal.ports.warm import Warmer, settle
from ganzhi.portal.ports.watch import watch_ports
from ganzhi.streaming import Streaming
from ganzhi.warn.limits.desk import ThresholdDesk
from ganzhi.wiring import Workspace, findings_of, serving_cache

LOG = logging.getLogger("ganzhi.portal")
STOP_WITHIN_S = 10
VIEWERS_KEPT = 512
FINDINGS_TIMED = 200
"""Open findings up to which a page is kept until the time left of one of them reads otherwise; with more for a minute."""

View = TypeVar("View")


class _Site:
    """An open workspace and its answers: what every viewer's ports share."""

    def __init__(self, workspace: Workspace, *, demo: bool = False) -> None:
        self.workspace = workspace
        self.answers = Answers(workspace.workplace, serving_cache(workspace))
        asking = workspace.settings.query
        self.desk = AskDesk(self.answers, most_rows=asking.most_rows, deadline_s=asking.deadline_s)
        self.imports = ImportDesk(workspace.workplace)
        self._declared: dict[tuple[str, ...], Catalogue] = {}
        self._dues: tuple[int, tuple[datetime, ...] | None] = (-1, None)
        kinds = tuple(sorted({target.channel for target in workspace.settings.notify.targets.values()}))
        self.alerts = AlertDesk(workspace.workplace, findings_of(workspace), self.answers.open, kinds)
        self.cases = CaseDesk(Library(workspace.workplace))
        self.tickets = TicketDesk(
            workspace.workplace, self.answers, Neighbours(self.cases.library), Telling(workspace.settings.notify)
        )
        self.access = access_of(workspace, demo=demo)
        self.gate = Gate(self.access)
        self.entry = Entry(self.access, workspace.workplace.catalogue, self.gate.guarded, demo=demo)
        exports = Rate(workspace.settings.serve.exports_per_hour, 3600)
        self.limits = Limits({**RATES, "export": exports}, shared=shared_by(workspace.workplace.store))

    def export(self, viewer: Viewer, code: str, query: PageQuery, asked: RecordsQuery) -> RecordsExport:
        """The list with an iterator over all its records, on one session that the iterator closes."""
        states = self.answers.open()
        try:
            reader = Reader(self.workspace.workplace, states, viewer)
            head = records_page(reader, code, query, asked)
        except BaseException:
            states.close()
            raise

        def rows() -> Iterator[tuple[str | None, ...]]:
            with states:
                yield from all_rows(reader, code, query, asked)

        return RecordsExport(head, rows())

    def declared(self, viewer: Viewer) -> Catalogue:
        """The catalogue as a viewer may read it, made once for each set of units."""
        if viewer.units not in self._declared:
            self._declared[viewer.units] = declared_for(self.workspace.workplace.catalogue, viewer)
        return self._declared[viewer.units]

    def ready(self) -> None:
        """Whether the store and the warehouse answer; raises EngineError."""
        self.answers.open().close()
        self.workspace.workplace.engine.session({}).close()

    def stands(self, rests: Rests) -> Hashable:
        """See `PortalContext.stands`. Every act on a finding stands in the audit trail; what else changes of one is the
        time that is left."""
        if rests == "numbers":
            return self.answers.state()
        store = self.workspace.workplace.store
        number, kept = store.audit.head().number, self._dues
        if kept[0] != number:
            found = store.findings.list(limit=FINDINGS_TIMED)
            due = tuple(sorted({each.due for each in found if each.due is not None}))
            kept = self._dues = (number, None if len(found) == FINDINGS_TIMED else due)
        now, timed = self.workspace.workplace.clock.now(), kept[1]
        if timed is None:
            return (*self.answers.state(), number, int(now.timestamp() // 60))
        left = [(each - now).total_seconds() for each in timed]
        return (*self.answers.state(), number, tuple((each < 0, duration("en", each)) for each in left))

    def topics(self) -> tuple[tuple[str, Topic], ...]:
        topics = self.workspace.workplace.catalogue.topics
        return tuple(sorted(topics.items(), key=lambda item: (item[1].order, item[0])))

    def exported(self, note: ExportNote) -> None:
        """Write an export into the audit log."""
        detail = {"query": note.query, "form": note.form, "rows": note.rows}
        self.workspace.workplace.store.audit.append(note.user, "export", note.feed, detail)


def access_of(workspace: Workspace, *, demo: bool = False) -> Access:
    """Accounts, sign-in and audit of a workspace. demo: whether visitors may choose a role; no setting does that."""
    settings = workspace.settings
    chosen = settings.model_copy(update={"access": settings.access.model_copy(update={"demo": demo})})
    return open_access(workspace.workplace.store, chosen)


def context_of(site: _Site, viewer: Viewer) -> PortalContext:
    """The portal's ports on an open workspace, for one viewer."""
    workspace, workplace = site.workspace, site.workspace.workplace
    declared = site.declared(viewer)

    def kept(asked: Hashable, build: Callable[[Reader], View]) -> View:
        return site.answers.kept(viewer, asked, build)

    def records(feed: str, code: str, query: PageQuery, asked: RecordsQuery) -> RecordsPage:
        return site.answers.fresh(viewer, lambda reader: records_page(reader, code, query, asked))

    def rejects(load: str, page: int) -> RejectsPage:
        return rejects_page(workplace, viewer, load, page)

    name = workspace.settings.workspace.name
    return PortalContext(
        clock=workplace.clock,
        zone=workplace.zone,
        title=Text(zh=name, en=name),
        viewer=viewer,
        ready=site.ready,
        topics=site.topics,
        overview=lambda query: kept(("overview", query), lambda reader: overview(reader, query)),
        topic=lambda code, query: kept(("topic", code, query), lambda reader: topic_page(reader, code, query)),
        indicator=lambda code, query, asked: kept(
            ("indicator", code, query, asked), lambda reader: indicator_page(reader, code, query, asked)
        ),
        explain=lambda code, query, asked: kept(
            ("explain", code, query, asked), lambda reader: explain_page(reader, code, query, asked)
        ),
        records=records,
        records_export=lambda feed, code, query, asked: site.export(viewer, code, query, asked),
        dictionary=lambda asked: dictionary_page(declared, asked, arrived_feeds(workplace)),
        entry=lambda code: dictionary_entry(declared, code, arrived_feeds(workplace)),
        arrival=lambda: arrival_page(workplace, viewer),
        rejects=rejects,
        exported=site.exported,
        journeys=_journeys(site, viewer),
        panorama=panorama_ports(site.answers, viewer),
        catalogue=_catalogue(site, viewer),
        accounts=account_ports(site.access, workplace.catalogue, site.entry, site.limits, viewer),
        analyses=analysis_ports(site.answers, viewer),
        closings=closing_ports(ClosingDesk(workplace, closing_rules(workspace.settings)), viewer),
        ask=ask_ports(site.desk, viewer),
        rows=row_ports(site.answers, viewer),
        imports=import_ports(site.imports, viewer),
        alerts=alert_ports(site.alerts, viewer),
        watch=watch_ports(ThresholdDesk(site.workspace.workplace, site.answers.open), site.answers, viewer),
        process=process_ports(site.answers, viewer),
        traces=trace_ports(site.answers, viewer),
        complaints=complaint_ports(site.answers, viewer),
        cases=case_ports(site.cases, viewer),
        knowledge=knowledge_ports(KnowledgeDesk(site.cases), viewer),
        complaint_reports=report_ports(site.answers, viewer),
        support=support_ports(site.answers, viewer),
        archive=archive_ports(ArchiveDesk(workplace), viewer),
        desk=desk_ports(site.tickets, viewer),
        stands=site.stands,
    )


def door_of(workspace: Workspace, *, demo: bool = False) -> Door:
    """Who comes in, and the ports for each; a viewer's ports are made once. demo: visitors choose a role."""
    return _door(_Site(workspace, demo=demo), demo=demo)


def app_of(workspace: Workspace, *, demo: bool = False) -> FastAPI:
    """The portal with the API and the metrics on one set of answers. demo: visitors choose a role."""
    return _app(_Site(workspace, demo=demo), demo=demo)


def _app(site: _Site, *, demo: bool) -> FastAPI:
    app = create_app(_door(site, demo=demo))
    add_api(app, site.workspace, site.answers, site.gate.guarded)
    return app


def _door(site: _Site, *, demo: bool) -> Door:
    made: dict[Viewer, PortalContext] = {}

    def context(viewer: Viewer) -> PortalContext:
        found = made.get(viewer)
        if found is None:
            if len(made) >= VIEWERS_KEPT:
                made.clear()
            found = made[viewer] = context_of(site, viewer)
        return found

    return Door(site.gate.visitor, context, DEMO_PAGE if demo else SIGN_IN, site.limits)


def make_demo_accounts(workspace: Workspace, lang: Lang) -> None:
    """One account for each role of a demonstration; nobody can sign in to them but in `serve(demo=True)`."""
    access, catalogue = access_of(workspace, demo=True), workspace.workplace.catalogue
    for role in demo_roles(catalogue):
        demo_account(access.accounts, catalogue, role, lang)


def refuse_exposed(workspace: Workspace, address: str, *, demo: bool) -> None:
    """Refuse to serve what everybody could use: InputError POR040 for a workspace without accounts, or with a
    demonstration, on an address that others reach; POR043 where only a setting asks for a demonstration."""
    if workspace.settings.access.demo and not demo:
        raise InputError(Issue("POR043", "access.demo"))
    if not is_loopback(address) and (demo or not access_of(workspace).signin.needed):
        raise InputError(Issue("POR040", address))


def _catalogue(site: _Site, viewer: Viewer) -> CataloguePorts:
    """The ports of what is declared; of the numbers they need only which feeds hold rows. Versions and the workbook
    hold every unit, so they take a viewer of the whole organisation."""
    workplace = site.workspace.workplace
    catalogue = site.declared(viewer)

    def changes(asked: ChangesQuery) -> ChangesPage:
        viewer.require_whole()
        return changes_page(workplace, asked)

    def whole() -> bytes:
        viewer.require_whole()
        return workbook(catalogue, workplace.clock.now().astimezone(workplace.zone))

    return CataloguePorts(
        tree=lambda asked: tree_page(catalogue, asked),
        matrix=lambda: matrix_page(catalogue, arrived_feeds(workplace)),
        feeds=lambda asked: feeds_page(catalogue, asked, arrived_feeds(workplace)),
        feed=lambda code: feed_page(catalogue, code, arrived_feeds(workplace)),
        reports=lambda: reports_page(catalogue, arrived_feeds(workplace)),
        report=lambda code: report_page(catalogue, code, arrived_feeds(workplace)),
        surroundings=lambda: surroundings_page(catalogue, arrived_feeds(workplace)),
        changes=changes,
        workbook=whole,
    )


def _journeys(site: _Site, viewer: Viewer) -> JourneyPorts:
    """The ports of the journeys; what comes from the catalogue alone needs no state of the numbers."""
    catalogue = site.workspace.workplace.catalogue
    return JourneyPorts(
        frame=lambda asked: frame_page(catalogue, asked),
        process=lambda code, query: site.answers.kept(
            viewer, ("process", code, query), lambda reader: process_page(reader, code, query)
        ),
        benchmark=lambda code, query, layer: site.answers.kept(
            viewer, ("benchmark", code, query, layer), lambda reader: benchmark_page(reader, code, query, layer)
        ),
        touchpoints=lambda asked: touchpoints_page(catalogue, asked),
        derivation=lambda process: derivation_page(catalogue, process),
        selection=lambda query, code: site.answers.kept(
            viewer, ("selection", query, code), lambda reader: selection_page(reader, query, code)
        ),
    )


@contextlib.contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """A bound socket; EngineError POR020 when the address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        detail = error.strerror or str(error)
        raise EngineError(Issue("POR020", f"{host}:{port}", params={"detail": detail}), retryable=True) from None
    try:
        yield bound
    finally:
        bound.close()


def server_config(app: FastAPI, settings: ServeSettings) -> uvicorn.Config:
    """How the server runs: nothing about visitors in its log, and proxies believed only where the settings name them."""
    return uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=STOP_WITHIN_S,
        proxy_headers=bool(settings.proxies),
        forwarded_allow_ips=list(settings.proxies),
    )


def serve(
    workspace: Workspace,
    *,
    host: str | None = None,
    port: int | None = None,
    demo: bool = False,
    started: Callable[[str], None],
) -> None:
    """Serve the portal and run the schedule until the process is told to stop.

    demo: visitors choose a role. started: told the address once requests are answered.
    """
    settings = workspace.settings.serve
    address, number = host or settings.host, settings.port if port is None else port
    refuse_exposed(workspace, address, demo=demo)
    site = _Site(workspace, demo=demo)
    app = _app(site, demo=demo)
    runner, warmer = Runner(workspace, on_failure=_log_failure), Warmer(site.answers)
    streaming = Streaming(workspace, _log_failure)
    settle()
    with _listening(address, number) as bound:
        server = uvicorn.Server(server_config(app, settings))
        shown = f"[{address}]" if ":" in address else address
        url = f"http://{shown}:{bound.getsockname()[1]}/"
        threading.Thread(target=_tell_when_started, args=(server, started, url), daemon=True).start()
        runner.start()
        warmer.start()
        streaming.start()
        try:
            server.run(sockets=[bound])
        finally:
            streaming.stop(STOP_WITHIN_S)
            warmer.stop(STOP_WITHIN_S)
            runner.stop(STOP_WITHIN_S)


def _tell_when_started(server: uvicorn.Server, started: Callable[[str], None], url: str) -> None:
    while not server.started and not server.should_exit:
        threading.Event().wait(0.02)
    if server.started:
        started(url)


def _log_failure(kind: str, error: GanzhiError) -> None:
    LOG.error("job %s failed: %s", kind, error)
