"""How often one visitor may ask for what costs much, refused with how long to wait.

Counted in the store where there is one, for all processes that serve it; in this process otherwise. Failed sign-ins
are counted apart (`access.signin`).
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from ganzhi.base.errors import GanzhiError, Issue
from ganzhi.base.ids import digest
from ganzhi.store.accounts.allowances import AllowanceRows
from ganzhi.store.open import Store

Costly = Literal["export", "picture", "departure", "password", "link"]
"""export: a page's tables as a file. picture: a chart as a file. departure: the way to an identity provider.
password: the present password asked once more. link: looking behind a one-time link."""

MOST_KEPT: Final = 10_000


@dataclass(frozen=True, slots=True)
class Rate:
    """So many at once, and the same again evenly over the time."""

    most: int
    within_s: float


RATES: Final[Mapping[Costly, Rate]] = {
    "export": Rate(120, 3600),
    "picture": Rate(600, 3600),
    "departure": Rate(30, 60),
    "password": Rate(10, 600),
    "link": Rate(30, 60),
}


class TooOftenError(GanzhiError):
    """Somebody asked more often than is good for the others; answered with 429 and `Retry-After: wait_s`."""

    def __init__(self, what: Costly, wait_s: int) -> None:
        self.wait_s = wait_s
        self.issue = Issue("POR041", what, params={"seconds": str(wait_s)})
        super().__init__(f"POR041 {what}")


Shared = Callable[[str, timedelta, timedelta], timedelta]
"""Takes one for a key, paid back after the first time, as long as no more than the second is owed; how long to wait."""


def shared_by(store: Store) -> Shared:
    """Counts that stand in a store."""
    rows = AllowanceRows(store.database)

    def take(key: str, each: timedelta, within: timedelta) -> timedelta:
        return rows.take(digest(store.id, "allowance", key), each, within, store.clock.now())

    return take


class Limits:
    """Counts of this process, or shared ones. rates: what is not named has no limit. now: seconds on a clock that never
    goes back. shared: where all processes count."""

    def __init__(
        self,
        rates: Mapping[Costly, Rate] = RATES,
        now: Callable[[], float] = time.monotonic,
        shared: Shared | None = None,
    ) -> None:
        self._rates = rates
        self._now = now
        self._shared = shared
        self._lock = threading.Lock()
        # When what was taken is paid back, by what and who: one number, however much was taken.
        self._due: dict[tuple[Costly, str], float] = {}

    def take(self, what: Costly, who: str) -> None:
        """Count one; TooOftenError when it is one too many, which is not counted."""
        rate = self._rates.get(what)
        if rate is None:
            return
        each = rate.within_s / rate.most
        if self._shared is not None:
            told = self._shared(f"{what}|{who}", timedelta(seconds=each), timedelta(seconds=rate.within_s))
            if told:
                raise TooOftenError(what, max(1, math.ceil(told.total_seconds())))
            return
        with self._lock:
            now = self._now()
            due = max(self._due.get((what, who), now), now)
            wait = due + each - now - rate.within_s
            if wait > each * 1e-9:
                raise TooOftenError(what, max(1, math.ceil(wait)))
            if len(self._due) >= MOST_KEPT and (what, who) not in self._due:
                self._forget(now)
            self._due[what, who] = due + each

    def _forget(self, now: float) -> None:
        """Drop what is paid back; when everybody is in debt, those who are out of it soonest."""
        self._due = {key: due for key, due in self._due.items() if due > now}
        for key in sorted(self._due, key=self._due.__getitem__)[: max(0, len(self._due) - MOST_KEPT // 2)]:
            del self._due[key]


UNLIMITED: Final = Limits({})
"""For portals that have no limits."""
