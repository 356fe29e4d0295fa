"""Sessions as rows. Only the hash of a session's secret is kept, so a copy of the store opens none."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from ganzhi.store.accounts.accounts import account_of, get_in
from ganzhi.store.accounts.acts import NOTHING_DONE, Act, perform
from ganzhi.store.accounts.records import Account, AccountChangedError, KeptSession
from ganzhi.store.database import Database
from ganzhi.store.models import AccountRow, SessionRow

SEEN_EVERY: Final = timedelta(minutes=1)
"""A session's last sight is written at most this often, so that reading pages hardly writes."""

_COLUMNS = tuple(getattr(SessionRow, name) for name in KeptSession.__slots__)
_OWNER = tuple(getattr(AccountRow, name).label(f"owner_{name}") for name in Account.__slots__)


class SessionRows:
    """The sessions of one store. idle: how long one lives without being seen."""

    def __init__(self, database: Database, idle: timedelta) -> None:
        self._database = database
        self._idle = idle

    def start(self, made: KeptSession, owner: Account, act: Act) -> None:
        """Keep a new session of an account that is still as it was seen; sweeps those that are over.

        Raises: AccountChangedError.
        """

        def work(connection: sa.Connection) -> None:
            now = get_in(connection, owner.login)
            if now is None or now.version != owner.version or not now.active:
                raise AccountChangedError(owner, now or owner)
            connection.execute(sa.delete(SessionRow).where(self._over(act.at)))
            values = {name: getattr(made, name) for name in KeptSession.__slots__}
            connection.execute(sa.insert(SessionRow).values(**values))

        perform(self._database, act, work)

    def get(self, identity: str, at: datetime) -> tuple[KeptSession, Account] | None:
        """An open session of an active account, and the account as it is now."""
        query = (
            sa.select(*_COLUMNS, *_OWNER)
            .join(AccountRow, AccountRow.login == SessionRow.login)
            .where(SessionRow.id == identity, sa.not_(self._over(at)), AccountRow.state == "active")
        )
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        given = row._asdict()
        owner = account_of({name: given[f"owner_{name}"] for name in Account.__slots__})
        return KeptSession(**{name: given[name] for name in KeptSession.__slots__}), owner

    def see(self, found: KeptSession, at: datetime) -> None:
        """Note that a session was seen, unless that was noted within the last minute."""
        if at - found.seen_at < SEEN_EVERY:
            return
        still = sa.and_(SessionRow.id == found.id, SessionRow.seen_at <= at - SEEN_EVERY)
        with self._database.write() as connection:
            connection.execute(sa.update(SessionRow).where(still).values(seen_at=at))

    def of(self, login: str, at: datetime) -> tuple[KeptSession, ...]:
        """Open sessions of an account, newest first."""
        query = sa.select(*_COLUMNS).where(SessionRow.login == login, sa.not_(self._over(at)))
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(SessionRow.started_at.desc(), SessionRow.id))
            return tuple(KeptSession(**row._asdict()) for row in rows)

    def end(self, act: Act, *where: sa.ColumnElement[bool]) -> int:
        """End the open sessions that meet all conditions; how many. The act is recorded when there are any."""
        ended: list[int] = []

        def work(connection: sa.Connection) -> object:
            found = connection.execute(sa.delete(SessionRow).where(sa.not_(self._over(act.at)), *where))
            ended.append(found.rowcount)
            return None if found.rowcount else NOTHING_DONE

        perform(self._database, act, work)
        return ended[-1] if ended else 0

    def end_one(self, act: Act, identity: str) -> int:
        """End one session."""
        return self.end(act, SessionRow.id == identity)

    def end_of(self, act: Act, login: str, *, only: str = "", keep: str = "") -> int:
        """End the sessions of an account: all, one, or all but one."""
        where: list[sa.ColumnElement[bool]] = [SessionRow.login == login, SessionRow.id != keep]
        return self.end(act, *where, *([SessionRow.id == only] if only else []))

    def end_at_provider(self, act: Act, issuer: str, *, subject: str | None, session: str | None) -> int:
        """End the sessions that came from a provider, by its subject, its session, or both."""
        owners: list[sa.ColumnElement[bool]] = [AccountRow.issuer == issuer]
        if subject is not None:
            owners.append(AccountRow.subject == subject)
        where: list[sa.ColumnElement[bool]] = [SessionRow.login.in_(sa.select(AccountRow.login).where(*owners))]
        if session is not None:
            where.append(SessionRow.provider_session == session)
        return self.end(act, *where)

    def _over(self, at: datetime) -> sa.ColumnElement[bool]:
        return sa.or_(SessionRow.ends_at <= at, SessionRow.seen_at <= at - self._idle)
