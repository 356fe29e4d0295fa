"""What is withheld cannot be had back: every page of small numbers is taken apart by brute force."""

from __future__ import annotations

from itertools import product

from hypothesis import example, given, settings
from hypothesis import strategies as st

from ganzhi.access.rights import SMALLEST_CELL
from ganzhi.measure.build.cells.rule import withheld_parts

PARTS = st.lists(st.integers(0, 8), min_size=1, max_size=4)


def _told_apart(parts: list[int], out: frozenset[int]) -> list[set[int]]:
    """For each part withheld, the values it may have for a reader who knows the total, all parts that are
    shown, which are withheld, and the rule itself."""
    places = sorted(out)
    left = sum(parts[place] for place in places)
    possible: list[set[int]] = [set() for _ in places]
    for guess in product(range(left + 1), repeat=len(places) - 1):
        last = left - sum(guess)
        if last < 0:
            continue
        world = list(parts)
        for place, value in zip(places, (*guess, last), strict=True):
            world[place] = value
        if withheld_parts(world) == out:
            for seen, place in zip(possible, places, strict=True):
                seen.add(world[place])
    return possible


@given(PARTS)
@example([1, 1, 7, 7])
@example([4, 4, 4, 9])
@example([7, 7, 3])
@example([0, 3])
@settings(max_examples=150, deadline=None)
def test_no_part_withheld_is_told_by_what_is_shown(parts: list[int]) -> None:
    out = withheld_parts(parts)
    if not out:
        assert out is None or not any(0 < n < SMALLEST_CELL for n in parts)
        return
    for place, n in enumerate(parts):
        if 0 < n < SMALLEST_CELL:
            assert place in out
    assert all(len(values) > 1 for values in _told_apart(parts, out))


@given(PARTS)
def test_nothing_is_withheld_without_a_small_part_and_all_only_where_parts_are_alike(parts: list[int]) -> None:
    out = withheld_parts(parts)
    small = {n for n in parts if 0 < n < SMALLEST_CELL}
    if not small:
        assert out == frozenset()
    if out is None:
        assert len(set(parts)) == 1


@given(PARTS, st.randoms())
def test_where_a_part_stands_decides_nothing(parts: list[int], dice: object) -> None:
    order = list(range(len(parts)))
    dice.shuffle(order)  # type: ignore[attr-defined]
    here, there = withheld_parts(parts), withheld_parts([parts[place] for place in order])
    assert (here is None) == (there is None)
    if here is not None and there is not None:
        assert here == {order[place] for place in there}
