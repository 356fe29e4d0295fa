"""Scores over several indicators: which of them count once, their mean, and its level.

A set of indicators is scored by its roots, those that support no other of the set; a root's own score is rolled up
from what supports it, so nothing counts twice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from ganzhi.base.periods import Period
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.build.catalogue.reach import has_data
from ganzhi.measure.build.readings import Board, level_name, use_of
from ganzhi.measure.score import POINTS, limits_for
from ganzhi.measure.views.panorama.lifecycle import Mark
from ganzhi.measure.views.parts import Level, Scope
from ganzhi.numerics.score import level

ENOUGH = 2 / 3
"""Part of the indicators that must have a score for the mean to be told."""
LEVEL_ORDER: tuple[Level, ...] = ("red", "orange", "yellow", "blue")


def judged(catalogue: Catalogue, codes: Iterable[str], scope: Scope, arrived: Collection[str]) -> tuple[str, ...]:
    """Those indicators in use that have data and are judged: by targets of their own, or as a score of others."""
    use = use_of(scope.period.grain)
    found = []
    for code in dict.fromkeys(codes):
        indicator = catalogue.indicators[code]
        if indicator.retired or not has_data(catalogue, code, arrived):
            continue
        if indicator.measure is None or limits_for(indicator, use) is not None:
            found.append(code)
    return tuple(found)


def roots(catalogue: Catalogue, codes: Collection[str]) -> tuple[str, ...]:
    """Those of a set that support no other of it, directly or through others."""
    held = frozenset(codes)

    def below_another(code: str) -> bool:
        seen: set[str] = set()
        pending = [each.parent for each in catalogue.indicator(code).supports]
        while pending:
            current = pending.pop()
            if current in held and current != code:
                return True
            if current not in seen and current in catalogue.indicators:
                seen.add(current)
                pending += [each.parent for each in catalogue.indicators[current].supports]
        return False

    return tuple(code for code in dict.fromkeys(codes) if not below_another(code))


def mark_of(board: Board, codes: Sequence[str], unit: str, now: Period, before: Period | None) -> Mark:
    """The mean score of indicators, each with equal weight, where enough of them are known."""
    scores = board.all_points(codes, unit, now)
    earlier = [None] * len(codes) if before is None else board.all_points(codes, unit, before)
    value = mean_of(scores)
    return Mark(value, mean_of(earlier), score_level(value), sum(each is not None for each in scores), len(codes))


def mean_of(scores: Sequence[float | None], weights: Sequence[float] | None = None) -> float | None:
    """The weighted mean of what is known, where that is at least two thirds of the weight; weights: equal by default.

    >>> mean_of([80.0, 100.0, None]), mean_of([80.0, None, None]), mean_of([])
    (90.0, None, None)
    """
    given = [1.0] * len(scores) if weights is None else list(weights)
    known = [(score, weight) for score, weight in zip(scores, given, strict=True) if score is not None]
    weight = sum(each for _, each in known)
    if not known or weight <= 0 or weight < ENOUGH * sum(given) - 1e-9:
        return None
    return sum(score * each for score, each in known) / weight


def score_level(score: float | None) -> Level | None:
    """The level of a score that has no targets of its own."""
    if score is None:
        return None
    return level_name(level(score, POINTS))


def counted(levels: Iterable[Level | None]) -> tuple[tuple[Level, int], ...]:
    """How many there are of each level, worst first."""
    given = list(levels)
    return tuple((each, given.count(each)) for each in LEVEL_ORDER if each in given)
