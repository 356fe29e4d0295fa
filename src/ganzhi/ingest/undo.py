"""Taking loads back: their rows count no more, nor what they left in quarantine, nor in the ledger (S000-102).

Only loads of times past are taken back; what arrives day by day is corrected by a corrected file. The files may be loaded
again afterwards. Rows that a load replaced do not come back: a load that replaced any is refused unless that is accepted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ganzhi.base.errors import InputError, Issue
from ganzhi.ingest import quarantine
from ganzhi.ingest.commit import write_rows
from ganzhi.ingest.reading.table import text_sql
from ganzhi.ingest.settle import Settlement, stored_sql
from ganzhi.ingest.shaping.job import Job
from ganzhi.store.columns import instant_text
from ganzhi.store.ledger import LoadRecord
from ganzhi.store.manifest import Change, ConflictError, FileRef
from ganzhi.warehouse.disk import disk_errors_as_issues
from ganzhi.warehouse.engine import Session
from ganzhi.warehouse.locks import writer_lock
from ganzhi.warehouse.workplace import Workplace

WAIT_S = 60.0
ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Undone:
    """What was taken back. loads: with what was replayed of them. rows: that count no more. days: that they were of."""

    feed: str
    loads: tuple[str, ...]
    rows: int
    days: tuple[date, ...]


def undo(
    workplace: Workplace, loads: Sequence[str], *, by: str, replaced: bool = False, wait_s: float = WAIT_S
) -> list[Undone]:
    """Take loads back, all of a feed in one commit. replaced: also where rows that they replaced do not come back.

    Raises: InputError HIS020 for a load there is not or that is not of times past, HIS021 for one that does not count,
    HIS022 for one that replaced rows.
    """
    chosen = _chosen(workplace, loads, replaced=replaced)
    done = []
    for feed in dict.fromkeys(each.feed for each in chosen):
        of_feed = [each for each in chosen if each.feed == feed]
        with writer_lock(workplace.root, f"feed-{feed}", wait_s, workplace.clock, f"undo {feed}"):
            done.append(_tried(workplace, feed, of_feed, by))
    return done


def _chosen(workplace: Workplace, loads: Sequence[str], *, replaced: bool) -> list[LoadRecord]:
    """The loads with their replays; InputError with everything that speaks against it."""
    ledger, mappings = workplace.store.ledger, workplace.catalogue.mappings
    past = ledger.of_mappings([code for code, each in mappings.items() if each.past])
    issues, chosen = list[Issue](), dict[str, LoadRecord]()
    for name in dict.fromkeys(loads):
        found = next((each for each in past if each.id == name), None)
        if found is None:
            issues.append(Issue("HIS020", name[:64]))
        elif found.state != "accepted":
            issues.append(Issue("HIS021", name[:64]))
        else:
            more = [each for each in past if each.replay_of == name and each.state == "accepted"]
            chosen |= {each.id: each for each in (found, *more)}
    for each in chosen.values():
        gone = max(each.replaced, int(str(each.report.get("retired", 0))))
        if gone and not replaced:
            issues.append(Issue("HIS022", each.id, params={"rows": str(gone), "file": each.file}))
    if issues:
        raise InputError(issues)
    return list(chosen.values())


def _tried(workplace: Workplace, feed: str, chosen: Sequence[LoadRecord], by: str) -> Undone:
    for attempt in range(ATTEMPTS):
        try:
            with disk_errors_as_issues(feed), workplace.engine.loading_session() as session:
                return _attempt(workplace, session, feed, chosen, by)
        except ConflictError:
            if attempt == ATTEMPTS - 1:
                raise
    raise AssertionError("the last attempt returns or raises")


def _attempt(workplace: Workplace, session: Session, feed: str, chosen: Sequence[LoadRecord], by: str) -> Undone:
    job = Job.of(workplace, feed, chosen[0].mapping)
    snapshot = workplace.store.manifest.snapshot()
    names = tuple(each.id for each in chosen)
    stored = snapshot.table(f"rows/{feed}")
    retired = _going(workplace, session, job, stored, names)
    session.execute(f"CREATE OR REPLACE TEMP VIEW good AS SELECT * FROM {_nothing(workplace, job, stored)}")
    session.execute("CREATE OR REPLACE TEMP VIEW fresh AS SELECT * FROM good")
    written = write_rows(workplace, session, job, snapshot, Settlement(0, 0, 0, 0, retired), "")
    released, without = quarantine.without(session, workplace.files, snapshot, feed, names)
    change = Change(
        kind="undo",
        add=(*written.add, *released),
        retire=(*written.retire, *without),
        tables=frozenset({f"rows/{feed}", *({quarantine.table_name(feed)} if without else ())}),
        actor=by,
        counted=written.counted,
        undone=names,
        note={"undone": {"by": by, "at": instant_text(workplace.clock.now())}},
    )
    workplace.store.manifest.commit(change, expect=snapshot)
    by_id: Mapping[int, FileRef] = {ref.id: ref for ref in stored}
    days = sorted({date.fromisoformat(by_id[each].partition) for each in retired})
    return Undone(feed, names, sum(retired.values()), tuple(days))


def _going(
    workplace: Workplace, session: Session, job: Job, stored: Sequence[FileRef], names: Sequence[str]
) -> dict[int, int]:
    """The rows of these loads, into `going`; how many of each file. Files of all days are looked into: a compaction keeps
    which load a row is of."""
    session.execute("CREATE OR REPLACE TEMP TABLE going (path VARCHAR, row BIGINT)")
    if not stored:
        return {}
    listed = ", ".join(map(text_sql, names))
    session.execute(
        f"INSERT INTO going SELECT path, row FROM {stored_sql(job, workplace.files, stored)} AS s WHERE _load IN ({listed})"
    )
    by_path = {str(workplace.files.path(ref)): ref.id for ref in stored}
    found = session.query("SELECT path, count(*) AS n FROM going GROUP BY path").to_pylist()
    return {by_path[row["path"]]: row["n"] for row in found}


def _nothing(workplace: Workplace, job: Job, stored: Sequence[FileRef]) -> str:
    """SQL: no row, in the shape of rows that are settled."""
    source = f"{stored_sql(job, workplace.files, stored[:1])} AS s" if stored else "(SELECT NULL AS _line) AS s"
    return f"(SELECT *, CAST(NULL AS DATE) AS _day FROM {source} WHERE FALSE)"
