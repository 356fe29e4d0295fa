"""The register of learnt models: a person takes one into use, and can go back to an earlier one (S001-016).

The model itself is a file named by its digest; here stand its card, who made it and every use, each with its
entry in the audit trail in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from ganzhi.base.clock import Clock
from ganzhi.base.errors import InputError, Issue
from ganzhi.base.ids import new_id
from ganzhi.store.accounts.acts import Act, perform
from ganzhi.store.columns import check_text
from ganzhi.store.database import Database
from ganzhi.store.learnt.tables import LearntRow, LearntUseRow


@dataclass(frozen=True, slots=True)
class Learnt:
    """A model. number: counts the models of a kind. digest: SHA-256 of its file. card: what it is said to do."""

    id: str
    kind: str
    number: int
    digest: str
    card: Mapping[str, object]
    made_at: datetime
    made_by: str


@dataclass(frozen=True, slots=True)
class Use:
    """A model was taken into use. number: counts the uses of a kind; the last one holds."""

    kind: str
    number: int
    model: str
    at: datetime
    by: str
    note: str


_COLUMNS = tuple(getattr(LearntRow, name) for name in Learnt.__slots__)
_USES = tuple(getattr(LearntUseRow, name) for name in Use.__slots__)


class LearntModels:
    """The learnt models of one store."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def add(self, kind: str, digest: str, card: Mapping[str, object], *, by: str) -> Learnt:
        """Register a model that was made; it is not in use. REQ027 without a name."""
        now, identity = self._clock.now(), new_id()
        check_text(by)

        def work(connection: sa.Connection) -> None:
            last = connection.scalar(sa.select(sa.func.max(LearntRow.number)).where(LearntRow.kind == kind)) or 0
            row = sa.insert(LearntRow).values(
                id=identity, kind=kind, number=last + 1, digest=digest, card=card, made_at=now, made_by=by.strip()
            )
            connection.execute(row)

        perform(self._database, Act(by, now, "model.train", identity, {"kind": kind, "digest": digest}), work)
        found = self.get(identity)
        assert found is not None
        return found

    def get(self, identity: str) -> Learnt | None:
        """The model with this id."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(*_COLUMNS).where(LearntRow.id == identity)).one_or_none()
        return None if row is None else Learnt(**row._asdict())

    def list(self, kind: str) -> tuple[Learnt, ...]:
        """The models of a kind, newest first."""
        query = sa.select(*_COLUMNS).where(LearntRow.kind == kind).order_by(LearntRow.number.desc())
        with self._database.read() as connection:
            return tuple(Learnt(**row._asdict()) for row in connection.execute(query))

    def uses(self, kind: str) -> tuple[Use, ...]:
        """What was in use, newest first."""
        query = sa.select(*_USES).where(LearntUseRow.kind == kind).order_by(LearntUseRow.number.desc())
        with self._database.read() as connection:
            return tuple(Use(**row._asdict()) for row in connection.execute(query))

    def in_use(self, kind: str) -> Learnt | None:
        """The model that was last taken into use."""
        newest = self.uses(kind)[:1]
        return self.get(newest[0].model) if newest else None

    def use(self, model: Learnt, *, by: str, note: str = "") -> Use:
        """Take a model into use, a newer or an older one.

        Raises: InputError TXT006 when it is in use already, REQ027 without a name.
        """
        now = self._clock.now()
        check_text(note)

        def work(connection: sa.Connection) -> None:
            newest = sa.select(*_USES).where(LearntUseRow.kind == model.kind).order_by(LearntUseRow.number.desc())
            last = connection.execute(newest.limit(1)).one_or_none()
            if last is not None and last.model == model.id:
                raise InputError(Issue("TXT006", model.id, params={"value": str(model.number)}))
            number = 1 if last is None else last.number + 1
            row = sa.insert(LearntUseRow).values(
                kind=model.kind, number=number, model=model.id, at=now, by=by.strip(), note=note
            )
            connection.execute(row)

        detail = {"kind": model.kind, "number": model.number, "note": note}
        perform(self._database, Act(by, now, "model.use", model.id, detail), work)
        return self.uses(model.kind)[0]
