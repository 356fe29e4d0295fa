"""What runs when: the schedule as one literal table, and the loop that works it off.

A schedule's due times are computed from the clock alone, fired once among all processes (a row of
the store per due time) and worked off as leased jobs, so any number of processes may run this
loop. What was missed while nothing ran is done once and the rest recorded as skipped.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ganzhi.base.errors import GanzhiError
from ganzhi.base.settings import Settings
from ganzhi.measure.build.imports.desk import sweep_uploads
from ganzhi.measure.publish.publish import publish
from ganzhi.measure.publish.tables import GRAINS
from ganzhi.measure.refresh import fold, refresh
from ganzhi.measure.reported.close import Rule, close_due
from ganzhi.measure.states.retention import expire
from ganzhi.store.jobs import Claim, NewJob
from ganzhi.store.leases import LeaseLostError
from ganzhi.warehouse.compact import compact
from ganzhi.warehouse.sweep import sweep
from ganzhi.warehouse.workplace import Workplace
from ganzhi.wiring import Workspace

LEASE_S = 300.0
IDLE_S = 1.0
JOBS_KEPT_DAYS = 30

Work = Callable[[Workspace], None]


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A kind of job and how often it is due.

    every_s: interval; due times are its multiples since 1970-01-01 UTC, so all processes agree.
    None takes the workspace's `serve.refresh_every_s`.
    """

    kind: str
    every_s: int | None
    work: Work


def _refresh(workspace: Workspace) -> None:
    refresh(workspace.workplace)


def _sweep(workspace: Workspace) -> None:
    clock = workspace.workplace.clock
    workspace.workplace.store.jobs.forget(clock.now() - timedelta(days=JOBS_KEPT_DAYS))
    sweep_uploads(workspace.workplace)
    sweep(workspace.workplace, grace_s=workspace.settings.keep.retired_hours * 3600.0)


def _compact(workspace: Workspace) -> None:
    place: Workplace = workspace.workplace
    fold(place)
    for table in place.store.manifest.snapshot().tables():
        if table.startswith(("rows/", "quarantine/")):
            compact(place, table)


def _publish(workspace: Workspace) -> None:
    publish(workspace.workplace)


def _expire(workspace: Workspace) -> None:
    if workspace.settings.keep.drop_expired:
        expire(workspace.workplace)


def _close(workspace: Workspace) -> None:
    close_due(workspace.workplace, closing_rules(workspace.settings))


def closing_rules(settings: Settings) -> tuple[Rule, ...]:
    """After how many days periods are closed by themselves, as the settings declare it."""
    after = settings.close.model_dump()
    return tuple(Rule(grain, days) for grain in GRAINS if (days := after[f"{grain.value}_after_days"]))


SCHEDULE: tuple[Scheduled, ...] = (
    Scheduled("refresh", None, _refresh),
    Scheduled("compact", 3600, _compact),
    Scheduled("publish", 3600, _publish),
    Scheduled("expire", 24 * 3600, _expire),
    Scheduled("sweep", 6 * 3600, _sweep),
    Scheduled("close", 3600, _close),
)
"""The whole schedule; nothing else starts work by itself."""


def due_times(every_s: int, after: datetime | None, now: datetime) -> tuple[datetime, ...]:
    """Multiples of the interval after `after`, up to now; only the last one when nothing was fired yet.

    >>> [t.minute for t in due_times(60, datetime(2026, 1, 1, 0, 1, tzinfo=UTC), datetime(2026, 1, 1, 0, 3, tzinfo=UTC))]
    [2, 3]
    """
    step = timedelta(seconds=every_s)
    last = datetime.fromtimestamp(now.timestamp() // every_s * every_s, UTC)
    if after is None or after >= last:
        return (last,) if after is None else ()
    count = min(int((last - after) / step), 10_000)
    return tuple(last - step * back for back in reversed(range(count)))


class Runner:
    """Fires what is due and works off jobs, one at a time, until told to stop.

    on_failure: told of every job that failed, with the error; the job itself is retried by the store.
    """

    def __init__(
        self,
        workspace: Workspace,
        schedule: Sequence[Scheduled] = SCHEDULE,
        on_failure: Callable[[str, GanzhiError], None] | None = None,
    ) -> None:
        self._workspace = workspace
        self._schedule = {each.kind: each for each in schedule}
        self._on_failure = on_failure
        self._worker = f"{socket.gethostname()}:{os.getpid()}"
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self.last_turn: datetime | None = None

    def start(self) -> None:
        """Run in a thread of its own."""
        self._thread = threading.Thread(target=self._loop, name="jobs", daemon=True)
        self._thread.start()

    def stop(self, wait_s: float = 10.0) -> bool:
        """Ask the loop to stop after the job in hand; whether it has stopped in time."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(wait_s)
        return self._thread is None or not self._thread.is_alive()

    def _loop(self) -> None:
        while not self._stopping.is_set():
            try:
                worked = self.turn()
            except GanzhiError as error:
                self._report("schedule", error)
                worked = False
            if not worked:
                self._stopping.wait(IDLE_S)

    def turn(self) -> bool:
        """Fire what is due, then work off one job; whether there was one."""
        self.last_turn = self._workspace.workplace.clock.now()
        self._fire()
        claim = self._workspace.workplace.store.jobs.claim(self._worker, tuple(self._schedule), LEASE_S)
        if claim is None:
            return False
        self._work(claim)
        return True

    def _fire(self) -> None:
        jobs = self._workspace.workplace.store.jobs
        now = self._workspace.workplace.clock.now()
        for each in self._schedule.values():
            every_s = each.every_s or self._workspace.settings.serve.refresh_every_s
            *missed, last = due_times(every_s, jobs.last_fired(each.kind), now) or (None,)
            for due_at in missed:
                if due_at is not None:
                    jobs.skip(each.kind, due_at, "a later due time stands for it")
            if last is not None:
                jobs.fire(each.kind, last, NewJob(each.kind, "schedule"))

    def _work(self, claim: Claim) -> None:
        jobs = self._workspace.workplace.store.jobs
        try:
            with self._kept_alive(claim):
                self._schedule[claim.kind].work(self._workspace)
            jobs.finish(claim)
        except LeaseLostError as error:
            self._report(claim.kind, error)
        except GanzhiError as error:
            self._report(claim.kind, error)
            jobs.fail(claim, str(error))

    @contextmanager
    def _kept_alive(self, claim: Claim) -> Iterator[None]:
        """Extend the lease for as long as the work takes; a lost lease shows when the job is finished."""
        done = threading.Event()

        def beat() -> None:
            while not done.wait(LEASE_S / 3):
                try:
                    self._workspace.workplace.store.jobs.heartbeat(claim, LEASE_S)
                except GanzhiError as error:
                    self._report(claim.kind, error)

        thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def _report(self, kind: str, error: GanzhiError) -> None:
        if self._on_failure is not None:
            self._on_failure(kind, error)
