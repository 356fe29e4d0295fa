"""How far the clocks of systems are apart, from the least times that records need from one system to the next.

No step takes less than no time, so the least gap from A to B is an upper bound of how far B's clock is ahead of A's.
Gaps along a path add up; together with the way back they leave an interval. Systems that records both enter and leave
have one on both sides, and the estimate is its middle; where nothing comes back the clock is only known to be not
further ahead than the bound, and is taken as right unless the bound says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Gap:
    """From one system to the next: how many hops by exact keys, the least and the usual gap in microseconds."""

    origin: str
    target: str
    n: int
    least: int
    usual: int


@dataclass(frozen=True, slots=True)
class Skew:
    """A system's clock against that of `against`, microseconds; positive is ahead. low, high: between which it must
    lie; None where nothing says. known: on both sides."""

    system: str
    against: str
    estimate: int
    low: int | None
    high: int | None

    @property
    def known(self) -> bool:
        """Whether records go both ways, so that the interval has two ends."""
        return self.low is not None and self.high is not None


def bounds(systems: Sequence[str], gaps: Iterable[Gap]) -> dict[tuple[str, str], int]:
    """The greatest lead of the second system's clock over the first's, along the best path; absent where unknown.

    >>> bounds(["a", "b"], [Gap("a", "b", 9, 9_000_000, 0), Gap("b", "a", 9, -7_000_000, 0)])[("b", "a")]
    -7000000
    """
    best: dict[tuple[str, str], int] = {(system, system): 0 for system in systems}
    for gap in gaps:
        key = (gap.origin, gap.target)
        best[key] = min(best.get(key, gap.least), gap.least)
    for via in systems:
        for one in systems:
            for other in systems:
                if (one, via) in best and (via, other) in best:
                    length = best[one, via] + best[via, other]
                    if one != other and length < best.get((one, other), length + 1):
                        best[one, other] = length
    return best


def estimate(systems: Sequence[str], gaps: Iterable[Gap]) -> tuple[Skew, ...]:
    """The skew of every system, in the order given; the first is the reference.

    A system known on both sides against one that comes before it is placed by it, the others against the first.
    """
    best = bounds(systems, gaps)
    placed: dict[str, int] = {}
    found = []
    for system in systems:
        anchor = _anchor(system, placed, best)
        if anchor is None:
            found.append(Skew(system, system, 0, 0, 0))
            placed[system] = 0
            continue
        high = best.get((anchor, system))
        back = best.get((system, anchor))
        low = None if back is None else -back
        offset = _within(low, high)
        placed[system] = placed[anchor] + offset
        found.append(Skew(system, anchor, offset, low, high))
    return tuple(found)


def _anchor(system: str, placed: Mapping[str, int], best: Mapping[tuple[str, str], int]) -> str | None:
    if not placed:
        return None
    both = [other for other in placed if (other, system) in best and (system, other) in best]
    widths = {other: best[other, system] + best[system, other] for other in both}
    return min(both, key=lambda other: widths[other]) if both else next(iter(placed))


def _within(low: int | None, high: int | None) -> int:
    """The middle of an interval; of one with an open end no skew, or the bound nearest to none."""
    if low is not None and high is not None:
        return (low + high) // 2
    if high is not None:
        return min(0, high)
    return 0 if low is None else max(0, low)


def placed(skews: Sequence[Skew]) -> dict[str, int]:
    """Every system's skew against the first one."""
    found: dict[str, int] = {}
    for each in skews:
        found[each.system] = each.estimate + (found[each.against] if each.against != each.system else 0)
    return found
