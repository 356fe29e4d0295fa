"""Builds the pages of service blueprints from the catalogue and the readings of a scope."""

from __future__ import annotations

from collections.abc import Iterable

from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.derive.encounters import Crossing, crossings, touchpoint_code
from ganzhi.catalogue.model.blueprints import PROCEDURE, Blueprint, BlueprintStep, Standard
from ganzhi.catalogue.model.whole import Catalogue, unknown
from ganzhi.measure.build.readings import Board, subject_of
from ganzhi.measure.build.scope import Reader, scope_of
from ganzhi.measure.views.journeys.parts import Named
from ganzhi.measure.views.parts import Level, Scope
from ganzhi.measure.views.query import PageQuery
from ganzhi.trace.blueprint.pilots import pilots_of
from ganzhi.trace.blueprint.views import (
    BlueprintEntry,
    BlueprintPage,
    BlueprintsPage,
    CrossingView,
    Measured,
    StandardView,
    StepView,
    poor_of,
)

LEVELS: tuple[Level, ...] = ("blue", "yellow", "orange", "red")
POOR: tuple[Level, ...] = ("orange", "red")
"""Levels of a step that is circled."""


def blueprints_page(reader: Reader, query: PageQuery) -> BlueprintsPage:
    """All blueprints, by business and in their order."""
    catalogue = reader.workplace.catalogue
    scope = scope_of(reader, query, feeds=_feeds(catalogue, catalogue.blueprints.values()))
    board = _board(reader, scope, catalogue.blueprints.values())
    found = []
    for code, blueprint in sorted(catalogue.blueprints.items(), key=lambda each: (each[1].order, each[0])):
        steps = [_step(catalogue, board, scope, blueprint, name, step) for name, step in blueprint.steps.items()]
        met = sum("interaction" in each.lines for each in crossings(blueprint))
        found.append(
            BlueprintEntry(
                code=code,
                name=blueprint.name,
                business=blueprint.business,
                steps=len(steps),
                encounters=met,
                poor=poor_of(steps),
                unknown=sum(not step.known for step in steps),
                done=len(blueprint.done),
            )
        )
    return BlueprintsPage(scope, tuple(found))


def blueprint_page(reader: Reader, query: PageQuery, code: str, variant: str | None) -> BlueprintPage:
    """One blueprint, or a segment's variant of it.

    Raises: InputError REQ053 for an unknown blueprint, REQ004 for a variant it does not have.
    """
    catalogue = reader.workplace.catalogue
    if code not in catalogue.blueprints:
        raise InputError(unknown("REQ053", code, catalogue.blueprints))
    blueprint = catalogue.blueprints[code]
    if variant is not None and variant not in blueprint.variants:
        known = ", ".join(blueprint.variants) or "–"
        raise InputError(Issue("REQ004", "variant", params={"value": variant[:40], "known": known}))
    shown = varied(blueprint, variant)
    scope = scope_of(reader, query, feeds=_feeds(catalogue, [shown]))
    board = _board(reader, scope, [shown])
    steps = tuple(_step(catalogue, board, scope, shown, name, step) for name, step in shown.steps.items())
    crossed = [_crossing(catalogue, board, scope, shown, each) for each in crossings(shown)]
    flow = catalogue.flows.get(shown.flow or "")
    return BlueprintPage(
        scope=scope,
        code=code,
        name=shown.name,
        business=shown.business,
        description=shown.description,
        version=shown.version,
        process=Named(shown.process, catalogue.processes[shown.process].name),
        flow=Named(shown.flow, flow.name) if flow is not None and shown.flow is not None else None,
        phases=tuple(Named(phase, name) for phase, name in shown.phases.items()),
        steps=steps,
        links=tuple((link.source, link.target) for link in shown.links),
        encounters=tuple(each for each in crossed if "interaction" in each.lines),
        handovers=tuple(each for each in crossed if "internal" in each.lines),
        variant=variant,
        variants=tuple((name, each.name, each.segment) for name, each in blueprint.variants.items()),
        procedure=tuple((each, each in blueprint.done) for each in PROCEDURE),
        catalogue_version=catalogue.version,
        pilots=pilots_of(reader, scope, shown),
    )


def varied(blueprint: Blueprint, variant: str | None) -> Blueprint:
    """The blueprint of a segment: without the steps it lacks, with its own standards; itself without one."""
    if variant is None:
        return blueprint
    chosen = blueprint.variants[variant]
    steps = {
        name: step.model_copy(update={"standard": chosen.standards[name]}) if name in chosen.standards else step
        for name, step in blueprint.steps.items()
        if name not in chosen.drops
    }
    links = tuple(link for link in blueprint.links if link.source in steps and link.target in steps)
    return blueprint.model_copy(update={"steps": steps, "links": links})


def _board(reader: Reader, scope: Scope, blueprints: Iterable[Blueprint]) -> Board:
    codes = _all_codes(blueprints)
    board = Board(reader, list(dict.fromkeys(codes)), basis=scope.basis)
    board.ask(scope.unit, [scope.period])
    return board


def _feeds(catalogue: Catalogue, blueprints: Iterable[Blueprint]) -> tuple[str, ...]:
    """Feeds whose missing days concern the steps."""
    codes = _all_codes(blueprints)
    return tuple(dict.fromkeys(feed for code in codes if (feed := catalogue.indicator(code).feed) is not None))


def _all_codes(blueprints: Iterable[Blueprint]) -> list[str]:
    codes = []
    for blueprint in blueprints:
        codes += [code for step in blueprint.steps.values() for code in _codes(step)]
        standards = (link.standard for link in blueprint.links if link.standard is not None)
        codes += [each.indicator for each in standards if each.indicator is not None]
        codes += [link.perception for link in blueprint.links if link.perception is not None]
    return codes


def _codes(step: BlueprintStep) -> list[str]:
    standard = step.standard.indicator if step.standard is not None else None
    return [code for code in (step.measure, step.perception, standard) if code is not None]


def _measured(catalogue: Catalogue, board: Board, scope: Scope, code: str | None) -> Measured | None:
    if code is None:
        return None
    return Measured(subject_of(catalogue, code, scope.period.grain), board.reading(code, scope.unit, scope.period))


def _standard(catalogue: Catalogue, board: Board, scope: Scope, standard: Standard | None) -> StandardView | None:
    if standard is None:
        return None
    measured = _measured(catalogue, board, scope, standard.indicator)
    return StandardView(standard.what, standard.limit, standard.owner, measured)


def _step(
    catalogue: Catalogue, board: Board, scope: Scope, blueprint: Blueprint, name: str, step: BlueprintStep
) -> StepView:
    measure, perception = (_measured(catalogue, board, scope, code) for code in (step.measure, step.perception))
    standard = _standard(catalogue, board, scope, step.standard)
    seen = (measure, perception, standard.measured if standard else None)
    levels = [each.reading.level for each in seen if each is not None and each.reading.level is not None]
    level = max(levels, key=LEVELS.index, default=None)
    return StepView(
        code=name,
        name=step.name,
        lane=step.lane,
        phase=step.phase,
        evidence=step.evidence,
        measure=measure,
        perception=perception,
        level=level,
        poor=level in POOR,
        key_point=step.key_point,
        touchpoint=_touchpoint(catalogue, blueprint, name),
        system=Named(step.system, catalogue.systems[step.system].name) if step.system else None,
        standard=standard,
    )


def _touchpoint(catalogue: Catalogue, blueprint: Blueprint, name: str) -> Named | None:
    if blueprint.steps[name].lane != "customer":
        return None
    code = touchpoint_code(blueprint, name)
    found = catalogue.touchpoints.get(code)
    return None if found is None else Named(code, found.name)


def _crossing(catalogue: Catalogue, board: Board, scope: Scope, blueprint: Blueprint, each: Crossing) -> CrossingView:
    touchpoint = _touchpoint(catalogue, blueprint, each.customer) if each.customer is not None else None
    standard = _standard(catalogue, board, scope, each.link.standard)
    perception = _measured(catalogue, board, scope, each.link.perception)
    return CrossingView(each.link.source, each.link.target, each.lines, touchpoint, standard, perception)
