"""How the change of a rolled-up score, or the points it misses, split over what supports it.

Owns the arithmetic between `Scored` trees of two dates and the splits of `numerics.contribution`. The
trees hold every observation down to the leaves, so a split of any depth asks nothing more.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import fsum

from ganzhi.measure.explain.explanation import Only, ScorePart, Split, points_of
from ganzhi.measure.score import Contribution, Scored
from ganzhi.numerics.contribution import Moved, Part, floored, moves


@dataclass(frozen=True, slots=True)
class _Term:
    """A child or a risk at both dates. moved: what it does to the score before the floor at 0. lever: what a
    point of its own score is worth in that."""

    before: Contribution | None
    now: Contribution | None
    moved: Moved
    lever: float


def split_change(before: Scored, now: Scored, depth: int, lever: float = 1.0) -> Split | None:
    """The change between two dates over the children; None where either has no score or no children.

    lever: what a point of this score is worth in the score at the top.
    """
    if before.score is None or now.score is None or not (before.contributions or now.contributions):
        return None
    terms = _terms(before, now)
    raw = [term.moved.points for term in terms]
    start = _unfloored(before)
    points = floored(raw, start)
    cut_off = min(start, fsum([start, *raw])) < 0
    parts = []
    for term, point, was in zip(terms, points, raw, strict=True):
        # Where the floor takes something off, both halves of a part shrink alike.
        slope = (point / was if was else 0.0) if cut_off else 1.0
        parts.append(_part(term, point, slope, depth, lever))
    parts.sort(key=lambda part: -abs(part.points or 0.0))
    return Split(now.code, "floor" if cut_off else "mean", now.score.points - before.score.points, tuple(parts))


def _terms(before: Scored, now: Scored) -> list[_Term]:
    first = {c.code: c for c in before.contributions}
    last = {c.code: c for c in now.contributions}
    codes = list(dict.fromkeys([*last, *first]))
    children = [code for code in codes if not _is_risk(first.get(code), last.get(code))]
    parts = [_weighted(first.get(code), last.get(code)) for code in children]
    found = [
        _Term(first.get(code), last.get(code), moved, part.share)
        for code, part, moved in zip(children, parts, moves(parts), strict=True)
    ]
    risks = [code for code in codes if code not in children]
    return found + [_risk(first.get(code), last.get(code)) for code in risks]


def _is_risk(before: Contribution | None, now: Contribution | None) -> bool:
    return any(each is not None and each.at_risk is not None for each in (before, now))


def _weighted(before: Contribution | None, now: Contribution | None) -> Part:
    return Part(
        share_before=(before.share or 0.0) if before is not None else 0.0,
        share_now=(now.share or 0.0) if now is not None else 0.0,
        before=None if before is None else points_of(before.child),
        now=None if now is None else points_of(now.child),
    )


def _risk(before: Contribution | None, now: Contribution | None) -> _Term:
    """A risk: what it takes off now less what it took off; unknown takes nothing off, as in the roll-up."""
    taken = [0.0 if each is None or each.points is None else each.points for each in (before, now)]
    scores = [None if each is None else points_of(each.child) for each in (before, now)]
    moved = taken[1] - taken[0]
    rise = scores[1] - scores[0] if scores[0] is not None and scores[1] is not None else 0.0
    return _Term(before, now, Moved(moved, 0.0), moved / rise if rise else 0.0)


def _unfloored(scored: Scored) -> float:
    """The score before it was kept from falling below 0."""
    return fsum(each.points for each in scored.contributions if each.points is not None)


def _part(term: _Term, points: float, slope: float, depth: int, lever: float) -> ScorePart:
    either = term.now or term.before
    assert either is not None
    before = None if term.before is None else term.before.child
    now = None if term.now is None else term.now.child
    known = (points_of(before) is not None, points_of(now) is not None)
    own = lever * slope * term.lever
    inner = None
    if depth > 1 and before is not None and now is not None and all(known):
        inner = split_change(before, now, depth - 1, own)
    return ScorePart(
        code=either.code,
        weight=either.weight,
        before=before,
        now=now,
        points=points if any(known) else None,
        by_score=slope * term.moved.by_score if any(known) else None,
        by_share=slope * term.moved.by_share if any(known) else None,
        of_top=lever * points if any(known) else None,
        at_risk=either.at_risk,
        only=_only(*known),
        inner=inner,
    )


def _only(before: bool, now: bool) -> Only | None:
    if before == now:
        return None
    return "before" if before else "now"


def split_target(now: Scored, target: float, depth: int, lever: float = 1.0) -> Split | None:
    """The points that miss the target over the children: weight · (target − score), and what risks take off.

    Above 0 is lost, below 0 is what a child gives more than asked. None without a score or children.
    """
    if now.score is None or not now.contributions:
        return None
    lost = [_lost(each, target) for each in now.contributions]
    missed, all_lost = target - now.score.points, fsum(each for each in lost if each is not None)
    # Where the score was kept from falling below 0, more is lost than can be missed.
    slope = missed / all_lost if _unfloored(now) < 0 and all_lost else 1.0
    parts = []
    for each, points in zip(now.contributions, lost, strict=True):
        mine = None if points is None else slope * points
        own = lever * slope * (each.share or 0.0)
        inner = split_target(each.child, target, depth - 1, own) if depth > 1 and each.at_risk is None else None
        parts.append(
            ScorePart(
                code=each.code,
                weight=each.weight,
                before=None,
                now=each.child,
                points=mine,
                by_score=mine,
                by_share=None if mine is None else 0.0,
                of_top=None if mine is None else lever * mine,
                at_risk=each.at_risk,
                inner=inner,
            )
        )
    parts.sort(key=lambda part: (part.points is None, -(part.points or 0.0)))
    return Split(now.code, "target", missed, tuple(parts))


def _lost(each: Contribution, target: float) -> float | None:
    if each.at_risk is not None:
        return None if each.points is None else -each.points
    score = points_of(each.child)
    return None if each.share is None or score is None else each.share * (target - score)
