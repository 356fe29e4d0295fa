"""How much each may ask of what costs much, counted for all processes of a store.

One number for each: the moment at which all that was taken is paid back. What is paid back is deleted.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from ganzhi.store.accounts.tables import AllowanceRow
from ganzhi.store.database import Database

SLACK = timedelta(milliseconds=1)
"""What is kept is whole microseconds, so many pieces may come to a little more than the whole."""


class AllowanceRows:
    """The allowances of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, key: str, each: timedelta, within: timedelta, at: datetime) -> timedelta:
        """Take one that is paid back after `each`, unless more than `within` would then be owed; how long to wait, zero
        when it was taken. A clock that was set back makes nobody wait longer than `within`."""
        with self._database.write() as connection:
            connection.execute(sa.delete(AllowanceRow).where(AllowanceRow.due_at <= at))
            fresh = self._database.upsert(AllowanceRow).values(key=key, due_at=at)
            connection.execute(fresh.on_conflict_do_nothing())
            query = sa.select(AllowanceRow.due_at).where(AllowanceRow.key == key)
            due = min(connection.execute(query.with_for_update()).scalar_one(), at + within)
            wait = due + each - at - within
            if wait <= SLACK:
                wait = timedelta()
                taken = sa.update(AllowanceRow).where(AllowanceRow.key == key)
                connection.execute(taken.values(due_at=due + each))
        return wait
