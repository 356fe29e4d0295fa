"""The audit trail: append-only, each entry holding the hash of the one before.

Entries are written in the transaction of the act they record. A head record beside the trail
shows entries cut off at the end; a head noted elsewhere (`head()`, once a day in the log) shows a
trail that was rewritten as a whole. Entries hold pseudonyms only; that is up to the caller.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from ganzhi.base.clock import Clock
from ganzhi.base.errors import Issue
from ganzhi.base.ids import digest, new_id
from ganzhi.store.columns import check_text, instant_text, json_text
from ganzhi.store.database import Database
from ganzhi.store.models import AuditHeadRow, AuditRow

_BATCH: Final = 5_000


@dataclass(frozen=True, slots=True)
class AuditHead:
    """How far the trail goes: number and hash of its last entry (0 and empty without any)."""

    number: int
    hash: str


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One act: who did what to what, when. number: 1, 2, 3 … without gaps."""

    number: int
    request: str
    at: datetime
    actor: str
    act: str
    subject: str
    detail: Mapping[str, object]
    previous: str
    hash: str

    def expected_hash(self) -> str:
        """The hash that the entry's content asks for."""
        return _hash(self.number, self.request, self.at, self.actor, self.act, self.subject, self.detail, self.previous)


def _hash(
    number: int,
    request: str,
    at: datetime,
    actor: str,
    act: str,
    subject: str,
    detail: Mapping[str, object],
    previous: str,
) -> str:
    return digest(str(number), request, instant_text(at), actor, act, subject, json_text(detail), previous)


def append_in(
    connection: sa.Connection,
    *,
    request: str,
    at: datetime,
    actor: str,
    act: str,
    subject: str,
    detail: Mapping[str, object],
) -> AuditEntry:
    """Append an entry in the caller's transaction; a request that is in the trail is not appended again."""
    for text in (actor, act, subject):
        check_text(text)
    head = connection.execute(sa.select(AuditHeadRow.number, AuditHeadRow.hash).with_for_update()).one()
    known = connection.execute(sa.select(*_COLUMNS).where(AuditRow.request == request)).one_or_none()
    if known is not None:
        return _entry(known)
    number = head.number + 1
    hashed = _hash(number, request, at, actor, act, subject, detail, head.hash)
    entry = AuditEntry(number, request, at, actor, act, subject, detail, head.hash, hashed)
    connection.execute(
        sa.insert(AuditRow).values(
            number=number,
            request=request,
            at=at,
            actor=actor,
            act=act,
            subject=subject,
            detail=detail,
            previous=head.hash,
            hash=hashed,
        )
    )
    connection.execute(sa.update(AuditHeadRow).values(number=number, hash=hashed))
    return entry


_COLUMNS: Final = tuple(getattr(AuditRow, name) for name in AuditEntry.__slots__)


def _entry(row: sa.Row[Any]) -> AuditEntry:
    return AuditEntry(**row._asdict())


class Audit:
    """Reads and appends the trail of one store."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def append(self, actor: str, act: str, subject: str, detail: Mapping[str, object] | None = None) -> AuditEntry:
        """Append one entry, once, even when the connection breaks while it is committed."""
        request = new_id()
        at = self._clock.now()
        return self._database.once(
            lambda connection: append_in(
                connection, request=request, at=at, actor=actor, act=act, subject=subject, detail=detail or {}
            )
        )

    def head(self) -> AuditHead:
        """How far the trail goes now; to be noted outside the store."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(AuditHeadRow.number, AuditHeadRow.hash)).one()
        return AuditHead(row.number, row.hash)

    def entries(self, after: int = 0, limit: int = 1_000) -> tuple[AuditEntry, ...]:
        """Entries with a number above `after`, oldest first."""
        with self._database.read() as connection:
            return tuple(_after(connection, after, limit))

    def of(self, act: str) -> tuple[AuditEntry, ...]:
        """All entries of an act, oldest first."""
        query = sa.select(*_COLUMNS).where(AuditRow.act == act).order_by(AuditRow.number)
        with self._database.read() as connection:
            return tuple(map(_entry, connection.execute(query)))

    def verify(self, anchors: Sequence[AuditHead] = ()) -> list[Issue]:
        """What is wrong with the trail: STO009 for each break, in order; empty when it is whole.

        anchors: heads that were noted outside the store and must lie on the trail.
        """
        with self._database.read() as connection:
            head = connection.execute(sa.select(AuditHeadRow.number, AuditHeadRow.hash)).one_or_none()
            trail = _all(connection)
            return _breaks(trail, None if head is None else AuditHead(*head), anchors)


def _after(connection: sa.Connection, after: int, limit: int) -> Iterator[AuditEntry]:
    page = sa.select(*_COLUMNS).where(AuditRow.number > after).order_by(AuditRow.number).limit(limit)
    return map(_entry, connection.execute(page))


def _all(connection: sa.Connection) -> Iterator[AuditEntry]:
    last = -(2**62)  # a forged number below 1 is read, and reported, too
    while page := list(_after(connection, last, _BATCH)):
        yield from page
        last = page[-1].number


def _breaks(trail: Iterator[AuditEntry], head: AuditHead | None, anchors: Sequence[AuditHead]) -> list[Issue]:
    found: list[Issue] = []
    noted = {anchor.number: anchor.hash for anchor in anchors if anchor.number > 0}
    number, previous = 0, ""
    for entry in trail:
        if entry.number != number + 1:
            found.append(_issue(number + 1, "missing"))
        elif entry.previous != previous:
            found.append(_issue(entry.number, "chain"))
        if entry.hash != entry.expected_hash():
            found.append(_issue(entry.number, "altered"))
        if noted.pop(entry.number, entry.hash) != entry.hash:
            found.append(_issue(entry.number, "rewritten"))
        number, previous = entry.number, entry.hash
    if head is None or (head.number, head.hash) != (number, previous):
        found.append(_issue(number + 1, "end"))
    found.extend(_issue(missing, "rewritten") for missing in sorted(noted))
    return found


def _issue(number: int, how: str) -> Issue:
    return Issue("STO009", str(number), params={"how": how})
