"""How much one caller may ask: requests in a minute, and how many at once. In this process's memory only."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

CALLERS_KEPT = 10_000
REFUSED_PER_MINUTE = 60
"""Requests without a valid token that one address may send in a minute."""


class TooManyError(Exception):
    """More than a caller may ask; answered with 429. retry_after_s: when to come again."""

    def __init__(self, retry_after_s: int) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(f"again in {retry_after_s} s")


@dataclass(slots=True)
class _Allowance:
    left: float
    at: float
    running: int = 0


class Limiter:
    """Allowances that fill up evenly; a caller that was idle may spend a minute's worth at once."""

    def __init__(self, per_minute: int, at_once: int, now_s: Callable[[], float] = time.monotonic) -> None:
        self._per_minute, self._at_once, self._now_s = per_minute, at_once, now_s
        self._guard = threading.Lock()
        self._kept: OrderedDict[str, _Allowance] = OrderedDict()

    @contextmanager
    def taken(self, caller: str) -> Iterator[None]:
        """Take one request of a caller's allowance while it is answered; raises TooManyError."""
        with self._guard:
            found = self._filled(caller, self._per_minute)
            if found.running >= self._at_once:
                raise TooManyError(1)
            self._spend(found, self._per_minute)
            found.running += 1
        try:
            yield
        finally:
            with self._guard:
                found.running -= 1

    def check_refused(self, address: str) -> None:
        """Raise TooManyError when an address was refused too often lately."""
        with self._guard:
            found = self._filled(f"refused {address}", REFUSED_PER_MINUTE)
            if found.left < 1:
                raise TooManyError(_wait_s(found, REFUSED_PER_MINUTE))

    def note_refused(self, address: str) -> None:
        """Remember that a request of an address had no valid token."""
        with self._guard:
            found = self._filled(f"refused {address}", REFUSED_PER_MINUTE)
            found.left = max(found.left - 1, 0.0)

    @staticmethod
    def _spend(found: _Allowance, per_minute: int) -> None:
        if found.left < 1:
            raise TooManyError(_wait_s(found, per_minute))
        found.left -= 1

    def _filled(self, caller: str, per_minute: int) -> _Allowance:
        now = self._now_s()
        found = self._kept.setdefault(caller, _Allowance(float(per_minute), now))
        found.left = min(float(per_minute), found.left + (now - found.at) * per_minute / 60)
        found.at = now
        self._kept.move_to_end(caller)
        while len(self._kept) > CALLERS_KEPT:
            self._kept.popitem(last=False)
        return found


def _wait_s(found: _Allowance, per_minute: int) -> int:
    return max(1, math.ceil((1 - found.left) * 60 / per_minute))
