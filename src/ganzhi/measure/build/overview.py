"""Builds the overview and the topic page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from ganzhi.base.errors import InputError
from ganzhi.base.periods import Period
from ganzhi.catalogue.model.indicators import Topic
from ganzhi.catalogue.model.whole import Catalogue, unknown
from ganzhi.measure.build.arrival import seen_sources, source_arrivals
from ganzhi.measure.build.blocks import LEVEL_RANK, block_of, measured, with_sparks
from ganzhi.measure.build.catalogue.reach import has_data
from ganzhi.measure.build.hours import interval_table
from ganzhi.measure.build.places import place_rows
from ganzhi.measure.build.readings import Board, Wish, use_of
from ganzhi.measure.build.scope import SPARK_PERIODS, Reader, scope_of
from ganzhi.measure.score import Use, limits_for
from ganzhi.measure.views.arrival import SourceArrival
from ganzhi.measure.views.overview import Headline, Overview, PlaceRow, SourceState, TopicBlock, TopicPage
from ganzhi.measure.views.parts import Contribution, Scope, Weak
from ganzhi.measure.views.query import PageQuery

STATE_ORDER = ("late", "short", "on_time", "never")
"""In which order the sources are told: what needs looking at first."""

Seen = tuple[Overview, Board]
"""An overview, and the board that it was read from."""


def periods_back(period: Period, count: int) -> tuple[Period, ...]:
    """`count` periods of one grain that end with `period`, oldest first."""
    found = [period]
    while len(found) < count:
        found.append(found[-1].previous())
    return tuple(reversed(found))


def overview(reader: Reader, query: PageQuery) -> Overview:
    """The overview of a unit for a period: every topic, with those of its indicators that have a target."""
    return seen(reader, query)[0]


def seen(reader: Reader, query: PageQuery, more: Callable[[Scope], Sequence[Wish]] = lambda scope: ()) -> Seen:
    """The overview with its board. more: what else the page asks about periods of the grain, each with its codes: one
    question asks all of it, with the unit over the periods of the sparkline and the units directly below it."""
    catalogue = reader.workplace.catalogue
    scope = scope_of(reader, query)
    topics = sorted(catalogue.topics.items(), key=lambda item: (item[1].order, item[0]))
    arrived = reader.fed
    live = [each for each in topics if any(has_data(catalogue, code, arrived) for code in each[1].indicators)]
    use = use_of(scope.period.grain)
    rows = {code: _rows_of(reader, use, code, topic) for code, topic in topics}
    asked = [c for code, _ in live for c in rows[code] if has_data(catalogue, c, arrived)]
    heads = [topic.headline for _, topic in live]
    wishes = [*more(scope), *_of_places(reader, scope, heads)]
    board, spark = asked_over(reader, scope, [*heads, *asked], wishes)
    bare = [block_of(catalogue, board, scope, code, topic, rows[code]) for code, topic in topics]
    blocks = sorted((with_sparks(block, board, scope, spark, block.worst) for block in bare), key=_topic_order)
    lives = {code for code, _ in live}
    places = place_rows(reader, scope, [(b.code, b.topic) for b in blocks if b.code in lives], board)
    found = Overview(
        scope=scope,
        headline=_headline(scope, blocks, places),
        topics=tuple(blocks),
        weak=_weak(catalogue, scope, blocks),
        places=places,
        sources=_sources(seen_sources(_arrivals(reader), reader.viewer)),
    )
    return found, board


def _of_places(reader: Reader, scope: Scope, heads: Sequence[str]) -> tuple[Wish, ...]:
    """What the matrix of places and topics asks."""
    if not heads or not reader.ground.children(scope.unit):
        return ()
    return (Wish(scope.unit, (scope.period.previous(), scope.period), children=True, codes=heads),)


def topic_page(reader: Reader, code: str, query: PageQuery) -> TopicPage:
    """One topic with all its measured indicators; InputError REQ013 when there is none of that code."""
    catalogue = reader.workplace.catalogue
    if code not in catalogue.topics:
        raise InputError(unknown("REQ013", code, catalogue.topics))
    topic = catalogue.topics[code]
    feeds = {f for c in topic.indicators if (f := catalogue.indicator(c).feed)}
    scope = scope_of(reader, query, feeds=sorted(feeds))
    wishes = _of_places(reader, scope, [topic.headline])
    board, spark = asked_over(reader, scope, [topic.headline, *topic.indicators], wishes)
    bare = block_of(catalogue, board, scope, code, topic, measured(catalogue, topic))
    block = with_sparks(bare, board, scope, spark, bare.rows)
    return TopicPage(
        scope, block, interval_table(reader, scope, topic), place_rows(reader, scope, [(code, topic)], board)
    )


def _rows_of(reader: Reader, use: Use, code: str, topic: Topic) -> list[str]:
    return reader.states.once(("judged", use, code), lambda: _judged(reader.workplace.catalogue, use, topic))


def _judged(catalogue: Catalogue, use: Use, topic: Topic) -> list[str]:
    """Those indicators of the topic that have a target; volumes stand on the topic's page."""
    return [c for c in measured(catalogue, topic) if limits_for(catalogue.indicator(c), use) is not None]


def asked_over(
    reader: Reader, scope: Scope, codes: Sequence[str], more: Sequence[Wish] = ()
) -> tuple[Board, tuple[Period, ...]]:
    """The unit over the periods of a sparkline, and what the period is compared with where that lies before. more: what
    is asked with it; its codes need not be among `codes`."""
    every = [*codes, *(code for wish in more for code in wish.codes or ())]
    board = Board(reader, dict.fromkeys(every), basis=scope.basis)
    spark = periods_back(scope.period, SPARK_PERIODS)
    first = reader.first_day()
    spark = tuple(p for p in spark if first is None or p.last_day >= first or p == scope.period)
    wishes = [Wish(scope.unit, spark if len(spark) > 1 else periods_back(scope.period, 2), codes=codes)]
    year = scope.period.year_before()
    if first is not None and year.last_day >= first and year not in spark:
        wishes.append(Wish(scope.unit, (year,), codes=codes))
    board.ask_all([*wishes, *more])
    return board, spark


def ask_around(reader: Reader, board: Board, scope: Scope, compared: Period) -> None:
    """Fetch the period with the one it is compared with and the one a year before, for the unit and
    for the units directly below it; nothing is asked about days before the data."""
    first = reader.first_day()
    year = scope.period.year_before()
    near = [compared, scope.period] if (scope.period.start - compared.start).days < 100 else []
    wishes = [Wish(scope.unit, periods) for periods in ([near] if near else [[compared], [scope.period]])]
    if first is not None and year.last_day >= first:
        wishes.append(Wish(scope.unit, [year]))
    if reader.ground.children(scope.unit):
        wishes += [replace(each, children=True) for each in wishes[: 1 if near else 2]]
    board.ask_all(wishes)


def _topic_order(block: TopicBlock) -> tuple[bool, bool, float, int]:
    """By score; without one after those with one, those of which nothing is known last."""
    score = block.score.score
    return (block.known == 0 and score is None, score is None, score or 0.0, block.topic.order)


def _headline(scope: Scope, blocks: Sequence[TopicBlock], places: Sequence[PlaceRow]) -> Headline | None:
    scored = [block for block in blocks if block.score.score is not None]
    if not scored:
        return None
    worst = min(scored, key=lambda block: block.score.score or 0.0)
    score = worst.score
    assert score.score is not None
    difference = None if score.before is None else score.score - score.before
    rows = {row.subject.code: row for block in blocks for row in block.rows}.values()
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
        for row in ordered
    )


def _arrivals(reader: Reader) -> tuple[SourceArrival, ...]:
    """All sources with what arrived of them; which of them are late is looked at every hour."""
    hour = int(reader.workplace.clock.now().timestamp() // 3600)
    return reader.states.once(("arrivals", hour), lambda: source_arrivals(reader.workplace, reader.days, loads=False))


def _sources(sources: Sequence[SourceArrival]) -> tuple[SourceState, ...]:
    """The sources, those that are late or short first, the oldest of them first."""
    ordered = sorted(sources, key=lambda each: (STATE_ORDER.index(each.state), each.last_day or date.max, each.code))
    return tuple(
        SourceState(
            code=each.code,
            name=each.name,
            state=each.state,
            last_day=None if each.last_day is None else each.last_day.isoformat(),
            share=_last_share(each),
        )
        for each in ordered
    )


def _last_share(source: SourceArrival) -> float | None:
    """Rows of the last day over those of a normal such day, for a source that came short."""
    if source.state != "short" or not source.days or source.days[-1].rows is None or not source.days[-1].usual:
        return None
    return source.days[-1].rows / source.days[-1].usual
