"""Jobs and schedules as rows of the store (reliability 5.2).

A job is enqueued in the transaction that needs it, leased, and finished with its effect in one
transaction; every completion proves its lease by the fencing token. One job per (kind, key) is
open at a time; asking again while it runs makes it run once more afterwards. After five attempts
a job is dead and waits for a person. A schedule fires by a unique row: no leader is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import sqlalchemy as sa

from ganzhi.base.clock import Clock
from ganzhi.base.failpoint import failpoint
from ganzhi.base.ids import new_id
from ganzhi.store.columns import instant_text
from ganzhi.store.database import Database
from ganzhi.store.leases import LeaseTime, lost
from ganzhi.store.models import OPEN_JOB, FiredRow, JobRow

JobState = Literal["waiting", "running", "done", "dead"]

MAX_ATTEMPTS: Final = 5
LEASE_S: Final = 60.0
RETRY_S: Final = (10, 60, 300, 900)
"""Pause before the second, third … attempt."""


@dataclass(frozen=True, slots=True)
class NewJob:
    """Work to be done later. key: what it is about, all of it: one job per (kind, key) is open at a time.

    due: None means at once.
    """

    kind: str
    key: str
    payload: Mapping[str, object] = field(default_factory=dict)
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to do one job until the lease runs out; `token` proves it. attempt: 1 for the first."""

    id: str
    kind: str
    key: str
    payload: Mapping[str, object]
    token: int
    attempt: int
    lease_until: datetime


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it stands."""

    id: str
    kind: str
    key: str
    payload: Mapping[str, object]
    due: datetime
    state: JobState
    worker: str | None
    lease_until: datetime | None
    attempts: int
    error: str | None
    created_at: datetime
    finished_at: datetime | None
    version: int


_JOB: Final = tuple(getattr(JobRow, name) for name in Job.__slots__)


def enqueue_in(connection: sa.Connection, database: Database, job: NewJob, now: datetime) -> str:
    """Enqueue in the caller's transaction; the id of the open job, which may have been there already.

    A waiting job takes the earlier due time; a running one is noted to run again.
    """
    row = database.upsert(JobRow).values(
        id=new_id(), kind=job.kind, key=job.key, payload=job.payload, due=job.due or now, state="waiting",
        token=0, attempts=0, created_at=now, version=1,
    )  # fmt: skip
    waiting = JobRow.state == "waiting"
    earlier = sa.case((sa.and_(waiting, row.excluded.due < JobRow.due), row.excluded.due), else_=JobRow.due)
    merged = row.on_conflict_do_update(
        index_elements=["kind", "key"],
        index_where=sa.text(OPEN_JOB),
        set_={
            "due": earlier,
            "again": sa.case((waiting, JobRow.again), else_=row.excluded.payload),
            "version": JobRow.version + 1,
        },
    )
    return str(connection.scalar(merged.returning(JobRow.id)))


def finish_in(connection: sa.Connection, database: Database, claim: Claim, now: datetime) -> None:
    """Finish a job in the transaction of its effect; raises LeaseLostError when the lease is another's."""
    row = _held(connection, claim)
    _close(connection, database, row, "done", None, now)


def confirm_in(connection: sa.Connection, claim: Claim) -> None:
    """Raise LeaseLostError unless the claim still holds; keeps others from claiming until the commit."""
    _held(connection, claim)


def _held(connection: sa.Connection, claim: Claim) -> sa.Row[Any]:
    row = connection.execute(sa.select(JobRow).where(JobRow.id == claim.id).with_for_update()).one_or_none()
    if row is None or row.token != claim.token or row.state != "running":
        raise lost(claim.kind, claim.key)
    return row


def _close(
    connection: sa.Connection, database: Database, row: sa.Row[Any], state: JobState, error: str | None, now: datetime
) -> None:
    closed = sa.update(JobRow).where(JobRow.id == row.id).values(
        state=state, lease_until=None, worker=None, error=error, again=None, finished_at=now, version=JobRow.version + 1
    )  # fmt: skip
    connection.execute(closed)
    if row.again is not None:
        enqueue_in(connection, database, NewJob(row.kind, row.key, row.again), now)


class Jobs:
    """The queue of one store."""

    def __init__(self, database: Database, clock: Clock, time: LeaseTime) -> None:
        self._database = database
        self._clock = clock
        self._time = time

    def enqueue(self, job: NewJob) -> str:
        """Enqueue in a transaction of its own; the id of the open job for that kind and key."""
        with self._database.write() as connection:
            return enqueue_in(connection, self._database, job, self._clock.now())

    def claim(self, worker: str, kinds: Collection[str] | None = None, lease_s: float = LEASE_S) -> Claim | None:
        """Lease the job that has been due longest; None when nothing is due."""
        with self._database.read() as connection:
            now, jumped = self._time.peek(connection)
            if not jumped and connection.scalar(_available(now, kinds)) is None:
                return None
        with self._database.write() as connection:
            now = self._time.now(connection)
            self._bury(connection, now)
            pick = _available(now, kinds).with_for_update(skip_locked=True).scalar_subquery()
            leased = sa.update(JobRow).where(JobRow.id == pick).values(
                state="running", worker=worker, lease_until=now + timedelta(seconds=lease_s),
                token=JobRow.token + 1, attempts=JobRow.attempts + 1, version=JobRow.version + 1,
            ).returning(
                JobRow.id, JobRow.kind, JobRow.key, JobRow.payload, JobRow.token, JobRow.attempts, JobRow.lease_until
            )  # fmt: skip
            row: Any = connection.execute(leased).one_or_none()
        failpoint("store.job_claimed")
        return None if row is None else Claim(*row)

    def heartbeat(self, claim: Claim, lease_s: float = LEASE_S) -> Claim:
        """The same claim with a longer lease; raises LeaseLostError when somebody else has it."""
        with self._database.write() as connection:
            until = self._time.now(connection) + timedelta(seconds=lease_s)
            _held(connection, claim)
            connection.execute(sa.update(JobRow).where(JobRow.id == claim.id).values(lease_until=until))
        return Claim(claim.id, claim.kind, claim.key, claim.payload, claim.token, claim.attempt, until)

    def finish(self, claim: Claim) -> None:
        """The job is done; raises LeaseLostError when the lease is another's."""

        def work(connection: sa.Connection) -> None:
            done = sa.select(JobRow.id).where(
                JobRow.id == claim.id, JobRow.token == claim.token, JobRow.state == "done"
            )
            if connection.scalar(done) is None:
                finish_in(connection, self._database, claim, self._clock.now())

        self._database.once(work)

    def fail(self, claim: Claim, error: str) -> JobState:
        """The attempt failed: wait and try again, or dead after the last attempt; the state it is in now."""
        with self._database.write() as connection:
            row = _held(connection, claim)
            now = self._time.now(connection)
            if row.attempts >= MAX_ATTEMPTS:
                _close(connection, self._database, row, "dead", error[:2000], now)
                return "dead"
            due = now + timedelta(seconds=RETRY_S[min(row.attempts, len(RETRY_S)) - 1])
            self._put_back(connection, claim, due=due, error=error[:2000])
        return "waiting"

    def release(self, claim: Claim) -> None:
        """Give the lease back without having tried, at an orderly stop."""
        with self._database.write() as connection:
            _held(connection, claim)
            self._put_back(connection, claim, attempts=JobRow.attempts - 1)

    def abandon(self, is_gone: Callable[[str], bool]) -> int:
        """End the leases of workers that live no more, so that others need not wait until they run out; how many."""
        held = sa.select(JobRow.id, JobRow.worker, JobRow.token).where(JobRow.state == "running")
        with self._database.read() as connection:
            gone = [row for row in connection.execute(held).all() if is_gone(row.worker or "")]
        if not gone:
            return 0
        with self._database.write() as connection:
            over = self._time.now(connection) - timedelta(microseconds=1)
            for row in gone:
                same = (JobRow.id == row.id, JobRow.token == row.token, JobRow.state == "running")
                connection.execute(sa.update(JobRow).where(*same).values(lease_until=over, version=JobRow.version + 1))
        return len(gone)

    def revive(self, job_id: str, version: int) -> bool:
        """Give a dead job five more attempts; False when it is not dead, has changed since, or is open anew."""
        row = sa.select(JobRow).where(JobRow.id == job_id, JobRow.version == version, JobRow.state == "dead")
        with self._database.write() as connection:
            dead = connection.execute(row.with_for_update()).one_or_none()
            if dead is None or connection.scalar(_open(dead.kind, dead.key)) is not None:
                return False
            again = {"state": "waiting", "attempts": 0, "due": self._clock.now(), "finished_at": None}
            connection.execute(sa.update(JobRow).where(JobRow.id == job_id).values(**again, version=version + 1))
        return True

    def get(self, job_id: str) -> Job | None:
        """A job by its id."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(*_JOB).where(JobRow.id == job_id)).one_or_none()
        return None if row is None else Job(*row)

    def jobs(self, states: Collection[JobState] = ("waiting", "running"), limit: int = 100) -> tuple[Job, ...]:
        """Jobs in any of these states, the one due first first."""
        query = sa.select(*_JOB).where(JobRow.state.in_(states)).order_by(JobRow.due, JobRow.id).limit(limit)
        with self._database.read() as connection:
            return tuple(Job(*row) for row in connection.execute(query))

    def fire(self, schedule: str, due_at: datetime, job: NewJob | None = None) -> bool:
        """Enqueue a schedule's job for a due time, once among all processes; whether this call did it.

        job: by default one whose kind is the schedule's name and whose key is the due time.
        """
        job = job or NewJob(schedule, instant_text(due_at), {"due_at": instant_text(due_at)})
        with self._database.write() as connection:
            now = self._clock.now()
            if not self._take(connection, schedule, due_at, now, reason="being fired"):
                return False
            failpoint("store.between_fired_and_job")
            job_id = enqueue_in(connection, self._database, job, now)
            taken = sa.update(FiredRow).where(FiredRow.schedule == schedule, FiredRow.due_at == due_at)
            connection.execute(taken.values(job_id=job_id, skipped=None))
        return True

    def skip(self, schedule: str, due_at: datetime, reason: str) -> bool:
        """Record that a due time is left out, and why; False when it has been dealt with already."""
        with self._database.write() as connection:
            return self._take(connection, schedule, due_at, self._clock.now(), reason=reason)

    def last_fired(self, schedule: str) -> datetime | None:
        """The latest due time that has been dealt with."""
        with self._database.read() as connection:
            latest = sa.select(FiredRow.due_at).where(FiredRow.schedule == schedule)
            return connection.scalar(latest.order_by(FiredRow.due_at.desc()).limit(1))

    def missed(self, schedule: str, due_times: Iterable[datetime]) -> tuple[datetime, ...]:
        """Those due times up to now that nobody has dealt with, in order."""
        now = self._clock.now()
        due = sorted(at for at in set(due_times) if at <= now)
        if not due:
            return ()
        dealt = sa.select(FiredRow.due_at).where(FiredRow.schedule == schedule, FiredRow.due_at >= due[0])
        with self._database.read() as connection:
            done = set(connection.scalars(dealt))
        return tuple(at for at in due if at not in done)

    def forget(self, before: datetime) -> int:
        """Remove what was done before an instant: jobs that are done, and due times dealt with, except
        the latest of each schedule, from which the next ones are counted; the number of jobs removed.

        Jobs that wait, run or are dead stay.
        """
        newest = sa.select(FiredRow.schedule, sa.func.max(FiredRow.due_at).label("due_at")).group_by(FiredRow.schedule)
        kept = newest.subquery()
        old = sa.select(JobRow.id).where(JobRow.state == "done", JobRow.finished_at < before)
        with self._database.write() as connection:
            connection.execute(
                sa.delete(FiredRow).where(
                    FiredRow.due_at < before,
                    sa.or_(FiredRow.job_id.is_(None), FiredRow.job_id.in_(old)),
                    ~sa.exists().where(kept.c.schedule == FiredRow.schedule, kept.c.due_at == FiredRow.due_at),
                )
            )
            fired = sa.select(FiredRow.job_id).where(FiredRow.job_id.is_not(None))
            removed = connection.execute(
                sa.delete(JobRow).where(JobRow.id.in_(old), JobRow.id.not_in(fired)).returning(JobRow.id)
            )
            return len(removed.all())

    def _take(self, connection: sa.Connection, schedule: str, due_at: datetime, now: datetime, reason: str) -> bool:
        row = self._database.upsert(FiredRow).values(schedule=schedule, due_at=due_at, fired_at=now, skipped=reason)
        return connection.scalar(row.on_conflict_do_nothing().returning(FiredRow.schedule)) is not None

    def _put_back(self, connection: sa.Connection, claim: Claim, **values: object) -> None:
        waiting = {
            "state": "waiting",
            "lease_until": None,
            "worker": None,
            "again": None,
            "version": JobRow.version + 1,
        }
        connection.execute(sa.update(JobRow).where(JobRow.id == claim.id).values(**(waiting | values)))

    def _bury(self, connection: sa.Connection, now: datetime) -> None:
        """Close jobs whose worker vanished at the last attempt."""
        spent = sa.select(JobRow).where(
            JobRow.state == "running", JobRow.lease_until < now, JobRow.attempts >= MAX_ATTEMPTS
        )
        for row in connection.execute(spent.with_for_update(skip_locked=True)).all():
            _close(connection, self._database, row, "dead", "the worker vanished", now)


def _open(kind: str, key: str) -> sa.Select[str]:
    return sa.select(JobRow.id).where(JobRow.kind == kind, JobRow.key == key, sa.text(OPEN_JOB))


def _available(now: datetime, kinds: Collection[str] | None) -> sa.Select[str]:
    waiting = sa.and_(JobRow.state == "waiting", JobRow.due <= now)
    abandoned = sa.and_(JobRow.state == "running", JobRow.lease_until < now)
    query = sa.select(JobRow.id).where(sa.or_(waiting, abandoned)).order_by(JobRow.due, JobRow.id).limit(1)
    return query if kinds is None else query.where(JobRow.kind.in_(kinds))
