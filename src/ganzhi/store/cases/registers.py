"""The registers around the library as rows: trainings, meetings, requests for functions. What they say is JSON here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa

from ganzhi.base.clock import Clock
from ganzhi.base.errors import InputError, Issue
from ganzhi.base.ids import new_id
from ganzhi.store.accounts.acts import Act, perform
from ganzhi.store.cases.records import CaseChangedError, Register, RegisterKind
from ganzhi.store.cases.tables import CaseRegisterRow
from ganzhi.store.database import Database

_COLUMNS = tuple(getattr(CaseRegisterRow, name) for name in Register.__slots__)


class CaseRegisters:
    """The registers of one store."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def add(
        self, kind: RegisterKind, state: str, content: Mapping[str, object], *, by: str, due: date | None = None
    ) -> Register:
        """Write a new record down."""
        now, identity, who = self._clock.now(), new_id(), by.strip()

        def work(connection: sa.Connection) -> None:
            of = sa.select(sa.func.max(CaseRegisterRow.number)).where(CaseRegisterRow.kind == kind)
            number = (connection.scalar(of) or 0) + 1
            made = Register(identity, kind, number, state, due, content, who, now, who, now, 1)
            values = {name: getattr(made, name) for name in Register.__slots__}
            connection.execute(sa.insert(CaseRegisterRow).values(**values))

        perform(self._database, Act(by, now, f"{kind}.add", identity, {"state": state}), work)
        return self.get(identity)

    def change(
        self, seen: Register, *, by: str, state: str, content: Mapping[str, object], due: date | None, note: str = ""
    ) -> Register:
        """Change a record, as long as it is what the changer saw; CaseChangedError otherwise."""
        now = self._clock.now()
        values = {
            "state": state, "content": content, "due": due, "changed_by": by.strip(), "changed_at": now,
            "version": seen.version + 1,
        }  # fmt: skip

        def work(connection: sa.Connection) -> None:
            of = sa.and_(CaseRegisterRow.id == seen.id, CaseRegisterRow.version == seen.version)
            if connection.execute(sa.update(CaseRegisterRow).where(of).values(**values)).rowcount != 1:
                query = sa.select(CaseRegisterRow.version).where(CaseRegisterRow.id == seen.id)
                raise CaseChangedError(seen.id, seen.version, connection.scalar(query) or 0)

        detail = {"from": seen.state, "to": state, "note": note.strip()}
        perform(self._database, Act(by, now, f"{seen.kind}.change", seen.id, detail), work)
        return self.get(seen.id)

    def get(self, identity: str) -> Register:
        """The record with this id; InputError CAS011."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(*_COLUMNS).where(CaseRegisterRow.id == identity)).one_or_none()
        if row is None:
            raise InputError(Issue("CAS011", identity[:64]))
        return _register(row)

    def numbered(self, kind: RegisterKind, number: int) -> Register:
        """The record of a kind with this number; InputError CAS011."""
        query = sa.select(*_COLUMNS).where(CaseRegisterRow.kind == kind, CaseRegisterRow.number == number)
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise InputError(Issue("CAS011", str(number)))
        return _register(row)

    def list(self, kind: RegisterKind) -> tuple[Register, ...]:
        """The records of a kind, newest first."""
        query = sa.select(*_COLUMNS).where(CaseRegisterRow.kind == kind).order_by(CaseRegisterRow.number.desc())
        with self._database.read() as connection:
            return tuple(_register(row) for row in connection.execute(query))


def _register(row: sa.Row[Any]) -> Register:
    return Register(**row._asdict())
