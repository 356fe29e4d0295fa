"""Which processes to look at first: problem pressure from data, business importance from priorities (S000-023, S000-027).

Owns how counts by process become pressure and weights become importance; the arithmetic is
`numerics.selection`. A process without a single complaint, fault or requirement has pressure 0; when
none of the counts has arrived, pressure, rank and cell are unknown for all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import Period
from ganzhi.catalogue.model.guidance import Pressure, Selection
from ganzhi.catalogue.model.whole import Catalogue, unknown
from ganzhi.measure.observe import ObserveRequest, observe
from ganzhi.measure.open import States
from ganzhi.measure.views.journeys.parts import Named
from ganzhi.measure.views.journeys.selection import Rank, Selected, SelectedProcess
from ganzhi.numerics.selection import Count, placed, pressure, shares
from ganzhi.warehouse.workplace import Workplace

_ORDER: Mapping[Rank | None, int] = {"highest": 0, "higher": 1, "lowest": 2, None: 3}


@dataclass(frozen=True, slots=True)
class SelectRequest:
    """Which selection, for which place and period. stale: as in `ObserveRequest`."""

    code: str
    unit: str
    period: Period
    stale: Literal["refuse", "show"] = "refuse"


def select(workplace: Workplace, reading: States, request: SelectRequest) -> Selected:
    """The numbers of a selection.

    Raises: InputError REQ020 for an unknown selection, and as `observe`.
    """
    catalogue = workplace.catalogue
    selection = catalogue.selections.get(request.code)
    if selection is None:
        raise InputError(unknown("REQ020", request.code, catalogue.selections))
    counted = {p.indicator: _counts(workplace, reading, request, p) for p in selection.pressures}
    return _select(catalogue, selection, request, counted)


def _counts(workplace: Workplace, reading: States, request: SelectRequest, of: Pressure) -> Mapping[str, float] | None:
    """Value per process; None when nothing has arrived."""
    indicator = workplace.catalogue.indicator(of.indicator)
    if indicator.feed is None:
        raise InputError(Issue("MEA004", of.indicator))
    question = ObserveRequest(
        codes=(of.indicator,),
        unit=request.unit,
        grain=request.period.grain,
        first=request.period.first_day,
        last=request.period.first_day,
        stale=request.stale,
    )
    if all(each.value is None for each in observe(workplace, reading, question)):
        return None
    found = observe(workplace, reading, _cut(question, of.dimension))
    return {o.slice[of.dimension]: float(o.value) for o in found if o.value is not None}


def _cut(question: ObserveRequest, dimension: str) -> ObserveRequest:
    return ObserveRequest(
        question.codes,
        question.unit,
        question.grain,
        question.first,
        question.last,
        by=(dimension,),
        stale=question.stale,
    )


def importance(catalogue: Catalogue, selection: Selection, on: date) -> dict[str, float]:
    """Business importance per process, 0 to 1: weights of the priorities valid on a day, as a share of the highest."""
    sums = dict.fromkeys(catalogue.processes, 0.0)
    for code in selection.priorities:
        for weight in catalogue.priorities[code].weights:
            if (weight.valid_from or date.min) <= on <= (weight.valid_to or date.max):
                sums[weight.process] += float(weight.weight)
    return shares(sums)


def _select(
    catalogue: Catalogue,
    selection: Selection,
    request: SelectRequest,
    counted: Mapping[str, Mapping[str, float] | None],
) -> Selected:
    known = [Count(float(p.weight), found) for p in selection.pressures if (found := counted[p.indicator]) is not None]
    pressed = pressure(known, list(catalogue.processes))
    important = importance(catalogue, selection, request.period.last_day)
    high_from = float(selection.high_from)
    processes = []
    for code in catalogue.processes:
        values = tuple((p.indicator, _value(counted[p.indicator], code)) for p in selection.pressures)
        cell, rank = (None, None) if pressed is None else placed(pressed[code], important[code], high_from)
        processes.append(
            SelectedProcess(
                code=code,
                name=catalogue.processes[code].name,
                pressure=None if pressed is None else pressed[code],
                importance=important[code],
                parts=values,
                rank=rank,
                quadrant=cell,
                chosen=any(code in (c.process, *c.processes) for c in selection.chosen),
                reasons=_reasons(catalogue, selection, code, counted, important[code]),
            )
        )
    processes.sort(key=lambda p: (_ORDER[p.rank], -(p.pressure or 0.0), -p.importance, p.code))
    named = tuple(Named(p.indicator, catalogue.indicator(p.indicator).name) for p in selection.pressures)
    return Selected(
        code=request.code,
        name=selection.name,
        unit=request.unit,
        period=request.period,
        high_from=high_from,
        pressures=named,
        processes=tuple(processes),
        missing=tuple(each for each in named if counted[each.code] is None),
    )


def _value(counts: Mapping[str, float] | None, code: str) -> float | None:
    return None if counts is None else counts.get(code, 0.0)


def _reasons(
    catalogue: Catalogue,
    selection: Selection,
    code: str,
    counted: Mapping[str, Mapping[str, float] | None],
    important: float,
) -> tuple[str, ...]:
    """Reasons declared for a chosen process, and those that the data and the registers give (S000-024)."""
    found = [r for chosen in selection.chosen if code in (chosen.process, *chosen.processes) for r in chosen.reasons]
    high = float(selection.high_from)
    for each in selection.pressures:
        counts = counted[each.indicator]
        if each.reason is not None and counts is not None and shares(counts).get(code, 0.0) >= high:
            found.append(each.reason)
    if selection.importance_reason is not None and important >= high:
        found.append(selection.importance_reason)
    open_ones = (s for s in catalogue.shortfalls.values() if s.state == "open")
    if selection.shortfall_reason is not None and any(s.process == code for s in open_ones):
        found.append(selection.shortfall_reason)
    return tuple(dict.fromkeys(found))
