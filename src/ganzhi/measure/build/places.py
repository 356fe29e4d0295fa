"""The direct children of a unit with their topic scores: the matrix of places and topics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ganzhi.base.periods import Period
from ganzhi.catalogue.model.indicators import Topic
from ganzhi.measure.build.cells.cut import cut_score
from ganzhi.measure.build.readings import Board
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.views.overview import PlaceRow
from ganzhi.measure.views.parts import Scope, ScoreNow

Scores = dict[str, ScoreNow]


def place_rows(reader: Reader, scope: Scope, topics: Sequence[tuple[str, Topic]], board: Board) -> tuple[PlaceRow, ...]:
    """The direct children of the unit, lowest first, with the topics of which any of them has a score; the board must
    have been asked about them for the period and the one before."""
    units = reader.ground.children(scope.unit)
    if not units:
        return ()
    now, before = scope.period, scope.period.previous()
    scores: dict[str, Scores] = {
        unit: {
            name: replace(_score(reader, board, topic.headline, unit, now, before), code=name, name=topic.name)
            for name, topic in topics
        }
        for unit in units
    }
    known = [name for name, _ in topics if any(of[name].score is not None for of in scores.values())]
    earlier = [name for name, _ in topics if any(of[name].before is not None for of in scores.values())]
    totals = [_mean([of[name].score for name in known]) for of in scores.values()]
    was = [_mean([of[name].before for name in earlier]) for of in scores.values()]
    ranks = zip(_ranks(totals), _ranks(was), strict=True)
    rows = [
        PlaceRow(code, unit.name, total, rank, rank_before, tuple(scores[code][name] for name in known))
        for (code, unit), total, (rank, rank_before) in zip(units.items(), totals, ranks, strict=True)
    ]
    return tuple(sorted(rows, key=_lowest_first))


def _score(reader: Reader, board: Board, code: str, unit: str, now: Period, before: Period) -> ScoreNow:
    score = board.score_now(code, unit, now, before)
    if reader.viewer.may("list"):  # nothing is too small for them
        return score
    return cut_score(score, board.reading(code, unit, now), board.reading(code, unit, before), reader.viewer)


def _lowest_first(row: PlaceRow) -> tuple[bool, float, bool, float]:
    """By the total; without one by the lowest topic; last those of which nothing is known."""
    lowest = min((each.score for each in row.scores if each.score is not None), default=None)
    return (row.total is None, row.total or 0.0, lowest is None, lowest or 0.0)


def _mean(scores: Sequence[float | None]) -> float | None:
    """Equally weighted mean of topic scores; unknown unless every topic that is scored anywhere is known."""
    known = [s for s in scores if s is not None]
    return sum(known) / len(known) if known and len(known) == len(scores) else None


def _ranks(totals: Sequence[float | None]) -> list[int | None]:
    ordered = sorted((t for t in totals if t is not None), reverse=True)
    return [None if t is None else ordered.index(t) + 1 for t in totals]
