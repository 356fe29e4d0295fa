"""Reports as they were produced, in numbered editions: a later correction makes a new edition beside the old one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from ganzhi.base.clock import Clock
from ganzhi.store.accounts.acts import NOTHING_DONE, Act, perform
from ganzhi.store.columns import json_text
from ganzhi.store.database import Database
from ganzhi.store.editions.tables import EditionRow
from ganzhi.store.outbox import NewNotice, enqueue_in


@dataclass(frozen=True, slots=True)
class EditionHead:
    """An edition without its content. number: from 1. seen: of what state of the numbers it was made."""

    kind: str
    unit: str
    period: str
    number: int
    seen: str
    catalogue_version: str
    made_at: datetime
    made_by: str


@dataclass(frozen=True, slots=True)
class Edition:
    """A report as it was produced."""

    head: EditionHead
    content: Mapping[str, object]


_HEAD = tuple(getattr(EditionRow, name) for name in EditionHead.__slots__)


class Editions:
    """The kept reports of one store."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def list(self, kind: str, unit: str, *, limit: int = 400) -> tuple[EditionHead, ...]:
        """Editions of a kind and unit, the latest made first."""
        query = sa.select(*_HEAD).where(EditionRow.kind == kind, EditionRow.unit == unit)
        query = query.order_by(EditionRow.made_at.desc(), EditionRow.period.desc(), EditionRow.number.desc()).limit(
            limit
        )
        with self._database.read() as connection:
            return tuple(EditionHead(*row) for row in connection.execute(query))

    def of(self, kind: str, unit: str, period: str) -> tuple[EditionHead, ...]:
        """The editions of one report, first to last."""
        query = sa.select(*_HEAD).where(EditionRow.kind == kind, EditionRow.unit == unit, EditionRow.period == period)
        with self._database.read() as connection:
            return tuple(EditionHead(*row) for row in connection.execute(query.order_by(EditionRow.number)))

    def get(self, kind: str, unit: str, period: str, number: int | None = None) -> Edition | None:
        """An edition, by default the last; None where there is none."""
        query = sa.select(*_HEAD, EditionRow.content).where(
            EditionRow.kind == kind, EditionRow.unit == unit, EditionRow.period == period
        )
        if number is not None:
            query = query.where(EditionRow.number == number)
        with self._database.read() as connection:
            row = connection.execute(query.order_by(EditionRow.number.desc()).limit(1)).one_or_none()
        return None if row is None else Edition(EditionHead(*row[:-1]), row[-1])

    def add(
        self,
        kind: str,
        unit: str,
        period: str,
        *,
        seen: str,
        content: Mapping[str, object],
        catalogue_version: str,
        by: str,
        announce: Callable[[int], Iterable[NewNotice]] = lambda number: (),
    ) -> EditionHead | None:
        """Keep a report and announce it, both or neither; None where the last edition says the same already.

        announce: of the number of the edition the notices that tell of it. Of two processes that make the same report
        at once one keeps it.
        """
        now = self._clock.now()
        kept: list[EditionHead] = []

        def work(connection: sa.Connection) -> object:
            last = connection.execute(
                sa.select(EditionRow.number, EditionRow.content)
                .where(EditionRow.kind == kind, EditionRow.unit == unit, EditionRow.period == period)
                .order_by(EditionRow.number.desc())
                .limit(1)
            ).one_or_none()
            if last is not None and json_text(last.content) == json_text(content):
                return NOTHING_DONE
            number = 1 if last is None else last.number + 1
            head = EditionHead(kind, unit, period, number, seen, catalogue_version, now, by.strip())
            values = {name: getattr(head, name) for name in EditionHead.__slots__}
            connection.execute(sa.insert(EditionRow).values(content=content, **values))
            for notice in announce(number):
                enqueue_in(connection, self._database, notice, now)
            kept[:] = [head]
            return None

        detail = {"kind": kind, "unit": unit, "period": period}
        perform(self._database, Act(by, now, "report.make", f"{kind} {unit} {period}", detail), work)
        return kept[0] if kept else None
