"""The attribute combination that carries a difference: the scan of `numerics.rootcause` over unit × slice.

Owns what is an event, what would have been expected, and in which direction is looked. Events of a ratio
whose good direction is up are its misses. Expected is the present volume times the part's own past rate,
drawn towards the common rate where it is small; against a target, the volume times the target's rate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np

from ganzhi.measure.explain.cuts import Group, Whole, volumes_of
from ganzhi.measure.explain.explanation import UNIT, Amount, FoundCell, Search
from ganzhi.measure.explain.leaves import Asker, Key, Leaves, merged, scale_of
from ganzhi.numerics import mix, rootcause
from ganzhi.numerics.rootcause import Cell, Floats, Sign, against_expected, scan, shrunken_rates

MOST_SHOWN = 3
LEAST_LEAVES = 8
"""Fewer parts do not say how large noise is."""
LAYERS = 3


def search(asker: Asker, whole: Whole, sets: Sequence[Leaves]) -> Search:
    """Looks through each combination of dimensions; the answer is that of the one with the strongest cell."""
    tried: list[tuple[tuple[str, ...], int]] = []
    best: tuple[float, Search] | None = None
    outside = False
    for leaves in sets:
        keys = leaves.either()
        tried.append(((*([UNIT] if asker.units else []), *leaves.dimensions), len(keys)))
        if len(keys) < LEAST_LEAVES:
            continue
        outside = True
        cells, events, expected = _scan(asker, whole, leaves, keys)
        if cells and (best is None or cells[0].statistic > best[0]):
            best = (cells[0].statistic, _found(asker, whole, leaves, keys, cells, events, expected))
    if best is None:
        return Search("outside" if outside else "too_few", tuple(tried))
    return Search(best[1].verdict, tuple(tried), best[1].cells)


def _scan(asker: Asker, whole: Whole, leaves: Leaves, keys: Sequence[Key]) -> tuple[tuple[Cell, ...], Floats, Floats]:
    events, expected, sign = _events(asker, whole, leaves, keys)
    columns = [list(column) for column in zip(*keys, strict=True)]
    codes, sizes = [], []
    for column in columns:
        values, places = np.unique(np.array(column, dtype=object).astype(str), return_inverse=True)
        codes.append(places.astype(np.int64))
        sizes.append(len(values))
    deviation, weight = against_expected(events, expected)
    weighed = rootcause.Leaves(tuple(codes), tuple(sizes), deviation, weight, counts=True)
    return scan(weighed, layers=LAYERS, sign=sign), events, expected


def _events(asker: Asker, whole: Whole, leaves: Leaves, keys: Sequence[Key]) -> tuple[Floats, Floats, Sign]:
    """Events and expected events of each leaf, and the side on which the whole moved."""
    before, now = (_columns(side, keys) for side in (leaves.before, leaves.now))
    misses = asker.indicator.direction == "higher" and _are_shares(before) and _are_shares(now)
    if asker.indicator.measure in ("count", "sum") or asker.indicator.rate is not None:
        ones = np.ones(len(keys))
        before, now = (before[0], ones), (now[0], ones)
    elif misses:
        before, now = (before[1] - before[0], before[1]), (now[1] - now[0], now[1])
    if whole.target is not None:
        aim = float(whole.target) / scale_of(asker.indicator)
        expected = now[1] * (1 - aim if misses else aim)
    else:
        expected = now[1] * shrunken_rates(*before)
    rose = (whole.difference > 0) != misses
    sign: Sign = "both" if whole.difference == 0 else "up" if rose else "down"
    return now[0], np.maximum(expected, 0.0), sign


def _columns(side: Mapping[Key, Amount], keys: Sequence[Key]) -> tuple[Floats, Floats]:
    amounts = [side.get(key) for key in keys]
    numerators = np.array([0.0 if a is None else float(a.numerator or 0) for a in amounts])
    denominators = np.array([0.0 if a is None else float(a.denominator or 0) for a in amounts])
    return numerators, denominators


def _are_shares(side: tuple[Floats, Floats]) -> bool:
    return bool((side[0] >= 0).all() and (side[0] <= side[1]).all())


def _found(
    asker: Asker,
    whole: Whole,
    leaves: Leaves,
    keys: Sequence[Key],
    cells: Sequence[Cell],
    events: Floats,
    expected: Floats,
) -> Search:
    names = (UNIT, *leaves.dimensions)
    shown = []
    for cell in cells[:MOST_SHOWN]:
        if not cell.attributes:
            continue
        first = keys[int(cell.leaves[0])]
        where = {names[place]: first[place] for place, _ in cell.attributes}
        if not asker.units:
            where.pop(UNIT, None)
        inside = [key for key in keys if all(key[place] == first[place] for place, _ in cell.attributes)]
        change = _change(asker, whole, leaves, inside)
        sides = [_sum(asker, side, inside) for side in (leaves.before, leaves.now)]
        shown.append(
            FoundCell(
                where=where,
                before=sides[0] if whole.target is None else None,
                now=sides[1],
                change=None if change is None else float(change),
                share=float(change / whole.difference) if change is not None and whole.difference else None,
                events=float(events[cell.leaves].sum()),
                expected=float(expected[cell.leaves].sum()),
                excess=cell.excess,
            )
        )
    spread = not cells[0].attributes or not shown
    return Search("spread" if spread else "found", (), () if spread else tuple(shown))


def _sum(asker: Asker, side: Mapping[Key, Amount], keys: Sequence[Key]) -> Amount | None:
    have = [amount for key in keys if (amount := side.get(key)) is not None]
    return merged(have, asker.indicator) if have else None


def _change(asker: Asker, whole: Whole, leaves: Leaves, inside: Sequence[Key]) -> Fraction | None:
    """What a cell adds to the difference: its amounts, or its rate and mix against all the rest."""
    taken = set(inside)
    rest = [key for key in leaves.either() if key not in taken]
    cell, others = (
        volumes_of(Group("", _sum(asker, leaves.before, keys), _sum(asker, leaves.now, keys)))
        for keys in (inside, rest)
    )
    scale = scale_of(asker.indicator)
    if asker.indicator.measure in ("count", "sum"):
        if whole.target is not None:
            return None
        return Fraction(cell.numerator_now) - Fraction(cell.numerator_before)
    if asker.indicator.rate is not None:
        if whole.target is not None or whole.before is None:
            return None
        sizes = [Fraction(side.denominator or 0) for side in (whole.before, whole.now)]
        return scale * (Fraction(cell.numerator_now) / sizes[1] - Fraction(cell.numerator_before) / sizes[0])
    if whole.target is not None:
        pairs = [(each.numerator_now, each.denominator_now) for each in (cell, others)]
        return scale * mix.distance(pairs, whole.target / scale)[0]
    return scale * mix.rate_and_mix([cell, others])[0].total
