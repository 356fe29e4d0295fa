"""Reading the audit trail: newest first, by page, by who and what. Nothing here writes or changes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ganzhi.access.rights import Viewer
from ganzhi.base.errors import Issue
from ganzhi.store.accounts.trail import Sought, acts, newest
from ganzhi.store.audit import AuditEntry
from ganzhi.store.open import Store

MOST: Final = 1_000


@dataclass(frozen=True, slots=True)
class TrailPage:
    """Entries, newest first. older: what `before` is for the next page, None on the last."""

    entries: tuple[AuditEntry, ...]
    older: int | None


class Trail:
    """The audit trail of a store, for viewers with the right `audit`; AccessError for others."""

    def __init__(self, store: Store) -> None:
        self._database = store.database
        self._audit = store.audit

    def page(
        self,
        viewer: Viewer,
        *,
        before: int | None = None,
        limit: int = 100,
        actor: str = "",
        act: str = "",
        subject: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> TrailPage:
        """A page of the trail, at most 1,000 entries. act: whole, or its beginning up to a dot (`account`)."""
        viewer.require("audit")
        size = max(1, min(limit, MOST))
        found = newest(self._database, Sought(actor, act, subject, since, until), before, size + 1)
        return TrailPage(found[:size], found[size - 1].number if len(found) > size else None)

    def acts(self, viewer: Viewer) -> tuple[str, ...]:
        """The acts that occur, for a list to choose from."""
        viewer.require("audit")
        return acts(self._database)

    def verify(self, viewer: Viewer) -> list[Issue]:
        """What is wrong with the chain of entries (STO009); empty when it is whole."""
        viewer.require("audit")
        return self._audit.verify()
