"""Cases and manuals as rows: every edit a version, put in force by a second person, undone, rolled back, retired.

Every change, its line of history and its audit entry are one transaction under the trail's lock, and hold only
while the entry is what the changer saw.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from ganzhi.base.clock import Clock
from ganzhi.base.errors import InputError, Issue
from ganzhi.base.ids import new_id
from ganzhi.store.accounts.acts import Act, perform
from ganzhi.store.cases.records import CaseChangedError, Done, Entry, Held, Kind, Version, VersionState
from ganzhi.store.cases.tables import CaseActRow, CaseRow, CaseVersionRow
from ganzhi.store.columns import check_text
from ganzhi.store.database import Database

PROGRAMS: Final = frozenset({"schedule", "system", "warn"})
"""Names that stand for programs, which may propose and not approve."""
LONGEST_NOTE: Final = 500
REVERSIBLE: Final = frozenset({"edit", "approve", "reject", "restore", "retire"})

_ENTRY = tuple(getattr(CaseRow, name) for name in Entry.__slots__)
_VERSION = tuple(getattr(CaseVersionRow, name) for name in Version.__slots__)
_DONE = tuple(getattr(CaseActRow, name) for name in Done.__slots__)
Content = Mapping[str, object]


class Cases:
    """The cases and manuals of one store."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    # -- looking -----------------------------------------------------------------------------------

    def serial(self) -> int:
        """The number of the last change; what is made from the library holds while it is the same."""
        with self._database.read() as connection:
            return connection.scalar(sa.select(sa.func.max(CaseRow.serial))) or 0

    def get(self, given: str) -> Held:
        """The entry with this id; InputError CAS002."""
        with self._database.read() as connection:
            return _held(connection, given)

    def numbered(self, kind: Kind, number: int) -> Held:
        """The entry that people call by this number; InputError CAS002."""
        return self._one(CaseRow.kind == kind, CaseRow.number == number, given=str(number))

    def manual(self, category: str) -> Held | None:
        """The manual of a category."""
        query = sa.select(CaseRow.id).where(CaseRow.kind == "manual", CaseRow.subject == category)
        with self._database.read() as connection:
            found = connection.scalar(query)
            return None if found is None else _held(connection, found)

    def list(self, kind: Kind) -> tuple[Held, ...]:
        """All entries of a kind by number, each with its last version and the one in force."""
        query = sa.select(*_ENTRY).where(CaseRow.kind == kind).order_by(CaseRow.number)
        kept = sa.or_(CaseVersionRow.number == CaseRow.latest, CaseVersionRow.number == CaseRow.in_force)
        of = sa.select(*_VERSION).join(CaseRow, CaseRow.id == CaseVersionRow.entry).where(CaseRow.kind == kind, kept)
        with self._database.read() as connection:
            versions = {(row[0], row[1]): Version(*row) for row in connection.execute(of)}
            entries = [Entry(*row) for row in connection.execute(query)]
        return tuple(
            Held(each, versions[each.id, each.latest], versions.get((each.id, each.in_force or 0))) for each in entries
        )

    def versions(self, entry: str) -> tuple[Version, ...]:
        """Every version of an entry, newest first."""
        query = sa.select(*_VERSION).where(CaseVersionRow.entry == entry).order_by(CaseVersionRow.number.desc())
        with self._database.read() as connection:
            return tuple(Version(**row._asdict()) for row in connection.execute(query))

    def history(self, entry: str) -> tuple[Done, ...]:
        """All that was done about an entry, in order."""
        query = sa.select(*_DONE).where(CaseActRow.entry == entry).order_by(CaseActRow.number)
        with self._database.read() as connection:
            return tuple(Done(**row._asdict()) for row in connection.execute(query))

    # -- doing -------------------------------------------------------------------------------------

    def add(self, kind: Kind, content: Content, *, by: str, reason: str, subject: str = "") -> Held:
        """Write a new entry down; it is a draft. InputError CAS004 for a second manual of a category."""
        now, identity = self._clock.now(), new_id()
        check_text(reason)
        check_text(subject)

        def work(connection: sa.Connection) -> None:
            of = sa.select(sa.func.count()).where(CaseRow.kind == kind, CaseRow.subject == subject)
            if subject and connection.scalar(of):
                raise InputError(Issue("CAS004", subject))
            last = connection.scalar(sa.select(sa.func.max(CaseRow.number)).where(CaseRow.kind == kind)) or 0
            made = Entry(
                identity, kind, last + 1, subject, "draft", None, 1, now, now, _next_serial(connection), 1
            )  # fmt: skip
            connection.execute(sa.insert(CaseRow).values(**_values(made)))
            _insert_version(connection, Version(
                identity, 1, content, "proposed", by.strip(), now, reason.strip(), None, None, "", None
            ))  # fmt: skip
            _insert_act(connection, Done(identity, 1, now, by.strip(), "add", reason.strip(), {}))

        perform(self._database, Act(by, now, f"{kind}.add", identity, {"subject": subject, "reason": reason}), work)
        return self.get(identity)

    def edit(self, seen: Entry, content: Content, *, by: str, reason: str) -> Held:
        """Write the next version; one that waits for a decision is replaced by it, what is in force stays so.

        Raises: CaseChangedError; InputError CAS006 where nothing would change.
        """

        def work(turn: _Turn) -> None:
            latest = turn.version(turn.now.latest)
            if latest.content == content and latest.state in ("proposed", "approved"):
                raise InputError(Issue("CAS006", seen.id))
            if latest.state == "proposed":
                turn.decide(latest, "replaced", "")
            made = turn.add_version(content, "proposed", reason)
            turn.put("edit", reason, latest=made)

        return self._change(seen, by, "edit", reason, work)

    def approve(self, seen: Entry, *, by: str, note: str = "") -> Held:
        """Put the last version in force.

        Raises: CaseChangedError; InputError CAS005 where none waits, CAS007 when whoever wrote it, or a program, asks.
        """

        def work(turn: _Turn) -> None:
            latest = turn.waiting()
            if by.strip() == latest.made_by or by.strip().partition(":")[0] in PROGRAMS:
                raise InputError(Issue("CAS007", seen.id, params={"by": by.strip()}))
            turn.decide(latest, "approved", note)
            turn.put("approve", note, state="approved", in_force=latest.number)

        return self._change(seen, by, "approve", note, work)

    def reject(self, seen: Entry, *, by: str, note: str) -> Held:
        """Refuse the version that waits, with a reason; what is in force stays so. Errors as of `approve` but CAS007."""

        def work(turn: _Turn) -> None:
            turn.decide(turn.waiting(), "rejected", note)
            turn.put("reject", note)

        return self._change(seen, by, "reject", note, work)

    def restore(self, seen: Entry, number: int, *, by: str, note: str = "") -> Held:
        """Put an approved version in force again, as a new one that says which (roll back); a retired entry holds again.

        Raises: CaseChangedError; InputError CAS008 for a version that was never approved or is in force, CAS007.
        """

        def work(turn: _Turn) -> None:
            if by.strip().partition(":")[0] in PROGRAMS:
                raise InputError(Issue("CAS007", seen.id, params={"by": by.strip()}))
            old = turn.version(number)
            holds = turn.now.state == "approved" and turn.now.in_force == number
            if old.state != "approved" or holds:
                raise InputError(Issue("CAS008", seen.id, params={"number": str(number)}))
            latest = turn.version(turn.now.latest)
            if latest.state == "proposed":
                turn.decide(latest, "replaced", "")
            made = turn.add_version(old.content, "approved", note, restored_from=number)
            turn.put("restore", note, latest=made, in_force=made, state="approved")

        return self._change(seen, by, "restore", note, work)

    def retire(self, seen: Entry, *, by: str, note: str) -> Held:
        """Take an entry out of use; it stays to be read. InputError CAS009 where it is retired already."""

        def work(turn: _Turn) -> None:
            if turn.now.state == "retired":
                raise InputError(Issue("CAS009", seen.id))
            turn.put("retire", note, state="retired")

        return self._change(seen, by, "retire", note, work)

    def undo(self, seen: Entry, *, by: str) -> Held:
        """Take back the last act; only who did it can. InputError CAS010 for what cannot be taken back."""

        def work(turn: _Turn) -> None:
            last = turn.last_act()
            if last.actor != by.strip() or last.act not in REVERSIBLE:
                raise InputError(Issue("CAS010", seen.id, params={"act": last.act, "by": last.actor}))
            before: Mapping[str, Any] = last.detail
            made = turn.now.latest if last.act in ("edit", "restore") else None
            for each in before["versions"]:
                turn.put_back(each)
            if made is not None:
                turn.withdraw(made)
            turn.put("undo", last.act, state=before["state"], in_force=before["in_force"], latest=before["latest"])

        return self._change(seen, by, "undo", "", work)

    def _change(self, seen: Entry, by: str, act: str, note: str, work: Callable[[_Turn], None]) -> Held:
        now = self._clock.now()
        check_text(note)

        def once(connection: sa.Connection) -> None:
            entry = _entry(connection, seen.id)
            if entry.version != seen.version:
                raise CaseChangedError(seen.id, seen.version, entry.version)
            work(_Turn(connection, entry, now, by.strip()))

        detail = {"number": seen.number, "seen": seen.version, "note": note.strip()}
        perform(self._database, Act(by, now, f"{seen.kind}.{act}", seen.id, detail), once)
        return self.get(seen.id)

    def _one(self, *conditions: sa.ColumnElement[bool], given: str) -> Held:
        with self._database.read() as connection:
            found = connection.scalar(sa.select(CaseRow.id).where(*conditions))
            if found is None:
                raise InputError(Issue("CAS002", given[:64]))
            return _held(connection, found)


class _Turn:
    """One change of an entry within its transaction. now: the entry before it."""

    def __init__(self, connection: sa.Connection, now: Entry, at: datetime, by: str) -> None:
        self.connection, self.now, self.at, self.by = connection, now, at, by
        self._touched: list[dict[str, Any]] = []

    def version(self, number: int) -> Version:
        """A version of the entry; InputError CAS008."""
        query = sa.select(*_VERSION).where(CaseVersionRow.entry == self.now.id, CaseVersionRow.number == number)
        row = self.connection.execute(query).one_or_none()
        if row is None:
            raise InputError(Issue("CAS008", self.now.id, params={"number": str(number)}))
        return Version(**row._asdict())

    def waiting(self) -> Version:
        """The version that waits for a decision; InputError CAS005."""
        latest = self.version(self.now.latest)
        if latest.state != "proposed":
            raise InputError(Issue("CAS005", self.now.id, params={"state": latest.state}))
        return latest

    def decide(self, version: Version, state: VersionState, note: str) -> None:
        """Say what became of a version."""
        self._touched.append({"number": version.number, "state": version.state, "note": version.note})
        person = {"decided_by": self.by, "decided_at": self.at} if state in ("approved", "rejected") else {}
        self._put_version(version.number, state=state, note=check_text(note.strip()), **person)

    def put_back(self, before: Mapping[str, Any]) -> None:
        """A version as it was before it was decided upon."""
        self._put_version(
            before["number"], state=before["state"], note=before["note"], decided_by=None, decided_at=None
        )  # fmt: skip

    def withdraw(self, number: int) -> None:
        """Take a version back that was written."""
        self._put_version(number, state="withdrawn")

    def add_version(
        self, content: Content, state: VersionState, reason: str, restored_from: int | None = None
    ) -> int:  # fmt: skip
        """Write a version; its number."""
        of = sa.select(sa.func.max(CaseVersionRow.number)).where(CaseVersionRow.entry == self.now.id)
        number, decided = (self.connection.scalar(of) or 0) + 1, state == "approved"
        made = Version(
            self.now.id, number, content, state, self.by, self.at, reason.strip(),
            self.by if decided else None, self.at if decided else None, "", restored_from,
        )  # fmt: skip
        _insert_version(self.connection, made)
        return number

    def last_act(self) -> Done:
        """The last line of history."""
        query = sa.select(*_DONE).where(CaseActRow.entry == self.now.id).order_by(CaseActRow.number.desc()).limit(1)
        return Done(**self.connection.execute(query).one()._asdict())

    def put(self, act: str, note: str, **values: Any) -> None:
        """The entry as it is from now on, and the line of history that says so."""
        changed = {
            **values, "version": self.now.version + 1, "serial": _next_serial(self.connection), "changed_at": self.at
        }  # fmt: skip
        made = replace(self.now, **changed)
        self.connection.execute(sa.update(CaseRow).where(CaseRow.id == made.id).values(**changed))
        before = {
            "state": self.now.state, "in_force": self.now.in_force, "latest": self.now.latest, "versions": self._touched
        }  # fmt: skip
        _insert_act(self.connection, Done(made.id, made.version, self.at, self.by, act, note.strip(), before))

    def _put_version(self, number: int, **values: Any) -> None:
        of = sa.and_(CaseVersionRow.entry == self.now.id, CaseVersionRow.number == number)
        self.connection.execute(sa.update(CaseVersionRow).where(of).values(**values))


def _next_serial(connection: sa.Connection) -> int:
    return (connection.scalar(sa.select(sa.func.max(CaseRow.serial))) or 0) + 1


def _values(record: Entry | Version | Done) -> dict[str, Any]:
    return {name: getattr(record, name) for name in type(record).__slots__}


def _insert_version(connection: sa.Connection, version: Version) -> None:
    connection.execute(sa.insert(CaseVersionRow).values(**_values(version)))


def _insert_act(connection: sa.Connection, done: Done) -> None:
    connection.execute(sa.insert(CaseActRow).values(**_values(done)))


def _entry(connection: sa.Connection, identity: str) -> Entry:
    row = connection.execute(sa.select(*_ENTRY).where(CaseRow.id == identity)).one_or_none()
    if row is None:
        raise InputError(Issue("CAS002", identity[:64]))
    return Entry(**row._asdict())


def _held(connection: sa.Connection, identity: str) -> Held:
    entry = _entry(connection, identity)
    wanted = {entry.latest, entry.in_force or 0}
    query = sa.select(*_VERSION).where(CaseVersionRow.entry == identity, CaseVersionRow.number.in_(wanted))
    found = {row.number: Version(**row._asdict()) for row in connection.execute(query)}
    return Held(entry, found[entry.latest], found.get(entry.in_force or 0))
