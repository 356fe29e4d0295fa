"""Builds the page of key-process selection around the numbers that `measure.selection` gives."""

from __future__ import annotations

from datetime import date

from ganzhi.base.errors import InputError
from ganzhi.base.periods import Grain
from ganzhi.catalogue.model.guidance import Chosen, ProcessWeight, Selection
from ganzhi.catalogue.model.whole import Catalogue, unknown
from ganzhi.measure.build.journeys.shared import all_named, named, shortfall_rows
from ganzhi.measure.build.scope import Reader, scope_of
from ganzhi.measure.selection import SelectRequest, select
from ganzhi.measure.views.journeys.selection import (
    ChosenRow,
    Criterion,
    PressureSource,
    PriorityRow,
    Selected,
    SelectionPage,
    WeightRow,
)
from ganzhi.measure.views.parts import Scope
from ganzhi.measure.views.query import PageQuery


def selection_page(reader: Reader, query: PageQuery, code: str | None = None) -> SelectionPage:
    """The selection asked for, or the first that is declared; InputError REQ020 for one that is not."""
    catalogue = reader.workplace.catalogue
    if code and code not in catalogue.selections:
        raise InputError(unknown("REQ020", code, catalogue.selections))
    asked = code or next(iter(catalogue.selections), None)
    pressures = catalogue.selections[asked].pressures if asked else ()
    indicators = (catalogue.indicators[each.indicator] for each in pressures)
    feeds = tuple({each.feed for each in indicators if each.feed is not None})
    scope = scope_of(reader, query, feeds=feeds, grain=Grain.MONTH)
    if asked is None:
        return explained(catalogue, scope, None)
    request = SelectRequest(asked, scope.unit, scope.period, stale="show")
    return explained(catalogue, scope, select(reader.workplace, reader.states, request))


def explained(catalogue: Catalogue, scope: Scope, selected: Selected | None) -> SelectionPage:
    """The numbers of a selection with what the catalogue says about it."""
    declared = catalogue.selections[selected.code] if selected else None
    used = declared.priorities if declared else tuple(catalogue.priorities)
    day = scope.period.last_day
    return SelectionPage(
        scope=scope,
        selections=all_named(catalogue.selections, catalogue.selections),
        selected=selected,
        sources=_sources(catalogue, declared) if declared else (),
        reasons=tuple(declared.reasons.items()) if declared else (),
        chosen=_chosen(catalogue, declared, selected) if declared and selected else (),
        criteria=_criteria(catalogue, declared) if declared else (),
        priorities=tuple(_priority(catalogue, each, day) for each in used if each in catalogue.priorities),
        shortfalls=shortfall_rows(catalogue),
        catalogue_version=catalogue.version,
    )


def _sources(catalogue: Catalogue, selection: Selection) -> tuple[PressureSource, ...]:
    return tuple(
        PressureSource(each.indicator, feed, each.dimension)
        for each in selection.pressures
        if (feed := catalogue.indicators[each.indicator].feed) is not None
    )


def _chosen(catalogue: Catalogue, selection: Selection, selected: Selected) -> tuple[ChosenRow, ...]:
    places = {row.code: row for row in selected.processes}

    def row(each: Chosen) -> ChosenRow:
        return ChosenRow(
            process=named(catalogue.processes, each.process),
            also=all_named(catalogue.processes, each.processes),
            name=each.name,
            reasons=tuple(selection.reasons[reason] for reason in each.reasons if reason in selection.reasons),
            contact_steps=all_named(catalogue.contact_steps, each.contact_steps),
            initiative=each.initiative,
            place=places.get(each.process),
        )

    return tuple(row(each) for each in selection.chosen)


def _criteria(catalogue: Catalogue, selection: Selection) -> tuple[Criterion, ...]:
    """Which chosen processes cover each contact type that has to be covered (S000-024)."""
    return tuple(
        Criterion(
            named(catalogue.contact_steps, step),
            all_named(catalogue.processes, (each.process for each in selection.chosen if step in each.contact_steps)),
        )
        for step in selection.contact_steps
    )


def _priority(catalogue: Catalogue, code: str, day: date) -> PriorityRow:
    priority = catalogue.priorities[code]
    weights = tuple(
        WeightRow(
            named(catalogue.processes, each.process),
            float(each.weight),
            each.valid_from,
            each.valid_to,
            _valid(each, day),
        )
        for each in sorted(priority.weights, key=lambda weight: -weight.weight)
    )
    return PriorityRow(code, priority.name, priority.owner, priority.description, weights)


def _valid(weight: ProcessWeight, day: date) -> bool:
    """Whether a weight holds on a day, both ends of its validity included."""
    return (weight.valid_from or date.min) <= day <= (weight.valid_to or date.max)
