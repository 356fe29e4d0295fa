"""Files of decisions for the ticket system: each act is in one of them, and none is left out, whatever is killed.

A file is made in three steps: its acts are taken in one transaction, the file is written under a name that its number
gives, and that it is there is noted. What was taken and not noted is written again, with the same bytes under the same
name.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from ganzhi.base.clock import Clock
from ganzhi.base.failpoint import failpoint
from ganzhi.store.accounts.acts import NOTHING_DONE, Act, perform
from ganzhi.store.database import Database
from ganzhi.store.desk.acts import COLUMNS, About, DeskAct
from ganzhi.store.desk.tables import DeskActRow, DeskHandedRow, DeskHandoverRow


@dataclass(frozen=True, slots=True)
class Handover:
    """A file of acts, in the order they were done in. written_at: None until the file is there."""

    number: int
    made_at: datetime
    made_by: str
    written_at: datetime | None
    acts: tuple[DeskAct, ...]


class Handovers:
    """The files of one store."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def take(self, by: str, about: About = "ticket") -> Handover | None:
        """The file that was taken and is not there yet, else one of all acts that are in none; None when there is none."""
        waiting = self._waiting()
        if waiting is not None:
            return waiting
        now = self._clock.now()

        def work(connection: sa.Connection) -> object:
            if connection.scalar(_unwritten()) is not None:
                return NOTHING_DONE
            rest = _rest(about)
            if connection.execute(rest.limit(1)).one_or_none() is None:
                return NOTHING_DONE
            number = (connection.scalar(sa.select(sa.func.max(DeskHandoverRow.number))) or 0) + 1
            connection.execute(sa.insert(DeskHandoverRow).values(number=number, made_at=now, made_by=by.strip()))
            taken = rest.add_columns(sa.literal(number))
            connection.execute(sa.insert(DeskHandedRow).from_select(["about", "subject", "number", "handover"], taken))
            return None

        perform(self._database, Act(by, now, "desk.hand_over", about), work)
        failpoint("desk.handover_taken")
        return self._waiting()

    def written(self, number: int, sha256: str) -> None:
        """The file is there. Said again, nothing changes."""
        failpoint("desk.handover_written")
        noted = sa.update(DeskHandoverRow).where(DeskHandoverRow.number == number, DeskHandoverRow.written_at.is_(None))
        with self._database.write() as connection:
            connection.execute(noted.values(written_at=self._clock.now(), sha256=sha256))

    def of(self, subjects: Iterable[str], about: About = "ticket") -> dict[tuple[str, int], int]:
        """In which file each act of some subjects is, by subject and number; acts in none are left out."""
        query = sa.select(DeskHandedRow.subject, DeskHandedRow.number, DeskHandedRow.handover).where(
            DeskHandedRow.about == about, DeskHandedRow.subject.in_(sorted(set(subjects)))
        )
        with self._database.read() as connection:
            return {(row.subject, row.number): row.handover for row in connection.execute(query)}

    def rest(self, about: About = "ticket") -> int:
        """How many acts are in no file."""
        with self._database.read() as connection:
            return connection.scalar(sa.select(sa.func.count()).select_from(_rest(about).subquery())) or 0

    def _waiting(self) -> Handover | None:
        with self._database.read() as connection:
            row = connection.execute(_unwritten()).one_or_none()
            if row is None:
                return None
            same = sa.and_(
                *(getattr(DeskHandedRow, k) == getattr(DeskActRow, k) for k in ("about", "subject", "number"))
            )
            query = sa.select(*COLUMNS).join(DeskHandedRow, same).where(DeskHandedRow.handover == row.number)
            found = connection.execute(query.order_by(DeskActRow.at, DeskActRow.subject, DeskActRow.number))
            return Handover(
                row.number, row.made_at, row.made_by, row.written_at, tuple(DeskAct(**each._asdict()) for each in found)
            )


def _unwritten() -> sa.Select[int, datetime, str, datetime | None]:
    row = DeskHandoverRow
    query = sa.select(row.number, row.made_at, row.made_by, row.written_at).where(row.written_at.is_(None))
    return query.order_by(row.number).limit(1)


def _rest(about: About) -> sa.Select[str, str, int]:
    """Acts that are in no file."""
    act, handed = DeskActRow, DeskHandedRow
    there = sa.exists().where(handed.about == act.about, handed.subject == act.subject, handed.number == act.number)
    return sa.select(act.about, act.subject, act.number).where(act.about == about, ~there)
