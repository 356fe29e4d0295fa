"""From settled rows to one commit: row files per day, rewritten files, quarantine, ledger, arrivals.

Nothing counts before `store.manifest.commit`; whatever dies earlier leaves files without a manifest
row. Refuses to commit when the rows written are not exactly those the verdicts speak of (P5).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from ganzhi.base.errors import InternalError
from ganzhi.base.failpoint import failpoint
from ganzhi.ingest.arrival import arrivals
from ganzhi.ingest.quarantine import table_name
from ganzhi.ingest.reading.table import text_sql
from ganzhi.ingest.report import LoadReport, report_json
from ganzhi.ingest.settle import Settlement, key_range, stored_sql
from ganzhi.ingest.shaping.job import Job, quoted
from ganzhi.ingest.stream.counting import changed_counts
from ganzhi.store.ledger import LoadRecord
from ganzhi.store.manifest import Change, FileRef, NewFile, Snapshot
from ganzhi.store.streams.minutes import Counted
from ganzhi.store.streams.streams import Streamed
from ganzhi.warehouse.engine import Session
from ganzhi.warehouse.workplace import Workplace


@dataclass(frozen=True, slots=True)
class Written:
    """Files that are finished but do not count yet. grown: per local day, new rows minus retired ones. counted: what
    becomes of the feed's counts per minute."""

    add: tuple[NewFile, ...]
    retire: tuple[int, ...]
    grown: Mapping[date, int]
    fresh_days: tuple[date, ...]
    counted: Counted | None = None


def write_rows(
    workplace: Workplace,
    session: Session,
    job: Job,
    snapshot: Snapshot,
    settled: Settlement,
    load_id: str,
) -> Written:
    """Write the fresh rows, and what stays of the files that lose rows, one file per local day."""
    gone = {ref.id: ref for ref in snapshot.table(f"rows/{job.feed_code}") if ref.id in settled.retired}
    counted = session.query("SELECT _day AS day, count(*) AS n FROM fresh GROUP BY 1").to_pylist()
    fresh: dict[date, int] = {row["day"]: row["n"] for row in counted}
    grown = dict(fresh)
    for ref_id, rows in settled.retired.items():
        day = date.fromisoformat(gone[ref_id].partition)
        grown[day] = grown.get(day, 0) - rows
    for row in session.query("SELECT DISTINCT _day AS day FROM good").to_pylist():
        grown.setdefault(row["day"], 0)
    gathered = len(fresh) > 1 and _is_scattered(session, len(fresh))
    if gathered:
        _gather(session, job)
    files = []
    for day in sorted({*fresh, *(date.fromisoformat(ref.partition) for ref in gone.values())}):
        losing = [ref for ref in gone.values() if ref.partition == day.isoformat()]
        staying = sum(ref.rows - settled.retired[ref.id] for ref in losing)
        expected = fresh.get(day, 0) + staying
        if expected:
            files.append(_write_day(workplace, session, job, day, losing, load_id, expected, day in fresh, gathered))
            failpoint("ingest.day_written")
    counted = changed_counts(workplace, session, job, snapshot, retired=bool(gone))
    return Written(tuple(files), tuple(sorted(gone)), grown, tuple(sorted(fresh)), counted)


def _is_scattered(session: Session, days: int) -> bool:
    """Whether reading the staged rows day by day would read most of them several times."""
    spans = "SELECT max(_day) - min(_day) + 1 AS span FROM staged GROUP BY _line // 122880"
    found = session.query(f"SELECT sum(span) AS spans, count(*) AS groups FROM ({spans})").to_pylist()[0]
    return int(found["spans"] or 0) > 3 * (int(found["groups"]) + days)


def _gather(session: Session, job: Job) -> None:
    """Sort the fresh rows by day once, so that each day is read from one place and in its order."""
    columns = ", ".join((*map(quoted, job.feed.columns), "_day", "_line"))
    rows = f"SELECT {columns} FROM fresh ORDER BY _day, {_order(job)}"
    session.execute(f"CREATE OR REPLACE TEMP TABLE gathered AS {rows}")
    session.execute("CREATE OR REPLACE TEMP VIEW fresh AS SELECT * FROM gathered")


def _order(job: Job) -> str:
    return f"{quoted(job.feed.unit)}, {quoted(job.feed.time)}"


def _write_day(
    workplace: Workplace,
    session: Session,
    job: Job,
    day: date,
    losing: list[FileRef],
    load_id: str,
    expected: int,
    fresh: bool,
    gathered: bool,
) -> NewFile:
    columns = ", ".join(map(quoted, job.feed.columns))
    parts = []
    if fresh:
        parts.append(f"SELECT {columns}, {text_sql(load_id)} AS _load, _line FROM fresh WHERE _day = DATE '{day}'")
    if losing:
        stored = stored_sql(job, workplace.files, losing)
        parts.append(f"SELECT {columns}, _load, _line FROM {stored} AS s ANTI JOIN going USING (path, row)")
    select = " UNION ALL ".join(parts)
    order = None if gathered and not losing else _order(job)
    written = workplace.files.write(session, select, f"rows/{job.feed_code}", day.isoformat(), order_by=order)
    if written.rows != expected:
        raise InternalError(f"{written.rows} rows written for {day} where {expected} were settled")
    low, high = key_range(session, job, f"read_parquet([{text_sql(str(workplace.files.path(written)))}])")
    return replace(written, key_min=low, key_max=high)


def record_of(job: Job, report: LoadReport, sha256: str, name: str) -> LoadRecord:
    """The ledger's row of a load."""
    tally = report.tally
    return LoadRecord(
        id=report.load_id,
        feed=job.feed_code,
        mapping=job.mapping_code,
        file=name,
        content_sha256=sha256,
        state="accepted" if report.state == "accepted" else "rejected",
        read=tally.read,
        accepted=tally.accepted,
        duplicate=tally.duplicate,
        replaced=tally.replaced,
        rejected=tally.rejected,
        filtered=tally.filtered,
        blanked=tally.blanked,
        noted=tally.noted,
        first_day=min(report.days, default=None),
        last_day=max(report.days, default=None),
        started_at=job.now,
        finished_at=job.now,
        catalogue_version=job.catalogue.version,
        replay_of=report.replay_of,
        report=report_json(report),
    )


def commit_load(
    workplace: Workplace,
    job: Job,
    snapshot: Snapshot,
    report: LoadReport,
    sha256: str,
    name: str,
    written: Written,
    *,
    quarantine: NewFile | None = None,
    retire_quarantine: tuple[int, ...] = (),
    streamed: Streamed | None = None,
) -> None:
    """Make a load true in one transaction of the store.

    Raises: InternalError when records are missing from the balance; ConflictError when the rows
    or the quarantine changed since the snapshot.
    """
    if report.state == "accepted" and not report.tally.balances:
        raise InternalError(f"load {report.load_id} of {job.feed_code}: the verdicts do not add up: {report.tally}")
    record = replace(record_of(job, report, sha256, name), finished_at=workplace.clock.now())
    named = arrivals(job, name, report.load_id, written.grown) if report.state == "accepted" else ()
    tables = {f"rows/{job.feed_code}"} | ({table_name(job.feed_code)} if retire_quarantine else set())
    change = Change(
        kind="load" if report.replay_of is None else "replay",
        add=(*written.add, *((quarantine,) if quarantine else ())),
        retire=(*written.retire, *retire_quarantine),
        load=record,
        arrivals=named,
        tables=frozenset(tables),
        streamed=streamed,
        counted=written.counted,
    )
    failpoint("ingest.before_commit")
    workplace.store.manifest.commit(change, expect=snapshot)
    failpoint("ingest.after_commit")


NOTHING_WRITTEN = Written((), (), {}, ())
"""Of a load that is refused: no row file."""
