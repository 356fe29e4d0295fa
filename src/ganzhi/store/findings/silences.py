"""Silences and maintenance windows as rows: each has an owner, a reason and an end, and none is deleted."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from ganzhi.base.clock import Clock
from ganzhi.base.errors import InputError, Issue
from ganzhi.base.ids import new_id
from ganzhi.store.accounts.acts import Act, perform
from ganzhi.store.columns import check_text, instant_text
from ganzhi.store.database import Database
from ganzhi.store.findings.records import Silence, SilenceKind
from ganzhi.store.findings.tables import SilenceRow

LONGEST: Final = timedelta(days=31)

_COLUMNS = tuple(getattr(SilenceRow, name) for name in Silence.__slots__)


class Silences:
    """The silences of one store."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def add(
        self,
        *,
        kind: SilenceKind,
        owner: str,
        reason: str,
        starts_at: datetime,
        ends_at: datetime,
        rule: str = "",
        unit: str = "",
        slice_text: str = "",
    ) -> Silence:
        """Make a silence.

        Raises: InputError FND011 when it ends before it begins, is over already, or lasts more than 31 days, FND012 without
        owner, reason, or anything that it is about.
        """
        now = self._clock.now()
        if not now < ends_at or not starts_at < ends_at or ends_at - starts_at > LONGEST:
            raise InputError(Issue("FND011", "until", params={"days": str(LONGEST.days)}))
        lacking = [name for name, text in (("owner", owner), ("reason", reason)) if not text.strip()]
        if not rule and not unit:
            lacking.append("rule / unit")
        if lacking:
            raise InputError([Issue("FND012", name) for name in lacking])
        for text in (owner, reason, rule, unit, slice_text):
            check_text(text)
        made = Silence(
            new_id(), kind, rule, unit, slice_text, owner.strip(), reason.strip(), starts_at, ends_at, now, 1
        )  # fmt: skip
        values = {name: getattr(made, name) for name in Silence.__slots__}

        def work(connection: sa.Connection) -> None:
            connection.execute(sa.insert(SilenceRow).values(**values))

        detail = {
            "kind": kind, "rule": rule, "unit": unit, "slice": slice_text, "reason": made.reason,
            "from": instant_text(starts_at), "to": instant_text(ends_at),
        }  # fmt: skip
        perform(self._database, Act(made.owner, now, "silence.add", made.id, detail), work)
        return made

    def end(self, seen: Silence, by: str, reason: str) -> Silence:
        """End a silence now; InputError FND013 when it is over, STO005 when somebody changed it, FND012 without reason."""
        now = self._clock.now()
        if not reason.strip():
            raise InputError(Issue("FND012", "reason"))
        if seen.ends_at <= now:
            raise InputError(Issue("FND013", seen.id))
        result = replace(seen, ends_at=now, starts_at=min(seen.starts_at, now), version=seen.version + 1)

        def work(connection: sa.Connection) -> None:
            change = sa.update(SilenceRow).where(SilenceRow.id == seen.id, SilenceRow.version == seen.version)
            values = {"ends_at": result.ends_at, "starts_at": result.starts_at, "version": result.version}
            if connection.execute(change.values(**values)).rowcount != 1:
                raise InputError(Issue("STO005", seen.id))

        detail = {"reason": reason.strip(), "planned": instant_text(seen.ends_at)}
        perform(self._database, Act(by, now, "silence.end", seen.id, detail), work)
        return result

    def get(self, given: str) -> Silence:
        """The silence with this id, or whose id ends so; InputError FND014 when there is none, or more than one."""
        query = sa.select(*_COLUMNS).where(SilenceRow.id.endswith(given.lower(), autoescape=True)).limit(2)
        with self._database.read() as connection:
            rows = connection.execute(query).all() if given else []
        if len(rows) != 1:
            raise InputError(Issue("FND014", given[:64]))
        return _silence(rows[0])

    def list(self, *, over: bool = False) -> tuple[Silence, ...]:
        """Silences that hold or are still to come, the next to end first; with `over` all that there ever were."""
        query = sa.select(*_COLUMNS).order_by(SilenceRow.ends_at, SilenceRow.id)
        if not over:
            query = query.where(SilenceRow.ends_at > self._clock.now())
        with self._database.read() as connection:
            return tuple(_silence(row) for row in connection.execute(query))

    def at(self, instant: datetime) -> tuple[Silence, ...]:
        """Silences that hold at an instant, the last to end first."""
        query = sa.select(*_COLUMNS).where(SilenceRow.starts_at <= instant, SilenceRow.ends_at > instant)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(SilenceRow.ends_at.desc(), SilenceRow.id)).all()
        return tuple(_silence(row) for row in rows)


def _silence(row: sa.Row[Any]) -> Silence:
    return Silence(**row._asdict())
