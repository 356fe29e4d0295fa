"""Builds the page of key-process selection around the numbers that `Measured` gives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from ganzhi.base.errors import InputError
from ganzhi.base.periods import Grain
from ganzhi.catalogue.derive.importance import importance, valid
from ganzhi.catalogue.model.guidance import Chosen, Selection
from ganzhi.catalogue.model.whole import Catalogue, unknown
from ganzhi.measure.build.journeys.shared import all_named, by_order, named, shortfall_rows
from ganzhi.measure.build.scope import Reader, scope_of
from ganzhi.measure.views.journeys.selection import (
    ChosenRow,
    Criterion,
    PriorityRow,
    Selected,
    SelectedProcess,
    SelectionPage,
    WeightRow,
)
from ganzhi.measure.views.parts import Scope
from ganzhi.measure.views.query import PageQuery

Measured = Callable[[Reader, Scope, str], Selected]
"""Gives the numbers of a selection (its code) for the place and period of a scope."""


def importance_only(reader: Reader, scope: Scope, code: str) -> Selected:
    """The selection where none of its pressure indicators has data: importance is known, rank and place are not."""
    catalogue = reader.workplace.catalogue
    selection = catalogue.selections[code]
    reasons = {process: each.reasons for each in selection.chosen for process in (each.process, *each.processes)}
    weights = importance(catalogue, selection, scope.period.last_day)
    pressures = all_named(catalogue.indicators, (each.indicator for each in selection.pressures))
    rows = [
        SelectedProcess(
            code=process,
            name=each.name,
            pressure=None,
            importance=weights[process],
            parts=tuple((pressure.code, None) for pressure in pressures),
            rank=None,
            quadrant=None,
            chosen=process in reasons,
            reasons=reasons.get(process, ()),
        )
        for process, each in by_order(catalogue.processes)
    ]
    rows.sort(key=lambda row: -row.importance)
    return Selected(
        code, selection.name, scope.unit, scope.period, float(selection.high_from), pressures, tuple(rows), pressures
    )


def selection_page(
    reader: Reader, query: PageQuery, code: str | None = None, measured: Measured = importance_only
) -> SelectionPage:
    """The selection asked for, or the first that is declared; InputError REQ018 for one that is not."""
    catalogue = reader.workplace.catalogue
    if code and code not in catalogue.selections:
        raise InputError(unknown("REQ018", code, catalogue.selections))
    feeds = tuple(
        feed
        for each in catalogue.selections.values()
        for pressure in each.pressures
        if (feed := catalogue.indicators[pressure.indicator].feed) is not None
    )
    scope = scope_of(reader, query, feeds=feeds, grain=Grain.MONTH)
    asked = code or next(iter(catalogue.selections), None)
    declared = catalogue.selections[asked] if asked else None
    selected = measured(reader, scope, asked) if asked else None
    used = declared.priorities if declared else tuple(catalogue.priorities)
    return SelectionPage(
        scope=scope,
        selections=all_named(catalogue.selections, catalogue.selections),
        selected=selected,
        reasons=tuple(declared.reasons.items()) if declared else (),
        chosen=_chosen(catalogue, declared, selected) if declared and selected else (),
        criteria=_criteria(catalogue, declared) if declared else (),
        priorities=tuple(
            _priority(catalogue, each, scope.period.last_day) for each in used if each in catalogue.priorities
        ),
        shortfalls=shortfall_rows(catalogue),
        catalogue_version=catalogue.version,
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
            valid(each, day),
        )
        for each in sorted(priority.weights, key=lambda weight: -weight.weight)
    )
    return PriorityRow(code, priority.name, priority.owner, priority.description, weights)
