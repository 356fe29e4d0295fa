"""Builds the page of one process."""

from __future__ import annotations

from collections.abc import Mapping

from ganzhi.catalogue.derive.coverage import measured_by
from ganzhi.catalogue.model.framework import StateMachine, SystemStep
from ganzhi.catalogue.model.indicators import LAYERS
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.build.journeys.frame import Tally
from ganzhi.measure.build.journeys.shared import all_named, named, process_of, shortfall_rows, touchpoint_rows
from ganzhi.measure.build.readings import reading_of, subject_of
from ganzhi.measure.build.scope import Reader, scope_of
from ganzhi.measure.observation import ObserveRequest
from ganzhi.measure.observe import observe
from ganzhi.measure.views.journeys.parts import Named
from ganzhi.measure.views.journeys.process import Machine, ProcessIndicator, ProcessPage, StateRow, StepRow
from ganzhi.measure.views.parts import Reading, Scope
from ganzhi.measure.views.query import PageQuery


def process_page(reader: Reader, code: str, query: PageQuery) -> ProcessPage:
    """All of one process, with the readings of its indicators for a place and period."""
    catalogue = reader.workplace.catalogue
    process_of(catalogue, code)
    codes = measured_by(catalogue)[code]
    feeds = tuple({feed for c in codes if (feed := catalogue.indicators[c].feed) is not None})
    scope = scope_of(reader, query, feeds=feeds)
    return described(catalogue, code, scope, readings(reader, codes, scope))


def described(catalogue: Catalogue, code: str, scope: Scope, known: Mapping[str, Reading]) -> ProcessPage:
    """The page of a process. known: readings of its indicators, of those that have any."""
    process = catalogue.processes[code]
    codes = measured_by(catalogue)[code]
    systems = dict.fromkeys((*process.systems, *(step.system for step in process.steps.values())))
    activities = (activity for activity, each in catalogue.activities.items() if code in each.processes)
    return ProcessPage(
        scope=scope,
        row=Tally.of(catalogue).row(code),
        description=process.description,
        channels=all_named(catalogue.channels, process.channels),
        systems=all_named(catalogue.systems, systems),
        codes=tuple((catalogue.code_systems[system].name, value) for system, value in process.codes.items()),
        variants=tuple(Named(word, name) for word, name in process.variants.items()),
        rhythm=process.rhythm,
        history=tuple(sorted(process.history, key=lambda change: change.since)),
        chain=all_named(catalogue.chain_links, process.chain),
        activities=all_named(catalogue.activities, activities),
        steps=_steps(catalogue, code, codes),
        touchpoints=touchpoint_rows(catalogue, code),
        layers=_layers(catalogue, codes, known, scope),
        shortfalls=shortfall_rows(catalogue, code),
        machines=tuple(_machine(name, each) for name, each in catalogue.state_machines.items() if each.process == code),
        blueprints=_blueprints(catalogue, code),
        flows=all_named(catalogue.flows, (name for name, each in catalogue.flows.items() if each.process == code)),
    )


def _blueprints(catalogue: Catalogue, code: str) -> tuple[Named, ...]:
    """Blueprints of the process, and those that meet the customer at one of its touchpoints."""
    mine = [
        name
        for name, each in catalogue.blueprints.items()
        if each.process == code or any((step.touchpoint or "").startswith(f"{code}.") for step in each.steps.values())
    ]
    return all_named(catalogue.blueprints, mine)


def _steps(catalogue: Catalogue, code: str, codes: tuple[str, ...]) -> tuple[StepRow, ...]:
    """The system steps in their order, each with the touchpoints it supports and the indicators that watch it."""
    met = {t: each for t, each in catalogue.touchpoints.items() if each.process == code}

    def row(number: int, word: str, step: SystemStep) -> StepRow:
        return StepRow(
            number=number,
            code=word,
            name=step.name,
            side=step.side,
            function=step.function,
            system=named(catalogue.systems, step.system),
            inputs=step.inputs,
            outputs=step.outputs,
            tables=step.tables,
            feed=named(catalogue.feeds, step.feed) if step.feed else None,
            limit_s=step.limit_s,
            touchpoints=all_named(catalogue.touchpoints, (t for t, each in met.items() if word in each.supported_by)),
            indicators=all_named(catalogue.indicators, (c for c in codes if catalogue.indicators[c].step == word)),
        )

    steps = catalogue.processes[code].steps
    return tuple(row(number, word, step) for number, (word, step) in enumerate(steps.items(), start=1))


def readings(reader: Reader, codes: tuple[str, ...], scope: Scope) -> Mapping[str, Reading]:
    """Readings of those indicators whose own feed ever delivered anything."""
    catalogue = reader.workplace.catalogue
    asked = [
        c for c in codes if (feed := catalogue.indicators[c].feed) is not None and any(reader.arrived(feed).values())
    ]
    if not asked:
        return {}
    request = ObserveRequest(
        codes=tuple(asked),
        unit=scope.unit,
        grain=scope.period.grain,
        first=scope.period.first_day,
        last=scope.period.last_day,
        basis=scope.basis,
        stale="show",
    )
    found = observe(reader.workplace, reader.states, request)
    return {each.code: reading_of(each, catalogue.indicators[each.code]) for each in found}


def _layers(
    catalogue: Catalogue, codes: tuple[str, ...], known: Mapping[str, Reading], scope: Scope
) -> tuple[tuple[str, tuple[ProcessIndicator, ...]], ...]:
    def row(code: str) -> ProcessIndicator:
        indicator = catalogue.indicators[code]
        steps = {name: step for p in indicator.processes for name, step in catalogue.processes[p].steps.items()}
        step = steps.get(indicator.step) if indicator.step else None
        subject = subject_of(catalogue, code, scope.period.grain)
        return ProcessIndicator(subject, indicator.state, step.name if step else None, known.get(code))

    found = ((layer, tuple(row(c) for c in codes if catalogue.indicators[c].layer == layer)) for layer in LAYERS)
    return tuple((layer, rows) for layer, rows in found if rows)


def _machine(code: str, machine: StateMachine) -> Machine:
    """States down and across; a cell holds the events that lead from the one to the other."""

    def cell(source: str, target: str) -> tuple[Text, ...]:
        return tuple(t.event for t in machine.transitions if (t.source, t.target) == (source, target))

    states = tuple(Named(name, text) for name, text in machine.states.items())
    rows = tuple(
        StateRow(state, state.code == machine.resting, tuple(cell(state.code, other.code) for other in states))
        for state in states
    )
    return Machine(code, machine.name, states, rows)
