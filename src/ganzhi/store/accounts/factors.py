"""Second factors as rows. The secret of one stands nowhere: it is made from the salt, the login and a key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from ganzhi.store.accounts.acts import NOTHING_DONE, Act, perform
from ganzhi.store.accounts.tables import FactorRow, RecoveryRow
from ganzhi.store.database import Database
from ganzhi.store.models import SessionRow


@dataclass(frozen=True, slots=True)
class Factor:
    """Somebody's second factor. confirmed_at: None until a first code proved it. last_step: the last time step of which
    a code was taken; codes of it and of earlier ones are spent."""

    login: str
    salt: str
    made_at: datetime
    confirmed_at: datetime | None
    last_step: int


_COLUMNS = tuple(getattr(FactorRow, name) for name in Factor.__slots__)


class FactorRows:
    """The second factors of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, login: str) -> Factor | None:
        """The factor of an account, confirmed or not."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(*_COLUMNS).where(FactorRow.login == login)).one_or_none()
        return None if row is None else Factor(**row._asdict())

    def begin(self, login: str, salt: str, act: Act) -> bool:
        """Keep a factor that is not confirmed yet, in place of another such; False where one is confirmed."""
        begun: list[bool] = []

        def work(connection: sa.Connection) -> object:
            connection.execute(sa.delete(FactorRow).where(FactorRow.login == login, FactorRow.confirmed_at.is_(None)))
            if connection.scalar(sa.select(FactorRow.login).where(FactorRow.login == login)) is not None:
                return NOTHING_DONE
            values = {"login": login, "salt": salt, "made_at": act.at, "confirmed_at": None, "last_step": 0}
            connection.execute(sa.insert(FactorRow).values(**values))
            begun.append(True)
            return None

        perform(self._database, act, work)
        return bool(begun)

    def confirm(self, seen: Factor, step: int, codes: Sequence[str], act: Act, *, keep: str) -> bool:
        """The first code was right: from now on it counts. codes: hashes of recovery codes. All sessions but `keep` end.
        False where it is not the factor that was seen any more."""
        done: list[bool] = []

        def work(connection: sa.Connection) -> object:
            same = sa.and_(FactorRow.login == seen.login, FactorRow.salt == seen.salt, FactorRow.confirmed_at.is_(None))
            changed = sa.update(FactorRow).where(same).values(confirmed_at=act.at, last_step=step)
            if connection.execute(changed).rowcount != 1:
                return NOTHING_DONE
            _put_codes(connection, seen.login, codes)
            connection.execute(sa.delete(SessionRow).where(SessionRow.login == seen.login, SessionRow.id != keep))
            done.append(True)
            return None

        perform(self._database, act, work)
        return bool(done)

    def spend_step(self, seen: Factor, step: int) -> bool:
        """Take the code of a time step, once: False where it, or a later one, was taken already."""
        unspent = sa.and_(FactorRow.login == seen.login, FactorRow.salt == seen.salt, FactorRow.last_step < step)
        with self._database.write() as connection:
            return connection.execute(sa.update(FactorRow).where(unspent).values(last_step=step)).rowcount == 1

    def spend_code(self, login: str, hashed: str, act: Act) -> bool:
        """Take a recovery code, once."""
        done: list[bool] = []

        def work(connection: sa.Connection) -> object:
            unused = sa.and_(RecoveryRow.hash == hashed, RecoveryRow.login == login, RecoveryRow.used_at.is_(None))
            if connection.execute(sa.update(RecoveryRow).where(unused).values(used_at=act.at)).rowcount != 1:
                return NOTHING_DONE
            done.append(True)
            return None

        perform(self._database, act, work)
        return bool(done)

    def renew_codes(self, login: str, codes: Sequence[str], act: Act) -> None:
        """Other recovery codes in place of all earlier ones."""
        perform(self._database, act, lambda connection: _put_codes(connection, login, codes))

    def codes_left(self, login: str) -> int:
        """How many recovery codes are unused."""
        left = sa.select(sa.func.count()).where(RecoveryRow.login == login, RecoveryRow.used_at.is_(None))
        with self._database.read() as connection:
            return connection.scalar(left) or 0

    def remove(self, login: str, act: Act) -> bool:
        """Take a factor away with its recovery codes; False where there is none. All sessions end."""
        done: list[bool] = []

        def work(connection: sa.Connection) -> object:
            connection.execute(sa.delete(RecoveryRow).where(RecoveryRow.login == login))
            if connection.execute(sa.delete(FactorRow).where(FactorRow.login == login)).rowcount != 1:
                return NOTHING_DONE
            connection.execute(sa.delete(SessionRow).where(SessionRow.login == login))
            done.append(True)
            return None

        perform(self._database, act, work)
        return bool(done)


def _put_codes(connection: sa.Connection, login: str, codes: Sequence[str]) -> None:
    connection.execute(sa.delete(RecoveryRow).where(RecoveryRow.login == login))
    rows = [{"hash": code, "login": login, "used_at": None} for code in codes]
    connection.execute(sa.insert(RecoveryRow), rows)
