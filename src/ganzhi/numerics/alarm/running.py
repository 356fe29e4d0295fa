"""What is expected of the next value of a series as it comes: whichever of four simple expectations has been right.

The last value, a slow mean, the value a day before and the one a week before are kept side by side; the one whose latest
misses were smallest speaks, and how far it usually misses is its scale. Nothing is assumed about what kind of series
it is: one that follows the clock is told by its days and weeks, one that drifts by its last value (methods.md 2.4).
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from typing import Final

KEPT: Final = 400
"""Misses that make an expectation's scale."""
FEWEST: Final = 20
"""Misses without which an expectation has no scale."""
SLOW: Final = 0.05
"""Weight of the newest value in the slow mean."""
LATEST: Final = 0.01
"""Weight of the newest miss in an expectation's error."""
MOST: Final = 10.0
"""How many times its error a single miss counts for at most: one outlier does not change who speaks."""
FLOOR: Final = 0.01
"""Least scale, as a part of the span of the values so far: a series that hardly moves is not surprised by a trifle."""
NORMAL_MAD: Final = 1.4826
NAMES: Final = ("last", "mean", "day", "week")


class Misses:
    """The sizes of the latest misses of one expectation, with their median."""

    def __init__(self) -> None:
        self.error = 0.0
        self._kept: deque[float] = deque()
        self._sorted: list[float] = []

    def __len__(self) -> int:
        return len(self._kept)

    def add(self, miss: float) -> None:
        """Note a miss."""
        capped = min(miss, MOST * self.error) if self.error > 0 else miss
        self.error = (1.0 - LATEST) * self.error + LATEST * capped
        self._kept.append(miss)
        insort(self._sorted, miss)
        if len(self._kept) > KEPT:
            del self._sorted[bisect_left(self._sorted, self._kept.popleft())]

    def median(self) -> float:
        """Of the kept misses."""
        half, odd = divmod(len(self._sorted), 2)
        return self._sorted[half] if odd else (self._sorted[half - 1] + self._sorted[half]) / 2


class BestOfFour:
    """A series told in order. day, week: how many places they are long."""

    def __init__(self, day: int, week: int) -> None:
        if not 0 < day < week:
            raise ValueError(f"a day of {day} places in a week of {week}")
        self._day, self._week = day, week
        self._values: dict[int, float] = {}
        self._misses = tuple(Misses() for _ in NAMES)
        self._first = self._last = 0
        self._mean = self._low = self._high = 0.0

    def expected(self, place: int) -> tuple[float, float, str] | None:
        """What is expected at a place not before the last one told: the middle, its scale, and which expectation
        speaks; None while none can."""
        guesses = self._guesses(place)
        able = [n for n, guess in enumerate(guesses) if guess is not None and len(self._misses[n]) > FEWEST]
        if not able:
            return None
        best = min(able, key=lambda n: self._misses[n].error)
        guess = guesses[best]
        assert guess is not None
        scale = NORMAL_MAD * self._misses[best].median() + FLOOR * (self._high - self._low)
        return guess, scale or abs(guess) * FLOOR or 1.0, NAMES[best]

    def add(self, place: int, value: float) -> None:
        """Note a value; places grow."""
        if not self._values:
            self._first, self._mean, self._low, self._high = place, value, value, value
        for miss, guess in zip(self._misses, self._guesses(place), strict=True):
            if guess is not None:
                miss.add(abs(guess - value))
        self._values[place], self._last = value, place
        self._mean += SLOW * (value - self._mean)
        self._low, self._high = min(self._low, value), max(self._high, value)
        if len(self._values) > 2 * self._week:
            self._values = {at: each for at, each in self._values.items() if at >= place - self._week}

    def _guesses(self, place: int) -> tuple[float | None, ...]:
        """The four expectations; a day and a week before speak once there were two of them."""
        if not self._values:
            return (None,) * len(NAMES)
        lived = place - self._first
        day = self._values.get(place - self._day) if lived >= 2 * self._day else None
        week = self._values.get(place - self._week) if lived >= 2 * self._week else None
        return self._values[self._last], self._mean, day, week
