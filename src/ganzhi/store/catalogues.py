"""The catalogues by which numbers were computed, so that a number can be explained years later.

A version names one content for ever; the same version with other content is refused.
"""

from __future__ import annotations

import sqlalchemy as sa

from ganzhi.base.clock import Clock
from ganzhi.base.errors import InternalError
from ganzhi.store.database import Database
from ganzhi.store.models import CatalogueRow


class Catalogues:
    """Remembers catalogue versions in one store."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def remember(self, version: str, content: str) -> None:
        """Keep the content (JSON text) of a version; does nothing when it is known already.

        Raises: InternalError when the version is known with other content.
        """
        known = self.get(version)
        if known is None:
            row = self._database.upsert(CatalogueRow).values(
                version=version, content=content, remembered_at=self._clock.now()
            )
            with self._database.write() as connection:
                connection.execute(row.on_conflict_do_nothing())
            known = self.get(version)
        if known != content:
            raise InternalError(f"two contents under catalogue version {version}")

    def get(self, version: str) -> str | None:
        """The content of a version, None when it was never remembered."""
        with self._database.read() as connection:
            return connection.scalar(sa.select(CatalogueRow.content).where(CatalogueRow.version == version))

    def versions(self) -> tuple[str, ...]:
        """All remembered versions, oldest first."""
        query = sa.select(CatalogueRow.version).order_by(CatalogueRow.remembered_at, CatalogueRow.version)
        with self._database.read() as connection:
            return tuple(connection.scalars(query))
