"""The manifest: which immutable files make up which table now.

A file counts from the commit that adds it until the commit that retires it. `commit` is one
transaction; it also writes whatever must become true together with the files: the load's ledger
row, arrivals, jobs, an audit entry. Refuses a change that was prepared on a state that is gone.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Final, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from ganzhi.base.clock import Clock
from ganzhi.base.errors import EngineError, InternalError, Issue
from ganzhi.base.failpoint import failpoint
from ganzhi.base.ids import new_id
from ganzhi.store.audit import append_in
from ganzhi.store.closings import NewClosing, add_closing, is_next
from ganzhi.store.database import Database
from ganzhi.store.jobs import Claim, NewJob, confirm_in, enqueue_in, finish_in
from ganzhi.store.ledger import Arrival, LoadRecord, add_load, counted_load, undo_loads
from ganzhi.store.models import CommitRow, FileInput, FileRow, ManifestHead, TableHead
from ganzhi.store.streams.minutes import Counted, count_in
from ganzhi.store.streams.streams import Streamed, move_in


class ConflictError(EngineError):
    """Somebody else committed first; take a new snapshot and prepare the change again."""

    def __init__(self, issue: Issue) -> None:
        super().__init__(issue, retryable=True)


class AlreadyLoadedError(ConflictError):
    """The same content has already been counted for this feed and mapping, by load `load_id`."""

    def __init__(self, issue: Issue, load_id: str) -> None:
        super().__init__(issue)
        self.load_id = load_id


@dataclass(frozen=True, slots=True)
class NewFile:
    """A finished file that is to count.

    partition: ISO day. path: relative to the warehouse folder. key_min, key_max: bounds of the
    sort key as text. plan, inputs: for states, the plan and the row files they were computed from.
    """

    table: str
    partition: str
    path: str
    sha256: str
    rows: int
    bytes: int
    key_min: str | None = None
    key_max: str | None = None
    plan: str | None = None
    inputs: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class FileRef:
    """A file the manifest knows. added, removed: the commits that made it count and stop counting."""

    id: int
    table: str
    partition: str
    path: str
    sha256: str
    rows: int
    bytes: int
    key_min: str | None
    key_max: str | None
    plan: str | None
    inputs: tuple[int, ...]
    added: int
    removed: int | None


@dataclass(frozen=True)
class Snapshot:
    """All files that count as of one commit, by table, partition and id."""

    commit: int
    files: tuple[FileRef, ...]

    @cached_property
    def _by_table(self) -> Mapping[str, tuple[FileRef, ...]]:
        grouped: dict[str, list[FileRef]] = {}
        for file in self.files:
            grouped.setdefault(file.table, []).append(file)
        return {name: tuple(files) for name, files in grouped.items()}

    def table(self, name: str, partitions: Collection[str] | None = None) -> tuple[FileRef, ...]:
        """The files of a table, of all partitions or of those given."""
        files = self._by_table.get(name, ())
        if partitions is None:
            return files
        wanted = frozenset(partitions)
        return tuple(file for file in files if file.partition in wanted)

    def tables(self) -> tuple[str, ...]:
        """Names of all tables that have a file, sorted."""
        return tuple(sorted(self._by_table))

    def partitions(self, table: str) -> tuple[str, ...]:
        """Partitions of a table that have a file, sorted."""
        return tuple(sorted({file.partition for file in self.table(table)}))


@dataclass(frozen=True, slots=True)
class Merge:
    """Retired files whose rows, all of them, now stand in the new file at `path`.

    In the same commit every live file whose `inputs` hold `merged` gets the new file's id in their
    place, so states computed from them are neither stale nor cut off from their rows.
    """

    path: str
    merged: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What one commit makes true.

    kind: word for the audit trail (`load`, `refresh`, `compact` …). tables: tables that must not
    have changed since the expected snapshot. actor: who asked for it. claim: the job this is done
    for; the commit is refused when the lease went to somebody else; finishes_job: and the job is
    done with it. request: a commit is made once per request, however often it is tried.
    merges: compactions among `add` and `retire`; refused (ConflictError) when a live file's inputs
    hold some but not all of a merge's files. closing: the period that the added files close; refused
    (ConflictError) when its edition is not the next one. streamed: how far a stream was read with it; refused
    (StreamMovedError) when somebody else read on. counted: what becomes of a feed's counts per minute; without it a
    commit that changes rows leaves them marked as behind. undone: loads that it takes back, and what is noted of that in
    the ledger; refused (ConflictError) when one of them does not count.
    """

    kind: str
    add: tuple[NewFile, ...] = ()
    retire: tuple[int, ...] = ()
    load: LoadRecord | None = None
    arrivals: tuple[Arrival, ...] = ()
    jobs: tuple[NewJob, ...] = ()
    tables: frozenset[str] = frozenset()
    merges: tuple[Merge, ...] = ()
    actor: str = "system"
    claim: Claim | None = None
    finishes_job: bool = False
    closing: NewClosing | None = None
    streamed: Streamed | None = None
    counted: Counted | None = None
    undone: tuple[str, ...] = ()
    note: Mapping[str, object] = field(default_factory=dict)
    request: str = field(default_factory=new_id)


_COLUMNS: Final = ("id", "table", "partition", "path", "sha256", "rows", "bytes", "key_min", "key_max", "plan")
_FILE: Final = tuple(getattr(FileRow, name) for name in (*_COLUMNS, "added", "removed"))
MERGING: Final = "compact"
"""The one kind of commit that changes inputs of files that stay."""
_BATCH: Final = 5_000
"""Values bound in one statement."""

Item = TypeVar("Item")


def _batches(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), _BATCH):
        yield items[start : start + _BATCH]


class Manifest:
    """The manifest of one store."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._latest = Snapshot(0, ())

    def snapshot(self) -> Snapshot:
        """All files that count now, read in one transaction."""
        with self._database.read() as connection:
            number = _head(connection)
            if number != self._latest.commit:
                self._latest = _caught_up(connection, self._latest, number)
            return self._latest

    def head(self) -> int:
        """Number of the last commit, 0 before the first."""
        with self._database.read() as connection:
            return _head(connection)

    def last(self, kind: str) -> datetime | None:
        """When the last commit of a kind was made (UTC); None when there was none."""
        query = sa.select(CommitRow.at).where(CommitRow.kind == kind).order_by(CommitRow.number.desc()).limit(1)
        with self._database.read() as connection:
            return connection.scalar(query)

    def files(self, ids: Collection[int]) -> tuple[FileRef, ...]:
        """The files with these ids, retired ones too, by table, partition and id; unknown ids are left out."""
        found: list[FileRef] = []
        with self._database.read() as connection:
            for batch in _batches(sorted(set(ids))):
                found.extend(_read(connection, FileRow.id.in_(batch)))
        return tuple(sorted(found, key=_place))

    def commit(self, change: Change, expect: Snapshot | None = None) -> int:
        """Make a change true in one transaction, once; the number of its commit.

        Raises: ConflictError when a retired file is no longer live, an added path is live already,
        or one of `change.tables` changed since `expect`; AlreadyLoadedError for content that
        counts already; LeaseLostError when `change.claim` is lost; EngineError when the store
        cannot be reached: then the same change may be committed again.
        """
        number = self._database.once(lambda connection: self._commit_in(connection, change, expect))
        failpoint("store.after_commit")
        return number

    def retired_before(self, instant: datetime) -> tuple[FileRef, ...]:
        """Files that nothing needs any more: retired before `instant`, and not an input of a file that is live or
        was retired later. The path of one may be live again."""
        state = aliased(FileRow)
        retired = aliased(CommitRow)
        gone = sa.select(retired.number).where(retired.at < instant)
        used = (
            sa.select(FileInput.input_id)
            .join(state, state.id == FileInput.file_id)
            .where(FileInput.input_id == FileRow.id, sa.or_(state.removed.is_(None), state.removed.not_in(gone)))
        )
        with self._database.read() as connection:
            return _read(connection, FileRow.removed.in_(gone), ~used.exists())

    def forget(self, ids: Collection[int]) -> int:
        """Drop retired files from the manifest; how many there were. Do this before deleting them:
        a crash in between leaves files without a manifest row, which a sweep finds.

        A retired file that a live one names keeps itself only, not what it was computed from.

        Raises: ConflictError when one of them is live or an input of a file that is kept.
        """
        other, live_one = aliased(FileInput), aliased(FileRow)
        named = (
            sa.select(other.input_id)
            .join(live_one, live_one.id == other.file_id)
            .where(other.input_id == FileInput.file_id, live_one.removed.is_(None))
        )
        kept_only = sa.and_(
            sa.select(FileRow.id).where(FileRow.id == FileInput.file_id, FileRow.removed.is_not(None)).exists(),
            named.exists(),
        )
        forgotten = 0
        with self._database.write() as connection:
            _lock_head(connection)
            for batch in _batches(sorted(set(ids))):
                connection.execute(sa.delete(FileInput).where(FileInput.file_id.in_(batch)))
            for batch in _batches(sorted(set(ids))):
                live = sa.select(FileRow.id).where(FileRow.id.in_(batch), FileRow.removed.is_(None))
                used = sa.select(FileInput.input_id).where(FileInput.input_id.in_(batch), ~kept_only)
                kept = connection.scalar(live.limit(1)) or connection.scalar(used.limit(1))
                if kept is not None:
                    raise _conflict(f"file {kept}", "in use")
                connection.execute(sa.delete(FileInput).where(FileInput.input_id.in_(batch)))
                forgotten += connection.execute(sa.delete(FileRow).where(FileRow.id.in_(batch))).rowcount
        return forgotten

    def _commit_in(self, connection: sa.Connection, change: Change, expect: Snapshot | None) -> int:
        if change.merges and change.kind != MERGING:
            raise InternalError(f"merges in a commit of kind {change.kind}")
        head = _lock_head(connection)
        known = connection.scalar(sa.select(CommitRow.number).where(CommitRow.request == change.request))
        if known is not None:
            return known
        now = self._clock.now()
        number: int = head.number + 1
        if expect is not None:
            _check_unchanged(connection, change.tables, expect)
        connection.execute(sa.insert(CommitRow).values(number=number, request=change.request, kind=change.kind, at=now))
        touched = _retire(connection, change.retire, number)
        failpoint("store.within_commit")
        touched |= _add(connection, change.add, number, head.next_file)
        _redirect(connection, change, head.next_file)
        self._touch(connection, touched, number)
        if change.kind != MERGING:
            changed = {name.removeprefix("rows/") for name in touched if name.startswith("rows/")}
            count_in(connection, self._database, change.counted, changed, number)
        self._record(connection, change, number, touched, now)
        next_file = head.next_file + len(change.add)
        connection.execute(sa.update(ManifestHead).values(number=number, next_file=next_file))
        failpoint("store.before_commit")
        return number

    def _touch(self, connection: sa.Connection, tables: Iterable[str], number: int) -> None:
        for name in sorted(tables):
            row = self._database.upsert(TableHead).values(name=name, number=number)
            connection.execute(row.on_conflict_do_update(index_elements=["name"], set_={"number": number}))

    def _record(
        self, connection: sa.Connection, change: Change, number: int, touched: Collection[str], now: datetime
    ) -> None:
        """What becomes true together with the files: ledger, arrivals, jobs, audit."""
        if change.load is not None:
            load = change.load
            if load.state == "accepted" and load.replay_of is None:
                before = counted_load(connection, load.feed, load.mapping, load.content_sha256)
                if before is not None:
                    raise AlreadyLoadedError(Issue("STO016", load.file, params={"load": before}), before)
            add_load(connection, load, change.arrivals, number)
        elif change.arrivals:
            raise InternalError("arrivals without a load")
        if change.undone and undo_loads(connection, change.undone, change.note) != len(set(change.undone)):
            raise _conflict(change.undone[0], "not counted")
        if change.streamed is not None:
            load_id = None if change.load is None else change.load.id
            move_in(connection, self._database, change.streamed, load_id, number)
        if change.closing is not None:
            if not is_next(connection, change.closing):
                raise _conflict(f"edition {change.closing.edition}", "taken")
            add_closing(connection, change.closing, number, now)
        for job in change.jobs:
            enqueue_in(connection, self._database, job, now)
        if change.claim is not None:
            if change.finishes_job:
                finish_in(connection, self._database, change.claim, now)
            else:
                confirm_in(connection, change.claim)
        append_in(
            connection,
            request=change.request,
            at=now,
            actor=change.actor,
            act=f"manifest.{change.kind}",
            subject=f"commit {number}" if change.load is None else f"load {change.load.id}",
            detail={
                "commit": number,
                "added": len(change.add),
                "retired": len(change.retire),
                "tables": sorted(touched),
                **_closed(change.closing),
            },
        )


def _closed(closing: NewClosing | None) -> dict[str, object]:
    """What the audit trail says of the period that a commit closes."""
    if closing is None:
        return {}
    return {"period": f"{closing.grain} {closing.first_day.isoformat()}", "edition": closing.edition}


def _conflict(subject: str, reason: str) -> ConflictError:
    return ConflictError(Issue("STO005", subject, params={"reason": reason}))


_HEAD_NUMBER = sa.select(ManifestHead.number)  # asked with every request


def _head(connection: sa.Connection) -> int:
    return connection.execute(_HEAD_NUMBER).scalar_one()


def _lock_head(connection: sa.Connection) -> sa.Row[int, int]:
    return connection.execute(sa.select(ManifestHead.number, ManifestHead.next_file).with_for_update()).one()


def _check_unchanged(connection: sa.Connection, tables: Collection[str], expect: Snapshot) -> None:
    for batch in _batches(sorted(tables)):
        moved = sa.select(TableHead.name).where(TableHead.name.in_(batch), TableHead.number > expect.commit)
        name = connection.scalar(moved.order_by(TableHead.name).limit(1))
        if name is not None:
            raise _conflict(name, "changed")


def _retire(connection: sa.Connection, ids: Sequence[int], number: int) -> set[str]:
    touched: set[str] = set()
    for batch in _batches(sorted(set(ids))):
        live = sa.select(FileRow.id, FileRow.table).where(FileRow.id.in_(batch), FileRow.removed.is_(None))
        found = {row.id: row.table for row in connection.execute(live)}
        missing = set(batch) - found.keys()
        if missing:
            raise _conflict(f"file {min(missing)}", "retired")
        touched |= set(found.values())
        connection.execute(sa.update(FileRow).where(FileRow.id.in_(batch)).values(removed=number))
    return touched


def _add(connection: sa.Connection, files: Sequence[NewFile], number: int, first_id: int) -> set[str]:
    if not files:
        return set()
    for batch in _batches([file.path for file in files]):
        live = sa.select(FileRow.path).where(FileRow.path.in_(batch), FileRow.removed.is_(None))
        path = connection.scalar(live.limit(1))
        if path is not None:
            raise _conflict(path, "live")
    rows = [
        {"id": first_id + n, "added": number, **{name: getattr(file, name) for name in _COLUMNS[1:]}}
        for n, file in enumerate(files)
    ]
    inputs = [
        {"file_id": first_id + n, "input_id": id_} for n, file in enumerate(files) for id_ in sorted(set(file.inputs))
    ]
    for id_batch in _batches(sorted({row["input_id"] for row in inputs})):
        known = connection.scalar(sa.select(sa.func.count()).where(FileRow.id.in_(id_batch)))
        if known != len(id_batch):
            raise _conflict("inputs", "forgotten")
    connection.execute(sa.insert(FileRow), rows)
    if inputs:
        connection.execute(sa.insert(FileInput), inputs)
    return {file.table for file in files}


def _redirect(connection: sa.Connection, change: Change, first_id: int) -> None:
    """Let live files point to the merged file instead of the files that went into it."""
    new_ids = {file.path: first_id + n for n, file in enumerate(change.add)}
    for merge in change.merges:
        merged = frozenset(merge.merged)
        if merge.path not in new_ids or not merged or not merged <= frozenset(change.retire):
            raise InternalError("a merge of files that are not added and retired with it")
        pairs = (
            sa.select(FileInput.file_id, FileInput.input_id)
            .join(FileRow, FileRow.id == FileInput.file_id)
            .where(FileInput.input_id.in_(merged), FileRow.removed.is_(None))
        )
        found: dict[int, set[int]] = {}
        for file_id, input_id in connection.execute(pairs):
            found.setdefault(file_id, set()).add(input_id)
        for file_id, inputs in found.items():
            if inputs != merged:
                raise _conflict(f"file {file_id}", "partly merged")
            connection.execute(sa.delete(FileInput).where(FileInput.file_id == file_id, FileInput.input_id.in_(merged)))
            connection.execute(sa.insert(FileInput).values(file_id=file_id, input_id=new_ids[merge.path]))


def _caught_up(connection: sa.Connection, before: Snapshot, number: int) -> Snapshot:
    """The files that count as of commit `number`, from an earlier state where only few have changed since."""
    live = FileRow.removed.is_(None)
    since = sa.select(CommitRow.kind).where(CommitRow.number > before.commit)
    if not before.files or number < before.commit or MERGING in connection.scalars(since).all():
        return Snapshot(number, _read(connection, live))
    gone = set(connection.scalars(sa.select(FileRow.id).where(FileRow.removed > before.commit)))
    files = [file for file in before.files if file.id not in gone]
    for file in _read(connection, FileRow.added > before.commit, live):
        insort(files, file, key=_place)
    if len(files) != connection.scalar(sa.select(sa.func.count()).select_from(FileRow).where(live)):
        # Something was retired and forgotten since.
        return Snapshot(number, _read(connection, live))
    return Snapshot(number, tuple(files))


def _read(connection: sa.Connection, *where: sa.ColumnElement[bool]) -> tuple[FileRef, ...]:
    pairs = (
        sa.select(FileInput.file_id, FileInput.input_id)
        .join(FileRow, FileRow.id == FileInput.file_id)
        .where(*where)
        .order_by(FileInput.file_id, FileInput.input_id)
    )
    inputs: dict[int, list[int]] = {}
    for file_id, input_id in connection.execute(pairs):
        inputs.setdefault(file_id, []).append(input_id)
    found = [_ref(row, inputs) for row in connection.execute(sa.select(*_FILE).where(*where))]
    return tuple(sorted(found, key=_place))


def _place(file: FileRef) -> tuple[str, str, int]:
    """What files are ordered by; in Python, because a database orders texts by its own locale."""
    return file.table, file.partition, file.id


def _ref(row: sa.Row[Any], inputs: Mapping[int, Sequence[int]]) -> FileRef:
    values: dict[str, Any] = dict(zip((*_COLUMNS, "added", "removed"), row, strict=True))
    return FileRef(**values, inputs=tuple(inputs.get(values["id"], ())))
