"""Failed sign-ins, counted before a password is looked at, so that no burst gets past, from any number of processes.

A count that nothing is added to shrinks by one every `Limit.refill`. Nothing locks for good: that would be a weapon.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from ganzhi.store.database import Database
from ganzhi.store.models import AttemptRow

FORGET: Final = timedelta(days=1)
"""After this long a count is deleted."""


@dataclass(frozen=True, slots=True)
class Limit:
    """free: how many may fail before waiting begins. first, longest: the wait then, which doubles each time."""

    free: int
    first: timedelta
    longest: timedelta
    refill: timedelta

    def wait(self, failures: int) -> timedelta:
        """How long to wait after so many failures.

        >>> limit = Limit(5, timedelta(minutes=1), timedelta(minutes=15), timedelta(minutes=10))
        >>> [int(limit.wait(n).total_seconds()) for n in (4, 5, 6, 7, 8, 9, 10, 99)]
        [0, 60, 120, 240, 480, 900, 900, 900]
        """
        if failures < self.free:
            return timedelta()
        return min(self.longest, self.first * (1 << min(failures - self.free, 20)))

    def left(self, failures: int, passed: timedelta) -> int:
        """What is left of a count after some time."""
        return max(0, failures - int(max(passed, timedelta()) / self.refill))


@dataclass(frozen=True, slots=True)
class Reservation:
    """An attempt that was counted as failed, or has to wait. wait: nothing was counted; zero lets it go on. failures:
    the highest count. before: when each key was counted last."""

    at: datetime
    wait: timedelta
    failures: int
    before: Mapping[str, datetime]


class AttemptRows:
    """The counts of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def reserve(self, limits: Mapping[str, Limit], at: datetime) -> Reservation:
        """Count an attempt as failed under each key, unless one of them has to wait."""
        with self._database.write() as connection:
            connection.execute(sa.delete(AttemptRow).where(AttemptRow.last_at < at - FORGET))
            counts: dict[str, int] = {}
            before: dict[str, datetime] = {}
            wait = timedelta()
            for key in sorted(limits):  # one order for all, so that nobody waits in a circle
                limit = limits[key]
                fresh = self._database.upsert(AttemptRow).values(key=key, failures=0, last_at=at)
                connection.execute(fresh.on_conflict_do_nothing())
                query = sa.select(AttemptRow.failures, AttemptRow.last_at).where(AttemptRow.key == key)
                row = connection.execute(query.with_for_update()).one()
                # A clock that was set back must not make anybody wait longer than the longest wait.
                before[key] = min(row.last_at, at)
                wait = max(wait, before[key] + limit.wait(row.failures) - at)
                counts[key] = limit.left(row.failures, at - before[key]) + 1
            if wait == timedelta():
                for key, failures in counts.items():
                    counted = sa.update(AttemptRow).where(AttemptRow.key == key)
                    connection.execute(counted.values(failures=failures, last_at=at))
        return Reservation(at, wait, max(counts.values()), before)

    def forgive(self, reserved: Reservation, *, forget: str, take_back: str) -> None:
        """After a good sign-in: forget one count, and take it back from the other, which others' failures stand in too."""
        with self._database.write() as connection:
            connection.execute(sa.delete(AttemptRow).where(AttemptRow.key == forget))
            ours = AttemptRow.key == take_back
            less = sa.update(AttemptRow).where(ours, AttemptRow.failures > 0)
            connection.execute(less.values(failures=AttemptRow.failures - 1))
            alone = sa.update(AttemptRow).where(ours, AttemptRow.last_at == reserved.at)
            connection.execute(alone.values(last_at=reserved.before[take_back]))
