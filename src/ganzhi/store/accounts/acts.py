"""One act of somebody on accounts: its change and its entry in the audit trail, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.ids import new_id
from ganzhi.store.audit import append_in
from ganzhi.store.database import Database
from ganzhi.store.models import AuditHeadRow, AuditRow


@dataclass(frozen=True, slots=True)
class Act:
    """Who does what to whom. name: as the trail has it, for example `account.role`."""

    by: str
    at: datetime
    name: str
    subject: str
    detail: Mapping[str, object] = field(default_factory=dict)
    request: str = field(default_factory=new_id)


def perform(database: Database, act: Act, work: Callable[[sa.Connection], object]) -> None:
    """Do the work and record the act, both or neither, once however often the connection breaks.

    The trail's lock is taken first, so acts follow one another: what one has read, no other changes.
    Raises: InputError REQ027 without a name, and whatever the work raises.
    """
    if not act.by.strip():
        raise InputError(Issue("REQ027", "by"))

    def once(connection: sa.Connection) -> None:
        connection.execute(sa.select(AuditHeadRow.number).with_for_update())
        if connection.scalar(sa.select(AuditRow.number).where(AuditRow.request == act.request)) is not None:
            return
        if work(connection) is not NOTHING_DONE:
            append_in(
                connection,
                request=act.request,
                at=act.at,
                actor=act.by.strip(),
                act=act.name,
                subject=act.subject,
                detail=act.detail,
            )

    database.once(once)


NOTHING_DONE = object()
"""What a work returns when there was nothing to do, and so nothing to record."""
