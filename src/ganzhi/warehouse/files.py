"""The warehouse folder: immutable Parquet files named by their content.

A file is written in a session's staging folder, put on the disk, hashed, and renamed to
`data/<table>/<partition>/<first 32 hex digits of its SHA-256>.parquet`. Being there means nothing:
it counts only once a manifest row names it, and is swept otherwise. A reader is given explicit
files; nothing here lists a folder to find out what a table consists of.

Refuses: table and partition names that could mean something to a path or to SQL.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ganzhi.base.errors import EngineError, InternalError, Issue
from ganzhi.base.failpoint import failpoint
from ganzhi.store.manifest import FileRef, NewFile
from ganzhi.warehouse.disk import disk_errors_as_issues, make_folder, sha256_of, sync
from ganzhi.warehouse.engine import Session
from ganzhi.warehouse.staging import FILE_MODE, FOLDER_MODE, Staging

_TABLE = re.compile(r"[a-z][a-z0-9_.]{0,63}(/[a-z][a-z0-9_.]{0,63}){0,3}")
ROW_GROUP = 122_880
"""Rows that are written at once."""
_PARTITION = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,63}")


class Files:
    """Writes and finds the files below one warehouse folder."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()

    def write(
        self,
        session: Session,
        select_sql: str,
        table: str,
        partition: str,
        *,
        order_by: str | None,
        plan: str | None = None,
        inputs: tuple[int, ...] = (),
        key: str | None = None,
    ) -> NewFile:
        """Store the rows of a SELECT as one file and describe it for the manifest.

        order_by: SQL column list the rows are sorted by. key: the column whose least and greatest
        value (as text) are noted for pruning. Until `Manifest.commit` the file does not count.
        Raises: EngineError WHS001 (no space; nothing is left behind), WHS002 (disk), or what the
        session raises.
        """
        self._check_names(table, partition)
        ordered = f"SELECT * FROM (\n{select_sql}\n) ORDER BY {order_by}" if order_by else select_sql
        staged = session.copy(ordered)
        try:
            failpoint("files.after_copy")
            key_min, key_max = _key_range(session, staged, key) if key else (None, None)
            return self._place(staged, table, partition, plan, inputs, key_min, key_max)
        finally:
            staged.unlink(missing_ok=True)

    def write_parts(
        self,
        session: Session,
        select_sql: str,
        table: str,
        parts: Mapping[str, tuple[int, ...]],
        *,
        part: str,
        order_by: Sequence[str],
        plan: str | None = None,
    ) -> Iterator[NewFile]:
        """Store the rows of a SELECT as one file for each partition, also for those without a row.

        parts: partitions and the inputs of each. part: the column whose text is a row's partition; a row of another
        partition is our bug. order_by: columns the rows of a partition are sorted by. One query serves all files: for
        many small partitions that costs a fraction of a query each. Rows pass through in batches. A file's inputs
        stand in its footer, so that files of equal rows and other inputs are different files. Errors as of `write`.
        """
        for partition in parts:
            self._check_names(table, partition)
        name = '"' + part.replace('"', '""') + '"'
        keys = "".join(f', "{key}"' for key in order_by)
        shape = session.query(f"SELECT * FROM (\n{select_sql}\n) LIMIT 0").schema
        rows = session.stream(f"SELECT * FROM (\n{select_sql}\n) ORDER BY {name}{keys}")
        staging = self.staging()
        try:
            filled = _Parts(staging, shape, parts, part, table).fill(rows)
            for partition, inputs in parts.items():
                failpoint("files.after_copy")
                yield self._place(filled[partition], table, partition, plan, inputs, None, None)
        finally:
            staging.close()

    def _place(
        self,
        staged: Path,
        table: str,
        partition: str,
        plan: str | None,
        inputs: tuple[int, ...],
        key_min: str | None,
        key_max: str | None,
    ) -> NewFile:
        with disk_errors_as_issues(f"{table}/{partition}"):
            staged.chmod(FILE_MODE)
            sync(staged)
            sha = sha256_of(staged)
            rows, size = pq.read_metadata(staged).num_rows, staged.stat().st_size
            relative = f"data/{table}/{partition}/{sha[:32]}.parquet"
            target = self.root / relative
            make_folder(target.parent, upto=self.root, mode=FOLDER_MODE)
            failpoint("files.before_rename")
            with self.placing():
                # A file of this name has this content; putting ours over it makes it young
                # again, so that a sweep that was about to remove it leaves it alone.
                os.utime(staged)
                staged.replace(target)
            failpoint("files.after_rename")
            sync(target.parent)
        return NewFile(
            table=table,
            partition=partition,
            path=relative,
            sha256=sha,
            rows=rows,
            bytes=size,
            key_min=key_min,
            key_max=key_max,
            plan=plan,
            inputs=tuple(sorted(inputs)),
        )

    @contextmanager
    def placing(self) -> Iterator[None]:
        """Held for the instant in which a file takes its name or a sweep removes one."""
        handle = os.open(self.root / ".placing", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def staging(self) -> Staging:
        """A private folder on the same file system, for work that is not SQL."""
        with disk_errors_as_issues("tmp"):
            return Staging(self.root)

    def path(self, ref: FileRef | NewFile) -> Path:
        """Where a file of the manifest is.

        Raises: InternalError when the manifest names a place outside the warehouse folder.
        """
        path = self.root / ref.path
        if ".." in path.parts or not path.is_relative_to(self.root):
            raise InternalError(f"manifest names {ref.path}")
        return path

    def checked_path(self, ref: FileRef | NewFile) -> Path:
        """`path`, after a look that the file is there with its size; EngineError WHS003 or WHS004."""
        path = self.path(ref)
        try:
            size = path.stat().st_size
        except FileNotFoundError:
            raise EngineError(Issue("WHS003", ref.path)) from None
        if size != ref.bytes:
            raise EngineError(Issue("WHS004", ref.path))
        return path

    def schema(self, ref: FileRef | NewFile) -> pa.Schema:
        """The columns a file has, read from its footer."""
        path = self.checked_path(ref)
        try:
            return pq.read_schema(path)
        except (pa.ArrowException, OSError) as error:
            raise EngineError(Issue("WHS004", ref.path)) from error

    @staticmethod
    def _check_names(table: str, partition: str) -> None:
        if _TABLE.fullmatch(table) is None or _PARTITION.fullmatch(partition) is None:
            raise InternalError(f"not a table and partition: {table!r}, {partition!r}")


class _Parts:
    """Writes rows that come sorted by partition to one file for each, also for those without a row."""

    def __init__(
        self, staging: Staging, shape: pa.Schema, parts: Mapping[str, tuple[int, ...]], part: str, table: str
    ) -> None:
        self._staging, self._shape, self._parts, self._part, self._table = staging, shape, parts, part, table
        self._files: dict[str, Path] = {}
        self._writer: pq.ParquetWriter | None = None
        self._open, self._rows = "", 0
        self._pending: list[pa.RecordBatch] = []

    def fill(self, rows: Iterator[pa.RecordBatch]) -> dict[str, Path]:
        """The finished files by partition."""
        try:
            for batch in rows:
                for partition, piece in self._pieces(batch):
                    if partition != self._open:
                        self._begin(partition)
                    self._add(piece)
            for partition in self._parts:
                if partition not in self._files:
                    self._begin(partition)
        finally:
            self._end()
        return self._files

    def _pieces(self, batch: pa.RecordBatch) -> Iterator[tuple[str, pa.RecordBatch]]:
        start = 0
        for counted in pc.value_counts(batch.column(self._part).cast(pa.string())).to_pylist():
            yield counted["values"], batch.slice(start, counted["counts"])
            start += counted["counts"]

    def _begin(self, partition: str) -> None:
        self._end()
        if partition not in self._parts or partition in self._files:
            raise InternalError(f"rows of {self._table} in a partition nobody asked for: {partition}")
        inputs = ",".join(map(str, self._parts[partition]))
        path = self._files[partition] = self._staging.file(".parquet")
        self._open = partition
        with disk_errors_as_issues(f"{self._table}/{partition}"):
            self._writer = pq.ParquetWriter(path, self._shape.with_metadata({"inputs": inputs}), compression="zstd")

    def _add(self, piece: pa.RecordBatch) -> None:
        self._pending.append(piece)
        self._rows += piece.num_rows
        if self._rows >= ROW_GROUP:
            self._flush()

    def _flush(self) -> None:
        if self._pending and self._writer is not None:
            with disk_errors_as_issues(f"{self._table}/{self._open}"):
                self._writer.write_table(pa.Table.from_batches(self._pending).replace_schema_metadata(None))
        self._pending, self._rows = [], 0

    def _end(self) -> None:
        self._flush()
        if self._writer is not None:
            with disk_errors_as_issues(f"{self._table}/{self._open}"):
                self._writer.close()
        self._writer = None


def _key_range(session: Session, staged: Path, key: str) -> tuple[str | None, str | None]:
    column = '"' + key.replace('"', '""') + '"'
    source = "'" + str(staged).replace("'", "''") + "'"
    found = session.query(
        f"SELECT min({column})::VARCHAR AS a, max({column})::VARCHAR AS b FROM read_parquet([{source}])"
    )
    return found.column("a")[0].as_py(), found.column("b")[0].as_py()
