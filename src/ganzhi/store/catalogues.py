"""The catalogues by which numbers were computed, so that a number can be explained years later.

A version names one content for ever; the same version with other content is refused. One version is
in force at a time, the one that was opened or approved last.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from ganzhi.base.clock import Clock
from ganzhi.base.errors import InputError, InternalError, Issue
from ganzhi.store.database import Database
from ganzhi.store.models import CatalogueRow


@dataclass(frozen=True, slots=True)
class CatalogueVersion:
    """A remembered version, without its content.

    author, reason, valid_from: of the approval that made it; None for one that came with files.
    superseded_at: None for the version in force.
    """

    version: str
    remembered_at: datetime
    author: str | None
    reason: str | None
    valid_from: date | None
    superseded_at: datetime | None


_COLUMNS = tuple(getattr(CatalogueRow, name) for name in CatalogueVersion.__slots__)


class Catalogues:
    """Remembers catalogue versions in one store."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def remember(self, version: str, content: str) -> None:
        """Keep the content (JSON text) of a version that is in force now; does nothing when that is known already.

        Raises: InternalError when the version is known with other content.
        """
        query = sa.select(CatalogueRow.content, CatalogueRow.superseded_at).where(CatalogueRow.version == version)
        with self._database.read() as connection:
            known = connection.execute(query).one_or_none()
        if known is None or known.superseded_at is not None:
            with self._database.write() as connection:
                remember_in(connection, self._database, self._clock.now(), version, content)
                known = connection.execute(query).one()
        if known.content != content:
            raise InternalError(f"two contents under catalogue version {version}")

    def get(self, version: str) -> str | None:
        """The content of a version, None when it was never remembered."""
        with self._database.read() as connection:
            return connection.scalar(sa.select(CatalogueRow.content).where(CatalogueRow.version == version))

    def versions(self) -> tuple[str, ...]:
        """All remembered versions, oldest first."""
        return tuple(each.version for each in self.history())

    def history(self) -> tuple[CatalogueVersion, ...]:
        """All remembered versions with who made them and why, oldest first."""
        query = sa.select(*_COLUMNS).order_by(CatalogueRow.remembered_at, CatalogueRow.version)
        with self._database.read() as connection:
            return tuple(CatalogueVersion(**row._asdict()) for row in connection.execute(query))

    def current(self) -> str | None:
        """The version in force; None in a store that has not seen a catalogue."""
        with self._database.read() as connection:
            return current_in(connection)

    def find(self, prefix: str) -> str:
        """The version that is called or begins so, or whose content's digest begins so.

        Raises: InputError REQ026 when there is none, or more than one.
        """
        known = self.versions()
        if prefix in known:
            return prefix
        found = [
            each for each in known if prefix and (each.startswith(prefix) or each.partition("+")[2].startswith(prefix))
        ]
        if len(found) != 1:
            listed = ", ".join(found[:5] or known[-5:]) or "–"
            raise InputError(Issue("REQ026", prefix[:64], params={"found": str(len(found)), "known": listed}))
        return found[0]


def current_in(connection: sa.Connection) -> str | None:
    """The version in force, as a transaction sees it."""
    query = sa.select(CatalogueRow.version).where(CatalogueRow.superseded_at.is_(None))
    return connection.scalars(query.order_by(CatalogueRow.remembered_at.desc())).first()


def remember_in(
    connection: sa.Connection,
    database: Database,
    at: datetime,
    version: str,
    content: str,
    *,
    author: str | None = None,
    reason: str | None = None,
    valid_from: date | None = None,
) -> None:
    """Put a version in force in the caller's transaction; a version that was there before comes back as it was."""
    facts = {"author": author, "reason": reason, "valid_from": valid_from}
    given = {name: value for name, value in facts.items() if value is not None}
    others = sa.update(CatalogueRow).where(CatalogueRow.superseded_at.is_(None), CatalogueRow.version != version)
    connection.execute(others.values(superseded_at=at))
    row = database.upsert(CatalogueRow).values(version=version, content=content, remembered_at=at, **given)
    again = {"superseded_at": None, **given}
    connection.execute(row.on_conflict_do_update(index_elements=[CatalogueRow.version], set_=again))
