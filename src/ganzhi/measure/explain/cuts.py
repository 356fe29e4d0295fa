"""A difference over the units below and over the values of each dimension.

Owns which split suits a measure, that pieces add up to the difference exactly (they are fractions until the
last step), and what a piece is worth in points of the score. The arithmetic is `numerics.mix`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from ganzhi.measure.explain.explanation import UNIT, Amount, Cut, Only, Piece
from ganzhi.measure.explain.leaves import Asker, Key, Leaves, amount_of, merged, scale_of
from ganzhi.numerics import mix
from ganzhi.numerics.mix import Effect, Volumes

ZERO = Fraction(0)
DECIDES = 0.5
"""Part of the variance from which on a dimension is one of how events end. Ours: circumstances (place, channel,
product) explain a few per cent of it, causes of failure and the like two thirds and more."""


@dataclass(frozen=True, slots=True)
class Whole:
    """What the pieces are pieces of. difference: exact, in the unit of value. target: value aimed at, for a
    distance. points: what a share of the difference is worth in points of the score, None without a score."""

    before: Amount | None
    now: Amount
    difference: Fraction
    target: Fraction | None
    lower_is_better: bool | None
    points: Callable[[float], float] | None


@dataclass(frozen=True, slots=True)
class Group:
    """The leaves of one piece at both dates."""

    key: str
    before: Amount | None
    now: Amount | None


def groups_of(asker: Asker, leaves: Leaves, place: int) -> list[Group]:
    """Leaves merged by one place of their key: 0 for the unit, then the dimensions."""
    sides: list[dict[str, list[Amount]]] = [{}, {}]
    for side, amounts in zip(sides, (leaves.before, leaves.now), strict=True):
        for key, amount in amounts.items():
            side.setdefault(key[place], []).append(amount)
    keys = dict.fromkeys([*sides[1], *sides[0]])
    return [Group(key, *(_merged(asker, side.get(key)) for side in sides)) for key in keys]


def _merged(asker: Asker, amounts: Sequence[Amount] | None) -> Amount | None:
    return None if amounts is None else merged(amounts, asker.indicator)


def unit_cut(asker: Asker, whole: Whole, leaves: Leaves | None) -> Cut:
    """Over the direct child units, each cut once more by the first dimension of the leaves."""
    plain = asker.leaves(())
    base = groups_of(asker, plain, 0)
    cut = _cut(asker, whole, UNIT, base)
    if leaves is None or cut.way not in ("rate_mix", "amounts"):
        return cut
    inner = _inner(asker, whole, leaves, [each.key for each in base])
    pieces = tuple(replace(piece, inner=inner.get(piece.key, ())) for piece in cut.pieces)
    return replace(cut, pieces=pieces, inner_dimension=leaves.dimensions[0])


def dimension_cut(asker: Asker, whole: Whole, leaves: Leaves, dimension: str) -> Cut:
    """Over the values of one dimension, all units together."""
    place = leaves.dimensions.index(dimension) + 1
    groups = groups_of(asker, leaves, place)
    return replace(_cut(asker, whole, dimension, groups), outcome=_is_outcome(asker, leaves, place))


def _is_outcome(asker: Asker, leaves: Leaves, place: int) -> bool:
    """Whether a dimension decides, in this period and in the earlier one, which events count.

    In one period alone that may be a fault of one value; in both it is the nature of the dimension. What is
    not known of the earlier period is not held against it.
    """
    if asker.indicator.rate is not None or asker.indicator.measure in ("count", "sum"):
        return False
    past = Leaves(leaves.dimensions, {}, asker.past(leaves.dimensions))
    return all(
        _decides([each.now for each in groups_of(asker, side, place) if each.now is not None])
        for side in (past, leaves)
    )


def _decides(parts: Sequence[Amount]) -> bool:
    """Whether parts explain most of the variance of an event's counting or not, η² = Σ d(r − R)² / D·R(1 − R)."""
    pairs = [(float(part.numerator or 0), float(part.denominator or 0)) for part in parts if part.denominator]
    size, hits = sum(d for _, d in pairs), sum(a for a, _ in pairs)
    if not 0 < hits < size or any(not 0 <= a <= d for a, d in pairs):
        return False
    between = sum(d * (a / d - hits / size) ** 2 for a, d in pairs)
    return between >= DECIDES * hits * (1 - hits / size)


def beside(asker: Asker, dimension: str) -> Cut:
    """Values of the parts next to each other, for a measure whose parts do not add up."""
    sides: list[dict[str, Amount]] = []
    for period in (asker.compared, asker.request.period):
        side: dict[str, Amount] = {}
        if period is not None:
            by = () if dimension == UNIT else (dimension,)
            for each in asker.ask(period, by, children=dimension == UNIT):
                amount = amount_of(each)
                if amount is not None and amount.value is not None:
                    side[each.unit if dimension == UNIT else each.slice[dimension]] = amount
        sides.append(side)
    groups = [Group(key, sides[0].get(key), sides[1].get(key)) for key in dict.fromkeys([*sides[1], *sides[0]])]
    return Cut(dimension, "beside", tuple(_piece(asker, dimension, group) for group in groups))


# --- ways to split ------------------------------------------------------------------------------


def _cut(asker: Asker, whole: Whole, dimension: str, groups: Sequence[Group]) -> Cut:
    if whole.target is not None:
        return _distance(asker, whole, dimension, groups)
    if asker.indicator.measure in ("count", "sum"):
        return _amounts(asker, whole, dimension, groups)
    volumes = [volumes_of(group) for group in groups]
    if _makes_up(volumes, whole):
        return _rate_mix(asker, whole, dimension, groups, volumes)
    return _over_whole(asker, whole, dimension, groups)


def volumes_of(group: Group) -> Volumes:
    """The exact parts of a group; 0 where it was not there."""
    before, now = group.before, group.now
    return Volumes(
        0 if before is None else before.numerator or 0,
        0 if before is None else before.denominator or 0,
        0 if now is None else now.numerator or 0,
        0 if now is None else now.denominator or 0,
    )


def _makes_up(volumes: Sequence[Volumes], whole: Whole) -> bool:
    """Whether the parts' denominators are those of the whole, at both dates."""
    assert whole.before is not None
    sums = mix.together(volumes)
    pairs = ((sums.denominator_before, whole.before.denominator), (sums.denominator_now, whole.now.denominator))
    return all(have == (want or 0) for have, want in pairs)


def _rate_mix(asker: Asker, whole: Whole, dimension: str, groups: Sequence[Group], volumes: Sequence[Volumes]) -> Cut:
    effects = mix.rate_and_mix(volumes)
    scale = scale_of(asker.indicator)
    pieces = [
        _effect(_piece(asker, dimension, group), whole, scale, effect)
        for group, effect in zip(groups, effects, strict=True)
    ]
    rate, moved = (float(scale * sum(values, ZERO)) for values in zip(*((e.rate, e.mix) for e in effects), strict=True))
    return Cut(dimension, "rate_mix", _largest_first(pieces), rate, moved, mix.reversed_by_mix(effects))


def _effect(piece: Piece, whole: Whole, scale: int, effect: Effect) -> Piece:
    changed = _changed(piece, whole, scale * effect.total)
    return replace(changed, rate=float(scale * effect.rate), mix=float(scale * effect.mix))


def _amounts(asker: Asker, whole: Whole, dimension: str, groups: Sequence[Group]) -> Cut:
    pairs = [(v.numerator_before, v.numerator_now) for v in map(volumes_of, groups)]
    changes = mix.amounts(pairs)
    pieces = [
        _changed(_piece(asker, dimension, group), whole, change) for group, change in zip(groups, changes, strict=True)
    ]
    return Cut(dimension, "amounts", _largest_first(pieces))


def _over_whole(asker: Asker, whole: Whole, dimension: str, groups: Sequence[Group]) -> Cut:
    """Each part's numerator over the denominator of the whole."""
    assert whole.before is not None
    sizes = [Fraction(side.denominator or 0) for side in (whole.before, whole.now)]
    scale = scale_of(asker.indicator)
    pieces = []
    for group in groups:
        part = volumes_of(group)
        change = scale * (Fraction(part.numerator_now) / sizes[1] - Fraction(part.numerator_before) / sizes[0])
        pieces.append(_changed(_piece(asker, dimension, group), whole, change))
    return Cut(dimension, "over_whole", _largest_first(pieces))


def _distance(asker: Asker, whole: Whole, dimension: str, groups: Sequence[Group]) -> Cut:
    """How far each part pulls the whole from its target; of amounts only the parts themselves, because a
    target of a total says nothing about its parts."""
    assert whole.target is not None
    scale = scale_of(asker.indicator)
    there = [group for group in groups if group.now is not None]
    parts = [(volumes_of(group).numerator_now, volumes_of(group).denominator_now) for group in there]
    total = sum((Fraction(size) for _, size in parts), ZERO)
    if asker.indicator.measure in ("count", "sum") or total != (whole.now.denominator or 0):
        return Cut(dimension, "beside", tuple(_piece(asker, dimension, group) for group in there))
    distances = mix.distance(parts, whole.target / scale)
    pieces = [
        replace(_changed(_piece(asker, dimension, group), whole, scale * each), below=_below(group.now, whole))
        for group, each in zip(there, distances, strict=True)
    ]
    return Cut(dimension, "distance", _largest_first(pieces))


def _below(now: Amount | None, whole: Whole) -> bool | None:
    if now is None or now.value is None or whole.target is None or whole.lower_is_better is None:
        return None
    target = float(whole.target)
    return now.value > target if whole.lower_is_better else now.value < target


def _inner(asker: Asker, whole: Whole, leaves: Leaves, units: Sequence[str]) -> dict[str, tuple[Piece, ...]]:
    """Within each unit the parts by the first dimension of the leaves."""
    dimension, scale = leaves.dimensions[0], scale_of(asker.indicator)
    inside = [groups_of(asker, _of_unit(leaves, unit), 1) for unit in units]
    if asker.indicator.measure in ("count", "sum"):
        changes = [mix.amounts([(v.numerator_before, v.numerator_now) for v in map(volumes_of, g)]) for g in inside]
        return {
            unit: _largest_first(
                [
                    _changed(_piece(asker, dimension, group, unit), whole, each)
                    for group, each in zip(of, made, strict=True)
                ]
            )
            for unit, of, made in zip(units, inside, changes, strict=True)
        }
    split = mix.nested([[volumes_of(group) for group in of] for of in inside])
    return {
        unit: _largest_first(
            [
                _effect(_piece(asker, dimension, group, unit), whole, scale, effect)
                for group, effect in zip(of, one.inner, strict=True)
            ]
        )
        for unit, of, one in zip(units, inside, split, strict=True)
    }


def _of_unit(leaves: Leaves, unit: str) -> Leaves:
    def only(amounts: Mapping[Key, Amount]) -> dict[Key, Amount]:
        return {key: amount for key, amount in amounts.items() if key[0] == unit}

    return Leaves(leaves.dimensions, only(leaves.before), only(leaves.now))


# --- pieces -------------------------------------------------------------------------------------


def _piece(asker: Asker, dimension: str, group: Group, unit: str | None = None) -> Piece:
    """A piece without its change. unit: of an inner piece, the unit it lies in."""
    where = {} if dimension == UNIT else {dimension: group.key}
    of = group.key if dimension == UNIT else unit
    # Rows of the unit itself cannot be asked for without those of its children.
    asked = asker.request.unit if of is None else of if of in asker.units else None
    return Piece(group.key, asked, where, group.before, group.now, _only(group))


def _only(group: Group) -> Only | None:
    """The one date at which something was counted."""
    there = [
        each is not None and bool(each.n or each.numerator or each.denominator) for each in (group.before, group.now)
    ]
    if there[0] == there[1]:
        return None
    return "before" if there[0] else "now"


def _changed(piece: Piece, whole: Whole, change: Fraction) -> Piece:
    share = float(change / whole.difference) if whole.difference else None
    points = None if whole.points is None else whole.points(float(change))
    return replace(piece, change=float(change), share=share, points=points)


def _largest_first(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    return tuple(sorted(pieces, key=lambda piece: (-abs(piece.change or 0.0), piece.key)))
