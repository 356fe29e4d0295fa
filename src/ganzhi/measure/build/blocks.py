"""A topic with its score and its scorecard rows, worst first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from ganzhi.base.periods import Period
from ganzhi.catalogue.model.indicators import Topic
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.build.contributions import contributions_of
from ganzhi.measure.build.readings import Board, change_between, subjects_of
from ganzhi.measure.views.overview import TopicBlock
from ganzhi.measure.views.parts import Scope, ScorecardRow

LEVEL_RANK = {None: 0, "blue": 1, "yellow": 2, "orange": 3, "red": 4}


def measured(catalogue: Catalogue, topic: Topic) -> list[str]:
    """The topic's indicators that have values of their own: those that its page lists."""
    key = ("measured", topic.headline)
    held: tuple[Topic, list[str]] | None = catalogue.computed.get(key)
    if held is None or held[0] is not topic:
        held = topic, [each for each in topic.indicators if catalogue.indicator(each).measure is not None]
        catalogue.computed[key] = held
    return held[1]


def block_of(
    catalogue: Catalogue, board: Board, scope: Scope, code: str, topic: Topic, rows: Sequence[str]
) -> TopicBlock:
    """A topic with rows for some of its indicators, without sparklines.

    The board must have been asked about the period, the one before it and the one it is compared with."""
    now, before = scope.period, scope.period.previous()
    heads = catalogue.children(topic.headline)
    groups = [board.score_now(head, scope.unit, now, before) for head in heads]
    return TopicBlock(
        code=code,
        topic=topic,
        score=board.score_now(topic.headline, scope.unit, now, before),
        rows=scorecard_rows(catalogue, board, scope, rows, heads),
        contributions=contributions_of(catalogue, board, topic.headline, scope.unit, now, before),
        groups=tuple(sorted(groups, key=lambda head: (head.score is None, head.score or 0.0))),
        indicators=len(measured(catalogue, topic)),
    )


def with_sparks(
    block: TopicBlock, board: Board, scope: Scope, spark: Sequence[Period], rows: Sequence[ScorecardRow]
) -> TopicBlock:
    """The block with the sparkline of its score and those of some of its rows."""
    drawn = {row.subject.code: row for row in with_row_sparks(board, scope, spark, rows)}
    return replace(
        block,
        spark=tuple(board.points_over(block.topic.headline, scope.unit, spark)),
        rows=tuple(drawn.get(row.subject.code, row) for row in block.rows),
    )


def scorecard_rows(
    catalogue: Catalogue, board: Board, scope: Scope, codes: Sequence[str], heads: Collection[str] = ()
) -> tuple[ScorecardRow, ...]:
    """Indicators as rows, worst first, without sparklines; heads: the upper indicators they may be listed under."""
    compared, year = scope.compared_with or scope.period.previous(), scope.period.year_before()
    key, year_key, given = compared.key, year.key, tuple(heads)
    now, before, back = (board.readings(codes, scope.unit, each) for each in (scope.period, compared, year))
    subjects, groups = subjects_of(catalogue, codes, scope.period.grain), _groups(catalogue, codes, given)
    rows = []
    for code, subject, one, other, earlier, group in zip(codes, subjects, now, before, back, groups, strict=True):
        indicator = catalogue.indicator(code)
        rows.append(
            ScorecardRow(
                subject,
                one,
                other,
                change_between(one, other, key, indicator),
                change_between(one, earlier, year_key, indicator),
                (),
                group,
            )
        )
    made = zip(rows, board.all_points(codes, scope.unit, scope.period), strict=True)
    return tuple(row for row, _ in sorted(made, key=_worst_first))


def with_row_sparks(
    board: Board, scope: Scope, spark: Sequence[Period], rows: Sequence[ScorecardRow]
) -> tuple[ScorecardRow, ...]:
    """The rows with their sparklines."""
    return tuple(replace(row, spark=tuple(board.values(row.subject.code, scope.unit, spark))) for row in rows)


def _worst_first(made: tuple[ScorecardRow, float | None]) -> tuple[int, bool, bool, float]:
    """By level, then by score; without a score after those with one, the unknown last."""
    row, points = made
    return (-LEVEL_RANK[row.now.level], row.now.value is None, points is None, points or 0.0)


def _groups(catalogue: Catalogue, codes: Sequence[str], heads: tuple[str, ...]) -> list[str | None]:
    """Of each the first of `heads` that it supports, directly or through others."""
    held: dict[str, str | None] = catalogue.computed.setdefault(("groups", "|".join(heads)), {})
    for code in codes:
        if code not in held:
            held[code] = _first_above(catalogue, code, heads)
    return [held[code] for code in codes]


def _first_above(catalogue: Catalogue, code: str, heads: Collection[str]) -> str | None:
    pending = [code]
    while pending:
        current = pending.pop(0)
        if current in heads:
            return current
        pending += [each.parent for each in catalogue.indicator(current).supports]
    return None
