"""Ports of the start page, the panoramas, the modules, places and halls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from ganzhi.access.rights import Viewer
from ganzhi.measure.answers import Answers
from ganzhi.measure.build.panorama.elements import elements_page
from ganzhi.measure.build.panorama.halls import hall_promotion, halls_page
from ganzhi.measure.build.panorama.lifecycle import lifecycle_page
from ganzhi.measure.build.panorama.modules import module_page, modules_page
from ganzhi.measure.build.panorama.places import place_page
from ganzhi.measure.build.panorama.start import start_page
from ganzhi.measure.views.panorama.elements import ElementsPage
from ganzhi.measure.views.panorama.lifecycle import LifecyclePage
from ganzhi.measure.views.panorama.modules import ModulePage, ModulesPage
from ganzhi.measure.views.panorama.places import HallPromotion, HallsPage, PlacePage
from ganzhi.measure.views.panorama.start import StartPage
from ganzhi.measure.views.query import PageQuery


@dataclass(frozen=True, slots=True)
class PanoramaPorts:
    """elements: scope, and a process, or None for all. modules: scope and layer. module: its code and the scope.
    halls: scope, and the page from 1. promotion: a hall, and a day or None for the last one."""

    start: Callable[[PageQuery], StartPage]
    elements: Callable[[PageQuery, str | None], ElementsPage]
    lifecycle: Callable[[PageQuery], LifecyclePage]
    modules: Callable[[PageQuery, str], ModulesPage]
    module: Callable[[str, PageQuery], ModulePage]
    place: Callable[[PageQuery], PlacePage]
    halls: Callable[[PageQuery, int], HallsPage]
    promotion: Callable[[str, date | None], HallPromotion | None]


def panorama_ports(answers: Answers, viewer: Viewer) -> PanoramaPorts:
    """The ports on the answers of an open workspace, for one viewer."""
    kept = answers.kept
    return PanoramaPorts(
        start=lambda query: kept(viewer, ("start", query), lambda reader: start_page(reader, query)),
        elements=lambda query, process: kept(
            viewer, ("elements", query, process), lambda reader: elements_page(reader, query, process)
        ),
        lifecycle=lambda query: kept(viewer, ("lifecycle", query), lambda reader: lifecycle_page(reader, query)),
        modules=lambda query, layer: kept(
            viewer, ("modules", query, layer), lambda reader: modules_page(reader, query, layer)
        ),
        module=lambda code, query: kept(
            viewer, ("module", code, query), lambda reader: module_page(reader, query, code)
        ),
        place=lambda query: kept(viewer, ("place", query), lambda reader: place_page(reader, query)),
        halls=lambda query, page: kept(viewer, ("halls", query, page), lambda reader: halls_page(reader, query, page)),
        promotion=lambda unit, day: kept(
            viewer, ("promotion", unit, day), lambda reader: hall_promotion(reader, unit, day)
        ),
    )
