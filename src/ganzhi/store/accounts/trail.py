"""The audit trail read from its end. It is written by `store.audit` only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from ganzhi.store.audit import AuditEntry
from ganzhi.store.database import Database
from ganzhi.store.models import AuditRow

_COLUMNS = tuple(getattr(AuditRow, name) for name in AuditEntry.__slots__)


@dataclass(frozen=True, slots=True)
class Sought:
    """Which entries are asked for; empty for all. act: whole, or its beginning up to a dot."""

    actor: str = ""
    act: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None


def newest(database: Database, sought: Sought, before: int | None, limit: int) -> tuple[AuditEntry, ...]:
    """Entries numbered below `before`, newest first."""
    query = sa.select(*_COLUMNS).order_by(AuditRow.number.desc()).limit(limit).where(*_conditions(sought))
    if before is not None:
        query = query.where(AuditRow.number < before)
    with database.read() as connection:
        return tuple(AuditEntry(**row._asdict()) for row in connection.execute(query))


def _conditions(sought: Sought) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if sought.actor:
        found.append(AuditRow.actor == sought.actor)
    if sought.act:
        below = AuditRow.act.startswith(f"{sought.act}.", autoescape=True)
        found.append(sa.or_(AuditRow.act == sought.act, below))
    if sought.subject:
        found.append(AuditRow.subject == sought.subject)
    if sought.since is not None:
        found.append(AuditRow.at >= sought.since)
    if sought.until is not None:
        found.append(AuditRow.at < sought.until)
    return found


def acts(database: Database) -> tuple[str, ...]:
    """The acts that occur, in the order of the alphabet."""
    with database.read() as connection:
        return tuple(connection.scalars(sa.select(AuditRow.act).distinct().order_by(AuditRow.act)))
