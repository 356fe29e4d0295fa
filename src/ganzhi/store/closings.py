"""Closed periods: what was reported, by whom and when, in numbered editions.

A closing is written by `Manifest.commit` only, in the transaction that makes its files count, and is
never changed or removed. Refuses an edition that is not the next one of its period.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from ganzhi.store.database import Database
from ganzhi.store.models import ClosingRow


@dataclass(frozen=True, slots=True)
class NewClosing:
    """A period that is to be closed.

    grain, first_day: the period. edition: 1 for the first. seen: the commit whose states the numbers
    rest on; what was committed later is not in them. mark: what else they rest on, as published
    files carry it. note: why, in the closer's words; may be empty.
    """

    grain: str
    first_day: date
    edition: int
    seen: int
    mark: str
    catalogue_version: str
    actor: str
    note: str


@dataclass(frozen=True, slots=True)
class Closing(NewClosing):
    """A period that was closed. commit: the one its files came with. closed_at: UTC."""

    commit: int
    closed_at: datetime


_COLUMNS = tuple(getattr(ClosingRow, name) for name in (*NewClosing.__slots__, *Closing.__slots__))


class Closings:
    """Reads the closings of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, grain: str | None = None) -> tuple[Closing, ...]:
        """All closings, or those of a grain, in the order they were made."""
        query = sa.select(*_COLUMNS).order_by(ClosingRow.commit)
        if grain is not None:
            query = query.where(ClosingRow.grain == grain)
        with self._database.read() as connection:
            return tuple(Closing(*row) for row in connection.execute(query))

    def of(self, grain: str, first_day: date) -> tuple[Closing, ...]:
        """The editions of a period, first to last."""
        return tuple(each for each in self.all(grain) if each.first_day == first_day)


def is_next(connection: sa.Connection, closing: NewClosing) -> bool:
    """Whether the edition follows the last one of its period."""
    last = connection.scalar(
        sa.select(sa.func.max(ClosingRow.edition)).where(
            ClosingRow.grain == closing.grain, ClosingRow.first_day == closing.first_day
        )
    )
    return closing.edition == (last or 0) + 1


def add_closing(connection: sa.Connection, closing: NewClosing, commit: int, at: datetime) -> None:
    """Write a closing in the caller's transaction."""
    values = {name: getattr(closing, name) for name in NewClosing.__slots__}
    connection.execute(sa.insert(ClosingRow).values(commit=commit, closed_at=at, **values))
