"""What came of pilots: their indicators in the last period before them and in the latest of them, beside everybody's.

A pilot shows nothing by itself: the same may have become better everywhere. So beside each change stands the change of
the same indicator over the same periods in the viewer's whole range.
"""

from __future__ import annotations

from ganzhi.base.periods import Period, period_of_day
from ganzhi.catalogue.model.blueprints import Blueprint, Pilot
from ganzhi.measure.build.readings import Board, change_between, subject_of
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.views.journeys.parts import Named
from ganzhi.measure.views.parts import Scope
from ganzhi.trace.blueprint.views import PilotRow, PilotView


def pilots_of(reader: Reader, scope: Scope, blueprint: Blueprint) -> tuple[PilotView, ...]:
    """The pilots of a blueprint in the places that the viewer may see; those elsewhere are left out."""
    found = (_pilot(reader, scope, code, pilot) for code, pilot in blueprint.pilots.items())
    return tuple(sorted((each for each in found if each is not None), key=lambda each: (each.first, each.code)))


def _pilot(reader: Reader, scope: Scope, code: str, pilot: Pilot) -> PilotView | None:
    units = [unit for unit in pilot.units if reader.ground.within(unit)]
    if not units:
        return None
    before, now = periods_of(pilot, scope.period)
    rows = _rows(reader, scope, pilot, units, before, now)
    return PilotView(code, pilot.name, pilot.change, pilot.first, pilot.last, pilot.kept, before, now, rows)


def periods_of(pilot: Pilot, shown: Period) -> tuple[Period, Period | None]:
    """The last whole period before a pilot, and its latest whole one up to the one that is shown; of the shown grain."""
    first = period_of_day(shown.grain, pilot.first, shown.zone)
    whole = first if first.first_day == pilot.first else first.following()
    now = shown
    if pilot.last is not None and now.last_day > pilot.last:
        now = period_of_day(shown.grain, pilot.last, shown.zone)
        now = now if now.last_day == pilot.last else now.previous()
    return first.previous(), now if now.first_day >= whole.first_day else None


def _rows(
    reader: Reader, scope: Scope, pilot: Pilot, units: list[str], before: Period, now: Period | None
) -> tuple[PilotRow, ...]:
    catalogue, top = reader.workplace.catalogue, reader.ground.top
    board = Board(reader, pilot.measures)
    board.ask(top, [before], units=[top, *units])
    if now is not None:
        board.ask(top, [now], units=[top, *units])
    found = []
    for unit in units:
        for code in pilot.measures:
            indicator = catalogue.indicator(code)
            asked = now or scope.period
            then, latest = board.reading(code, unit, before), board.reading(code, unit, asked)
            whole = board.reading(code, top, asked), board.reading(code, top, before)
            found.append(
                PilotRow(
                    Named(unit, catalogue.units[unit].name),
                    subject_of(catalogue, code, scope.period.grain),
                    then,
                    latest,
                    change_between(latest, then, "before", indicator),
                    change_between(*whole, "before", indicator),
                )
            )
    return tuple(found)
