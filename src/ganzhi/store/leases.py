"""The time by which leases are kept, which no change of a wall clock may bend (reliability D9).

On PostgreSQL it is the database's clock. A SQLite store belongs to one machine: the wall clock is
compared with the ticks since boot, and when it has jumped, running leases are moved by the jump.
After a restart of the machine every lease is over, because whoever held it is gone.
"""

from __future__ import annotations

import os
import socket
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import quote

import sqlalchemy as sa

from ganzhi.base.clock import Clock
from ganzhi.base.errors import EngineError, Issue
from ganzhi.store.database import Database
from ganzhi.store.models import JobRow, LeaseClock, NoticeRow

TOLERANCE: Final = timedelta(seconds=2)
"""Differences below this are slow adjustment, not a jump."""

ANCHOR_AGE_MS: Final = 10_000
"""How old the recorded comparison may get before it is renewed."""

_STARTTIME: Final = 18
"""Place of the moment a process began among what Linux tells of it after name and state (proc(5), field 22)."""


class LeaseLostError(EngineError):
    """The lease ran out and somebody else holds it, or the work has been closed; its effect must not count."""


class Ticks(Protocol):
    """A count of seconds that no clock setting changes, the same for all processes of a machine."""

    def boot(self) -> str:
        """Which run of the machine the count belongs to."""
        ...

    def seconds(self) -> float:
        """Seconds, from any beginning."""
        ...


class MachineTicks:
    """The kernel's monotonic clock."""

    def boot(self) -> str:
        """The kernel's boot id, empty where there is none."""
        path = Path("/proc/sys/kernel/random/boot_id")
        return path.read_text(encoding="ascii").strip() if path.exists() else ""

    def seconds(self) -> float:
        """The kernel's monotonic clock."""
        return time.monotonic()


def worker_name() -> str:
    """Who takes leases in this process: machine, its present run, its table of processes, the process and when it began."""
    pid = os.getpid()
    return ":".join((*_here(), str(pid), _begun(pid)))


def is_gone(worker: str) -> bool:
    """Whether whoever took a lease under this name surely lives no more; False where that cannot be told from here: on
    another machine, in another container, or where the system does not show its processes."""
    *place, pid, begun = ("", "", *worker.split(":"))
    return tuple(place[2:]) == _here() and pid.isdecimal() and begun != "" and _begun(int(pid)) != begun


def _here() -> tuple[str, ...]:
    try:
        processes = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        processes = ""
    return quote(socket.gethostname(), safe=""), MachineTicks().boot(), quote(processes, safe="")


def _begun(pid: int) -> str:
    """When a process began, in ticks since the machine did; empty when it lives no more or nothing is shown of it."""
    try:
        shown = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    state, *fields = shown.rpartition(")")[2].split()
    return "" if state in {"Z", "X"} else fields[_STARTTIME]


@dataclass(frozen=True, slots=True)
class LeaseTime:
    """Tells the time for leases on one store."""

    database: Database
    clock: Clock
    ticks: Ticks

    def peek(self, connection: sa.Connection) -> tuple[datetime, bool]:
        """The time now, and whether leases have to be moved before it may be compared with them."""
        if self.database.postgres:
            return _database_time(connection), False
        anchor = connection.execute(sa.select(LeaseClock.boot, LeaseClock.ticks_ms, LeaseClock.at)).one_or_none()
        now = self.clock.now()
        if anchor is None:
            return now, False
        shift = self._shift(anchor.boot, anchor.ticks_ms, anchor.at, now)
        return now, shift is None or abs(shift) > TOLERANCE

    def now(self, connection: sa.Connection) -> datetime:
        """The time now; in a write transaction. Moves leases when the wall clock has jumped."""
        if self.database.postgres:
            return _database_time(connection)
        now = self.clock.now()
        ticks_ms = self._ticks_ms()
        anchor = connection.execute(sa.select(LeaseClock.boot, LeaseClock.ticks_ms, LeaseClock.at)).one_or_none()
        if anchor is not None:
            shift = self._shift(anchor.boot, anchor.ticks_ms, anchor.at, now)
            if shift is None or abs(shift) > TOLERANCE:
                _move_leases(connection, shift, now)
            elif 0 <= ticks_ms - anchor.ticks_ms < ANCHOR_AGE_MS:
                return now
        record = self.database.upsert(LeaseClock).values(id=1, boot=self.ticks.boot(), ticks_ms=ticks_ms, at=now)
        fresh = {name: record.excluded[name] for name in ("boot", "ticks_ms", "at")}
        connection.execute(record.on_conflict_do_update(index_elements=["id"], set_=fresh))
        return now

    def _ticks_ms(self) -> int:
        return int(self.ticks.seconds() * 1000)

    def _shift(self, boot: str, ticks_ms: int, at: datetime, now: datetime) -> timedelta | None:
        """By how much the wall clock has jumped since the anchor; None after a restart."""
        passed_ms = self._ticks_ms() - ticks_ms
        if boot != self.ticks.boot() or passed_ms < 0:
            return None
        return (now - at) - timedelta(milliseconds=passed_ms)


def _database_time(connection: sa.Connection) -> datetime:
    now = connection.scalar(sa.select(sa.func.clock_timestamp(type_=sa.DateTime(timezone=True))))
    assert isinstance(now, datetime)
    return now


def _move_leases(connection: sa.Connection, shift: timedelta | None, now: datetime) -> None:
    for table in (JobRow, NoticeRow):
        held = connection.execute(sa.select(table.id, table.lease_until).where(table.lease_until.is_not(None)))
        for row in held.all():
            moved = now - timedelta(microseconds=1) if shift is None else row.lease_until + shift
            connection.execute(sa.update(table).where(table.id == row.id).values(lease_until=moved))


def lost(kind: str, key: str) -> LeaseLostError:
    """The error for a lease that is no longer ours."""
    return LeaseLostError(Issue("STO014", f"{kind} {key}".strip()))
