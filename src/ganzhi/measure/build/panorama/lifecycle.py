"""Builds the life-cycle panorama: stage and activity by weight, score and problems (S001-096)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ganzhi.catalogue.derive.coverage import measured_by
from ganzhi.catalogue.model.framework import Activity
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.build.journeys.shared import all_named, by_order
from ganzhi.measure.build.panorama.marks import LEVEL_ORDER, judged, mark_of, mean_of, roots, score_level
from ganzhi.measure.build.readings import Board
from ganzhi.measure.build.scope import Reader, scope_of
from ganzhi.measure.views.journeys.parts import Named
from ganzhi.measure.views.panorama.lifecycle import LifecyclePage, LifecycleRow, LifecycleStage, Mark, Problem
from ganzhi.measure.views.parts import Scope
from ganzhi.measure.views.query import PageQuery


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Which indicators speak for each activity: all that are judged, and their roots."""

    judged: Mapping[str, tuple[str, ...]]
    roots: Mapping[str, tuple[str, ...]]

    @staticmethod
    def of(catalogue: Catalogue, scope: Scope, arrived: Collection[str]) -> Lifecycle:
        """From the processes of each activity and what measures them."""
        measured = measured_by(catalogue)
        held = {
            code: judged(
                catalogue, (each for process in activity.processes for each in measured[process]), scope, arrived
            )
            for code, activity in catalogue.activities.items()
        }
        return Lifecycle(held, {code: roots(catalogue, codes) for code, codes in held.items()})

    @property
    def codes(self) -> tuple[str, ...]:
        """Every indicator, once."""
        return tuple(dict.fromkeys(code for codes in self.judged.values() for code in codes))


def lifecycle_page(reader: Reader, query: PageQuery) -> LifecyclePage:
    """The life cycle of a unit and of each unit directly below it."""
    catalogue = reader.workplace.catalogue
    scope = scope_of(reader, query)
    cycle = Lifecycle.of(catalogue, scope, reader.fed)
    board = Board(reader, cycle.codes, basis=scope.basis)
    before = scope.compared_with or scope.period.previous()
    for period in (before, scope.period):
        board.ask(scope.unit, [period])
    children = reader.ground.children(scope.unit)
    if children:
        board.ask(scope.unit, [scope.period], children=True)
    places = tuple(Named(code, each.name) for code, each in children.items())
    return LifecyclePage(scope, stages_of(catalogue, scope, cycle, board, places), places)


def stages_of(
    catalogue: Catalogue, scope: Scope, cycle: Lifecycle, board: Board, places: tuple[Named, ...] = ()
) -> tuple[LifecycleStage, ...]:
    """The customer's stages with their activities; the board must have been asked about the period, the one it is
    compared with, and the places."""
    stages = [(code, stage) for code, stage in by_order(catalogue.stages) if stage.frame == "customer"]
    found = []
    for code, stage in stages:
        mine = [(name, each) for name, each in by_order(catalogue.activities) if each.stage == code]
        rows = tuple(_activity(catalogue, scope, cycle, board, places, name, each) for name, each in mine)
        problems = {each.code: each for row in rows for each in row.problems}
        processes = {each.code: each for row in rows for each in row.processes}
        whole = LifecycleRow(
            code=code,
            name=stage.name,
            weight=_sum([row.weight for row in rows]),
            origin=None,
            mark=_over(rows, [row.mark for row in rows]),
            problems=_sorted(problems.values()),
            processes=tuple(processes.values()),
            places=tuple(_over(rows, [row.places[n] for row in rows]) for n in range(len(places))),
        )
        found.append(LifecycleStage(whole, rows))
    return tuple(found)


def _activity(
    catalogue: Catalogue,
    scope: Scope,
    cycle: Lifecycle,
    board: Board,
    places: tuple[Named, ...],
    code: str,
    activity: Activity,
) -> LifecycleRow:
    # The weight for everybody; those of a customer group or a product stand on the process frame.
    weight = next((each for each in activity.weights if each.segment is None and each.product is None), None)
    now, before, heads = scope.period, scope.compared_with or scope.period.previous(), cycle.roots[code]
    problems = []
    mine = cycle.judged[code]
    for each, reading in zip(mine, board.readings(mine, scope.unit, now), strict=True):
        reached = reading.level
        if reached is not None and catalogue.indicator(each).measure is not None:
            problems.append(Problem(each, catalogue.indicator(each).name, reached))
    return LifecycleRow(
        code=code,
        name=activity.name,
        weight=None if weight is None else float(weight.weight),
        origin=None if weight is None else weight.origin,
        mark=mark_of(board, heads, scope.unit, now, before),
        problems=_sorted(problems),
        processes=all_named(catalogue.processes, activity.processes),
        places=tuple(mark_of(board, heads, place.code, now, None) for place in places),
    )


def _over(rows: tuple[LifecycleRow, ...], marks: list[Mark]) -> Mark:
    """A stage over its activities, by their weights; activities that nothing measures take no part."""
    held = [(row, mark) for row, mark in zip(rows, marks, strict=True) if mark.total]
    weights = [row.weight or 0.0 for row, _ in held]
    shares = weights if any(weights) else [1.0] * len(held)
    value = mean_of([mark.score for _, mark in held], shares)
    before = mean_of([mark.before for _, mark in held], shares)
    known = sum(mark.score is not None for _, mark in held)
    return Mark(value, before, score_level(value), known, len(held))


def _sum(weights: list[float | None]) -> float | None:
    known = [each for each in weights if each is not None]
    return sum(known) if known else None


def _sorted(problems: Collection[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda each: (LEVEL_ORDER.index(each.level), each.code)))
