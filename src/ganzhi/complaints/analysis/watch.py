"""Hot spots watched from one period to the next, by reason, product and place (S001-023)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ganzhi.base.periods import Period
from ganzhi.complaints.hotspots import Cell, HotSpots, hot_spots_twice
from ganzhi.measure.build.scope import Reader

Turn = Literal["new", "still", "over"]


@dataclass(frozen=True, slots=True)
class Watched:
    """A hot spot and how it stands beside the period before. now, before: it in either, None where it was none."""

    turn: Turn
    now: Cell | None
    before: Cell | None

    @property
    def cell(self) -> Cell:
        """The later of the two."""
        found = self.now or self.before
        assert found is not None
        return found


def watch(now: HotSpots, before: HotSpots) -> tuple[Watched, ...]:
    """New ones first, then those that go on, then those that are over; each in the order they were found in."""
    earlier = {(each.sides, each.keys): each for each in before.cells}
    here = {(each.sides, each.keys) for each in now.cells}
    found = [
        Watched("still" if (at := (each.sides, each.keys)) in earlier else "new", each, earlier.get(at))
        for each in now.cells
    ]
    found += [Watched("over", None, each) for at, each in earlier.items() if at not in here]
    order = ("new", "still", "over")
    return tuple(sorted(found, key=lambda each: order.index(each.turn)))


def watched(
    reader: Reader, unit: str, period: Period, *, quality: bool = False
) -> tuple[HotSpots, tuple[Watched, ...]]:
    """The hot spots of a day, week or month, and how they stand beside those of the period before."""
    now, before = hot_spots_twice(reader, unit, period, quality=quality)
    return now, watch(now, before)
