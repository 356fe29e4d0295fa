"""Builds the page of a place: its overview, and its standing among its peers.

A viewer's reach may end at the place. Then its peers and the unit above count in the standing all the same, but only
as the place's own rank, the median and the best of at least three, and the score above; no peer is named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from ganzhi.catalogue.model.indicators import Topic
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.build.catalogue.reach import has_data
from ganzhi.measure.build.overview import seen as overview_seen
from ganzhi.measure.build.panorama.marks import counted, score_level
from ganzhi.measure.build.readings import Board, Wish
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.views.journeys.parts import Named
from ganzhi.measure.views.panorama.places import PEERS_AT_LEAST, Peer, PlacePage, Versus
from ganzhi.measure.views.parts import Level, Scope, ScoreNow
from ganzhi.measure.views.query import PageQuery

Scores = Mapping[str, Mapping[str, ScoreNow]]
"""Unit to topic to score."""


@dataclass(frozen=True, slots=True)
class _Field:
    """The units a place is compared with. own: the place. siblings: all units directly below `above`, it included.
    open: whether the viewer sees them."""

    own: str
    above: str | None
    siblings: tuple[str, ...]
    open: bool


def place_page(reader: Reader, query: PageQuery) -> PlacePage:
    """A place with its overview and its standing; InputError REQ012 for one that is not within reach."""
    catalogue = reader.workplace.catalogue
    arrived = reader.fed
    topics = [
        (code, topic)
        for code, topic in sorted(catalogue.topics.items(), key=lambda item: (item[1].order, item[0]))
        if any(has_data(catalogue, each, arrived) for each in topic.indicators)
    ]
    heads = [topic.headline for _, topic in topics]
    seen, board = overview_seen(reader, query, lambda scope: _wishes(scope, _field(reader, scope.unit), heads))
    scope = seen.scope
    field = _field(reader, scope.unit)
    scores = _scores(board, scope, field, topics)
    rows = {row.subject.code: row for block in seen.topics for row in block.rows}
    return PlacePage(
        overview=seen,
        level=catalogue.units[scope.unit].level,
        path=_path(reader, scope.unit),
        above=catalogue.units[field.above].name if field.above and reader.ground.within(field.above) else None,
        alerts=counted(row.now.level for row in rows.values()),
        total=_total(field, topics, scores),
        topics=tuple(
            versus for code, topic in topics if (versus := _topic(field, code, topic.name, scores)).score is not None
        ),
        peers=_peers(catalogue, field, topics, scores) if field.open else None,
    )


def _field(reader: Reader, unit: str) -> _Field:
    units = reader.workplace.catalogue.units
    above = units[unit].parent
    level = units[unit].level
    siblings = tuple(c for c, each in units.items() if each.parent == above and each.level == level) if above else ()
    return _Field(unit, above, siblings, all(reader.ground.within(each) for each in siblings))


def _path(reader: Reader, unit: str) -> tuple[Named, ...]:
    """The units above, as far as they are within reach, highest first."""
    found: list[Named] = []
    units = reader.workplace.catalogue.units
    code = units[unit].parent
    while code is not None and reader.ground.within(code):
        found.insert(0, Named(code, units[code].name))
        code = units[code].parent
    return tuple(found)


def _wishes(scope: Scope, field: _Field, heads: Sequence[str]) -> list[Wish]:
    """Topic scores of the place, its siblings and the unit above, now and before."""
    if not heads:
        return []
    now, before = scope.period, scope.compared_with or scope.period.previous()
    periods = [[before, now]] if (now.start - before.start).days < 100 else [[before], [now]]
    found = []
    for each in periods:
        if field.above is None:
            found.append(Wish(field.own, each, codes=heads))
        else:
            found += [Wish(field.above, each, children=below, codes=heads) for below in (False, True)]
    return found


def _scores(board: Board, scope: Scope, field: _Field, topics: Sequence[tuple[str, Topic]]) -> Scores:
    """What was asked of the topics."""
    now, before = scope.period, scope.compared_with or scope.period.previous()
    units = [*field.siblings, field.own, *([field.above] if field.above else [])]
    return {
        unit: {code: board.score_now(topic.headline, unit, now, before) for code, topic in topics}
        for unit in dict.fromkeys(units)
    }


def _topic(field: _Field, code: str, name: Text, scores: Scores) -> Versus:
    now = {unit: scores[unit][code].score for unit in field.siblings}
    before = {unit: scores[unit][code].before for unit in field.siblings}
    own = scores[field.own][code]
    above = scores[field.above][code].score if field.above else None
    return versus(field.own, code, name, (own.score, own.before, own.level), above, now, before)


def _total(field: _Field, topics: Sequence[tuple[str, Topic]], scores: Scores) -> Versus | None:
    """The equally weighted mean of those topics that every sibling has, as on the matrix of places."""
    if len(field.siblings) < 2:
        return None
    now = totals(field.siblings, [code for code, _ in topics], {u: _points(scores[u]) for u in field.siblings})
    before = totals(field.siblings, [code for code, _ in topics], {u: _points(scores[u], before=True) for u in scores})
    own = now.get(field.own)
    if own is None:
        return None
    # The unit above is not a mean of its parts, so it has no total that would be like theirs.
    return versus(field.own, "total", None, (own, before.get(field.own), score_level(own)), None, now, before)


def _points(scores: Mapping[str, ScoreNow], *, before: bool = False) -> dict[str, float | None]:
    return {code: each.before if before else each.score for code, each in scores.items()}


def totals(
    units: Sequence[str], topics: Sequence[str], scores: Mapping[str, Mapping[str, float | None]]
) -> dict[str, float | None]:
    """The mean of topic scores of each unit that has every topic which any of them has; None for the others."""
    shared = [code for code in topics if any(scores[unit].get(code) is not None for unit in units)]
    found: dict[str, float | None] = {}
    for unit in units:
        known = [score for code in shared if (score := scores[unit].get(code)) is not None]
        found[unit] = sum(known) / len(known) if known and len(known) == len(shared) else None
    return found


def versus(
    own: str,
    code: str,
    name: Text | None,
    score: tuple[float | None, float | None, Level | None],
    above: float | None,
    now: Mapping[str, float | None],
    before: Mapping[str, float | None],
) -> Versus:
    """A place among its siblings. Peers are the siblings but itself; fewer than three tell no median and no best."""
    peers = [each for unit, each in now.items() if unit != own and each is not None]
    enough = len(peers) >= PEERS_AT_LEAST
    return Versus(
        code=code,
        name=name,
        score=score[0],
        before=score[1],
        level=score[2],
        above=above,
        median=float(median(peers)) if enough else None,
        best=max(peers) if enough else None,
        rank=_rank(own, now),
        rank_before=_rank(own, before),
        ranked=sum(each is not None for each in now.values()),
    )


def _rank(own: str, scores: Mapping[str, float | None]) -> int | None:
    """1 is best; equal scores share a rank. None without a score or without anybody to be ranked with."""
    mine = scores.get(own)
    known = [each for each in scores.values() if each is not None]
    return None if mine is None or len(known) < 2 else 1 + sum(each > mine for each in known)


def _peers(
    catalogue: Catalogue, field: _Field, topics: Sequence[tuple[str, Topic]], scores: Scores
) -> tuple[Peer, ...]:
    """The siblings by name, best first."""
    now = totals(field.siblings, [code for code, _ in topics], {u: _points(scores[u]) for u in field.siblings})
    rows = [Peer(unit, catalogue.units[unit].name, now[unit], _rank(unit, now)) for unit in field.siblings]
    return tuple(sorted(rows, key=lambda each: (each.total is None, -(each.total or 0.0))))
