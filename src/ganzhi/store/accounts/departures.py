"""Browsers that were sent to the identity provider and are to come back, each once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from ganzhi.store.database import Database
from ganzhi.store.models import DepartureRow


@dataclass(frozen=True, slots=True)
class KeptDeparture:
    """What must fit when a browser comes back. id: hash of its cookie's secret. state: hash of what the provider hands
    through. back_to: where it wanted to go."""

    id: str
    state: str
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    back_to: str
    ends_at: datetime


_COLUMNS = tuple(getattr(DepartureRow, name) for name in KeptDeparture.__slots__)


class DepartureRows:
    """The departures of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, made: KeptDeparture, at: datetime) -> None:
        """Keep one; sweeps those that are over."""
        values = {name: getattr(made, name) for name in KeptDeparture.__slots__}
        with self._database.write() as connection:
            connection.execute(sa.delete(DepartureRow).where(DepartureRow.ends_at <= at))
            connection.execute(sa.insert(DepartureRow).values(**values))

    def take(self, identity: str, at: datetime) -> KeptDeparture | None:
        """The departure of a browser, which nobody gets a second time; None when there is none, or it is too old."""
        with self._database.write() as connection:
            query = sa.select(*_COLUMNS).where(DepartureRow.id == identity)
            row = connection.execute(query.with_for_update()).one_or_none()
            if row is None:
                return None
            connection.execute(sa.delete(DepartureRow).where(DepartureRow.id == identity))
        found = KeptDeparture(**row._asdict())
        return found if found.ends_at > at else None
