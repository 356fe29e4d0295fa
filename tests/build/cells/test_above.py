"""Small numbers cannot be had back by opening one page after another: every organisation of a size is tried."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import product
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from ganzhi.access.rights import SMALLEST_CELL
from ganzhi.base.periods import Grain, period_of_day
from ganzhi.measure.build.cells.above import withheld_in

PARENT = {"all": None, "a": "all", "b": "all", "a1": "a", "a2": "a", "b1": "b", "b2": "b", "b3": "b"}
LEAVES = ("a1", "a2", "b1", "b2", "b3")
WEEK = period_of_day(Grain.WEEK, date(2012, 4, 23), ZoneInfo("Asia/Shanghai"))


def whole(counts: Mapping[str, int]) -> dict[str, int]:
    """Counts of all units from those of the leaves."""
    found = dict(counts)
    for above in ("a", "b"):
        found[above] = sum(n for unit, n in counts.items() if PARENT[unit] == above)
    return found | {"all": found["a"] + found["b"]}


def reader(counts: Mapping[str, int], *, top: str = "all", lists: bool = False) -> Any:
    """Somebody who sees `top` and all below it."""

    def within(unit: str | None) -> bool:
        while unit is not None and unit != top:
            unit = PARENT[unit]
        return unit == top

    def few(units: tuple[str, ...], period: object, below: int) -> dict[str, list[int]]:
        of = [counts[unit] for unit in units]
        return {"n": of} if any(0 < n < below for n in of) else {}

    return SimpleNamespace(
        viewer=SimpleNamespace(may=lambda right: lists),
        workplace=SimpleNamespace(
            catalogue=SimpleNamespace(
                units={unit: SimpleNamespace(parent=above) for unit, above in PARENT.items()},
                indicator=lambda code: SimpleNamespace(measure="count"),
            )
        ),
        ground=SimpleNamespace(
            within=within, children=lambda unit: {u: None for u, p in PARENT.items() if p == unit and within(u)}
        ),
        states=SimpleNamespace(
            once=lambda key, work: work(),
            published=SimpleNamespace(answers=lambda codes, grain: True, covers=lambda period: period == WEEK, few=few),
        ),
    )


def out_of(counts: Mapping[str, int], **who: Any) -> frozenset[str]:
    return frozenset(unit for _, unit, _ in withheld_in(reader(counts, **who), ["n"], tuple(PARENT), [WEEK]))


def test_no_small_number_is_told_by_all_pages_together() -> None:
    """Two organisations look the same to whoever opened all pages when the same numbers are shown and the same are
    withheld. For each small number there is one that looks the same and has another in its place."""
    looks: dict[object, list[dict[str, int]]] = {}
    for first, leaves in product(((0, 0), (0, 4), (1, 6), (3, 4), (6, 9)), product(range(9), repeat=3)):
        counts = whole(dict(zip(LEAVES, (*first, *leaves), strict=True)))
        out = out_of(counts)
        shown = tuple((unit, None if unit in out else n) for unit, n in counts.items())
        looks.setdefault(shown, []).append(counts)
    small = 0
    for alike in looks.values():
        for unit in LEAVES[2:]:
            values = {each[unit] for each in alike}
            if any(0 < n < SMALLEST_CELL for n in values):
                small += 1
                assert len(values) > 1, (unit, alike)
    assert small > 100


def test_what_is_withheld_above_is_withheld_with_all_below_it() -> None:
    counts = whole({"a1": 3, "a2": 0, "b1": 40, "b2": 50, "b3": 60})
    assert out_of(counts) == frozenset(PARENT) - {"all"}  # a is small, b is told by it, and all their parts with them
    assert out_of(counts, top="b") == frozenset()  # who sees b alone has nothing to compare it with
    assert out_of(counts, lists=True) == frozenset()


def test_nothing_is_withheld_without_a_small_number() -> None:
    assert out_of(whole({"a1": 5, "a2": 0, "b1": 40, "b2": 50, "b3": 6})) == frozenset()
