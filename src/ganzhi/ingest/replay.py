"""Loading quarantined rows again, with the catalogue and mapping of today (P6).

Rows that now pass enter under a new load (`replay_of` names the first one) and leave the
quarantine in the same commit; the others stay, with the reason they fail today. Replaying twice
is replaying once, and the result is that of a clean load. A record whose bytes were not text, or
that was cut because of its length, needs a corrected text.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ganzhi.base.cells import guarded_text
from ganzhi.base.errors import InputError, InternalError, Issue, Location
from ganzhi.base.failpoint import failpoint
from ganzhi.base.ids import digest, new_id
from ganzhi.ingest import quarantine
from ganzhi.ingest.commit import commit_load, write_rows
from ganzhi.ingest.quarantine import QuarantineWriter, Rejected, fields_of
from ganzhi.ingest.reading.delivered import shown_name
from ganzhi.ingest.reading.header import match_header, normal
from ganzhi.ingest.reading.jsonlines import parse_line
from ganzhi.ingest.reading.plain import Shape
from ganzhi.ingest.reading.records import Line, Record, RecordReader
from ganzhi.ingest.reading.table import RecordSink, Table, text_sql
from ganzhi.ingest.report import LoadReport, Tally, with_more
from ganzhi.ingest.sender import ANYBODY, Sender
from ganzhi.ingest.settle import Settlement, settle
from ganzhi.ingest.shaping.job import Job, used_sources
from ganzhi.ingest.shaping.statement import StagingStatement
from ganzhi.ingest.verdicts import Verdicts, judge, stage
from ganzhi.store.manifest import ConflictError, Snapshot
from ganzhi.warehouse.disk import disk_errors_as_issues
from ganzhi.warehouse.engine import Session
from ganzhi.warehouse.locks import writer_lock
from ganzhi.warehouse.staging import Staging
from ganzhi.warehouse.workplace import Workplace

WAIT_S = 60.0
ATTEMPTS = 5
_NOT_AS_IT_STANDS = ("ING103", "ING104", "ING105")
"""Reasons of records whose kept text is not what was delivered."""

MOST_ROWS = 500_000
"""Rows of one replay; more are better loaded again from their file."""


@dataclass(frozen=True, slots=True)
class _Batch:
    """Quarantined rows of one load under one header."""

    load_id: str
    feed: str
    mapping: str
    file: str
    header: tuple[str, ...]
    rows: tuple[Rejected, ...]


def replay(
    workplace: Workplace,
    *,
    feed: str | None = None,
    load: str | None = None,
    reason: str | None = None,
    corrected: Path | None = None,
    texts: Mapping[tuple[str, int], str] | None = None,
    wait_s: float = WAIT_S,
    sender: Sender = ANYBODY,
) -> list[LoadReport]:
    """Load quarantined rows again; all of them, or those of a feed, load or reason.

    corrected: a CSV file as `quarantine show --format csv` writes it, with `raw` put right; rows it
    does not name are loaded as they are kept. texts: the same by load and line.
    Returns: one report per load whose rows were tried; `accepted` when any of them left quarantine.
    Raises: InputError when a corrected file cannot be understood or a mapping is gone.
    """
    texts = {**(_corrections(corrected) if corrected is not None else {}), **(texts or {})}
    selected, total = quarantine.rows(workplace, feed=feed, load=load, reason=reason, limit=MOST_ROWS)
    if total > MOST_ROWS:
        raise InputError(Issue("ING031", load or feed or "", params={"rows": str(total), "limit": str(MOST_ROWS)}))
    reports = []
    for batch in _batches(selected):
        with writer_lock(workplace.root, f"feed-{batch.feed}", wait_s, workplace.clock, f"replay {batch.feed}"):
            report = _Replay(workplace, batch, texts, sender).run()
        if report is not None:
            reports.append(report)
    return reports


def _corrections(path: Path) -> dict[tuple[str, int], str]:
    """Corrected texts by load and line."""
    at = Location(shown_name(path))
    csv.field_size_limit(64 << 20)
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            if not {"load_id", "line", "raw"} <= set(reader.fieldnames or ()):
                raise InputError(Issue("ING030", "", at, {"columns": "load_id, line, raw"}))
            return {
                (row["load_id"], int(row["line"])): guarded_text(row["raw"]) for row in reader if row["raw"] is not None
            }
    except (OSError, UnicodeDecodeError, csv.Error, ValueError) as error:
        raise InputError(Issue("ING030", "", at, {"columns": f"load_id, line, raw ({type(error).__name__})"})) from None


def _batches(rows: Sequence[Rejected]) -> list[_Batch]:
    grouped: dict[tuple[str, str, str, str, str], list[Rejected]] = {}
    for row in rows:
        grouped.setdefault((row.load_id, row.feed, row.mapping, row.file, row.header), []).append(row)
    ordered = sorted(grouped.items(), key=lambda item: item[0])
    return [
        _Batch(load, feed, mapping, file, tuple(json.loads(header)), tuple(sorted(found, key=lambda r: r.line)))
        for (load, feed, mapping, file, header), found in ordered
    ]


class _Replay:
    """One batch on its way, under the feed's lock."""

    def __init__(
        self, workplace: Workplace, batch: _Batch, texts: Mapping[tuple[str, int], str], sender: Sender
    ) -> None:
        if batch.mapping not in workplace.catalogue.mappings:
            raise InputError(Issue("ING024", batch.mapping, params={"feed": batch.feed, "known": "–"}))
        self._workplace = workplace
        self._batch = batch
        self._texts = texts
        self._job = Job.of(workplace, batch.feed, batch.mapping, sender)
        self._id = new_id()

    def run(self) -> LoadReport | None:
        """Try the rows again until no other commit comes in between; None when they have gone meanwhile."""
        for attempt in range(ATTEMPTS):
            staging = self._workplace.files.staging()
            try:
                with disk_errors_as_issues(self._batch.file), self._workplace.engine.loading_session() as session:
                    return self._attempt(session, staging)
            except ConflictError:
                if attempt == ATTEMPTS - 1:
                    raise
            finally:
                staging.close()
        raise AssertionError("the last attempt returns or raises")

    def _attempt(self, session: Session, staging: Staging) -> LoadReport | None:
        workplace, job, batch = self._workplace, self._job, self._batch
        snapshot = workplace.store.manifest.snapshot()
        if not self._still_there(session, snapshot, staging):
            return None
        table = self._table(staging)
        staged = StagingStatement(job, table).build()
        stage(session, staged, table, staging.file(".parquet"))
        verdicts = judge(session, job, staged, table)
        settled = settle(session, job, snapshot, workplace.files, ())
        failpoint("replay.settled")
        report = self._report(table, verdicts, settled)
        if report.tally.rejected == len(batch.rows) and self._same_reasons(report):
            return replace(report, state="rejected", load_id=batch.load_id)
        written = write_rows(workplace, session, job, snapshot, settled, self._id)
        writer = QuarantineWriter(job, staging, batch.load_id, batch.file, batch.header)
        try:
            quarantine.collect(
                session, job, staged, table, writer, staging, whole=False, faults=verdicts.unit_faults, repeats=True
            )
            kept = quarantine.write(workplace.files, session, writer, job.now, job.feed_code)
        finally:
            writer.close()
        released, retired = quarantine.without(
            session, workplace.files, snapshot, job.feed_code, (batch.load_id,), self._lines_sql(staging)
        )
        report = replace(report, days=written.fresh_days, quarantined=report.tally.rejected)
        commit_load(
            workplace,
            job,
            snapshot,
            report,
            digest(self._id, *(f"{row.line}" for row in batch.rows)),
            batch.file,
            replace(written, add=(*written.add, *released)),
            quarantine=kept,
            retire_quarantine=retired,
        )
        return report

    def _same_reasons(self, report: LoadReport) -> bool:
        before: dict[str, int] = {}
        for row in self._batch.rows:
            before[row.reason] = before.get(row.reason, 0) + 1
        return before == dict(report.reasons)

    def _lines_sql(self, staging: Staging) -> str:
        load = text_sql(self._batch.load_id)
        lines = ", ".join(str(row.line) for row in self._batch.rows)
        return f"(SELECT {load} AS load_id, unnest([{lines}]::BIGINT[]) AS line)"

    def _still_there(self, session: Session, snapshot: Snapshot, staging: Staging) -> bool:
        """Whether all rows of the batch are in quarantine in this snapshot."""
        refs = snapshot.table(quarantine.table_name(self._job.feed_code))
        if not refs:
            return False
        paths = ", ".join(text_sql(str(self._workplace.files.checked_path(ref))) for ref in refs)
        lines = self._lines_sql(staging)
        found = session.query(
            f"SELECT count(*) AS n FROM read_parquet([{paths}]) AS q SEMI JOIN {lines} AS x ON x.load_id = q.load_id AND x.line = q.line"
        )
        return int(found.column("n")[0].as_py()) == len(self._batch.rows)

    def _table(self, staging: Staging) -> Table:
        """The rows as a table, by the header they came with."""
        batch, job = self._batch, self._job
        shape = Shape.of(job.mapping, used_sources(job))
        at = Location(batch.file, 1)
        match = match_header(batch.header, shape.wanted, declared=shape.declared, closed=shape.closed, at=at)
        if match.issues:
            raise InputError(match.issues)
        sink = RecordSink(staging, Path(batch.file), len(batch.header))
        try:
            for row in batch.rows:
                self._add(sink, row, shape)
            return sink.table(batch.header, match.position, ())
        finally:
            sink.close()

    def _add(self, sink: RecordSink, row: Rejected, shape: Shape) -> None:
        corrected = self._texts.get((row.load_id, row.line))
        raw = row.raw or ""
        if corrected is None and row.reason in _NOT_AS_IT_STANDS:
            sink.add(Record(row.line, (), raw, row.reason))
            return
        text = raw if corrected is None else corrected
        kind = self._job.mapping.format.kind
        if kind == "jsonl":
            values, code = parse_line(Line(row.line, text.encode("utf-8", "replace"), b""))
            sink.add(Record(row.line, (), text, code), [values.get(normal(name)) for name in self._batch.header])
        elif kind == "csv":
            sink.add(_record(row.line, text, shape))
        else:
            sink.add(Record(row.line, (), text), fields_of(text, kind, shape.dialect))

    def _report(self, table: Table, verdicts: Verdicts, settled: Settlement) -> LoadReport:
        refused = settled.reasons
        if table.parsed != len(self._batch.rows):
            raise InternalError(f"{table.parsed} records out of {len(self._batch.rows)} quarantined rows")
        tally = Tally(
            read=table.parsed,
            accepted=settled.accepted,
            duplicate=settled.duplicate,
            replaced=settled.replaced,
            rejected=verdicts.rejected + settled.refused,
            filtered=verdicts.filtered,
            blanked=verdicts.blanked,
            noted=verdicts.noted,
            retired=sum(settled.retired.values()),
        )
        return LoadReport(
            file=self._batch.file,
            feed=self._job.feed_code,
            mapping=self._job.mapping_code,
            state="accepted",
            load_id=self._id,
            tally=tally,
            reasons=with_more(verdicts.reasons, refused),
            breaches=with_more(verdicts.breaches, refused),
            unknown_codes=verdicts.unknown_codes,
            path="careful",
            replay_of=self._batch.load_id,
            by=self._job.sender.login,
        )


def _record(line: int, text: str, shape: Shape) -> Record:
    """One record out of its kept or corrected text; a text with more than one record is none."""
    content = text.encode("utf-8", "replace").split(b"\n")
    ends = [b"\n"] * (len(content) - 1) + [b""]
    lines = (
        Line(n, part, end, len(part) > shape.dialect.longest)
        for n, (part, end) in enumerate(zip(content, ends, strict=True), start=1)
    )
    found = list(RecordReader(lines, shape.dialect))
    if len(found) != 1 or found[0].blank:
        return Record(line, (), text, "ING101")
    return replace(found[0], line=line, raw=text)
