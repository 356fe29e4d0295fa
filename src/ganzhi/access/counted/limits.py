"""Rates: so many at once and the same again evenly over a time, refused with how long to wait.

Counted in the store where there is one, for all processes that serve it; in this process otherwise. Where asking the
store for each one would cost more than what is counted, a process takes several in one go and keeps the rest for a few
seconds: all processes together never get more than the rate, and one that stops leaves at most that rest unused.
Failed sign-ins are counted apart (`access.signin`).
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from ganzhi.base.ids import digest
from ganzhi.store.accounts.allowances import AllowanceRows
from ganzhi.store.open import Store

MOST_KEPT: Final = 10_000
HELD_S: Final = 5.0
"""How long a process keeps what it took in one go."""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many at once, and the same again evenly over the time. together: how many a process takes in one go."""

    most: int
    within_s: float
    together: int = 1

    @property
    def each_s(self) -> float:
        """After how long one is paid back."""
        return self.within_s / self.most


Shared = Callable[[str, timedelta, timedelta], timedelta]
"""Takes one for a key, paid back after the first time, as long as no more than the second is owed; how long to wait."""


def shared_by(store: Store) -> Shared:
    """Counts that stand in a store."""
    rows = AllowanceRows(store.database)

    def take(key: str, each: timedelta, within: timedelta) -> timedelta:
        return rows.take(digest(store.id, "allowance", key), each, within, store.clock.now())

    return take


class Counts:
    """Counts of this process, or shared ones. now: seconds on a clock that never goes back. shared: where all processes
    count."""

    def __init__(self, now: Callable[[], float] = time.monotonic, shared: Shared | None = None) -> None:
        self._now = now
        self._shared = shared
        self._lock = threading.Lock()
        # When what was taken is paid back, by key: one number, however much was taken.
        self._due: dict[Hashable, float] = {}
        # What was taken in one go and is left, and until when it is kept.
        self._held: dict[Hashable, tuple[int, float]] = {}

    def take(self, what: str, who: str, rate: Rate) -> int:
        """Count one; 0 when it was granted, otherwise in how many seconds to come again, and then it is not counted."""
        if self._shared is None:
            return self._own((what, who), rate)
        if rate.together > 1 and self._from_held((what, who)):
            return 0
        key, within = f"{what}|{who}", timedelta(seconds=rate.within_s)
        several = min(rate.together, rate.most)
        told = self._shared(key, timedelta(seconds=rate.each_s * several), within)
        if told and several > 1:
            several = 1
            told = self._shared(key, timedelta(seconds=rate.each_s), within)
        if not told and several > 1:
            self._hold((what, who), several - 1)
        return max(1, math.ceil(told.total_seconds())) if told else 0

    def _own(self, key: Hashable, rate: Rate) -> int:
        with self._lock:
            now = self._now()
            due = max(self._due.get(key, now), now)
            wait = due + rate.each_s - now - rate.within_s
            if wait > rate.each_s * 1e-9:
                return max(1, math.ceil(wait))
            if len(self._due) >= MOST_KEPT and key not in self._due:
                self._forget(now)
            self._due[key] = due + rate.each_s
            return 0

    def _from_held(self, key: Hashable) -> bool:
        with self._lock:
            left, until = self._held.get(key, (0, 0.0))
            if not left or until <= self._now():
                self._held.pop(key, None)
                return False
            self._held[key] = (left - 1, until)
            return True

    def _hold(self, key: Hashable, several: int) -> None:
        with self._lock:
            now = self._now()
            if len(self._held) >= MOST_KEPT:
                self._held = {each: held for each, held in self._held.items() if held[1] > now}
            if len(self._held) < MOST_KEPT:
                left, until = self._held.get(key, (0, 0.0))
                self._held[key] = (several + (left if until > now else 0), now + HELD_S)

    def _forget(self, now: float) -> None:
        """Drop what is paid back; when everybody is in debt, those who are out of it soonest."""
        self._due = {key: due for key, due in self._due.items() if due > now}
        for key in sorted(self._due, key=self._due.__getitem__)[: max(0, len(self._due) - MOST_KEPT // 2)]:
            del self._due[key]
