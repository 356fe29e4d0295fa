"""Builds what stands around: interfaces, systems, agreements, external codes, products."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

from ganzhi.catalogue.model.framework import CodeSystem, System
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.build.catalogue.entry import sla_row
from ganzhi.measure.build.catalogue.reach import in_use
from ganzhi.measure.build.journeys.shared import HasName, named
from ganzhi.measure.views.catalogue.frame import CodeSystemRow, InterfaceRow, ProductRow, SurroundingsPage, SystemRow
from ganzhi.measure.views.journeys.parts import Coverage, Named

PHASES = ("before", "during", "after", "none")


def surroundings_page(catalogue: Catalogue, arrived: Collection[str]) -> SurroundingsPage:
    """All of it. arrived: feeds that hold rows."""
    return SurroundingsPage(
        interfaces=tuple(
            InterfaceRow(
                code=code,
                name=each.name,
                flow=each.flow,
                system=named(catalogue.systems, each.system),
                direction=each.direction,
                content=each.content,
                feed=named(catalogue.feeds, each.feed) if each.feed else None,
                arrived=each.feed in arrived if each.feed else None,
                rhythm=each.rhythm,
                form=each.form,
            )
            for code, each in catalogue.interfaces.items()
        ),
        systems=tuple(_system(catalogue, code, each) for code, each in catalogue.systems.items()),
        slas=tuple(sla_row(catalogue, code, each) for code, each in catalogue.slas.items()),
        code_systems=tuple(_code_system(catalogue, code, each) for code, each in catalogue.code_systems.items()),
        products=tuple(_product(catalogue, code) for code in catalogue.products),
        catalogue_version=catalogue.version,
    )


def _system(catalogue: Catalogue, code: str, system: System) -> SystemRow:
    processes = catalogue.processes.values()
    return SystemRow(
        code=code,
        name=system.name,
        domain=system.domain,
        owner=system.owner,
        description=system.description,
        processes=sum(
            code in each.systems or any(step.system == code for step in each.steps.values()) for each in processes
        ),
        steps=sum(step.system == code for each in processes for step in each.steps.values()),
        interfaces=sum(each.system == code for each in catalogue.interfaces.values()),
    )


def _code_system(catalogue: Catalogue, code: str, system: CodeSystem) -> CodeSystemRow:
    """Kinds the system says it applies to, and those whose entries carry its codes all the same."""
    kinds: dict[str, Mapping[str, HasName]] = {
        "processes": catalogue.processes,
        "indicators": in_use(catalogue),
        "reports": catalogue.reports,
        "feeds": catalogue.feeds,
        "products": catalogue.products,
    }
    coverage: list[tuple[str, Coverage]] = []
    mapped: list[tuple[str, Named, str]] = []
    for kind, entries in kinds.items():
        codes = {c: getattr(each, "codes", {}).get(code) for c, each in entries.items()}
        mine = [(kind, named(entries, c), str(given)) for c, given in codes.items() if given is not None]
        mapped += mine
        if mine or kind in system.applies_to:
            coverage.append((kind, Coverage.of(len(mine), len(entries))))
    return CodeSystemRow(
        code, system.name, system.publisher, system.edition, system.note, tuple(coverage), tuple(mapped)
    )


def _product(catalogue: Catalogue, code: str) -> ProductRow:
    product = catalogue.products[code]
    phases: Counter[str] = Counter(each.phase or "none" for each in in_use(catalogue).values() if code in each.products)
    return ProductRow(
        code, product.name, product.key_for, product.description, tuple((phase, phases[phase]) for phase in PHASES)
    )
