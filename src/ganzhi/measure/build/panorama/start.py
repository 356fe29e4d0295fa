"""Builds the start page: one reader, so that all its parts speak of one state of the numbers (S002-116)."""

from __future__ import annotations

from ganzhi.measure.build.catalogue.reach import has_data
from ganzhi.measure.build.overview import overview
from ganzhi.measure.build.panorama.brief import brief, watched
from ganzhi.measure.build.panorama.halls import PROMOTION
from ganzhi.measure.build.panorama.hotspots import hot_spots
from ganzhi.measure.build.panorama.lifecycle import Lifecycle, stages_of
from ganzhi.measure.build.panorama.marks import judged
from ganzhi.measure.build.panorama.modules import MODULES, members, standings
from ganzhi.measure.build.readings import Board, change_between, subject_of, use_of
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.views.panorama.start import Promotion, StartPage
from ganzhi.measure.views.query import PageQuery


def start_page(reader: Reader, query: PageQuery) -> StartPage:
    """The start page of a unit for a period."""
    catalogue = reader.workplace.catalogue
    seen = overview(reader, query)
    scope = seen.scope
    arrived = reader.fed
    use, once = use_of(scope.period.grain), reader.states.once
    cycle = once(("lifecycle", use), lambda: Lifecycle.of(catalogue, scope, arrived))
    of_modules = once(
        ("modules", use),
        lambda: {m.code: judged(catalogue, members(catalogue, m), scope, arrived) for m in MODULES},
    )
    promoted = [c for c in PROMOTION if c in catalogue.indicators and has_data(catalogue, c, arrived)]
    board = Board(
        reader,
        dict.fromkeys([*cycle.codes, *(code for codes in of_modules.values() for code in codes), *promoted]),
        basis=scope.basis,
    )
    before = scope.compared_with or scope.period.previous()
    first = reader.first_day()
    board.ask(scope.unit, [scope.period])
    if first is not None and before.last_day >= first:
        board.ask(scope.unit, [before])
    topics = sorted(catalogue.topics, key=lambda code: (catalogue.topics[code].order, code))
    return StartPage(
        overview=seen,
        modules=standings(catalogue, board, scope, of_modules),
        brief=brief(reader, scope, watched(catalogue, topics, arrived)),
        hot_spots=hot_spots(reader, scope),
        stages=stages_of(catalogue, scope, cycle, board),
        promotion=tuple(
            Promotion(
                subject_of(catalogue, code, scope.period.grain),
                now := board.reading(code, scope.unit, scope.period),
                change_between(now, board.reading(code, scope.unit, before), before.key, catalogue.indicator(code)),
            )
            for code in promoted
        ),
    )
