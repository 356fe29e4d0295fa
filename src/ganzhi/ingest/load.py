"""Loading a file into a feed: whole or not at all, once per content, once per key.

Reading and staging happen beside other writers; settling against the stored rows, writing and the
commit happen under the feed's lock, on one snapshot, and again on a new one when somebody else
committed in between. A file that is refused is told with every issue, and the ledger keeps it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import partial
from pathlib import Path

from ganzhi.base.errors import EngineError, InputError, InternalError, Issue, Location
from ganzhi.base.failpoint import failpoint
from ganzhi.base.ids import new_id
from ganzhi.ingest import quarantine
from ganzhi.ingest.arrival import member
from ganzhi.ingest.commit import NOTHING_WRITTEN, commit_load, record_of, write_rows
from ganzhi.ingest.quarantine import Rejected
from ganzhi.ingest.reading.delivered import Delivered, shown_name
from ganzhi.ingest.reading.excel import read_excel
from ganzhi.ingest.reading.jsonlines import read_json_lines
from ganzhi.ingest.reading.parquet import read_parquet
from ganzhi.ingest.reading.plain import Shape, read_delimited, read_text
from ganzhi.ingest.reading.table import Table
from ganzhi.ingest.report import LoadReport, LoadState, ReadingPath, RefusedError, Tally, with_more
from ganzhi.ingest.sender import ANYBODY, Sender
from ganzhi.ingest.settle import Settlement, settle
from ganzhi.ingest.shaping.job import Job, used_sources
from ganzhi.ingest.shaping.statement import Staged, StagingStatement
from ganzhi.ingest.verdicts import Verdicts, judge, stage
from ganzhi.store.ledger import LoadRecord
from ganzhi.store.manifest import AlreadyLoadedError, Change, ConflictError, NewFile
from ganzhi.warehouse.disk import disk_errors_as_issues
from ganzhi.warehouse.engine import Engine, Session
from ganzhi.warehouse.locks import writer_lock
from ganzhi.warehouse.staging import Staging
from ganzhi.warehouse.workplace import Workplace

WAIT_S = 60.0
ATTEMPTS = 5
FILES_PER_SESSION = 100
_NOT_RECORDED = frozenset({"ING001", "ING002", "ING003"})
"""Refusals that say nothing about the file's content: the file is put back, not judged."""

_READER_FAULTS = frozenset({"WHS004", "WHS005"})
"""What the engine's reader may make of an odd text: damage, or memory for a line that does not end."""


def load(
    workplace: Workplace,
    feed: str,
    files: Sequence[Path],
    mapping: str | None = None,
    wait_s: float = WAIT_S,
    sender: Sender = ANYBODY,
) -> list[LoadReport]:
    """Load files in the given order; a file that is refused does not stop those after it.

    mapping: None to take the feed's only one, or the one whose file-name pattern fits.
    Raises: InputError for an unknown feed or mapping; RefusedError with the issues of all refused
    files once the others are loaded; EngineError when disk, store or lock fail.
    """
    workplace.catalogue.feed(feed)
    reports: list[LoadReport] = []
    issues: list[Issue] = []
    with _Sessions(workplace.engine) as sessions:
        for file in files:
            try:
                reports.append(_load_file(workplace, sessions, feed, Path(file), mapping, wait_s, sender))
            except InputError as error:
                issues += error.issues
    if issues:
        raise RefusedError(tuple(issues), tuple(reports))
    return reports


def look(
    workplace: Workplace, feed: str, path: Path, mapping: str, sender: Sender = ANYBODY, first: int = 50
) -> tuple[LoadReport, tuple[Rejected, ...]]:
    """What would come of loading a file now, with the first rows that would be refused; nothing is kept of it.

    Raises: InputError with every issue of a file that would be refused unread.
    """
    job = Job.of(workplace, feed, mapping, sender)
    with Delivered(path) as delivered, _Sessions(workplace.engine) as sessions:
        staging = workplace.files.staging()
        try:
            with disk_errors_as_issues(delivered.name):
                return _Load(workplace, job, delivered, staging, 0.0).look(sessions, first)
        finally:
            staging.close()


def choose_mapping(workplace: Workplace, feed: str, mapping: str | None, name: str) -> str:
    """The mapping to load a file of this name with; InputError ING023 or ING024 when there is none.

    The one whose pattern the name fits; else the feed's only one; else the only one that asks for no name.
    """
    known = {code: each for code, each in workplace.catalogue.mappings.items() if each.feed == feed}
    listed = ", ".join(sorted(known)) or "–"
    if mapping is not None:
        if mapping not in known:
            near = get_close_matches(mapping, list(known), n=1)
            raise InputError(Issue("ING024", mapping[:64], params={"feed": feed, "known": near[0] if near else listed}))
        return mapping
    fitting = [code for code, each in known.items() if each.files is not None and member(each, name) is not None]
    unnamed = [code for code, each in known.items() if each.files is None]
    for found in (fitting, list(known), [] if fitting else unnamed):
        if len(found) == 1:
            return found[0]
    raise InputError(Issue("ING023", feed, Location(shown_name(name)), {"feed": feed, "known": listed}))


class _Sessions:
    """One loading session for many files: opening one costs as much as loading a small file. A session in which
    anything went wrong is not used again, nor one that has served `FILES_PER_SESSION` files."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._session: Session | None = None
        self._served = 0

    @contextmanager
    def lend(self) -> Iterator[Session]:
        """The session, for one file."""
        if self._session is None:
            self._session, self._served = self._engine.loading_session(), 0
        self._served += 1
        whole = False
        try:
            yield self._session
            whole = True
        finally:
            if not whole or self._served >= FILES_PER_SESSION:
                self._close()

    def _close(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None

    def __enter__(self) -> _Sessions:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()


def _load_file(
    workplace: Workplace,
    sessions: _Sessions,
    feed: str,
    path: Path,
    mapping: str | None,
    wait_s: float,
    sender: Sender,
) -> LoadReport:
    chosen = choose_mapping(workplace, feed, mapping, path.name)
    job = Job.of(workplace, feed, chosen, sender)
    with Delivered(path) as delivered:
        staging = workplace.files.staging()
        try:
            with disk_errors_as_issues(delivered.name):
                return _Load(workplace, job, delivered, staging, wait_s).run(sessions)
        except InputError as error:
            _record_refusal(workplace, job, delivered, error)
            raise
        finally:
            staging.close()


def _record_refusal(workplace: Workplace, job: Job, delivered: Delivered, error: InputError) -> None:
    """Keep in the ledger that this content was refused, and why."""
    if any(issue.code in _NOT_RECORDED for issue in error.issues):
        return
    hasher = hashlib.sha256()
    try:
        for chunk in delivered.chunks():
            hasher.update(chunk)
    except (InputError, OSError):
        return
    name = shown_name(delivered.path)
    report = LoadReport(name, job.feed_code, job.mapping_code, "rejected", new_id(), issues=error.issues)
    report = replace(report, by=job.sender.login)
    content = job.sender.content(hasher.hexdigest())
    record = replace(record_of(job, report, content, delivered.name), finished_at=workplace.clock.now())
    workplace.store.manifest.commit(Change(kind="load", load=record))


@dataclass(frozen=True, slots=True)
class _Read:
    """A file after reading and staging."""

    table: Table
    sha256: str
    staged: Staged
    path: ReadingPath


class _Load:
    """One file on its way; the order of steps is `run`."""

    def __init__(self, workplace: Workplace, job: Job, delivered: Delivered, staging: Staging, wait_s: float) -> None:
        self._workplace = workplace
        self._job = job
        self._delivered = delivered
        self._staging = staging
        self._wait_s = wait_s
        self._id = new_id()
        self._file = shown_name(delivered.path)

    def run(self, sessions: _Sessions) -> LoadReport:
        """Read, stage, judge; then settle, write and commit under the lock.

        No engine is asked before the whole file has been looked at: most bad files end here, and
        those whose bytes count already.
        """
        failpoint("ingest.opened")
        table, read_sha256, again = self._read()
        sha256 = self._job.sender.content(read_sha256)
        counted = self._counted(sha256)
        if counted is not None:
            self._delivered.check_unchanged()
            return counted
        with sessions.lend() as session:
            read = self._stage(session, table, sha256, again)
            failpoint("ingest.staged")
            self._delivered.check_unchanged()
            already = self._counted(read.sha256)
            if already is not None:
                return already
            verdicts = judge(session, self._job, read.staged, read.table)
            with self._lock():
                return self._counted(read.sha256) or self._commit(session, read, verdicts)

    def look(self, sessions: _Sessions, first: int) -> tuple[LoadReport, tuple[Rejected, ...]]:
        """What `run` would come to now, and the first rows refused. Takes no lock and commits nothing."""
        table, read_sha256, again = self._read()
        sha256 = self._job.sender.content(read_sha256)
        counted = self._counted(sha256)
        if counted is not None:
            return counted, ()
        with sessions.lend() as session:
            read = self._stage(session, table, sha256, again)
            self._delivered.check_unchanged()
            verdicts = judge(session, self._job, read.staged, read.table)
            versions, _ = self._superseded(sha256)
            snapshot = self._workplace.store.manifest.snapshot()
            settled = settle(session, self._job, snapshot, self._workplace.files, versions)
            rejected = verdicts.rejected + settled.refused
            report = self._settled_report(read, verdicts, settled)
            if rejected > self._job.feed.rejected_limit * read.table.parsed:
                report = replace(report, state="rejected", issues=(self._limit_issue(read, rejected), *report.issues))
            else:
                report = replace(report, issues=(*report.issues, *self._version_note(versions)))
            days = session.query("SELECT DISTINCT _day AS day FROM fresh ORDER BY 1").column("day").to_pylist()
            with closing(self._collected(session, read, verdicts, whole=False, repeats=True)) as writer:
                return replace(report, days=tuple(days), quarantined=rejected), writer.first(first)

    def _lock(self) -> AbstractContextManager[None]:
        what = f"ingest {self._job.feed_code} {self._delivered.name}"[:200]
        return writer_lock(
            self._workplace.root, f"feed-{self._job.feed_code}", self._wait_s, self._workplace.clock, what
        )

    def _counted(self, sha256: str) -> LoadReport | None:
        """The report of a file whose bytes count already."""
        found = self._workplace.store.ledger.find(self._job.feed_code, self._job.mapping_code, sha256)
        return None if found is None else self._already(found.id)

    def _already(self, load_id: str) -> LoadReport:
        note = Issue("ING210", self._delivered.name, Location(self._file), {"load": load_id}, "warning")
        return LoadReport(self._file, self._job.feed_code, self._job.mapping_code, "already", load_id, issues=(note,))

    def _read(self) -> tuple[Table, str, Callable[[], Table] | None]:
        """The table of the file, its SHA-256, and a way to read it again record by record if that is not how it was read."""
        job, fmt = self._job, self._job.mapping.format
        shape = Shape.of(job.mapping, used_sources(job))
        if fmt.kind == "excel":
            return *read_excel(self._delivered, job.mapping, shape, self._staging), None
        if fmt.kind == "parquet":
            return *read_parquet(self._delivered, job.mapping, job.feed, shape, self._staging), None
        if fmt.kind == "jsonl":
            text = read_text(self._delivered, fmt, self._staging, ("text", "json", "utf16"))
            return read_json_lines(text, shape, self._staging), text.sha256, None
        text = read_text(self._delivered, fmt, self._staging)
        table = read_delimited(text, shape, self._staging)
        again = partial(read_delimited, text, shape, self._staging, careful=True)
        return table, text.sha256, again if table.fast else None

    def _stage(self, session: Session, table: Table, sha256: str, again: Callable[[], Table] | None) -> _Read:
        if again is None:
            return self._staged(session, table, sha256, "careful")
        try:
            return self._staged(session, table, sha256, "fast")
        except InternalError:
            pass  # The engine sees something in the text that the look at its bytes did not.
        except EngineError as error:
            if error.issue.code not in _READER_FAULTS:
                raise
        return self._staged(session, again(), sha256, "careful")

    def _staged(self, session: Session, table: Table, sha256: str, path: ReadingPath) -> _Read:
        staged = StagingStatement(self._job, table).build()
        stage(session, staged, table, self._staging.file(".parquet"))
        return _Read(table, sha256, staged, path)

    def _superseded(self, sha256: str) -> tuple[tuple[LoadRecord, ...], tuple[str, ...]]:
        """Earlier versions of this file that give way, and refused attempts at this very content."""
        earlier = [
            record
            for record in self._workplace.store.ledger.by_file_name(
                self._delivered.name, self._job.feed_code, limit=1000
            )
            if record.mapping == self._job.mapping_code
        ]
        gives_way = self._job.mapping.new_version == "replace" and self._job.sender.units is None
        versions = tuple(r for r in earlier if gives_way and r.state == "accepted")
        refused = tuple(r.id for r in earlier if r.state == "rejected" and r.content_sha256 == sha256)
        return versions, refused

    def _commit(self, session: Session, read: _Read, verdicts: Verdicts) -> LoadReport:
        limit = self._job.feed.rejected_limit
        if verdicts.rejected > limit * read.table.parsed:
            return self._refuse(session, read, verdicts)
        for attempt in range(ATTEMPTS):
            try:
                return self._attempt(session, read, verdicts)
            except AlreadyLoadedError as error:
                return self._already(error.load_id)
            except ConflictError:
                if attempt == ATTEMPTS - 1:
                    raise
        raise AssertionError("the last attempt returns or raises")

    def _attempt(self, session: Session, read: _Read, verdicts: Verdicts) -> LoadReport:
        workplace, job = self._workplace, self._job
        snapshot = workplace.store.manifest.snapshot()
        versions, refused = self._superseded(read.sha256)
        settled = settle(session, job, snapshot, workplace.files, versions)
        failpoint("ingest.settled")
        rejected = verdicts.rejected + settled.refused
        if rejected > job.feed.rejected_limit * read.table.parsed:
            return self._refuse(session, read, verdicts)
        written = write_rows(workplace, session, job, snapshot, settled, self._id)
        failpoint("ingest.rows_written")
        kept = self._quarantine(session, read, verdicts, whole=False, repeats=True) if rejected else None
        released, retired = quarantine.without(session, workplace.files, snapshot, job.feed_code, refused)
        report = self._settled_report(read, verdicts, settled)
        report = replace(
            report,
            days=written.fresh_days,
            quarantined=rejected,
            issues=(*report.issues, *self._version_note(versions)),
        )
        self._delivered.check_unchanged()
        commit_load(
            workplace,
            job,
            snapshot,
            report,
            read.sha256,
            self._delivered.name,
            replace(written, add=(*written.add, *released)),
            quarantine=kept,
            retire_quarantine=retired,
        )
        return report

    def _version_note(self, versions: tuple[LoadRecord, ...]) -> tuple[Issue, ...]:
        if not versions:
            return ()
        at = Location(self._file)
        return (Issue("ING209", self._delivered.name, at, {"load": versions[0].id}, "warning"),)

    def _refuse(self, session: Session, read: _Read, verdicts: Verdicts) -> LoadReport:
        """Too many rejected rows: nothing counts, every row goes to quarantine (F54)."""
        workplace, job = self._workplace, self._job
        snapshot = workplace.store.manifest.snapshot()
        _, refused = self._superseded(read.sha256)
        kept = self._quarantine(session, read, verdicts, whole=True, repeats=False)
        released, retired = quarantine.without(session, workplace.files, snapshot, job.feed_code, refused)
        tally = replace(self._tally(read.table, verdicts, None), rejected=read.table.parsed - verdicts.filtered)
        issue = self._limit_issue(read, verdicts.rejected)
        report = self._report(read, verdicts, tally, "rejected")
        report = replace(report, issues=(issue, *report.issues), quarantined=tally.rejected)
        self._delivered.check_unchanged()
        written = replace(NOTHING_WRITTEN, add=released)
        name = self._delivered.name
        commit_load(
            workplace, job, snapshot, report, read.sha256, name, written, quarantine=kept, retire_quarantine=retired
        )
        return report

    def _limit_issue(self, read: _Read, rejected: int) -> Issue:
        share, limit = rejected / max(read.table.parsed, 1), float(self._job.feed.rejected_limit)
        params = {"share": f"{share:.1%}", "limit": f"{limit:.1%}", "rejected": str(rejected)}
        return Issue("ING022", self._delivered.name, Location(self._file), params)

    def _collected(
        self, session: Session, read: _Read, verdicts: Verdicts, *, whole: bool, repeats: bool
    ) -> quarantine.QuarantineWriter:
        """The refused rows in a staging file, to be closed by the caller."""
        job = self._job
        writer = quarantine.QuarantineWriter(job, self._staging, self._id, self._delivered.name, read.table.header)
        try:
            quarantine.collect(
                session,
                job,
                read.staged,
                read.table,
                writer,
                self._staging,
                whole=whole,
                faults=verdicts.unit_faults,
                repeats=repeats,
            )
        except BaseException:
            writer.close()
            raise
        return writer

    def _quarantine(
        self, session: Session, read: _Read, verdicts: Verdicts, *, whole: bool, repeats: bool
    ) -> NewFile | None:
        job = self._job
        with closing(self._collected(session, read, verdicts, whole=whole, repeats=repeats)) as writer:
            return quarantine.write(self._workplace.files, session, writer, job.now, job.feed_code)

    def _tally(self, table: Table, verdicts: Verdicts, settled: Settlement | None) -> Tally:
        """Counts of a load; without a settlement no row came in."""
        return Tally(
            read=table.parsed,
            accepted=settled.accepted if settled else 0,
            duplicate=settled.duplicate if settled else 0,
            replaced=settled.replaced if settled else 0,
            rejected=verdicts.rejected + (settled.refused if settled else 0),
            filtered=verdicts.filtered,
            skipped=table.skipped,
            blank=table.blank,
            blanked=verdicts.blanked,
            noted=verdicts.noted,
            retired=sum(settled.retired.values()) if settled else 0,
        )

    def _settled_report(self, read: _Read, verdicts: Verdicts, settled: Settlement) -> LoadReport:
        report = self._report(read, verdicts, self._tally(read.table, verdicts, settled), "accepted")
        return replace(
            report,
            reasons=with_more(report.reasons, settled.reasons),
            breaches=with_more(report.breaches, settled.reasons),
        )

    def _report(self, read: _Read, verdicts: Verdicts, tally: Tally, state: LoadState) -> LoadReport:
        at = Location(self._file)
        notes = list(read.table.notes)
        for column, codes in verdicts.unknown_codes.items():
            shown = ", ".join(f"{code} × {count}" for code, count in codes.items())
            notes.append(Issue("ING208", column, at, {"column": column, "codes": shown}, "warning"))
        if read.table.parsed == 0:
            notes.append(Issue("ING207", self._delivered.name, at, severity="warning"))
        if read.table.blank:
            notes.append(Issue("ING211", "", at, {"lines": str(read.table.blank)}, "warning"))
        return LoadReport(
            file=self._file,
            feed=self._job.feed_code,
            mapping=self._job.mapping_code,
            state=state,
            load_id=self._id,
            tally=tally,
            reasons=verdicts.reasons,
            breaches=verdicts.breaches,
            unknown_codes=verdicts.unknown_codes,
            issues=tuple(notes),
            path=read.path,
            by=self._job.sender.login,
        )
