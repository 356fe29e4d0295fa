"""Acts at the handler's desk as rows: each follows the one that its doer saw, with its entry in the audit trail.

A subject's version is the number of its last act. Who decided on an older version is refused, so of two people at
once one sees what the other did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

import sqlalchemy as sa

from ganzhi.base.clock import Clock
from ganzhi.base.errors import InputError, Issue
from ganzhi.base.failpoint import failpoint
from ganzhi.store.accounts.acts import Act, perform
from ganzhi.store.columns import check_text
from ganzhi.store.database import Database
from ganzhi.store.desk.tables import DeskActRow
from ganzhi.store.outbox import NewNotice, enqueue_in

About = Literal["ticket", "problem", "fault"]
_AT_ONCE = 400
"""Subjects that one query asks for."""


@dataclass(frozen=True, slots=True)
class DeskAct:
    """An act. number: counts the acts of a subject, from 1. undoes: the number of the act that it takes back."""

    about: About
    subject: str
    number: int
    at: datetime
    actor: str
    act: str
    content: Mapping[str, object] = field(default_factory=dict)
    undoes: int | None = None


class DeskChangedError(InputError):
    """Somebody did something meanwhile. seen: the version that was seen; since: what was done after it."""

    def __init__(self, subject: str, seen: int, since: tuple[DeskAct, ...]) -> None:
        now = since[-1].number if since else seen
        super().__init__(Issue("DSK001", subject[:64], params={"seen": str(seen), "now": str(now)}))
        self.seen = seen
        self.since = since


COLUMNS: Final = tuple(getattr(DeskActRow, name) for name in DeskAct.__slots__)
"""The columns of an act, in the order of its fields."""


class DeskActs:
    """The acts of one store."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def add(
        self,
        about: About,
        subject: str,
        seen: int,
        actor: str,
        act: str,
        content: Mapping[str, object] | None = None,
        *,
        undoes: int | None = None,
        check: Callable[[Sequence[DeskAct]], None] | None = None,
        tell: Callable[[DeskAct], Iterable[NewNotice]] | None = None,
    ) -> DeskAct:
        """Do something about a subject of which the doer saw the version `seen`; 0 for none yet.

        check: told the acts so far, in the same transaction; what it raises refuses the act. tell: the notices of the act;
        they stand in the outbox when the act does.
        Raises: DeskChangedError when there are newer acts; InputError REQ027 without an actor; what `check` raises.
        """
        now, told = self._clock.now(), dict(content or {})
        for text in (subject, *(value for value in told.values() if isinstance(value, str))):
            check_text(text)
        made: list[DeskAct] = []

        def work(connection: sa.Connection) -> None:
            so_far = _read(connection, about, (subject,))
            since = tuple(each for each in so_far if each.number > seen)
            if since or (so_far[-1].number if so_far else 0) != seen:
                raise DeskChangedError(subject, seen, since)
            if check is not None:
                check(so_far)
            new = DeskAct(about, subject, seen + 1, now, actor.strip(), act, told, undoes)
            connection.execute(sa.insert(DeskActRow).values(**{n: getattr(new, n) for n in DeskAct.__slots__}))
            for notice in tell(new) if tell is not None else ():
                enqueue_in(connection, self._database, notice, now)
            made[:] = [new]
            failpoint("desk.before_commit")

        detail: dict[str, object] = {"number": seen + 1, **{key: told[key] for key in sorted(told)}}
        if undoes is not None:
            detail["undoes"] = undoes
        perform(self._database, Act(actor, now, f"{about}.{act}", subject, detail), work)
        failpoint("desk.after_commit")
        return made[0] if made else self.of(about, subject)[seen]

    def of(self, about: About, subject: str) -> tuple[DeskAct, ...]:
        """The acts of a subject, in order."""
        with self._database.read() as connection:
            return _read(connection, about, (subject,))

    def of_many(self, about: About, subjects: Iterable[str]) -> dict[str, tuple[DeskAct, ...]]:
        """The acts of many subjects by subject; those without any are left out."""
        wanted, found = sorted(set(subjects)), dict[str, list[DeskAct]]()
        with self._database.read() as connection:
            for first in range(0, len(wanted), _AT_ONCE):
                for each in _read(connection, about, wanted[first : first + _AT_ONCE]):
                    found.setdefault(each.subject, []).append(each)
        return {subject: tuple(acts) for subject, acts in found.items()}

    def all(self, about: About) -> dict[str, tuple[DeskAct, ...]]:
        """The acts of every subject of a kind, by subject."""
        found: dict[str, list[DeskAct]] = {}
        with self._database.read() as connection:
            for each in _read(connection, about, None):
                found.setdefault(each.subject, []).append(each)
        return {subject: tuple(acts) for subject, acts in found.items()}


def standing(acts: Sequence[DeskAct]) -> tuple[DeskAct, ...]:
    """The acts that were not taken back, in order, without those that take back."""
    gone = {each.undoes for each in acts if each.undoes is not None}
    return tuple(each for each in acts if each.undoes is None and each.number not in gone)


def _read(connection: sa.Connection, about: About, subjects: Sequence[str] | None) -> tuple[DeskAct, ...]:
    query: sa.Select[Any] = sa.select(*COLUMNS).where(DeskActRow.about == about)
    if subjects is not None:
        query = query.where(DeskActRow.subject.in_(subjects))
    rows = connection.execute(query.order_by(DeskActRow.subject, DeskActRow.number))
    return tuple(DeskAct(**row._asdict()) for row in rows)
