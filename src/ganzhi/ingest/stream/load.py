"""A batch of messages into a feed: the way of a file (mapping, contract, quarantine, keys, one commit), with the offsets
of the stream in the same transaction.

A batch has no limit of rejected rows: what is wrong is put aside with its reason and where it came from, and what is
right counts at once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from ganzhi.base.errors import Issue
from ganzhi.base.failpoint import failpoint
from ganzhi.base.ids import digest, new_id
from ganzhi.ingest import quarantine
from ganzhi.ingest.commit import commit_load, write_rows
from ganzhi.ingest.reading.table import Table
from ganzhi.ingest.report import LoadReport, Tally, with_more
from ganzhi.ingest.settle import Settlement, settle
from ganzhi.ingest.shaping.job import Job
from ganzhi.ingest.shaping.statement import Staged, StagingStatement
from ganzhi.ingest.stream.keys import KnownKeys
from ganzhi.ingest.stream.messages import Message, Reader, origins_of
from ganzhi.ingest.verdicts import Verdicts, hold, judge
from ganzhi.store.manifest import AlreadyLoadedError, ConflictError, NewFile
from ganzhi.store.streams.streams import Move, Streamed, StreamMovedError
from ganzhi.warehouse.disk import disk_errors_as_issues
from ganzhi.warehouse.engine import Session
from ganzhi.warehouse.locks import writer_lock
from ganzhi.warehouse.staging import Staging
from ganzhi.warehouse.workplace import Workplace

ATTEMPTS = 5
WAIT_S = 60.0
BATCHES_PER_SESSION = 200


class StreamLoader:
    """Loads the batches of one stream, one after the other, with one session of the engine for many of them."""

    def __init__(self, workplace: Workplace, stream: str, feed: str, mapping: str, wait_s: float = WAIT_S) -> None:
        self._workplace, self.stream, self.feed, self.mapping = workplace, stream, feed, mapping
        self._wait_s = wait_s
        self._keys = KnownKeys(workplace.files)
        self._session: Session | None = None
        self._served = 0
        self._reader = Reader(self._job())

    def load(
        self, messages: Sequence[Message], before: Mapping[str, int | None], unworkable: Collection[int] = ()
    ) -> LoadReport:
        """Load messages whose parts were read from the offsets `before`. unworkable: lines that are put aside unread.

        Raises: StreamMovedError when somebody else has read on; EngineError when disk, store or lock fail.
        """
        batch = _Batch(self.stream, tuple(messages), dict(before), frozenset(unworkable))
        staging = self._workplace.files.staging()
        whole = False
        try:
            with disk_errors_as_issues(batch.name):
                tools = _Tools(staging, self._keys, self._reader)
                report = _Load(self._workplace, self._job(), batch, tools).run(self._lent(), self._wait_s)
            whole = True
            return report
        finally:
            staging.close()
            if not whole or self._served >= BATCHES_PER_SESSION:
                self.close()

    def close(self) -> None:
        """Give the engine's session back; a second call does nothing."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def _job(self) -> Job:
        return Job.of(self._workplace, self.feed, self.mapping)

    def _lent(self) -> Session:
        if self._session is None:
            self._session, self._served = self._workplace.engine.loading_session(), 0
        self._served += 1
        return self._session


@dataclass(frozen=True, slots=True)
class _Tools:
    staging: Staging
    keys: KnownKeys
    reader: Reader


@dataclass(frozen=True)
class _Batch:
    stream: str
    messages: tuple[Message, ...]
    before: dict[str, int | None]
    unworkable: frozenset[int]

    @cached_property
    def moves(self) -> tuple[Move, ...]:
        """Where each part was read from, and where it is read on."""
        ends: dict[str, int] = {}
        for each in self.messages:
            ends[each.part] = max(each.offset + 1, ends.get(each.part, 0))
        return tuple(Move(part, self.before.get(part), end) for part, end in sorted(ends.items()))

    @cached_property
    def name(self) -> str:
        """What the ledger shows in place of a file's name: the stream and the offsets of each part."""
        first: dict[str, int] = {}
        for each in self.messages:
            first.setdefault(each.part, each.offset)
        spans = ",".join(f"{move.part}@{first[move.part]}-{move.next - 1}" for move in self.moves)
        return f"{self.stream}:{spans}"[:1000]


class _Load:
    """One batch on its way."""

    def __init__(self, workplace: Workplace, job: Job, batch: _Batch, tools: _Tools) -> None:
        self._workplace, self._job, self._batch = workplace, job, batch
        self._staging, self._keys, self._reader = tools.staging, tools.keys, tools.reader
        self._id = new_id()
        self._origins = origins_of(batch.messages)
        # The same messages read from the same place are the same batch, whoever reads them.
        self._content = digest(batch.stream, *(f"{o.part}@{o.offset}+{o.lines}" for o in self._origins))

    def run(self, session: Session, wait_s: float) -> LoadReport:
        """Stage and judge; then settle, write and commit under the feed's lock."""
        workplace, job, batch = self._workplace, self._job, self._batch
        table = self._reader.table(session, batch.messages, self._staging, batch.unworkable)
        staged = StagingStatement(job, table).build()
        hold(session, staged, table)
        failpoint("stream.staged")
        verdicts = judge(session, job, staged, table)
        lock = writer_lock(workplace.root, f"feed-{job.feed_code}", wait_s, workplace.clock, f"stream {batch.stream}")
        with lock:
            for attempt in range(ATTEMPTS):
                try:
                    return self._attempt(session, table, staged, verdicts)
                except AlreadyLoadedError as error:
                    params = {"part": batch.name, "read": "–", "found": error.load_id}
                    raise StreamMovedError(Issue("STR010", batch.stream, params=params), retryable=True) from None
                except ConflictError:
                    if attempt == ATTEMPTS - 1:
                        raise
        raise AssertionError("the last attempt returns or raises")

    def _attempt(self, session: Session, table: Table, staged: Staged, verdicts: Verdicts) -> LoadReport:
        workplace, job, batch = self._workplace, self._job, self._batch
        snapshot = workplace.store.manifest.snapshot()
        settled = settle(
            session, job, snapshot, workplace.files, (), lambda refs: self._keys.narrow(session, job, refs)
        )
        written = write_rows(workplace, session, job, snapshot, settled, self._id)
        failpoint("stream.rows_written")
        rejected = verdicts.rejected + settled.refused
        kept = self._quarantine(session, table, staged, verdicts) if rejected else None
        report = replace(self._report(table, verdicts, settled), days=written.fresh_days, quarantined=rejected)
        streamed = Streamed(batch.stream, batch.moves, self._origins)
        name = batch.name
        commit_load(workplace, job, snapshot, report, self._content, name, written, quarantine=kept, streamed=streamed)
        return report

    def _quarantine(self, session: Session, table: Table, staged: Staged, verdicts: Verdicts) -> NewFile | None:
        job, batch = self._job, self._batch
        writer = quarantine.QuarantineWriter(job, self._staging, self._id, batch.name, table.header)
        try:
            quarantine.collect(
                session, job, staged, table, writer, self._staging,
                whole=False, faults=verdicts.unit_faults, repeats=True,
            )  # fmt: skip
            return quarantine.write(self._workplace.files, session, writer, job.now, job.feed_code)
        finally:
            writer.close()

    def _report(self, table: Table, verdicts: Verdicts, settled: Settlement) -> LoadReport:
        tally = Tally(
            read=table.parsed,
            accepted=settled.accepted,
            duplicate=settled.duplicate,
            replaced=settled.replaced,
            rejected=verdicts.rejected + settled.refused,
            filtered=verdicts.filtered,
            skipped=table.skipped,
            blank=table.blank,
            blanked=verdicts.blanked,
            noted=verdicts.noted,
            retired=sum(settled.retired.values()),
        )
        notes = [
            Issue("ING208", column, None, {"column": column, "codes": ", ".join(f"{c} × {n}" for c, n in codes.items())}, "warning")
            for column, codes in verdicts.unknown_codes.items()
        ]  # fmt: skip
        return LoadReport(
            file=self._batch.name,
            feed=self._job.feed_code,
            mapping=self._job.mapping_code,
            state="accepted",
            load_id=self._id,
            tally=tally,
            reasons=with_more(verdicts.reasons, settled.reasons),
            breaches=with_more(verdicts.breaches, settled.reasons),
            unknown_codes=verdicts.unknown_codes,
            issues=tuple(notes),
            path="careful",
        )
