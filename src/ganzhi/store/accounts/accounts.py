"""Accounts and one-time links as rows. A change holds only while the account is what the changer saw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from ganzhi.base.errors import InputError, Issue
from ganzhi.store.accounts.acts import Act, perform
from ganzhi.store.accounts.records import Account, AccountChangedError
from ganzhi.store.database import Database
from ganzhi.store.models import AccountRow, LinkRow, SessionRow

WHOLE: Final = "*"
"""How an account over the whole organisation is written."""

GUARD: Final = "administrator"
"""The role of which one active account must remain."""

DEMO: Final = "demo"
"""Issuer of accounts that demonstration visits use; they are nobody's."""

_COLUMNS = tuple(getattr(AccountRow, name) for name in Account.__slots__)


def written_units(units: Sequence[str], empty: str = WHOLE) -> str:
    """Unit codes as one text."""
    return " ".join(units) or empty


def read_units(text: str) -> tuple[str, ...]:
    """What `written_units` wrote."""
    return () if text == WHOLE else tuple(text.split())


def account_of(row: Mapping[str, Any]) -> Account:
    """An account from the columns of its row."""
    return Account(**{**row, "units": read_units(row["units"])})


_ANY = (
    sa.select(sa.literal(1)).where(sa.or_(AccountRow.issuer.is_(None), AccountRow.issuer != DEMO)).limit(1)
)  # asked with every request


class AccountRows:
    """The accounts of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def any(self) -> bool:
        """Whether there is an account of somebody."""
        with self._database.read() as connection:
            return connection.scalar(_ANY) is not None

    def list(self) -> tuple[Account, ...]:
        """All accounts, active ones first, by login."""
        query = sa.select(*_COLUMNS).order_by(AccountRow.state, AccountRow.login)
        with self._database.read() as connection:
            return tuple(account_of(row._asdict()) for row in connection.execute(query))

    def get(self, login: str) -> Account | None:
        """The account with this login."""
        with self._database.read() as connection:
            return get_in(connection, login)

    def of_subject(self, issuer: str, subject: str) -> Account | None:
        """The account of somebody whom an identity provider knows."""
        where = sa.and_(AccountRow.issuer == issuer, AccountRow.subject == subject)
        with self._database.read() as connection:
            row = connection.execute(sa.select(*_COLUMNS).where(where)).one_or_none()
        return None if row is None else account_of(row._asdict())

    def add(self, made: Account, act: Act) -> None:
        """Keep a new account; InputError ACC013 when its login, or its provider's subject, is taken."""
        values = {name: getattr(made, name) for name in Account.__slots__} | {"units": written_units(made.units)}

        def work(connection: sa.Connection) -> None:
            same = AccountRow.login == made.login
            if made.issuer is not None:
                same = sa.or_(same, sa.and_(AccountRow.issuer == made.issuer, AccountRow.subject == made.subject))
            if connection.scalar(sa.select(sa.func.count()).where(same)):
                raise InputError(Issue("ACC013", made.login))
            connection.execute(sa.insert(AccountRow).values(**values))

        perform(self._database, act, work)

    def change(
        self,
        seen: Account,
        act: Act,
        *,
        end_sessions: bool = False,
        keep: str = "",
        end_links: bool = False,
        spend: str = "",
        **values: Any,
    ) -> Account:
        """Change an account as it was seen, with what follows from it.

        end_sessions: all but `keep`. end_links: delete open links. spend: hash of the link that allows the change.
        Raises: AccountChangedError; InputError ACC016 for the last active administrator, ACC022 for a spent link.
        """
        result = replace(seen, **values, version=seen.version + 1)
        written = {**values, "version": result.version}
        if "units" in values:
            written["units"] = written_units(values["units"])

        def work(connection: sa.Connection) -> None:
            now = get_in(connection, seen.login)
            if now is None:
                raise InputError(Issue("ACC011", seen.login))
            if now.version != seen.version:
                raise AccountChangedError(seen, now)
            if _guards(now) and not _guards(result) and not _other_guards(connection, seen.login):
                raise InputError(Issue("ACC016", seen.login))
            if spend:
                _spend(connection, spend, seen.login, act.at)
            connection.execute(sa.update(AccountRow).where(AccountRow.login == seen.login).values(**written))
            if end_links:
                connection.execute(sa.delete(LinkRow).where(LinkRow.login == seen.login, LinkRow.used_at.is_(None)))
            if end_sessions:
                ended = sa.delete(SessionRow).where(SessionRow.login == seen.login, SessionRow.id != keep)
                connection.execute(ended)

        perform(self._database, act, work)
        return result

    def add_link(self, hashed: str, owner: Account, ends_at: datetime, act: Act) -> None:
        """Keep a link in place of earlier ones; InputError ACC017 for an account that is not active."""

        def work(connection: sa.Connection) -> None:
            now = get_in(connection, owner.login)
            if now is None or not now.active:
                raise InputError(Issue("ACC017", owner.login))
            connection.execute(sa.delete(LinkRow).where(LinkRow.login == owner.login))
            values = {"hash": hashed, "login": owner.login, "created_at": act.at, "ends_at": ends_at}
            connection.execute(sa.insert(LinkRow).values(**values))

        perform(self._database, act, work)

    def link_owner(self, hashed: str, at: datetime) -> Account | None:
        """Whose open link it is."""
        query = sa.select(*_COLUMNS).join(LinkRow, LinkRow.login == AccountRow.login)
        open_links = sa.and_(LinkRow.hash == hashed, LinkRow.used_at.is_(None), LinkRow.ends_at > at)
        with self._database.read() as connection:
            row = connection.execute(query.where(open_links, AccountRow.state == "active")).one_or_none()
        return None if row is None else account_of(row._asdict())


def get_in(connection: sa.Connection, login: str) -> Account | None:
    """The account with this login, as a transaction sees it."""
    row = connection.execute(sa.select(*_COLUMNS).where(AccountRow.login == login)).one_or_none()
    return None if row is None else account_of(row._asdict())


def _guards(account: Account) -> bool:
    return account.active and account.role == GUARD and account.issuer != DEMO


def _other_guards(connection: sa.Connection, login: str) -> bool:
    """Whether another administrator remains. Only accounts of people count."""
    people = sa.or_(AccountRow.issuer.is_(None), AccountRow.issuer != DEMO)
    query = sa.select(sa.func.count()).where(
        AccountRow.login != login, AccountRow.role == GUARD, AccountRow.state == "active", people
    )
    return bool(connection.scalar(query))


def _spend(connection: sa.Connection, hashed: str, login: str, at: datetime) -> None:
    where = sa.and_(LinkRow.hash == hashed, LinkRow.login == login, LinkRow.used_at.is_(None), LinkRow.ends_at > at)
    if connection.execute(sa.update(LinkRow).where(where).values(used_at=at)).rowcount != 1:
        raise InputError(Issue("ACC022"))
