"""The outbox: notices that must reach a channel at least once (reliability 5.3).

A notice is unique by (finding, channel, change). A sender claims, sends with the notice's
idempotency key, marks. Failures are tried again with growing pauses for 24 hours, then the notice
is `failed` and `Store.check` names the channel. Withholding moves the due time and keeps the
reason; nothing is deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import sqlalchemy as sa

from ganzhi.base.clock import Clock
from ganzhi.base.failpoint import failpoint
from ganzhi.base.ids import digest, new_id
from ganzhi.store.database import Database
from ganzhi.store.leases import LeaseTime, lost
from ganzhi.store.models import NoticeRow

NoticeState = Literal["waiting", "sending", "sent", "failed"]

FIRST_PAUSE_S: Final = 30
LONGEST_PAUSE_S: Final = 3_600
GIVE_UP_AFTER: Final = timedelta(hours=24)
LEASE_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class NewNotice:
    """That a channel is to be told of a change of a finding. due: None means at once; withheld: why it is not at once."""

    finding: str
    channel: str
    change: str
    payload: Mapping[str, object] = field(default_factory=dict)
    due: datetime | None = None
    withheld: str | None = None


@dataclass(frozen=True, slots=True)
class Dispatch:
    """A notice this sender is to send now. repeat: how often it may have been sent before."""

    id: str
    finding: str
    channel: str
    change: str
    payload: Mapping[str, object]
    token: int
    repeat: int

    @property
    def idempotency_key(self) -> str:
        """The same at every attempt, so that the receiver can tell a repetition."""
        return f"{self.finding}:{self.change}"


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice as it stands. withheld: why it was not sent before `due`, None when it never was."""

    id: str
    finding: str
    channel: str
    change: str
    payload: Mapping[str, object]
    due: datetime
    state: NoticeState
    attempts: int
    error: str | None
    withheld: str | None
    created_at: datetime
    first_tried_at: datetime | None
    finished_at: datetime | None
    version: int


_NOTICE: Final = tuple(getattr(NoticeRow, name) for name in Notice.__slots__)


def pause_s(notice_id: str, attempt: int) -> float:
    """Seconds until the next attempt: doubling, at most an hour, spread over ±50 % by the notice's id.

    >>> 15 <= pause_s("n", 1) <= 45 and 1_800 <= pause_s("n", 20) <= 5_400
    True
    """
    spread = int(digest(notice_id, str(attempt))[:8], 16) / 0xFFFFFFFF
    return min(FIRST_PAUSE_S * 2.0 ** min(attempt - 1, 20), LONGEST_PAUSE_S) * (0.5 + spread)


def enqueue_in(connection: sa.Connection, database: Database, notice: NewNotice, now: datetime) -> bool:
    """Add a notice in the caller's transaction; False when the same change was announced there before."""
    row = database.upsert(NoticeRow).values(
        id=new_id(), finding=notice.finding, channel=notice.channel, change=notice.change, payload=notice.payload,
        due=notice.due or now, withheld=notice.withheld, state="waiting", token=0, attempts=0, created_at=now, version=1,
    )  # fmt: skip
    once = row.on_conflict_do_nothing(index_elements=["finding", "channel", "change"])
    return connection.scalar(once.returning(NoticeRow.id)) is not None


class Outbox:
    """The notices of one store."""

    def __init__(self, database: Database, clock: Clock, time: LeaseTime) -> None:
        self._database = database
        self._clock = clock
        self._time = time

    def enqueue(self, notices: Iterable[NewNotice]) -> int:
        """Add notices in one transaction; how many of them are new."""
        with self._database.write() as connection:
            now = self._clock.now()
            return sum(enqueue_in(connection, self._database, notice, now) for notice in notices)

    def claim(self, channel: str | None = None, lease_s: float = LEASE_S) -> Dispatch | None:
        """Lease the notice that has been due longest, of one channel or of any; None when none is due."""
        with self._database.read() as connection:
            now, jumped = self._time.peek(connection)
            if not jumped and connection.scalar(_available(now, channel)) is None:
                return None
        with self._database.write() as connection:
            now = self._time.now(connection)
            pick = _available(now, channel).with_for_update(skip_locked=True).scalar_subquery()
            leased = sa.update(NoticeRow).where(NoticeRow.id == pick).values(
                state="sending", lease_until=now + timedelta(seconds=lease_s), token=NoticeRow.token + 1,
                attempts=NoticeRow.attempts + 1, version=NoticeRow.version + 1,
                first_tried_at=sa.func.coalesce(NoticeRow.first_tried_at, sa.literal(now, NoticeRow.due.type)),
            ).returning(
                NoticeRow.id, NoticeRow.finding, NoticeRow.channel, NoticeRow.change, NoticeRow.payload,
                NoticeRow.token, NoticeRow.attempts - 1,
            )  # fmt: skip
            row = connection.execute(leased).one_or_none()
        failpoint("store.notice_claimed")
        return None if row is None else Dispatch(*row)

    def sent(self, dispatch: Dispatch) -> None:
        """The channel took it; raises LeaseLostError when another sender has it meanwhile."""

        def work(connection: sa.Connection) -> None:
            row = self._row(connection, dispatch)
            if row.state == "sent" and row.token == dispatch.token:
                return
            self._settle(connection, dispatch, row, state="sent", error=None, finished_at=self._clock.now())

        self._database.once(work)

    def failed(self, dispatch: Dispatch, error: str) -> NoticeState:
        """The channel did not take it: tried again later, or `failed` after 24 hours; the state it is in now."""
        with self._database.write() as connection:
            row = self._row(connection, dispatch)
            now = self._time.now(connection)
            if now - row.first_tried_at >= GIVE_UP_AFTER:
                self._settle(connection, dispatch, row, state="failed", error=error[:2000], finished_at=now)
                return "failed"
            due = now + timedelta(seconds=pause_s(row.id, row.attempts))
            self._settle(connection, dispatch, row, state="waiting", error=error[:2000], due=due)
        return "waiting"

    def withhold(self, notice_id: str, version: int, reason: str, until: datetime) -> bool:
        """Send a waiting notice not before `until`, and note why; False when it has changed since."""
        later = (
            sa.update(NoticeRow)
            .where(NoticeRow.id == notice_id, NoticeRow.version == version, NoticeRow.state == "waiting")
            .values(due=until, withheld=reason, version=version + 1)
        )
        with self._database.write() as connection:
            return connection.scalar(later.returning(NoticeRow.id)) is not None

    def notices(self, finding: str | None = None, limit: int = 100) -> tuple[Notice, ...]:
        """The latest notices, of one finding or of all, newest first."""
        query = sa.select(*_NOTICE).order_by(NoticeRow.created_at.desc(), NoticeRow.id.desc()).limit(limit)
        if finding is not None:
            query = query.where(NoticeRow.finding == finding)
        with self._database.read() as connection:
            return tuple(Notice(*row) for row in connection.execute(query))

    def _row(self, connection: sa.Connection, dispatch: Dispatch) -> sa.Row[Any]:
        query = sa.select(NoticeRow).where(NoticeRow.id == dispatch.id).with_for_update()
        row = connection.execute(query).one_or_none()
        if row is None:
            raise lost(dispatch.channel, dispatch.idempotency_key)
        return row

    def _settle(self, connection: sa.Connection, dispatch: Dispatch, row: sa.Row[Any], **values: object) -> None:
        if row.token != dispatch.token or row.state != "sending":
            raise lost(dispatch.channel, dispatch.idempotency_key)
        settled = sa.update(NoticeRow).where(NoticeRow.id == dispatch.id)
        connection.execute(settled.values(lease_until=None, version=NoticeRow.version + 1, **values))


def _available(now: datetime, channel: str | None) -> sa.Select[str]:
    waiting = sa.and_(NoticeRow.state == "waiting", NoticeRow.due <= now)
    abandoned = sa.and_(NoticeRow.state == "sending", NoticeRow.lease_until < now)
    query = sa.select(NoticeRow.id).where(sa.or_(waiting, abandoned)).order_by(NoticeRow.due, NoticeRow.id).limit(1)
    return query if channel is None else query.where(NoticeRow.channel == channel)
