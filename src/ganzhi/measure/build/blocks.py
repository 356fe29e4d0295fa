"""A topic with its score and its scorecard rows, worst first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from ganzhi.base.periods import Period
from ganzhi.catalogue.model.indicators import Topic
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.build.contributions import contributions_of
from ganzhi.measure.build.readings import Board, change_between, subject_of
from ganzhi.measure.views.overview import TopicBlock
from ganzhi.measure.views.parts import Scope, ScorecardRow

LEVEL_RANK = {None: 0, "blue": 1, "yellow": 2, "orange": 3, "red": 4}


def measured(catalogue: Catalogue, topic: Topic) -> list[str]:
    """The topic's indicators that have values of their own: those that its page lists."""
    return [each for each in topic.indicators if catalogue.indicator(each).measure is not None]


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
        spark=tuple(board.score_now(block.topic.headline, scope.unit, period, None).score for period in spark),
        rows=tuple(drawn.get(row.subject.code, row) for row in block.rows),
    )


def scorecard_rows(
    catalogue: Catalogue, board: Board, scope: Scope, codes: Sequence[str], heads: Collection[str] = ()
) -> tuple[ScorecardRow, ...]:
    """Indicators as rows, worst first, without sparklines; heads: the upper indicators they may be listed under."""
    heads = tuple(heads)
    against = _against(scope)
    made = [
        (_row(catalogue, board, scope, each, heads, against), board.points(each, scope.unit, scope.period))
        for each in codes
    ]
    return tuple(row for row, _ in sorted(made, key=_worst_first))


def with_row_sparks(
    board: Board, scope: Scope, spark: Sequence[Period], rows: Sequence[ScorecardRow]
) -> tuple[ScorecardRow, ...]:
    """The rows with their sparklines."""
    return tuple(
        replace(row, spark=tuple(board.value(row.subject.code, scope.unit, period) for period in spark)) for row in rows
    )


def _worst_first(made: tuple[ScorecardRow, float | None]) -> tuple[int, bool, bool, float]:
    """By level, then by score; without a score after those with one, the unknown last."""
    row, points = made
    return (-LEVEL_RANK[row.now.level], row.now.value is None, points is None, points or 0.0)


def _group(catalogue: Catalogue, code: str, heads: tuple[str, ...]) -> str | None:
    """The first of `heads` that the indicator supports, directly or through others."""
    key = (f"group.{'|'.join(heads)}", code)
    if key not in catalogue.computed:
        catalogue.computed[key] = _first_above(catalogue, code, heads)
    found: str | None = catalogue.computed[key]
    return found


def _first_above(catalogue: Catalogue, code: str, heads: Collection[str]) -> str | None:
    pending = [code]
    while pending:
        current = pending.pop(0)
        if current in heads:
            return current
        pending += [each.parent for each in catalogue.indicator(current).supports]
    return None


@dataclass(frozen=True, slots=True)
class _Against:
    """What the rows of a scorecard are compared with."""

    compared: Period
    key: str
    year: Period
    year_key: str


def _against(scope: Scope) -> _Against:
    compared, year = scope.compared_with or scope.period.previous(), scope.period.year_before()
    return _Against(compared, compared.key, year, year.key)


def _row(
    catalogue: Catalogue, board: Board, scope: Scope, code: str, heads: tuple[str, ...], against: _Against
) -> ScorecardRow:
    indicator = catalogue.indicator(code)
    now = board.reading(code, scope.unit, scope.period)
    before = board.reading(code, scope.unit, against.compared)
    return ScorecardRow(
        subject=subject_of(catalogue, code, scope.period.grain),
        now=now,
        before=before,
        change=change_between(now, before, against.key, indicator),
        year_change=change_between(now, board.reading(code, scope.unit, against.year), against.year_key, indicator),
        spark=(),
        group=_group(catalogue, code, heads),
    )
