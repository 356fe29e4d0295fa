"""Proposals and what became of them, as rows. What a change says is another room's matter; here it is JSON.

A decision is one transaction: the proposal's state, the version in force and the audit entry. It holds
only while the proposal, and the version it was judged against, are still what the decider saw.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal

import sqlalchemy as sa

from ganzhi.base.clock import Clock
from ganzhi.base.errors import InputError, Issue
from ganzhi.base.failpoint import failpoint
from ganzhi.base.ids import new_id
from ganzhi.store.audit import append_in
from ganzhi.store.catalogues import current_in, remember_in
from ganzhi.store.columns import check_text
from ganzhi.store.database import Database
from ganzhi.store.models import ProposalRow

ProposalState = Literal["proposed", "approved", "rejected", "withdrawn"]
PROGRAMS: Final = frozenset({"schedule", "system", "warn"})
"""Actors that are no persons, and approve nothing."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change somebody proposes.

    base_version: the catalogue it was made from. content: the change (`exchange.changes.to_document`).
    source: name of the file it came in. number: of the approval, 1, 2, 3 …, which orders the edits.
    version: counts changes of this record.
    """

    id: str
    base_version: str
    content: Mapping[str, Any]
    author: str
    reason: str
    source: str
    created_at: datetime
    state: ProposalState
    decided_by: str | None
    decided_at: datetime | None
    note: str
    number: int | None
    resulting_version: str | None
    version: int


@dataclass(frozen=True, slots=True)
class Approval:
    """What an approval puts in force. judged: the version in force that the result was built on and checked."""

    judged: str
    resulting_version: str
    content: str
    valid_from: date


_COLUMNS = tuple(getattr(ProposalRow, name) for name in Proposal.__slots__)


class Proposals:
    """The proposals of one store."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def propose(
        self, *, base_version: str, content: Mapping[str, Any], author: str, reason: str, source: str
    ) -> Proposal:
        """Record a proposal, and that it was made.

        Raises: InputError REQ027 without author or reason.
        """
        for name, text in (("author", author), ("reason", reason)):
            if not text.strip():
                raise InputError(Issue("REQ027", name))
            check_text(text)
        made = Proposal(
            new_id(), base_version, content, author.strip(), reason.strip(), source, self._clock.now(),
            "proposed", None, None, "", None, None, 1,
        )  # fmt: skip
        values = {name: getattr(made, name) for name in Proposal.__slots__}

        def work(connection: sa.Connection) -> None:
            known = connection.scalar(sa.select(ProposalRow.id).where(ProposalRow.id == made.id))
            if known is None:
                connection.execute(sa.insert(ProposalRow).values(**values))
                detail = {"base_version": base_version, "reason": made.reason, "source": source}
                self._note(connection, made.id, made.author, "catalogue.propose", detail)

        self._database.once(work)
        return made

    def get(self, given: str) -> Proposal:
        """The proposal with this id, or whose id ends so.

        Raises: InputError REQ028 when there is none, or more than one.
        """
        query = sa.select(*_COLUMNS).where(ProposalRow.id.endswith(given.lower(), autoescape=True)).limit(2)
        with self._database.read() as connection:
            rows = connection.execute(query).all() if given else []
        if len(rows) != 1:
            raise InputError(Issue("REQ028", given[:64], params={"found": str(len(rows))}))
        return _proposal(rows[0])

    def list(self, state: ProposalState | None = None) -> tuple[Proposal, ...]:
        """Proposals, newest first."""
        query = sa.select(*_COLUMNS).order_by(ProposalRow.created_at.desc(), ProposalRow.id.desc())
        with self._database.read() as connection:
            rows = connection.execute(query if state is None else query.where(ProposalRow.state == state)).all()
        return tuple(_proposal(row) for row in rows)

    def approved(self) -> tuple[Proposal, ...]:
        """Approved proposals in the order they apply."""
        query = sa.select(*_COLUMNS).where(ProposalRow.state == "approved").order_by(ProposalRow.number)
        with self._database.read() as connection:
            return tuple(_proposal(row) for row in connection.execute(query))

    def approve(self, seen: Proposal, approval: Approval, *, by: str, note: str = "") -> Proposal:
        """Put the change in force.

        Raises: InputError REQ029 when the proposal is decided already, STO005 when it, or the version
        in force, changed meanwhile, REQ027 without a name, REQ030 when its author, or a program, would approve it.
        """

        def work(connection: sa.Connection) -> None:
            detail = {"from": approval.judged, "to": approval.resulting_version, "note": note}
            self._note(connection, seen.id, by, "catalogue.approve", detail)
            if self._is_ours(connection, seen, "approved", by):
                return
            self._decide(connection, seen, "approved", by, note, approval)
            if current_in(connection) != approval.judged:
                raise InputError(Issue("STO005", approval.judged))
            remember_in(
                connection,
                self._database,
                self._clock.now(),
                approval.resulting_version,
                approval.content,
                author=seen.author,
                reason=seen.reason,
                valid_from=approval.valid_from,
            )
            failpoint("revisions.before_commit")

        self._require_open(seen, by)
        require_second(seen, by)
        self._database.once(work)
        failpoint("revisions.after_commit")
        return self.get(seen.id)

    def close(self, seen: Proposal, state: Literal["rejected", "withdrawn"], *, by: str, note: str = "") -> Proposal:
        """End a proposal without effect; errors as of `approve` but REQ030."""

        def work(connection: sa.Connection) -> None:
            act = "catalogue.reject" if state == "rejected" else "catalogue.withdraw"
            self._note(connection, seen.id, by, act, {"note": note})
            if self._is_ours(connection, seen, state, by):
                return
            self._decide(connection, seen, state, by, note, None)

        self._require_open(seen, by)
        self._database.once(work)
        return self.get(seen.id)

    @staticmethod
    def _require_open(seen: Proposal, by: str) -> None:
        if not by.strip():
            raise InputError(Issue("REQ027", "by"))
        if seen.state != "proposed":
            raise InputError(Issue("REQ029", seen.id, params={"state": seen.state, "by": seen.decided_by or "–"}))

    def _decide(
        self, connection: sa.Connection, seen: Proposal, state: str, by: str, note: str, approval: Approval | None
    ) -> None:
        last = connection.scalar(sa.select(sa.func.coalesce(sa.func.max(ProposalRow.number), 0)))
        change = (
            sa.update(ProposalRow)
            .where(ProposalRow.id == seen.id, ProposalRow.version == seen.version, ProposalRow.state == "proposed")
            .values(
                state=state,
                decided_by=by.strip(),
                decided_at=self._clock.now(),
                note=note,
                version=seen.version + 1,
                number=None if approval is None else (last or 0) + 1,
                resulting_version=None if approval is None else approval.resulting_version,
                base_version=seen.base_version if approval is None else approval.judged,
            )
        )
        if connection.execute(change).rowcount != 1:
            raise InputError(Issue("STO005", seen.id))

    @staticmethod
    def _is_ours(connection: sa.Connection, seen: Proposal, state: str, by: str) -> bool:
        """Whether this very decision was committed before, by a try whose connection broke."""
        row = connection.execute(sa.select(*_COLUMNS).where(ProposalRow.id == seen.id)).one_or_none()
        found = None if row is None else (row.state, row.decided_by, row.version)
        return found == (state, by.strip(), seen.version + 1)

    def _note(
        self, connection: sa.Connection, identity: str, actor: str, act: str, detail: Mapping[str, object]
    ) -> None:
        """Append to the audit trail; the trail's lock puts decisions in order."""
        append_in(
            connection,
            request=f"{identity}:{act}",
            at=self._clock.now(),
            actor=actor.strip(),
            act=act,
            subject=identity,
            detail=detail,
        )


def require_second(seen: Proposal, by: str) -> None:
    """Raise InputError REQ030 unless a person other than its author decides."""
    who = by.strip()
    if who == seen.author or who.partition(":")[0] in PROGRAMS:
        raise InputError(Issue("REQ030", seen.id, params={"by": who}))


def _proposal(row: sa.Row[Any]) -> Proposal:
    return Proposal(**row._asdict())
