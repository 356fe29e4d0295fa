"""Rejected rows: each with its file, line, field, value, reason and raw record, so that it can be loaded again.

Owns the shape of the tables `quarantine/<feed>`: writes them for a load, reads them for people and
for `replay`. Values may be personal; whoever shows them decides what is masked.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ganzhi.ingest.reading.delivered import CHUNK
from ganzhi.ingest.reading.header import normal
from ganzhi.ingest.reading.jsonlines import parse_line
from ganzhi.ingest.reading.records import Dialect, Line, RecordReader
from ganzhi.ingest.reading.table import Table, text_sql
from ganzhi.ingest.shaping.checks import Check, failed
from ganzhi.ingest.shaping.job import Job, quoted
from ganzhi.ingest.shaping.statement import Staged
from ganzhi.ingest.verdicts import OUT_OF_REACH
from ganzhi.store.manifest import FileRef, NewFile, Snapshot
from ganzhi.store.streams.streams import origin_of
from ganzhi.warehouse.engine import Relation, Session
from ganzhi.warehouse.files import Files
from ganzhi.warehouse.staging import Staging
from ganzhi.warehouse.workplace import Workplace

REFUSED_LOAD = "ING138"
"""Reason of rows that are good but belong to a load that was refused as a whole."""

SCHEMA = pa.schema(
    [
        ("load_id", pa.string()),
        ("feed", pa.string()),
        ("mapping", pa.string()),
        ("file", pa.string()),
        ("line", pa.int64()),
        ("field", pa.string()),
        ("value", pa.string()),
        ("reason", pa.string()),
        ("detail", pa.string()),
        ("raw", pa.string()),
        ("header", pa.string()),
        ("catalogue_version", pa.string()),
        ("quarantined_at", pa.timestamp("us", "UTC")),
    ]
)
_ROWS_AT_ONCE = 20_000
_BYTES_AT_ONCE = 32 << 20
_LONGEST_VALUE = 2000


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row in quarantine; see contract of the table in the module's text. origin: topic, partition and offset of a
    message of a stream, empty for a row of a file."""

    load_id: str
    feed: str
    mapping: str
    file: str
    line: int
    field: str
    value: str | None
    reason: str
    detail: str | None
    raw: str | None
    header: str
    catalogue_version: str
    quarantined_at: datetime
    origin: str = ""

    @property
    def shown(self) -> str:
        """The file it came from, or the topic, partition and offset of a message."""
        return self.origin or self.file

    @property
    def params(self) -> dict[str, str]:
        """The parameters of the reason's message."""
        found = json.loads(self.detail or "{}")
        return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How many rows of a load are in quarantine for one reason."""

    load_id: str
    feed: str
    mapping: str
    file: str
    reason: str
    rows: int


def table_name(feed: str) -> str:
    """The manifest's table of a feed's quarantine."""
    return f"quarantine/{feed}"


def partition(at: datetime) -> str:
    """The day of loading, in UTC."""
    return at.astimezone(UTC).date().isoformat()


class QuarantineWriter:
    """Collects the rejected rows of one load into a staging file."""

    def __init__(self, job: Job, staging: Staging, load_id: str, file: str, header: Sequence[str]) -> None:
        self._job = job
        self._path = staging.file(".parquet")
        self._writer = pq.ParquetWriter(self._path, SCHEMA, compression="zstd")
        self._fixed = (load_id, job.feed_code, job.mapping_code, file)
        self._header = json.dumps(list(header), ensure_ascii=False)
        self._position = {name: n for n, name in enumerate(header)}
        self.rows = 0

    def add(self, rows: Sequence[tuple[int, str, str | None, str, str, str]]) -> None:
        """Add rows of (line, field, value, reason, detail, raw)."""
        if not rows:
            return
        self.rows += len(rows)
        length = len(rows)
        columns: list[Sequence[object]] = [[value] * length for value in self._fixed]
        columns += [[row[n] for row in rows] for n in range(6)]
        columns += [[self._header] * length, [self._job.catalogue.version] * length, [self._job.now] * length]
        arrays = [pa.array(values, field.type) for values, field in zip(columns, SCHEMA, strict=True)]
        self._writer.write_table(pa.table(arrays, schema=SCHEMA))

    def close(self) -> None:
        """Finish the file; a second call does nothing."""
        self._writer.close()

    def first(self, most: int) -> tuple[Rejected, ...]:
        """Finish the file and give its first rows, in the order of the delivered file."""
        self.close()
        if not self.rows:
            return ()
        found = pq.read_table(self._path).sort_by([("line", "ascending")]).slice(0, most)
        return tuple(Rejected(**row) for row in _plain(found))

    @property
    def relation(self) -> str:
        """SQL of the rows."""
        return f"read_parquet([{text_sql(str(self._path))}])"


def collect(
    session: Session,
    job: Job,
    staged: Staged,
    table: Table,
    writer: QuarantineWriter,
    staging: Staging,
    *,
    whole: bool,
    faults: bool,
    repeats: bool,
) -> None:
    """Give the writer every rejected row of a staged load.

    whole: the load is refused, so good rows go to quarantine, too. faults, repeats: whether the
    session has the relations `unit_faults` and `repeats`.
    """
    if table.structural is not None:
        for rows in _in_pieces(table.structural):
            writer.add([(r["_line"], "", None, r["reason"], r["detail"] or "{}", r["_raw"]) for r in rows])
    found = staging.file(".parquet")
    query = _rejects_sql(job, staged, table, whole=whole, faults=faults, repeats=repeats)
    session.execute(
        f"COPY ({query} ORDER BY s._line) TO {text_sql(str(found))} (FORMAT parquet, COMPRESSION uncompressed)"
    )
    raws = _Raws(table.plain) if table.plain is not None else None
    cells = _Cells(job, table.header)
    for rows in _in_pieces(found):
        texts = raws.of([row["_line"] for row in rows]) if raws is not None else [row["_raw"] for row in rows]
        writer.add([_rejected_row(row, raw, staged, cells) for row, raw in zip(rows, texts, strict=True)])


def _in_pieces(path: Path) -> Iterator[list[dict[str, Any]]]:
    """The rows of a Parquet file, so many at a time that they fit into memory however long their texts are."""
    with pq.ParquetFile(path) as file:
        if not file.metadata.num_rows:
            return
        groups = [file.metadata.row_group(n) for n in range(file.metadata.num_row_groups)]
        widest = max(group.total_byte_size // max(group.num_rows, 1) for group in groups)
        for batch in file.iter_batches(max(1, min(_ROWS_AT_ONCE, _BYTES_AT_ONCE // max(widest, 1)))):
            yield batch.to_pylist()


def _rejects_sql(job: Job, staged: Staged, table: Table, *, whole: bool, faults: bool, repeats: bool) -> str:
    masks = [f"_r{n}" for n in range(staged.masks)]
    columns = ["s._line", *([] if table.fast else ["s._raw"]), *(f"s.{mask}" for mask in masks)]
    unit = f"s.{quoted(job.feed.unit)}"
    columns += [f"{unit} AS unit", "u.reason AS unit_reason" if faults else "NULL AS unit_reason"]
    columns.append("r.verdict AS verdict" if repeats else "NULL AS verdict")
    joins = f"LEFT JOIN unit_faults u ON u.unit = {unit} AND s._day BETWEEN u.first AND u.last " if faults else ""
    joins += "LEFT JOIN repeats r ON r._line = s._line" if repeats else ""
    wanted = ["TRUE"] if whole else [f"s.{mask} <> 0" for mask in masks]
    wanted += ["u.reason IS NOT NULL"] if faults else []
    wanted += ["r.verdict IN ('conflict', 'foreign')"] if repeats else []
    return f"SELECT {', '.join(columns)} FROM staged s {joins} WHERE NOT s._filtered AND ({' OR '.join(wanted)})"


def _rejected_row(
    row: dict[str, object], raw: str, staged: Staged, cells: _Cells
) -> tuple[int, str, str | None, str, str, str]:
    line = row["_line"]
    assert isinstance(line, int)
    masks = [row[f"_r{n}"] for n in range(staged.masks)]
    bad = failed([mask for mask in masks if isinstance(mask, int)])
    if bad:
        check = staged.checks[bad[0]]
        return line, check.field, cells.value(check, raw), check.reason, check.detail, raw
    if row["unit_reason"] is not None:
        return line, cells.unit, str(row["unit"]), str(row["unit_reason"]), "{}", raw
    if row["verdict"] == "conflict":
        return line, ", ".join(cells.key), None, "ING137", "{}", raw
    if row["verdict"] == "foreign":
        return line, ", ".join(cells.key), None, OUT_OF_REACH, "{}", raw
    return line, "", None, REFUSED_LOAD, "{}", raw


class _Raws:
    """Raw lines of a text by number, asked for in ascending order."""

    def __init__(self, path: Path) -> None:
        self._pieces = self._read(path)
        self._lines: list[bytes] = []
        self._first = 1
        self._carry = b""

    @staticmethod
    def _read(path: Path) -> Iterator[bytes]:
        with path.open("rb", buffering=0) as stream:
            while chunk := stream.read(CHUNK):
                yield chunk

    def of(self, numbers: Sequence[int]) -> list[str]:
        """The lines with these numbers."""
        found = []
        for number in numbers:
            while number >= self._first + len(self._lines):
                self._advance(number)
            line = self._lines[number - self._first].removesuffix(b"\r")
            found.append(line.decode("utf-8", "backslashreplace"))
        return found

    def _advance(self, wanted: int) -> None:
        self._first += len(self._lines)
        self._lines = []
        piece = next(self._pieces, None)
        if piece is None:
            self._lines, self._carry = [self._carry], b""
            return
        data = self._carry + piece
        cut = data.rfind(b"\n") + 1
        whole, self._carry = data[:cut], data[cut:]
        count = whole.count(b"\n")
        if self._first + count <= wanted:
            self._first += count
            return
        self._lines = whole.split(b"\n")[:-1]


class _Cells:
    """Looks up the text of one field in a raw record."""

    def __init__(self, job: Job, header: Sequence[str]) -> None:
        self._kind = job.mapping.format.kind
        self._dialect = Dialect(job.mapping.format.delimiter, job.mapping.format.quote, 1 << 30)
        self._position = {normal(name): n for n, name in enumerate(header)}
        self.unit = job.feed.unit
        self.key = job.feed.key

    def value(self, check: Check, raw: str) -> str | None:
        """The text the check is about; None when it is about none in particular."""
        if check.source is None:
            return None
        name = normal(check.source)
        if self._kind == "jsonl":
            found = parse_line(Line(0, raw.encode("utf-8", "replace"), b""))[0].get(name)
            return None if found is None else found[:_LONGEST_VALUE]
        fields = fields_of(raw, self._kind, self._dialect)
        place = self._position.get(name, len(fields))
        text = fields[place] if place < len(fields) else None
        return None if text is None else text[:_LONGEST_VALUE]


def fields_of(raw: str, kind: str, dialect: Dialect) -> Sequence[str | None]:
    """The fields of a record that was read once, from its raw text."""
    if kind in ("excel", "parquet"):
        found = json.loads(raw)
        return [None if value is None else str(value) for value in found]
    content = raw.encode("utf-8", "surrogatepass")
    lines = content.split(b"\n")
    numbered = (Line(n, text, b"\n" if n < len(lines) else b"") for n, text in enumerate(lines, start=1))
    for record in RecordReader(numbered, dialect):
        return record.fields
    return ()


def write(files: Files, session: Session, writer: QuarantineWriter, at: datetime, feed: str) -> NewFile | None:
    """Store the collected rows as one file; None when there are none."""
    writer.close()
    if not writer.rows:
        return None
    return files.write(
        session, f"SELECT * FROM {writer.relation}", table_name(feed), partition(at), order_by="load_id, line"
    )


def without(
    session: Session, files: Files, snapshot: Snapshot, feed: str, loads: Sequence[str], lines: str | None = None
) -> tuple[tuple[NewFile, ...], tuple[int, ...]]:
    """Quarantine files anew without the rows of these loads: files to add, ids to retire.

    lines: SQL of a relation `load_id, line`; only the rows it names go, when it is given.
    """
    if not loads:
        return (), ()
    listed = ", ".join(text_sql(load) for load in loads)
    keep = f"load_id NOT IN ({listed})"
    if lines is not None:
        keep += f" OR NOT EXISTS (SELECT 1 FROM {lines} AS x WHERE x.load_id = q.load_id AND x.line = q.line)"
    add, retire = [], []
    for ref in snapshot.table(table_name(feed)):
        source = f"read_parquet([{text_sql(str(files.checked_path(ref)))}]) AS q"
        staying = int(session.query(f"SELECT count(*) AS n FROM {source} WHERE {keep}").column("n")[0].as_py())
        if staying == ref.rows:
            continue
        retire.append(ref.id)
        if staying:
            rest = f"SELECT * FROM {source} WHERE {keep}"
            add.append(files.write(session, rest, table_name(feed), ref.partition, order_by="load_id, line"))
    return tuple(add), tuple(retire)


def _relations(workplace: Workplace, snapshot: Snapshot, feeds: Sequence[str]) -> Relation:
    refs: list[FileRef] = [ref for feed in feeds for ref in snapshot.table(table_name(feed))]
    return Relation(refs, SCHEMA)


def _feeds(snapshot: Snapshot, feed: str | None) -> list[str]:
    if feed is not None:
        return [feed]
    prefix = table_name("")
    return [name.removeprefix(prefix) for name in snapshot.tables() if name.startswith(prefix)]


def where_sql(load: str | None, reason: str | None) -> str:
    """SQL condition on quarantined rows."""
    parts = [
        f"{name} = {text_sql(value)}" for name, value in (("load_id", load), ("reason", reason)) if value is not None
    ]
    return " AND ".join(parts) or "TRUE"


def reasons(workplace: Workplace, *, feed: str | None = None, load: str | None = None) -> tuple[ReasonCount, ...]:
    """What is in quarantine: rows by load and reason, latest load first."""
    snapshot = workplace.store.manifest.snapshot()
    with workplace.engine.session({"quarantine": _relations(workplace, snapshot, _feeds(snapshot, feed))}) as session:
        found = session.query(
            "SELECT load_id, feed, mapping, any_value(file) AS file, reason, count(*) AS rows FROM quarantine "
            f"WHERE {where_sql(load, None)} GROUP BY load_id, feed, mapping, reason ORDER BY load_id DESC, rows DESC, reason"
        )
    return tuple(ReasonCount(**row) for row in found.to_pylist())


def rows(
    workplace: Workplace,
    *,
    feed: str | None = None,
    load: str | None = None,
    reason: str | None = None,
    limit: int = 100,
    offset: int = 0,
) -> tuple[tuple[Rejected, ...], int]:
    """A page of quarantined rows in the order of their files, and how many there are."""
    snapshot = workplace.store.manifest.snapshot()
    where = where_sql(load, reason)
    with workplace.engine.session({"quarantine": _relations(workplace, snapshot, _feeds(snapshot, feed))}) as session:
        total = session.query(f"SELECT count(*) AS n FROM quarantine WHERE {where}").column("n")[0].as_py()
        page = f"ORDER BY load_id DESC, line, reason LIMIT {int(limit)} OFFSET {int(offset)}"
        found = session.query(f"SELECT {', '.join(map(quoted, SCHEMA.names))} FROM quarantine WHERE {where} {page}")
    shown = _plain(found)
    origins = workplace.store.streams.origins({row["load_id"] for row in shown})
    for row in shown:
        row["origin"] = origin_of(origins.get(row["load_id"], ()), row["line"]) or ""
    return tuple(Rejected(**row) for row in shown), int(total)


def _plain(found: pa.Table) -> list[dict[str, Any]]:
    """Rows as Python values with aware UTC times, without needing a time-zone package."""
    at = found.column("quarantined_at").cast(pa.timestamp("us", "UTC")).cast(pa.int64()).to_pylist()
    others = found.drop_columns(["quarantined_at"]).to_pylist()
    return [
        row | {"quarantined_at": datetime.fromtimestamp(us / 1_000_000, UTC)}
        for row, us in zip(others, at, strict=True)
    ]


def rejected_of(workplace: Workplace, load_id: str, *, limit: int, offset: int = 0) -> tuple[tuple[Rejected, ...], int]:
    """The rows a load left in quarantine, in the order of its file, and how many there are."""
    return rows(workplace, load=load_id, limit=limit, offset=offset)
