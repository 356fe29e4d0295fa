"""How the change of a score splits over the indicators that support it."""

from __future__ import annotations

from ganzhi.base.periods import Period
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.build.readings import Board
from ganzhi.measure.score import ScoreShare
from ganzhi.measure.views.parts import Contribution
from ganzhi.numerics.contribution import Part, contributions


def contributions_of(
    catalogue: Catalogue, board: Board, parent: str, unit: str, now: Period, before: Period
) -> tuple[Contribution, ...]:
    """How the parent's change splits over its children; `points` None where either score is unknown."""
    children = catalogue.children(parent)
    dates = [board.shares(parent, unit, before), board.shares(parent, unit, now)]
    split = [{share.code: share for share in shares} for _, shares in dates]
    parts = [_part(split[0].get(code), split[1].get(code)) for code in children]
    known = all(points is not None and shares for points, shares in dates)
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
    scores = [None if each is None else each.score for each in (before, now)]
    return Contribution(code, catalogue.indicator(code).name, 0.0, scores[1], scores[0], difference, at_risk)


def _part(before: ScoreShare | None, now: ScoreShare | None) -> Part:
    return Part(
        share_before=(before.share or 0.0) if before is not None else 0.0,
        share_now=(now.share or 0.0) if now is not None else 0.0,
        before=None if before is None else before.score,
        now=None if now is None else now.score,
    )
