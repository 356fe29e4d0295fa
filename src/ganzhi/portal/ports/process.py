"""Ports of the pages about what happened to customers: flows, the voice menu, service blueprints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ganzhi.access.rights import Viewer
from ganzhi.measure.answers import Answers
from ganzhi.measure.views.query import PageQuery
from ganzhi.trace.blueprint.pages import blueprint_page, blueprints_page
from ganzhi.trace.blueprint.panorama import SystemPanorama, system_panorama
from ganzhi.trace.blueprint.views import BlueprintPage, BlueprintsPage
from ganzhi.trace.flow.pages import cases_page, flow_page, flows_page
from ganzhi.trace.flow.views import CasesPage, CasesQuery, FlowPage, FlowQuery, FlowsPage
from ganzhi.trace.ivr.page import ivr_page
from ganzhi.trace.ivr.views import IvrPage, IvrQuery


@dataclass(frozen=True, slots=True)
class ProcessPorts:
    """flow: its code, scope, and what cases are chosen by. cases: the same, and which of them. blueprint: its code,
    scope, and a segment's variant, or None. panorama: scope, and the place that is chosen, or None."""

    flows: Callable[[], FlowsPage]
    flow: Callable[[str, PageQuery, FlowQuery], FlowPage]
    cases: Callable[[str, PageQuery, CasesQuery], CasesPage]
    ivr: Callable[[PageQuery, IvrQuery], IvrPage]
    blueprints: Callable[[PageQuery], BlueprintsPage]
    blueprint: Callable[[str, PageQuery, str | None], BlueprintPage]
    panorama: Callable[[PageQuery, str | None], SystemPanorama]


def process_ports(answers: Answers, viewer: Viewer) -> ProcessPorts:
    """The ports on the answers of an open workspace, for one viewer. Lists of cases are kept nowhere."""
    kept, fresh = answers.kept, answers.fresh
    return ProcessPorts(
        flows=lambda: kept(viewer, ("flows",), flows_page),
        flow=lambda code, query, asked: kept(
            viewer, ("flow", code, query, asked), lambda reader: flow_page(reader, query, code, asked)
        ),
        ivr=lambda query, asked: kept(viewer, ("ivr", query, asked), lambda reader: ivr_page(reader, query, asked)),
        blueprints=lambda query: kept(viewer, ("blueprints", query), lambda reader: blueprints_page(reader, query)),
        blueprint=lambda code, query, variant: kept(
            viewer, ("blueprint", code, query, variant), lambda reader: blueprint_page(reader, query, code, variant)
        ),
        panorama=lambda query, focus: kept(
            viewer, ("system panorama", query, focus), lambda reader: system_panorama(reader, query, focus)
        ),
        cases=lambda code, query, asked: fresh(viewer, lambda reader: cases_page(reader, query, code, asked)),
    )
