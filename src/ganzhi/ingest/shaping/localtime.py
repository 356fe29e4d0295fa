"""Local time to UTC and back, as SQL made from the zone's own rules.

The engine's date functions are not asked: offsets are looked up by `zoneinfo` for the span of times
a feed accepts and written as a nested CASE; a zone with one offset in that span costs one
subtraction. A local time that exists twice is read as its first pass; one that does not exist is
read with the offset before the jump, so it lands after it. Both are marked (F40).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

US = 1_000_000
DAY_US = 86_400 * US
ONCE, TWICE, NEVER = 0, 1, 2
"""How often a local time exists: marks in the two low bits of `local_code_sql`."""


@dataclass(frozen=True, slots=True)
class _Jump:
    """At the UTC second `at` the offset goes from `before` to `after` seconds."""

    at: int
    before: int
    after: int


def _offset(zone: ZoneInfo, second: int) -> int:
    offset = datetime.fromtimestamp(second, UTC).astimezone(zone).utcoffset()
    return int((offset or timedelta()).total_seconds())


@lru_cache(maxsize=64)
def _jumps(zone: ZoneInfo, first: date, last: date) -> tuple[int, tuple[_Jump, ...]]:
    """The offset at the start of the span and every change in it."""
    second = int(datetime(first.year, first.month, first.day, tzinfo=UTC).timestamp()) - 2 * 86_400
    stop = int(datetime(last.year, last.month, last.day, tzinfo=UTC).timestamp()) + 3 * 86_400
    start = before = _offset(zone, second)
    jumps = []
    while second < stop:
        following = second + 86_400
        after = _offset(zone, following)
        if after != before:
            low, high = second, following
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
            jumps.append(_Jump(high, before, after))
        second, before = following, after
    return start, tuple(jumps)


def _tree(value: str, steps: Sequence[tuple[int, int]]) -> str:
    """A balanced CASE: the code of the last step that begins at or before `value`."""
    if len(steps) == 1:
        return f"{steps[0][1]}::BIGINT"
    middle = len(steps) // 2
    low, high = _tree(value, steps[:middle]), _tree(value, steps[middle:])
    return low if low == high else f"CASE WHEN {value} < {steps[middle][0] * US} THEN {low} ELSE {high} END"


def _latest_first(value: str, steps: Sequence[tuple[int, int]]) -> str:
    """The same, with the time since the last step asked for first: most zones have left their changes behind."""
    if len(steps) < 3:
        return _tree(value, steps)
    *before, (start, code) = steps
    return f"CASE WHEN {value} >= {start * US} THEN {code}::BIGINT ELSE {_tree(value, before)} END"


def offset_sql(utc_us: str, zone: ZoneInfo, first: date, last: date) -> str:
    """SQL: the zone's offset in microseconds at an instant, given in microseconds UTC."""
    start, jumps = _jumps(zone, first, last)
    return _latest_first(utc_us, [(0, start * US), *((j.at, j.after * US) for j in jumps)])


def local_code_sql(local_us: str, zone: ZoneInfo, first: date, last: date) -> str:
    """SQL: the offset in microseconds that makes a local time UTC, with the mark in its two low bits.

    A million is a multiple of four, so the bits are free.
    """
    start, jumps = _jumps(zone, first, last)
    steps = [(0, start * US + ONCE)]
    for jump in jumps:
        early, late = sorted((jump.at + jump.before, jump.at + jump.after))
        steps.append((early, jump.before * US + (NEVER if jump.after > jump.before else TWICE)))
        steps.append((late, jump.after * US + ONCE))
    return _latest_first(local_us, steps)


def has_marks(zone: ZoneInfo, first: date, last: date) -> bool:
    """Whether the span holds local times that do not exist exactly once."""
    return bool(_jumps(zone, first, last)[1])
