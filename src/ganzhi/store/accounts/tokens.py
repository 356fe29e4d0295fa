"""API tokens as rows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from ganzhi.base.errors import InputError, Issue
from ganzhi.store.accounts.accounts import get_in, read_units, written_units
from ganzhi.store.accounts.acts import NOTHING_DONE, Act, perform
from ganzhi.store.accounts.records import Account, AccountChangedError, Token
from ganzhi.store.database import Database
from ganzhi.store.models import TokenRow

USED_EVERY: Final = timedelta(minutes=1)
"""A token's last use is written at most this often."""

_COLUMNS = tuple(getattr(TokenRow, name) for name in Token.__slots__)


class TokenRows:
    """The tokens of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, made: Token, owner: Account, act: Act) -> None:
        """Keep a new token of an account that is still as it was seen; AccountChangedError otherwise."""
        values = {name: getattr(made, name) for name in Token.__slots__}
        values |= {"rights": " ".join(made.rights), "units": written_units(made.units, "")}

        def work(connection: sa.Connection) -> None:
            now = get_in(connection, owner.login)
            if now is None or now.version != owner.version:
                raise AccountChangedError(owner, now or owner)
            connection.execute(sa.insert(TokenRow).values(**values))

        perform(self._database, act, work)

    def get(self, prefix: str) -> Token | None:
        """The token with this public part."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(*_COLUMNS).where(TokenRow.prefix == prefix)).one_or_none()
        return None if row is None else _token(row)

    def list(self, login: str | None) -> tuple[Token, ...]:
        """Tokens of an account, or all; newest first."""
        query = sa.select(*_COLUMNS).order_by(TokenRow.created_at.desc(), TokenRow.prefix)
        with self._database.read() as connection:
            rows = connection.execute(query if login is None else query.where(TokenRow.login == login))
            return tuple(map(_token, rows))

    def use(self, found: Token, at: datetime) -> None:
        """Note that a token was used, unless that was noted within the last minute."""
        if found.used_at is not None and at - found.used_at < USED_EVERY:
            return
        with self._database.write() as connection:
            connection.execute(sa.update(TokenRow).where(TokenRow.prefix == found.prefix).values(used_at=at))

    def revoke(self, prefix: str, act: Act) -> None:
        """End a token; one that has ended is left as it is."""

        def work(connection: sa.Connection) -> object:
            live = sa.and_(TokenRow.prefix == prefix, TokenRow.revoked_at.is_(None))
            changed = sa.update(TokenRow).where(live).values(revoked_at=act.at, version=TokenRow.version + 1)
            if connection.execute(changed).rowcount:
                return None
            if connection.scalar(sa.select(TokenRow.prefix).where(TokenRow.prefix == prefix)) is None:
                raise InputError(Issue("ACC043", prefix[:64]))
            return NOTHING_DONE

        perform(self._database, act, work)


def _token(row: sa.Row[Any]) -> Token:
    given = row._asdict()
    return Token(**{**given, "rights": tuple(given["rights"].split()), "units": read_units(given["units"])})
