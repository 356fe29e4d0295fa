"""Reading the audit trail: newest first, by page, by who and what. Nothing here writes it. (Interface; the bodies follow.)"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ganzhi.access.rights import Viewer
from ganzhi.base.errors import Issue
from ganzhi.store.audit import AuditEntry
from ganzhi.store.open import Store


@dataclass(frozen=True, slots=True)
class TrailPage:
    """Entries, newest first. older: what `before` is for the next page, None on the last."""

    entries: tuple[AuditEntry, ...]
    older: int | None


class Trail:
    """The audit trail of a store."""

    def __init__(self, store: Store) -> None:
        raise NotImplementedError

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
        """A page of the trail. act: whole, or its beginning up to a dot (`account`). AccessError without the right `audit`."""
        raise NotImplementedError

    def acts(self, viewer: Viewer) -> tuple[str, ...]:
        """The acts that occur, for a list to choose from."""
        raise NotImplementedError

    def verify(self, viewer: Viewer) -> list[Issue]:
        """What is wrong with the chain of entries; empty when it is whole."""
        raise NotImplementedError
