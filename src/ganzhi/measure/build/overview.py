"""Builds the overview and the topic page."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from ganzhi.base.errors import InputError
from ganzhi.base.periods import Period
from ganzhi.catalogue.model.indicators import Topic
from ganzhi.catalogue.model.whole import Catalogue, unknown
from ganzhi.measure.build.arrival import arrival_page
from ganzhi.measure.build.catalogue.reach import arrived_feeds, has_data
from ganzhi.measure.build.hours import interval_table
from ganzhi.measure.build.readings import Board, change_between, subject_of
from ganzhi.measure.build.scope import SPARK_PERIODS, Reader, scope_of
from ganzhi.measure.score import Contribution as ScoreShare
from ganzhi.measure.views.arrival import ArrivalPage, SourceArrival
from ganzhi.measure.views.overview import (
    Headline,
    Overview,
    PlaceRow,
    SourceState,
    TopicBlock,
    TopicPage,
)
from ganzhi.measure.views.parts import Contribution, Scope, ScorecardRow, Weak
from ganzhi.measure.views.query import PageQuery
from ganzhi.numerics.contribution import Part, contributions

LEVEL_RANK = {None: 0, "blue": 1, "yellow": 2, "orange": 3, "red": 4}
WEAK_LISTED = 8


def periods_back(period: Period, count: int) -> tuple[Period, ...]:
    """`count` periods of one grain that end with `period`, oldest first."""
    found = [period]
    while len(found) < count:
        found.append(found[-1].previous())
    return tuple(reversed(found))


def overview(reader: Reader, query: PageQuery) -> Overview:
    """The overview of a unit for a period."""
    catalogue = reader.workplace.catalogue
    scope = scope_of(reader, query)
    topics = _with_data(reader, sorted(catalogue.topics.items(), key=lambda item: (item[1].order, item[0])))
    codes = [code for _, topic in topics for code in (topic.headline, *topic.indicators)]
    board, spark = _asked(reader, codes, scope)
    blocks = tuple(_judged(_block(reader, board, scope, spark, code, topic)) for code, topic in topics)
    blocks = tuple(block for block in blocks if _anything(block)) or blocks
    places = _places(reader, board, scope, topics)
    return Overview(
        scope=scope,
        headline=_headline(scope, blocks, places),
        topics=tuple(sorted(blocks, key=_topic_order)),
        weak=_weak(catalogue, scope, blocks),
        places=places,
        sources=_sources(arrival_page(reader.workplace)),
    )


def _with_data(reader: Reader, topics: Sequence[tuple[str, Topic]]) -> Sequence[tuple[str, Topic]]:
    """The topics of which an indicator can have a value; all of them when none can."""
    arrived = arrived_feeds(reader.workplace)
    catalogue = reader.workplace.catalogue
    found = [each for each in topics if any(has_data(catalogue, code, arrived) for code in each[1].indicators)]
    return found or topics


def topic_page(reader: Reader, code: str, query: PageQuery) -> TopicPage:
    """One topic; InputError REQ013 when there is none of that code."""
    catalogue = reader.workplace.catalogue
    if code not in catalogue.topics:
        raise InputError(unknown("REQ013", code, catalogue.topics))
    topic = catalogue.topics[code]
    feeds = {f for c in topic.indicators if (f := catalogue.indicator(c).feed)}
    scope = scope_of(reader, query, feeds=sorted(feeds))
    board, spark = _asked(reader, [topic.headline, *topic.indicators], scope)
    block = _block(reader, board, scope, spark, code, topic)
    return TopicPage(scope, block, interval_table(reader, scope, topic), _places(reader, board, scope, [(code, topic)]))


def _asked(reader: Reader, codes: Sequence[str], scope: Scope) -> tuple[Board, tuple[Period, ...]]:
    board = Board(reader, codes, basis=scope.basis)
    spark = periods_back(scope.period, SPARK_PERIODS)
    span = reader.span()
    board.ask(scope.unit, [p for p in spark if span is None or p.last_day >= span[0]])
    ask_around(reader, board, scope, scope.period.previous(), own=False)
    return board, spark


def ask_around(reader: Reader, board: Board, scope: Scope, compared: Period, *, own: bool = True) -> None:
    """Fetch the period with the one it is compared with and the one a year before, for the unit
    (with `own`) and for the units directly below it; nothing is asked about days before the data."""
    span = reader.span()
    year = scope.period.year_before()
    near = [compared, scope.period] if (scope.period.start - compared.start).days < 100 else []
    if own:
        for periods in [near] if near else [[compared], [scope.period]]:
            board.ask(scope.unit, periods)
    if span is not None and year.last_day >= span[0]:
        board.ask(scope.unit, [year])
    if any(unit.parent == scope.unit for unit in reader.workplace.catalogue.units.values()):
        for periods in [near] if near else [[compared], [scope.period]]:
            board.ask(scope.unit, periods, children=True)


def _anything(block: TopicBlock) -> bool:
    return any(value is not None for row in block.rows for value in row.spark)


def _topic_order(block: TopicBlock) -> tuple[float, int]:
    return (block.score.score if block.score.score is not None else 1e9, block.topic.order)


def _block(reader: Reader, board: Board, scope: Scope, spark: Sequence[Period], code: str, topic: Topic) -> TopicBlock:
    now, before = scope.period, scope.period.previous()
    catalogue = reader.workplace.catalogue
    heads = catalogue.children(topic.headline)
    measured = [each for each in topic.indicators if catalogue.indicator(each).measure is not None]
    rows = [_row(catalogue, board, scope, spark, each, heads) for each in measured]
    groups = [board.score_now(head, scope.unit, now, before) for head in heads]
    return TopicBlock(
        code=code,
        topic=topic,
        score=board.score_now(topic.headline, scope.unit, now, before),
        rows=tuple(sorted(rows, key=lambda row: -LEVEL_RANK[row.now.level])),
        contributions=contributions_of(catalogue, board, topic.headline, scope.unit, now, before),
        groups=tuple(sorted(groups, key=lambda head: (head.score is None, head.score or 0.0))),
    )


def _group(catalogue: Catalogue, code: str, heads: Collection[str]) -> str | None:
    """The first of `heads` that the indicator supports, directly or through others."""
    pending = [code]
    while pending:
        current = pending.pop(0)
        if current in heads:
            return current
        pending += [each.parent for each in catalogue.indicator(current).supports]
    return None


def _judged(block: TopicBlock) -> TopicBlock:
    """The block with only those rows that have a target; volumes stand on the topic's page."""
    return replace(block, rows=tuple(row for row in block.rows if row.subject.limits is not None))


def _row(
    catalogue: Catalogue, board: Board, scope: Scope, spark: Sequence[Period], code: str, heads: Collection[str]
) -> ScorecardRow:
    indicator = catalogue.indicator(code)
    now = board.reading(code, scope.unit, scope.period)
    compared = scope.compared_with or scope.period.previous()
    before = board.reading(code, scope.unit, compared)
    year = scope.period.year_before()
    return ScorecardRow(
        subject=subject_of(catalogue, code, scope.period.grain),
        now=now,
        before=before,
        change=change_between(now, before, compared.key, indicator),
        year_change=change_between(now, board.reading(code, scope.unit, year), year.key, indicator),
        spark=tuple(board.reading(code, scope.unit, period).value for period in spark),
        group=_group(catalogue, code, heads),
    )


def contributions_of(
    catalogue: Catalogue, board: Board, parent: str, unit: str, now: Period, before: Period
) -> tuple[Contribution, ...]:
    """How the parent's change splits over its children; `points` None where either score is unknown."""
    children = catalogue.children(parent)
    dates = [board.scored(parent, unit, before), board.scored(parent, unit, now)]
    split = [{c.code: c for c in each.contributions} if each is not None else {} for each in dates]
    parts = [_part(split[0].get(code), split[1].get(code)) for code in children]
    known = all(each is not None and each.score is not None and each.contributions for each in dates)
    points = contributions(parts) if known else (None,) * len(parts)
    found = [
        Contribution(code, catalogue.indicator(code).name, children[code], part.now, part.before, each)
        for code, part, each in zip(children, parts, points, strict=True)
    ]
    risks = catalogue.risks(parent)
    found += [_risk(catalogue, code, points, split[0].get(code), split[1].get(code)) for code, points in risks.items()]
    return tuple(sorted(found, key=lambda c: (c.points is None, c.points or 0.0)))


def _risk(
    catalogue: Catalogue, code: str, at_risk: float, before: ScoreShare | None, now: ScoreShare | None
) -> Contribution:
    """What a risk took off more, or less, than before."""
    taken = [None if each is None else each.points for each in (before, now)]
    difference = None if taken[0] is None or taken[1] is None else taken[1] - taken[0]
    scores = [None if e is None or e.child.score is None else e.child.score.points for e in (before, now)]
    return Contribution(code, catalogue.indicator(code).name, 0.0, scores[1], scores[0], difference, at_risk)


def _part(before: ScoreShare | None, now: ScoreShare | None) -> Part:
    return Part(
        share_before=(before.share or 0.0) if before is not None else 0.0,
        share_now=(now.share or 0.0) if now is not None else 0.0,
        before=None if before is None or before.child.score is None else before.child.score.points,
        now=None if now is None or now.child.score is None else now.child.score.points,
    )


def _headline(scope: Scope, blocks: Sequence[TopicBlock], places: Sequence[PlaceRow]) -> Headline | None:
    scored = [block for block in blocks if block.score.score is not None]
    if not scored:
        return None
    worst = min(scored, key=lambda block: block.score.score or 0.0)
    score = worst.score
    assert score.score is not None
    difference = None if score.before is None else score.score - score.before
    rows = [row for block in blocks for row in block.rows]
    compared = [row for row in rows if row.before is not None and row.before.value is not None]
    low = min((p for p in places if p.total is not None), key=lambda p: p.total or 0.0, default=None)
    return Headline(
        score=score,
        difference=difference,
        cause=_cause(worst.contributions, difference),
        place=low.name if low is not None and len(places) > 1 else None,
        indicators=sum(row.now.value is not None for row in rows),
        in_alert=sum(row.now.level is not None for row in rows),
        in_alert_before=sum(row.before is not None and row.before.level is not None for row in rows)
        if compared
        else None,
    )


def _cause(parts: Sequence[Contribution], difference: float | None) -> Contribution | None:
    """The child that moved the score most in the direction in which it moved."""
    if not difference:
        return None
    moved = [c for c in parts if c.points and (c.points > 0) == (difference > 0)]
    return max(moved, key=lambda c: abs(c.points or 0.0), default=None)


def _weak(catalogue: Catalogue, scope: Scope, blocks: Sequence[TopicBlock]) -> tuple[Weak, ...]:
    rows = {row.subject.code: row for block in blocks for row in block.rows if row.now.level is not None}
    ordered = sorted(rows.values(), key=lambda row: (-LEVEL_RANK[row.now.level], row.subject.code))
    return tuple(
        Weak(row.subject, scope.unit, scope.unit_name, row.now, row.change, catalogue.indicator(row.subject.code).owner)
        for row in ordered[:WEAK_LISTED]
    )


def _places(reader: Reader, board: Board, scope: Scope, topics: Sequence[tuple[str, Topic]]) -> tuple[PlaceRow, ...]:
    """The direct children of the unit with their topic scores, lowest first."""
    units = reader.workplace.catalogue.units
    now, before = scope.period, scope.period.previous()
    found = []
    for code, unit in units.items():
        if unit.parent != scope.unit:
            continue
        scores = tuple(
            replace(board.score_now(topic.headline, code, now, before), code=name, name=topic.name)
            for name, topic in topics
        )
        totals = [_mean([s.score for s in scores]), _mean([s.before for s in scores])]
        found.append((code, unit.name, scores, totals))
    ranks = [_ranks([totals[date] for _, _, _, totals in found]) for date in (0, 1)]
    rows = [
        PlaceRow(code, name, totals[0], ranks[0][i], ranks[1][i], scores)
        for i, (code, name, scores, totals) in enumerate(found)
    ]
    return tuple(sorted(rows, key=lambda row: (row.total is None, row.total or 0.0)))


def _mean(scores: Sequence[float | None]) -> float | None:
    """Equally weighted mean of topic scores; unknown unless every topic that is scored anywhere is known."""
    known = [s for s in scores if s is not None]
    return sum(known) / len(known) if known and len(known) == len(scores) else None


def _ranks(totals: Sequence[float | None]) -> list[int | None]:
    ordered = sorted((t for t in totals if t is not None), reverse=True)
    return [None if t is None else ordered.index(t) + 1 for t in totals]


def _sources(page: ArrivalPage) -> tuple[SourceState, ...]:
    return tuple(
        SourceState(
            code=each.code,
            name=each.name,
            state=each.state,
            last_day=None if each.last_day is None else each.last_day.isoformat(),
            share=_last_share(each),
        )
        for each in page.sources
    )


def _last_share(source: SourceArrival) -> float | None:
    """Rows of the last day over those of a normal such day, for a source that came short."""
    if source.state != "short" or not source.days or source.days[-1].rows is None or not source.days[-1].usual:
        return None
    return source.days[-1].rows / source.days[-1].usual
