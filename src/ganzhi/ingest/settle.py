"""Which good rows are new, which are there already, and which replace an older version.

Owns the session's relations `repeats` (rows settled within the file: `_line, verdict`), `met`
(rows whose key is stored: `_line, path, row, verdict`) and `fresh` (rows to be written). Keys are
compared exactly; hashes only narrow the search. Rows are equal when every column of the feed is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import pyarrow as pa

from ganzhi.ingest.reading.table import text_sql
from ganzhi.ingest.shaping.convert import sql_type
from ganzhi.ingest.shaping.job import Job, quoted
from ganzhi.ingest.verdicts import OUT_OF_REACH
from ganzhi.store.ledger import LoadRecord
from ganzhi.store.manifest import FileRef, Snapshot
from ganzhi.warehouse.engine import Session
from ganzhi.warehouse.files import Files


@dataclass(frozen=True, slots=True)
class Settlement:
    """Verdicts on the good rows, and the stored rows that give way.

    conflicts: rows of the file that contradict each other under one key. foreign: rows that would replace
    one of a unit beyond the sender's. retired: file id to the number of its rows that no longer count.
    """

    accepted: int
    duplicate: int
    replaced: int
    conflicts: int
    retired: dict[int, int]
    foreign: int = 0

    @property
    def refused(self) -> int:
        """Good rows that do not come in all the same."""
        return self.conflicts + self.foreign

    @property
    def reasons(self) -> dict[str, int]:
        """Why, by issue code."""
        return {code: n for code, n in (("ING137", self.conflicts), (OUT_OF_REACH, self.foreign)) if n}


def settle(
    session: Session,
    job: Job,
    snapshot: Snapshot,
    files: Files,
    superseded: Sequence[LoadRecord],
    narrow: Callable[[Sequence[FileRef]], Sequence[FileRef]] | None = None,
) -> Settlement:
    """Settle `good` against itself and against the stored rows of the snapshot.

    superseded: earlier loads whose rows go unless their keys come again. narrow: of files whose key range a row lies
    in, those that may hold its key.
    """
    good = _number(session, "SELECT count(*) FROM good")
    within = _settle_within(session, job)
    stored = snapshot.table(f"rows/{job.feed_code}")
    by_path = {str(files.path(ref)): ref for ref in stored}
    candidates: Sequence[FileRef] = _candidates(session, job, stored)
    if narrow is not None:
        candidates = narrow(candidates)
    _settle_against(session, job, files, candidates)
    foreign = _settle_foreign(session)
    _retire_superseded(session, job, files, stored, superseded)
    counts = {
        row["verdict"]: row["n"]
        for row in session.query("SELECT verdict, count(DISTINCT _line) AS n FROM met GROUP BY 1").to_pylist()
    }
    kept_out = "(SELECT _line FROM repeats UNION ALL SELECT _line FROM met WHERE verdict = 'duplicate')"
    nothing_out = not within and not foreign and not counts.get("duplicate")
    session.execute(
        f"CREATE OR REPLACE TEMP VIEW fresh AS SELECT * FROM good {'' if nothing_out else f'ANTI JOIN {kept_out} AS out USING (_line)'}"
    )
    retired = session.query("SELECT path, count(*) AS n FROM going GROUP BY path").to_pylist()
    duplicate = within.get("duplicate", 0) + counts.get("duplicate", 0)
    replaced, conflicts = counts.get("replaced", 0), within.get("conflict", 0)
    return Settlement(
        accepted=good - duplicate - replaced - conflicts - foreign,
        duplicate=duplicate,
        replaced=replaced,
        conflicts=conflicts,
        retired={by_path[row["path"]].id: row["n"] for row in retired},
        foreign=foreign,
    )


def _number(session: Session, sql: str) -> int:
    return int(session.query(sql).column(0)[0].as_py())


def _content(job: Job) -> str:
    """SQL: all columns of a row as one text that differs when any of them does."""
    return "to_json([" + ", ".join(f"CAST({quoted(name)} AS VARCHAR)" for name in job.feed.columns) + "])::VARCHAR"


def _settle_within(session: Session, job: Job) -> dict[str, int]:
    """Rows of the file with the key of another one (F44), into `repeats`; how many per verdict."""
    session.execute("CREATE OR REPLACE TEMP TABLE shared AS SELECT _key FROM good GROUP BY _key HAVING count(*) > 1")
    keys = ", ".join(map(quoted, job.feed.key))
    version = quoted(job.feed.version) if job.feed.version else "NULL::BIGINT"
    # Per key: rows of the latest version decide; if they agree, the first of them stands.
    session.execute(
        f"""CREATE OR REPLACE TEMP TABLE repeats AS
        SELECT _line, CASE WHEN contents > 1 THEN 'conflict' ELSE 'duplicate' END AS verdict FROM (
          SELECT _line,
            count(*) OVER same_key AS n,
            min(CASE WHEN latest THEN _line END) OVER same_key AS first,
            count(DISTINCT CASE WHEN latest THEN content END) OVER same_key AS contents
          FROM (
            SELECT *, version IS NOT DISTINCT FROM max(version) OVER same_key AS latest FROM (
              SELECT _line, {keys}, {version} AS version, {_content(job)} AS content FROM good SEMI JOIN shared USING (_key)
            ) WINDOW same_key AS (PARTITION BY {keys})
          ) WINDOW same_key AS (PARTITION BY {keys})
        ) WHERE n > 1 AND (contents > 1 OR _line <> first)"""
    )
    rows = session.query("SELECT verdict, count(*) AS n FROM repeats GROUP BY 1").to_pylist()
    return {row["verdict"]: row["n"] for row in rows}


def key_text_sql(job: Job, name: str) -> str:
    """SQL: a key column as text whose order follows the column's where that is cheap."""
    if job.feed.columns[name].type == "int":
        return f"lpad(CAST({quoted(name)} AS VARCHAR), 20, '0')"
    return f"CAST({quoted(name)} AS VARCHAR)"


def key_range(session: Session, job: Job, relation: str) -> tuple[str, str]:
    """Least and greatest text of each key column, as two JSON lists for the manifest."""
    bounds = ", ".join(
        f"min({key_text_sql(job, name)}) AS a{n}, max({key_text_sql(job, name)}) AS b{n}"
        for n, name in enumerate(job.feed.key)
    )
    row = session.query(f"SELECT {bounds} FROM {relation}").to_pylist()[0]
    places = range(len(job.feed.key))
    return json.dumps([row[f"a{n}"] for n in places]), json.dumps([row[f"b{n}"] for n in places])


def _candidates(session: Session, job: Job, stored: Sequence[FileRef]) -> list[FileRef]:
    """Stored files that may hold one of the keys, by their noted bounds."""
    if not stored:
        return []
    low, high = (json.loads(text) for text in key_range(session, job, "good"))
    if low[0] is None:
        return []
    return [ref for ref in stored if _overlaps(ref, low, high)]


def _overlaps(ref: FileRef, low: Sequence[str], high: Sequence[str]) -> bool:
    least, greatest = _bound(ref.key_min or ""), _bound(ref.key_max or "")
    if (
        not isinstance(least, list)
        or not isinstance(greatest, list)
        or len(least) != len(low)
        or len(greatest) != len(low)
    ):
        return True
    return all(a <= top and bottom <= b for a, b, bottom, top in zip(least, greatest, low, high, strict=True))


@lru_cache(maxsize=200_000)
def _bound(text: str) -> object:
    """A noted bound, read once however often its file is looked at; None when it cannot be read."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def stored_sql(job: Job, files: Files, refs: Sequence[FileRef]) -> str:
    """SQL: rows of stored files with the feed's columns and types of today, `_load, _line, path, row`."""
    paths = ", ".join(text_sql(str(files.checked_path(ref))) for ref in refs)
    there = {name for ref in refs for name in files.schema(ref).names}
    columns = [
        f"CAST({quoted(name) if name in there else 'NULL'} AS {sql_type(column.type, column.scale)}) AS {quoted(name)}"
        for name, column in job.feed.columns.items()
    ]
    source = f"read_parquet([{paths}], union_by_name = true, filename = true, file_row_number = true)"
    return f"(SELECT {', '.join(columns)}, _load, _line, filename AS path, file_row_number AS row FROM {source})"


def _settle_against(session: Session, job: Job, files: Files, candidates: Sequence[FileRef]) -> None:
    """Stored rows under keys that come again: `met` with their verdicts, and `going`, the stored rows that give way."""
    session.execute("CREATE OR REPLACE TEMP TABLE met (_line BIGINT, path VARCHAR, row BIGINT, verdict VARCHAR)")
    if candidates:
        keys = " AND ".join(f"s.{quoted(k)} = g.{quoted(k)}" for k in job.feed.key)
        same = " AND ".join(f"s.{quoted(c)} IS NOT DISTINCT FROM g.{quoted(c)}" for c in job.feed.columns)
        older = (
            f"coalesce(g.{quoted(job.feed.version)} < s.{quoted(job.feed.version)}, FALSE)"
            if job.feed.version
            else "FALSE"
        )
        foreign = "FALSE"
        if job.sender.units is not None:
            session.register("reach", pa.table({"unit": pa.array(sorted(job.sender.units), pa.string())}))
            foreign = f"s.{quoted(job.feed.unit)} NOT IN (SELECT unit FROM reach)"
        session.execute(
            f"INSERT INTO met SELECT g._line, s.path, s.row, CASE WHEN ({same}) OR {older} THEN 'duplicate' "
            f"WHEN {foreign} THEN 'foreign' ELSE 'replaced' END "
            f"FROM {stored_sql(job, files, candidates)} AS s JOIN (SELECT * FROM good ANTI JOIN repeats USING (_line)) AS g ON {keys}"
        )
    session.execute("CREATE OR REPLACE TEMP TABLE going AS SELECT path, row FROM met WHERE verdict = 'replaced'")


def _settle_foreign(session: Session) -> int:
    """Move rows that would replace one beyond the sender's reach from `met` to `repeats`; how many there are."""
    foreign = _number(session, "SELECT count(*) FROM met WHERE verdict = 'foreign'")
    if foreign:
        session.execute("INSERT INTO repeats SELECT DISTINCT _line, 'foreign' FROM met WHERE verdict = 'foreign'")
        session.execute("DELETE FROM met WHERE verdict = 'foreign'")
    return foreign


def _retire_superseded(
    session: Session, job: Job, files: Files, stored: Sequence[FileRef], superseded: Sequence[LoadRecord]
) -> None:
    """Add to `going` what earlier versions of the file brought and this one does not."""
    days = [(load.first_day, load.last_day) for load in superseded if load.first_day and load.last_day]
    refs = [ref for ref in stored if any(str(a) <= ref.partition <= str(b) for a, b in days)]
    if not refs:
        return
    loads = ", ".join(text_sql(load.id) for load in superseded)
    session.execute(
        f"INSERT INTO going SELECT path, row FROM {stored_sql(job, files, refs)} AS s "
        f"WHERE _load IN ({loads}) AND NOT EXISTS (SELECT 1 FROM met WHERE met.path = s.path AND met.row = s.row)"
    )
