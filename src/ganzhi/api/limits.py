"""How much one caller may ask: requests in a minute, counted as `access.counted.limits` does, and how many at once.

What runs at once is counted in each process for itself: it is there to keep one process able to answer.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from ganzhi.access.counted.limits import MOST_KEPT, Counts, Rate, Shared

REFUSED_PER_MINUTE: Final = 60
"""Requests without a valid token that one address may send in a minute."""
GOES_PER_MINUTE: Final = 60
"""How often a process asks the store for more within a minute, at the full rate."""


class TooManyError(Exception):
    """More than a caller may ask; answered with 429. retry_after_s: when to come again."""

    def __init__(self, retry_after_s: int) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(f"again in {retry_after_s} s")


class Limiter:
    """Allowances that fill up evenly; a caller that was idle may spend a minute's worth at once. now_s, shared: see
    `Counts`."""

    def __init__(
        self,
        per_minute: int,
        at_once: int,
        now_s: Callable[[], float] = time.monotonic,
        shared: Shared | None = None,
    ) -> None:
        self._asked = Rate(per_minute, 60, max(1, per_minute // GOES_PER_MINUTE))
        self._refused = Rate(REFUSED_PER_MINUTE, 60)
        self._at_once, self._now_s = at_once, now_s
        self._counts = Counts(now_s, shared)
        self._guard = threading.Lock()
        self._running: Counter[str] = Counter()
        self._shut: dict[str, float] = {}

    @contextmanager
    def running(self, caller: str) -> Iterator[None]:
        """One request of a caller while it is answered; raises TooManyError where too many are."""
        with self._guard:
            if self._running[caller] >= self._at_once:
                raise TooManyError(1)
            self._running[caller] += 1
        try:
            yield
        finally:
            with self._guard:
                self._running[caller] -= 1
                if not self._running[caller]:
                    del self._running[caller]

    def take(self, caller: str) -> None:
        """Take one request of a caller's allowance; raises TooManyError. May ask the store."""
        wait_s = self._counts.take("api", caller, self._asked)
        if wait_s:
            raise TooManyError(wait_s)

    def check_refused(self, address: str) -> None:
        """Raise TooManyError while an address is known here to have been refused too often."""
        with self._guard:
            left_s = self._shut.get(address, 0.0) - self._now_s()
            if left_s <= 0:
                self._shut.pop(address, None)
                return
        raise TooManyError(max(1, int(left_s + 0.999)))

    def note_refused(self, address: str) -> None:
        """Count a request of an address that had no valid token; raises TooManyError where there were too many."""
        wait_s = self._counts.take("api refused", address, self._refused)
        if wait_s:
            with self._guard:
                if len(self._shut) >= MOST_KEPT:
                    self._shut.clear()
                self._shut[address] = self._now_s() + wait_s
            raise TooManyError(wait_s)
