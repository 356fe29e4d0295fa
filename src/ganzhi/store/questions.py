"""Saved questions: what somebody asked freely, under a name, for themselves or for others.

A question is kept as it was asked and holds no answer; whoever opens it gets an answer of their own.
Every change and its audit entry are one transaction, and a change holds only while the question is what
the changer saw. A deleted question can be brought back for `UNDO` and is gone afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal, get_args

import sqlalchemy as sa

from ganzhi.base.clock import Clock
from ganzhi.base.errors import InputError, Issue
from ganzhi.base.ids import new_id
from ganzhi.store.audit import append_in
from ganzhi.store.columns import check_text
from ganzhi.store.database import Database
from ganzhi.store.models import AuditHeadRow, AuditRow, QuestionRow

Shared = Literal["nobody", "unit", "everybody"]
"""With whom: nobody, those who work in the unit it was shared in, everybody."""

SHARES: tuple[Shared, ...] = get_args(Shared)
UNDO: Final = timedelta(days=30)
MOST_OWN: Final = 200
"""Questions that one owner may keep."""
LONGEST_NAME: Final = 80
LONGEST_QUESTION: Final = 8_000


@dataclass(frozen=True, slots=True)
class Question:
    """A saved question.

    owner: login. shared: with whom; unit: the owner's unit when it was shared, empty for the whole
    organisation. content: the question as its page's address has it. deleted_at: None while it is kept.
    version: counts changes.
    """

    id: str
    name: str
    owner: str
    shared: Shared
    unit: str
    content: str
    created_at: datetime
    changed_at: datetime
    deleted_at: datetime | None
    version: int


class QuestionChangedError(InputError):
    """Somebody else changed the question meanwhile. seen: what the changer saw; now: what it has become."""

    def __init__(self, seen: Question, now: Question) -> None:
        super().__init__(Issue("STO005", seen.id))
        self.seen = seen
        self.now = now


_COLUMNS = tuple(getattr(QuestionRow, name) for name in Question.__slots__)


class Questions:
    """The saved questions of one store."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def list(self, owner: str) -> tuple[Question, ...]:
        """Questions of an owner, and all that are shared with anybody, by name; none that is deleted."""
        open_to_all = sa.or_(QuestionRow.owner == owner, QuestionRow.shared != "nobody")
        query = sa.select(*_COLUMNS).where(QuestionRow.deleted_at.is_(None), open_to_all)
        with self._database.read() as connection:
            found = [_question(row) for row in connection.execute(query)]
        return tuple(sorted(found, key=lambda each: (each.name, each.id)))

    def get(self, identity: str) -> Question | None:
        """The question with this id, deleted or not."""
        with self._database.read() as connection:
            return _get(connection, identity)

    def add(self, *, name: str, owner: str, shared: Shared, unit: str, content: str) -> Question:
        """Keep a new question.

        Raises: InputError ASK031 for a name or question that is empty or too long, ASK032 when the owner has as
        many as one may have.
        """
        now = self._clock.now()
        made = Question(
            new_id(), _name(name), owner, shared, unit if shared == "unit" else "", _content(content),
            now, now, None, 1,
        )  # fmt: skip

        def work(connection: sa.Connection) -> None:
            own = sa.and_(QuestionRow.owner == owner, QuestionRow.deleted_at.is_(None))
            if (connection.scalar(sa.select(sa.func.count()).where(own)) or 0) >= MOST_OWN:
                raise InputError(Issue("ASK032", "name", params={"most": str(MOST_OWN)}))
            gone = sa.delete(QuestionRow).where(QuestionRow.deleted_at < now - UNDO)
            connection.execute(gone)
            values = {field: getattr(made, field) for field in Question.__slots__}
            connection.execute(sa.insert(QuestionRow).values(**values))

        self._perform("question.save", made, owner, {"name": made.name, "shared": shared}, work)
        return made

    def change(
        self,
        seen: Question,
        by: str,
        *,
        name: str | None = None,
        shared: Shared | None = None,
        unit: str = "",
        content: str | None = None,
    ) -> Question:
        """Change what is given. unit: of the changer, where it is shared with a unit from now on.

        Raises: QuestionChangedError; InputError ASK030 for another's question, ASK031 as `add`.
        """
        given: dict[str, Any] = {}
        if name is not None:
            given["name"] = _name(name)
        if shared is not None:
            given |= {"shared": shared, "unit": unit if shared == "unit" else ""}
        if content is not None:
            given["content"] = _content(content)
        told = {field: value for field, value in given.items() if field != "content"}
        return self._put(seen, by, "question.change", given, told)

    def delete(self, seen: Question, by: str) -> Question:
        """Take it out of every list; errors as of `change`."""
        return self._put(seen, by, "question.delete", {"deleted_at": self._clock.now()}, {"name": seen.name})

    def restore(self, seen: Question, by: str) -> Question:
        """Bring a deleted question back; errors as of `change`."""
        return self._put(seen, by, "question.restore", {"deleted_at": None}, {"name": seen.name})

    def _put(self, seen: Question, by: str, act: str, given: dict[str, Any], told: dict[str, object]) -> Question:
        if seen.owner != by:
            raise InputError(Issue("ASK030", seen.id))
        result = replace(seen, **given, changed_at=self._clock.now(), version=seen.version + 1)

        def work(connection: sa.Connection) -> None:
            now = _get(connection, seen.id)
            if now is None or now.owner != by:
                raise InputError(Issue("ASK030", seen.id))
            if now.version != seen.version:
                raise QuestionChangedError(seen, now)
            values = {**given, "changed_at": result.changed_at, "version": result.version}
            connection.execute(sa.update(QuestionRow).where(QuestionRow.id == seen.id).values(**values))

        self._perform(act, seen, by, told, work)
        return result

    def _perform(self, act: str, of: Question, by: str, detail: dict[str, object], work: Any) -> None:
        """The work and its audit entry, both or neither, once; the trail's lock puts acts in order."""
        request = new_id()

        def once(connection: sa.Connection) -> None:
            connection.execute(sa.select(AuditHeadRow.number).with_for_update())
            if connection.scalar(sa.select(AuditRow.number).where(AuditRow.request == request)) is not None:
                return
            work(connection)
            append_in(
                connection, request=request, at=self._clock.now(), actor=by, act=act, subject=of.id, detail=detail
            )

        self._database.once(once)


def _get(connection: sa.Connection, identity: str) -> Question | None:
    row = connection.execute(sa.select(*_COLUMNS).where(QuestionRow.id == identity)).one_or_none()
    return None if row is None else _question(row)


def _question(row: sa.Row[Any]) -> Question:
    return Question(**row._asdict())


def _bounded(text: str, field: str, most: int) -> str:
    kept = text.strip()
    if not 1 <= len(kept) <= most or not kept.isprintable():
        raise InputError(Issue("ASK031", field, params={"most": str(most)}))
    check_text(kept)
    return kept


def _name(text: str) -> str:
    return _bounded(text, "name", LONGEST_NAME)


def _content(text: str) -> str:
    return _bounded(text, "question", LONGEST_QUESTION)
