"""The rows of one load after staging: counts per verdict, and which rows are good.

Owns the session's relations `staged` (all records) and `good` (those no check rejected). Units are
judged here, once per unit and not per row: known to the catalogue, and valid on the local days the
rows lie on (F42).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa

from ganzhi.base.errors import InternalError
from ganzhi.ingest.reading.table import Table, text_sql
from ganzhi.ingest.shaping.checks import failed
from ganzhi.ingest.shaping.job import Job, quoted
from ganzhi.ingest.shaping.statement import Staged
from ganzhi.warehouse.engine import Session

FAR = date(9999, 12, 31)
LONG_AGO = date(1, 1, 1)
OUT_OF_REACH = "ING142"
"""Reason of rows that the sender may not bring: of units beyond theirs, or in place of a row of such a unit."""

MOST_CODES = 100
"""Unknown codes kept per column; the rest are counted together."""


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What the checks said.

    reasons: rejected rows by their first reason; breaches: all failed checks, by code. blanked,
    noted: breaches by effect. filtered: rows left out by the mapping. rejected: rows with a
    reason, structural ones included. unknown_codes: per column. unit_faults: the relation of that
    name exists.
    """

    reasons: Mapping[str, int]
    breaches: Mapping[str, int]
    unknown_codes: Mapping[str, Mapping[str, int]]
    rejected: int
    filtered: int
    blanked: int
    noted: int
    good: int
    unit_faults: bool


def masks_sql(staged: Staged) -> str:
    """SQL: no check rejects the row."""
    return " AND ".join(f"_r{n} = 0" for n in range(staged.masks))


def stage(session: Session, staged: Staged, table: Table, target: Path) -> None:
    """Run the statement into a staging file and show it as `staged`.

    Raises: InternalError when the engine refuses the text, or sees other records than we do.
    """
    path = text_sql(str(target))
    session.execute(f"COPY ({staged.select}) TO {path} (FORMAT parquet, COMPRESSION uncompressed, USE_TMP_FILE false)")
    if table.fast:
        rows = f"SELECT * EXCLUDE (file_row_number), file_row_number + {table.first_line} AS _line"
        session.execute(
            f"CREATE OR REPLACE TEMP VIEW staged AS {rows} FROM read_parquet([{path}], file_row_number = true)"
        )
    else:
        session.execute(f"CREATE OR REPLACE TEMP VIEW staged AS SELECT * FROM read_parquet([{path}])")
    inside = "coalesce(sum(_inside), 0)::BIGINT" if table.inside is not None else "0"
    found = session.query(f"SELECT count(*) AS n, {inside} AS inside FROM staged").to_pylist()[0]
    if found["n"] != table.rows or found["inside"] != (table.inside or 0):
        raise InternalError(f"the engine read {found['n']} records where {table.rows} lines stand")


def hold(session: Session, staged: Staged, table: Table) -> None:
    """The same for a few rows, in the engine's memory; the table is none that the engine reads by itself.

    Raises: InternalError when the engine sees other records than we do.
    """
    session.execute(f"CREATE OR REPLACE TEMP TABLE staged AS {staged.select}")
    found = _count(session, "SELECT count(*) AS n FROM staged")
    if found != table.rows:
        raise InternalError(f"the engine read {found} records where {table.rows} messages stand")


def judge(session: Session, job: Job, staged: Staged, table: Table) -> Verdicts:
    """Count every verdict and define `good`."""
    reasons, breaches, blanked, noted = _mask_counts(session, staged)
    filtered = _count(session, "SELECT count(*) AS n FROM staged WHERE _filtered")
    faults = _unit_faults(session, job, staged)
    condition = f"NOT _filtered AND {masks_sql(staged)}"
    source = "staged"
    if faults.num_rows:
        session.register("unit_faults", faults)
        by_unit = f"unit_faults.unit = staged.{quoted(job.feed.unit)} AND staged._day BETWEEN first AND last"
        bad = (
            f"SELECT reason, count(*) AS n FROM staged JOIN unit_faults ON {by_unit} WHERE {condition} GROUP BY reason"
        )
        for row in session.query(bad).to_pylist():
            reasons[row["reason"]] += row["n"]
            breaches[row["reason"]] += row["n"]
        source = f"staged ANTI JOIN unit_faults ON {by_unit}"
    for reason, count in _structural(session, table).items():
        reasons[reason] += count
        breaches[reason] += count
    session.execute(f"CREATE OR REPLACE TEMP VIEW good AS SELECT * FROM {source} WHERE {condition}")
    rejected = sum(reasons.values())
    return Verdicts(
        reasons=dict(reasons),
        breaches=dict(breaches),
        unknown_codes=_unknown_codes(session, staged),
        rejected=rejected,
        filtered=filtered,
        blanked=blanked,
        noted=noted,
        good=_count(session, "SELECT count(*) AS n FROM good"),
        unit_faults=bool(faults.num_rows),
    )


def _count(session: Session, sql: str) -> int:
    return int(session.query(sql).column(0)[0].as_py())


def _mask_counts(session: Session, staged: Staged) -> tuple[Counter[str], Counter[str], int, int]:
    reasons: Counter[str] = Counter()
    breaches: Counter[str] = Counter()
    effects: Counter[str] = Counter()
    rejecting = [f"_r{n}" for n in range(staged.masks)]
    remarking = [f"_n{n}" for n in range(staged.masks)]
    listed = ", ".join((*rejecting, *remarking))
    wanted = " OR ".join(f"{name} <> 0" for name in (*rejecting, *remarking))
    for row in session.query(
        f"SELECT {listed}, count(*) AS n FROM staged WHERE {wanted} GROUP BY {listed}"
    ).to_pylist():
        bad = failed([row[name] for name in rejecting])
        remarks = [] if bad else failed([row[name] for name in remarking])
        if bad:
            reasons[staged.checks[bad[0]].reason] += row["n"]
        for number in (*bad, *remarks):
            check = staged.checks[number]
            breaches[check.reason] += row["n"]
            effects[check.effect] += row["n"]
    return reasons, breaches, effects["blank"], effects["note"]


def _structural(session: Session, table: Table) -> dict[str, int]:
    if table.structural is None:
        return {}
    source = f"read_parquet([{text_sql(str(table.structural))}])"
    rows = session.query(f"SELECT reason, count(*) AS n FROM {source} GROUP BY reason").to_pylist()
    return {row["reason"]: row["n"] for row in rows}


def _unknown_codes(session: Session, staged: Staged) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for n, column in enumerate(staged.codes):
        counted = f"SELECT _code{n} AS code, count(*) AS n FROM staged WHERE _code{n} IS NOT NULL GROUP BY 1 ORDER BY n DESC, code"
        rows = session.query(counted).to_pylist()
        if rows:
            codes = {row["code"][:64]: row["n"] for row in rows[:MOST_CODES]}
            if len(rows) > MOST_CODES:
                codes["…"] = sum(row["n"] for row in rows[MOST_CODES:])
            found[column] = codes
    return found


def _unit_faults(session: Session, job: Job, staged: Staged) -> pa.Table:
    """Spans of days on which a unit may not appear: `unit, first, last, reason`."""
    unit = quoted(job.feed.unit)
    seen = session.query(
        f"SELECT {unit} AS unit, min(_day) AS first, max(_day) AS last FROM staged "
        f"WHERE NOT _filtered AND {masks_sql(staged)} GROUP BY 1"
    )
    faults: list[dict[str, object]] = []
    reach = job.sender.units
    for row in seen.to_pylist():
        if reach is not None and row["unit"] not in reach:
            # Whether the unit exists is not told: beyond one's units there are none.
            faults.append({"unit": row["unit"], "first": LONG_AGO, "last": FAR, "reason": OUT_OF_REACH})
            continue
        known = job.catalogue.units.get(row["unit"])
        if known is None:
            faults.append({"unit": row["unit"], "first": LONG_AGO, "last": FAR, "reason": "ING140"})
            continue
        if known.valid_from is not None and row["first"] < known.valid_from:
            day_before = date.fromordinal(known.valid_from.toordinal() - 1)
            faults.append({"unit": row["unit"], "first": LONG_AGO, "last": day_before, "reason": "ING141"})
        if known.valid_to is not None and row["last"] > known.valid_to:
            day_after = date.fromordinal(known.valid_to.toordinal() + 1)
            faults.append({"unit": row["unit"], "first": day_after, "last": FAR, "reason": "ING141"})
    types = [("unit", pa.string()), ("first", pa.date32()), ("last", pa.date32()), ("reason", pa.string())]
    return pa.Table.from_pylist(faults, schema=pa.schema(types))
