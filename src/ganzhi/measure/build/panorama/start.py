"""Builds the start page: one reader, so that all its parts speak of one state of the numbers (S002-116)."""

from __future__ import annotations

from collections.abc import Mapping

from ganzhi.measure.build.catalogue.reach import has_data
from ganzhi.measure.build.overview import seen
from ganzhi.measure.build.panorama.brief import brief, watched
from ganzhi.measure.build.panorama.halls import PROMOTION
from ganzhi.measure.build.panorama.hotspots import hot_spots
from ganzhi.measure.build.panorama.lifecycle import Lifecycle, stages_of
from ganzhi.measure.build.panorama.marks import judged
from ganzhi.measure.build.panorama.modules import MODULES, members, standings
from ganzhi.measure.build.readings import Wish, change_between, subject_of, use_of
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.views.panorama.start import Promotion, StartPage
from ganzhi.measure.views.parts import Scope
from ganzhi.measure.views.query import PageQuery


def start_page(reader: Reader, query: PageQuery) -> StartPage:
    """The start page of a unit for a period."""
    catalogue = reader.workplace.catalogue
    told, board = seen(reader, query, lambda scope: _wishes(reader, scope))
    scope = told.scope
    arrived = reader.fed
    before = scope.compared_with or scope.period.previous()
    topics = sorted(catalogue.topics, key=lambda code: (catalogue.topics[code].order, code))
    return StartPage(
        overview=told,
        modules=standings(catalogue, board, scope, _of_modules(reader, scope)),
        brief=brief(reader, scope, watched(catalogue, topics, arrived)),
        hot_spots=hot_spots(reader, scope),
        stages=stages_of(catalogue, scope, _cycle(reader, scope), board),
        promotion=tuple(
            Promotion(
                subject_of(catalogue, code, scope.period.grain),
                now := board.reading(code, scope.unit, scope.period),
                change_between(now, board.reading(code, scope.unit, before), before.key, catalogue.indicator(code)),
            )
            for code in _promoted(reader)
        ),
    )


def _cycle(reader: Reader, scope: Scope) -> Lifecycle:
    use, catalogue = use_of(scope.period.grain), reader.workplace.catalogue
    return reader.states.once(("lifecycle", use), lambda: Lifecycle.of(catalogue, scope, reader.fed))


def _of_modules(reader: Reader, scope: Scope) -> Mapping[str, tuple[str, ...]]:
    """Per module those of its indicators that are judged."""
    catalogue, arrived = reader.workplace.catalogue, reader.fed
    return reader.states.once(
        ("modules", use_of(scope.period.grain)),
        lambda: {m.code: judged(catalogue, members(catalogue, m), scope, arrived) for m in MODULES},
    )


def _promoted(reader: Reader) -> list[str]:
    catalogue, arrived = reader.workplace.catalogue, reader.fed
    return [c for c in PROMOTION if c in catalogue.indicators and has_data(catalogue, c, arrived)]


def _wishes(reader: Reader, scope: Scope) -> list[Wish]:
    """What modules, stages and promotion ask: the period and, where it has any data, the one it is compared with."""
    of_modules = _of_modules(reader, scope).values()
    codes = dict.fromkeys(
        [*_cycle(reader, scope).codes, *(code for each in of_modules for code in each), *_promoted(reader)]
    )
    if not codes:
        return []
    before, first = scope.compared_with or scope.period.previous(), reader.first_day()
    periods = [scope.period, *([before] if first is not None and before.last_day >= first else [])]
    return [Wish(scope.unit, [each], codes=tuple(codes)) for each in periods]
