"""Findings as rows: raised once per series, changed act by act, never deleted.

Every change takes the audit trail's lock first, so changes follow one another; finding, history, evidence,
notices and audit entries are one transaction. A person's change holds only while the finding is what they saw.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from ganzhi.base.clock import Clock
from ganzhi.base.errors import InputError, InternalError, Issue
from ganzhi.base.failpoint import failpoint
from ganzhi.base.ids import new_id
from ganzhi.store.audit import append_in
from ganzhi.store.columns import check_text
from ganzhi.store.database import Database
from ganzhi.store.findings.records import (
    Change,
    Entry,
    Evidence,
    Finding,
    FindingChangedError,
    KeptFeedback,
    Move,
    NewEvidence,
    Series,
    State,
)
from ganzhi.store.findings.samples import add_sample
from ganzhi.store.findings.tables import EvidenceRow, FeedbackRow, FindingActRow, FindingRow
from ganzhi.store.models import AuditHeadRow, AuditRow
from ganzhi.store.outbox import NewNotice, enqueue_in

Decide = Callable[[Finding | None, Entry | None], Change | None]
"""From the latest finding of a series, and the line of history that brought it into its state, to what becomes of it."""
Announce = Callable[[Finding, Entry], Iterable[NewNotice]]
"""From a finding and what was just done about it to the notices that are to go out."""

_FINDING = tuple(getattr(FindingRow, name) for name in Finding.__slots__)
_AT_ONCE = 400
"""Findings that one query asks for."""
_ENTRY = tuple(getattr(FindingActRow, name) for name in Entry.__slots__)
_EVIDENCE = tuple(getattr(EvidenceRow, name) for name in Evidence.__slots__)
_FEEDBACK = ("phenomenon", "analysis", "measures", "finding", "number", "at", "by")


def nobody(_finding: Finding, _entry: Entry) -> Iterable[NewNotice]:
    """Tells nobody."""
    return ()


class Findings:
    """The findings of one store."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def take(self, series: Series, actor: str, decide: Decide, announce: Announce = nobody) -> Finding | None:
        """Let `decide` see the open finding of a series, else the last closed one, and do what it says; the finding as it
        is then."""

        def work(act: _Act) -> Finding | None:
            found = _latest_of(act.connection, series)
            return act.apply(found, decide(found, _since(act.connection, found)), actor, announce)

        return self._perform(work)

    def change(self, seen: Finding, actor: str, change: Change, announce: Announce = nobody) -> Finding:
        """Do what somebody decided about the finding they saw.

        Raises: FindingChangedError when it has changed since; InputError FND001 when it is not there, REQ027 without an
        actor.
        """
        if not actor.strip():
            raise InputError(Issue("REQ027", "by"))

        def work(act: _Act) -> Finding | None:
            now = _by_id(act.connection, seen.id)
            if now is None:
                raise InputError(Issue("FND001", seen.id[:64]))
            if now.version != seen.version:
                raise FindingChangedError(seen, now)
            return act.apply(now, change, actor.strip(), announce)

        return self._perform(work) or self.get(seen.id)

    def get(self, given: str) -> Finding:
        """The finding with this id, or whose id ends so; InputError FND001 when there is none, or more than one."""
        query = sa.select(*_FINDING).where(FindingRow.id.endswith(given.lower(), autoescape=True)).limit(2)
        with self._database.read() as connection:
            rows = connection.execute(query).all() if given else []
        if len(rows) != 1:
            raise InputError(Issue("FND001", given[:64]))
        return _finding(rows[0])

    def list(
        self,
        *,
        states: Sequence[State] | None = None,
        rule: str | None = None,
        units: Sequence[str] | None = None,
        least: int = 0,
        limit: int = 1_000,
    ) -> tuple[Finding, ...]:
        """Findings, gravest first and then newest. states: by default all that are open. least: grade that was reached."""
        query = sa.select(*_FINDING).where(FindingRow.highest >= least)
        query = query.where(FindingRow.state != "closed" if states is None else FindingRow.state.in_(states))
        if rule is not None:
            query = query.where(FindingRow.rule == rule)
        if units is not None:
            query = query.where(FindingRow.unit.in_(units))
        query = query.order_by(FindingRow.grade.desc(), FindingRow.raised_at.desc(), FindingRow.id.desc()).limit(limit)
        return self._findings(query)

    def children(self, parent: str) -> tuple[Finding, ...]:
        """Open findings that are part of another, oldest first."""
        query = sa.select(*_FINDING).where(FindingRow.parent == parent, FindingRow.state == "merged")
        return self._findings(query.order_by(FindingRow.id))

    def orphans(self) -> tuple[Finding, ...]:
        """Findings that are still part of one that is closed."""
        parent = orm.aliased(FindingRow)
        query = sa.select(*_FINDING).join(parent, FindingRow.parent == parent.id)
        return self._findings(query.where(FindingRow.state == "merged", parent.state == "closed"))

    def closed_since(self, at: datetime) -> tuple[Finding, ...]:
        """Findings that were closed at or after an instant, oldest first."""
        query = sa.select(*_FINDING).where(FindingRow.closed_at >= at)
        return self._findings(query.order_by(FindingRow.closed_at, FindingRow.id))

    def open_of(self, series: Series) -> Finding | None:
        """The finding of a series that is not closed."""
        with self._database.read() as connection:
            found = _latest_of(connection, series)
            return found if found is not None and found.open else None

    def history(self, finding: str) -> tuple[Entry, ...]:
        """All that was done about a finding, in order."""
        query = sa.select(*_ENTRY).where(FindingActRow.finding == finding).order_by(FindingActRow.number)
        with self._database.read() as connection:
            return tuple(Entry(**row._asdict()) for row in connection.execute(query))

    def histories(self, findings: Sequence[str]) -> dict[str, tuple[Entry, ...]]:
        """All that was done about each of many findings, in order; read together."""
        found: dict[str, list[Entry]] = {each: [] for each in findings}
        with self._database.read() as connection:
            for first in range(0, len(findings), _AT_ONCE):
                some = findings[first : first + _AT_ONCE]
                query = sa.select(*_ENTRY).where(FindingActRow.finding.in_(some)).order_by(FindingActRow.number)
                for row in connection.execute(query):
                    found[row.finding].append(Entry(**row._asdict()))
        return {each: tuple(entries) for each, entries in found.items()}

    def evidence(self, finding: str, limit: int = 1_000) -> tuple[Evidence, ...]:
        """What evaluations said, newest first."""
        query = sa.select(*_EVIDENCE).where(EvidenceRow.finding == finding)
        query = query.order_by(EvidenceRow.number.desc()).limit(limit)
        with self._database.read() as connection:
            return tuple(Evidence(**row._asdict()) for row in connection.execute(query))

    def feedback(self, finding: str) -> tuple[KeptFeedback, ...]:
        """The forms that were handed in, oldest first."""
        query = sa.select(*(getattr(FeedbackRow, name) for name in _FEEDBACK)).where(FeedbackRow.finding == finding)
        with self._database.read() as connection:
            return tuple(KeptFeedback(**r._asdict()) for r in connection.execute(query.order_by(FeedbackRow.number)))

    def _findings(self, query: sa.Select[Any]) -> tuple[Finding, ...]:
        with self._database.read() as connection:
            return tuple(_finding(row) for row in connection.execute(query))

    def _perform(self, work: Callable[[_Act], Finding | None]) -> Finding | None:
        """The work under the trail's lock, once however often the connection breaks."""
        request, at = new_id(), self._clock.now()
        kept: Finding | None = None

        def once(connection: sa.Connection) -> Finding | None:
            nonlocal kept
            connection.execute(sa.select(AuditHeadRow.number).with_for_update())
            if connection.scalar(sa.select(AuditRow.number).where(AuditRow.request == request)) is None:
                kept = work(_Act(connection, self._database, request, at))
                failpoint("findings.before_commit")
            return kept

        return self._database.once(once)


@dataclass(slots=True)
class _Act:
    """A transaction in which something is done about a finding. audited: entries of the trail it has written."""

    connection: sa.Connection
    database: Database
    request: str
    at: datetime
    audited: int = 0

    def apply(self, found: Finding | None, change: Change | None, actor: str, announce: Announce) -> Finding | None:
        """Write what was decided; the finding as it is then."""
        if change is None:
            return found
        if found is None and change.new is None:
            raise InternalError("a change is of a finding that is there, or makes one")
        finding = found if found is not None and change.new is None else self._insert(change.new)
        for move in change.moves:
            finding = self._move(finding, move, actor, announce)
        if change.evidence is not None:
            finding = self._add_evidence(finding, change.evidence, actor)
        if change.feedback is not None:
            parts = {
                name: check_text(getattr(change.feedback, name)) for name in ("phenomenon", "analysis", "measures")
            }
            form = sa.insert(FeedbackRow).values(
                finding=finding.id, number=finding.version, at=self.at, by=actor, **parts
            )
            self.connection.execute(form)
        if change.sample is not None:
            add_sample(self.connection, replace(change.sample, finding=finding.id))
            self._audit(actor, "sample", finding.id, {"sample": change.sample.id, "rows": len(change.sample.rows)})
        return finding

    def _insert(self, new: Finding | None) -> Finding:
        assert new is not None
        made = replace(new, raised_at=self.at, version=0)
        values = {name: getattr(made, name) for name in Finding.__slots__}
        self.connection.execute(sa.insert(FindingRow).values(**values))
        return made

    def _move(self, finding: Finding, move: Move, actor: str, announce: Announce) -> Finding:
        """One act: the finding, its line of history, its notices and its entry in the trail."""
        fields: dict[str, Any] = {**move.values, "state": move.after, "version": finding.version + 1}
        if move.after == "closed":
            fields["closed_at"] = self.at
        done = replace(finding, **fields)
        self.connection.execute(sa.update(FindingRow).where(FindingRow.id == done.id).values(**fields))
        before = finding.state if finding.version else ""
        entry = Entry(
            done.id, done.version, self.at, actor, move.act, before, done.state, done.grade, move.reason, move.detail
        )  # fmt: skip
        self.connection.execute(
            sa.insert(FindingActRow).values(**{name: getattr(entry, name) for name in Entry.__slots__})
        )
        for notice in announce(done, entry):
            enqueue_in(self.connection, self.database, notice, self.at)
        told = {"from": before, "to": done.state, "number": done.version, "grade": done.grade, "reason": move.reason}
        self._audit(actor, move.act, done.id, told)
        return done

    def _add_evidence(self, finding: Finding, new: NewEvidence, actor: str) -> Finding:
        """Keep an evaluation, unless the last one of its period said the same."""
        of = EvidenceRow.finding == finding.id
        last = sa.select(EvidenceRow.content).where(of, EvidenceRow.period == new.period)
        if self.connection.scalar(last.order_by(EvidenceRow.number.desc()).limit(1)) == new.content:
            return finding
        number = (self.connection.scalar(sa.select(sa.func.max(EvidenceRow.number)).where(of)) or 0) + 1
        kept = sa.insert(EvidenceRow).values(
            finding=finding.id, number=number, at=self.at, period=new.period, grade=new.grade, content=new.content
        )
        self.connection.execute(kept)
        self._audit(actor, "evidence", finding.id, {"period": new.period, "grade": new.grade, "number": number})
        if new.period <= finding.last_period:
            return finding
        self.connection.execute(sa.update(FindingRow).where(FindingRow.id == finding.id).values(last_period=new.period))
        return replace(finding, last_period=new.period)

    def _audit(self, actor: str, act: str, subject: str, detail: Mapping[str, object]) -> None:
        self.audited += 1
        request = self.request if self.audited == 1 else f"{self.request}:{self.audited}"
        append_in(
            self.connection,
            request=request,
            at=self.at,
            actor=actor,
            act=f"finding.{act}",
            subject=subject,
            detail=detail,
        )


def _finding(row: sa.Row[Any]) -> Finding:
    return Finding(**row._asdict())


def _by_id(connection: sa.Connection, identity: str) -> Finding | None:
    row = connection.execute(sa.select(*_FINDING).where(FindingRow.id == identity)).one_or_none()
    return None if row is None else _finding(row)


def _latest_of(connection: sa.Connection, series: Series) -> Finding | None:
    """The finding of a series that is not closed, else the one that was closed last."""
    query = sa.select(*_FINDING).where(
        FindingRow.rule == series.rule, FindingRow.unit == series.unit, FindingRow.slice == series.slice
    )
    closed = sa.case((FindingRow.state == "closed", 1), else_=0)
    order = (closed, FindingRow.raised_at.desc(), FindingRow.id.desc())
    row = connection.execute(query.order_by(*order).limit(1)).one_or_none()
    return None if row is None else _finding(row)


def _since(connection: sa.Connection, finding: Finding | None) -> Entry | None:
    """The line of history that brought a finding into its state."""
    if finding is None:
        return None
    query = sa.select(*_ENTRY).where(
        FindingActRow.finding == finding.id, FindingActRow.after == finding.state, FindingActRow.before != finding.state
    )
    row = connection.execute(query.order_by(FindingActRow.number.desc()).limit(1)).one_or_none()
    return None if row is None else Entry(**row._asdict())
