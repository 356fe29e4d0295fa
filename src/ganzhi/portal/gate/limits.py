"""How often one visitor may ask for what costs much; counted as `access.counted.limits` does."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Final, Literal

from ganzhi.access.counted.limits import Counts, Rate, Shared
from ganzhi.base.errors import GanzhiError, Issue

Costly = Literal["export", "picture", "departure", "password", "link"]
"""export: a page's tables as a file. picture: a chart as a file. departure: the way to an identity provider.
password: the present password asked once more. link: looking behind a one-time link."""

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


class Limits:
    """Rates of visitors. rates: what is not named has no limit. now, shared: see `Counts`."""

    def __init__(
        self,
        rates: Mapping[Costly, Rate] = RATES,
        now: Callable[[], float] = time.monotonic,
        shared: Shared | None = None,
    ) -> None:
        self._rates = rates
        self._counts = Counts(now, shared)

    def take(self, what: Costly, who: str) -> None:
        """Count one; TooOftenError when it is one too many, which is not counted."""
        rate = self._rates.get(what)
        wait_s = 0 if rate is None else self._counts.take(what, who, rate)
        if wait_s:
            raise TooOftenError(what, wait_s)


UNLIMITED: Final = Limits({})
"""For portals that have no limits."""
