"""Builds the guided derivation: four steps with what is complete and what is missing (S000-043)."""

from __future__ import annotations

from ganzhi.catalogue.derive.candidates import candidates
from ganzhi.catalogue.derive.completeness import Checked, Gap, Part, completeness
from ganzhi.catalogue.derive.coverage import StateCounts, processes_of
from ganzhi.catalogue.model.indicators import LAYERS
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.build.journeys.shared import by_order, named, process_of
from ganzhi.measure.views.journeys.derivation import CheckRow, DerivationPage, GapRow, StepBlock
from ganzhi.measure.views.journeys.parts import Coverage, Named


def derivation_page(catalogue: Catalogue, process: str | None) -> DerivationPage:
    """The path for one process, or for all of them."""
    chosen = process_of(catalogue, process) if process else None
    suggested = {(each.touchpoint, each.attribute): each.code for each in candidates(catalogue, process or None)}
    steps = tuple(
        StepBlock(
            step.step,
            Coverage.of(step.passed, step.total),
            tuple(_check(catalogue, check, suggested) for check in step.checks),
        )
        for step in completeness(catalogue, process or None)
    )
    part = Part(catalogue, process or None)
    layers = tuple((layer, StateCounts.of(each.state for each in part.of_layer(layer).values())) for layer in LAYERS)
    processes = tuple(Named(code, each.name) for code, each in by_order(catalogue.processes))
    return DerivationPage(chosen, processes, steps, layers, catalogue.version)


def _check(catalogue: Catalogue, check: Checked, suggested: dict[tuple[str, str], str]) -> CheckRow:
    gaps = tuple(_gap(catalogue, gap, suggested) for gap in check.gaps)
    return CheckRow(check.check, Coverage.of(check.passed, check.total), gaps)


def _gap(catalogue: Catalogue, gap: Gap, suggested: dict[tuple[str, str], str]) -> GapRow:
    process: Named | None = None
    if gap.kind == "process":
        subject = process = named(catalogue.processes, gap.code)
    elif gap.kind == "indicator":
        subject = named(catalogue.indicators, gap.code)
        of = processes_of(catalogue, catalogue.indicators[gap.code])
        process = named(catalogue.processes, of[0]) if len(of) == 1 else None
    else:
        subject = named(catalogue.touchpoints, gap.code)
        process = named(catalogue.processes, catalogue.touchpoints[gap.code].process)
    attribute = named(catalogue.attributes, gap.attribute) if gap.attribute else None
    candidate = suggested.get((gap.code, gap.attribute)) if gap.attribute else None
    return GapRow(gap.kind, subject, process, attribute, candidate, gap.lacks, gap.note)
