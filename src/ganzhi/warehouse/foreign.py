"""What sessions on other people's engines have in common: our SQL is translated, results come back typed.

Owns the names that stand for relations on the engine, the statements such a session runs (one SELECT,
`create temp table … as`, `drop table`), and that a result has the types the translation foretold. A
number that fits no column of ours raises; it is never cut.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType

import pyarrow as pa
import pyarrow.parquet as pq

from ganzhi.base.errors import EngineError, InternalError, Issue
from ganzhi.base.ids import new_id
from ganzhi.compile.translate.select import Source, translate
from ganzhi.compile.translate.sql_types import SqlType, columns_of, to_arrow
from ganzhi.compile.translate.target import Target
from ganzhi.warehouse.disk import disk_errors_as_issues
from ganzhi.warehouse.staging import Staging

_KEEP = re.compile(
    r"\s*create\s+(?:or\s+replace\s+)?temp(?:orary)?\s+(table|view)\s+\"?(\w{1,200})\"?\s+as\b", re.IGNORECASE
)
_DROP = re.compile(r"\s*drop\s+table\s+\"?(\w{1,200})\"?\s*", re.IGNORECASE)
STREAMED_ROWS = 65_536


class ForeignSession(ABC):
    """See `ganzhi.warehouse.engine.Session`; subclasses talk to the engine."""

    def __init__(self, target: Target, staging: Staging) -> None:
        self._target, self._staging = target, staging
        self._sources: dict[str, Source] = {}
        self._kept: dict[str, str] = {}
        self._id, self._number = new_id().replace("-", "")[-12:], 0
        self._closed = self._interrupted = False

    def query(self, sql: str, params: Sequence[object] = ()) -> pa.Table:
        """Run one SELECT and return its whole result."""
        self._check_open(params)
        said = translate(sql, self._target, self._sources)
        return self._typed(self._fetch(said.sql), said.columns)

    def stream(self, sql: str) -> Iterator[pa.RecordBatch]:
        """Run one SELECT and return its rows in batches. They are held: only states are asked for this way."""
        yield from self.query(sql).to_batches(max_chunksize=STREAMED_ROWS)

    def execute(self, sql: str, params: Sequence[object] = ()) -> None:
        """Run `create temp table … as SELECT` or `drop table`."""
        self._check_open(params)
        if made := _KEEP.match(sql):
            said = translate(sql[made.end() :], self._target, self._sources, outer=False)
            name = made.group(2)
            if made.group(1).lower() == "view":
                self._sources[name] = Source(f"(\n{said.sql.removesuffix(self._target.hint())}\n)", said.columns)
                return
            engine_name = self._new_name(name)
            self._keep(engine_name, said.sql)
            self._place(name, engine_name, said.columns)
        elif dropped := _DROP.fullmatch(sql):
            self._forget(dropped.group(1))
        else:
            raise InternalError(f"this session does not run {sql.split(None, 3)[:3]}")

    def copy(self, select_sql: str) -> Path:
        """Write one SELECT's rows, in their order, to a new Parquet file of the staging folder."""
        table, path = self.query(select_sql), self._staging.file(".parquet")
        try:
            with disk_errors_as_issues(path.name):
                pq.write_table(table, path, compression="zstd")
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return path

    def register(self, name: str, table: pa.Table) -> None:
        """Give the engine a small table of ours, replacing an earlier one of that name."""
        self._check_open(())
        engine_name = self._new_name(name)
        self._fill(engine_name, table)
        self._place(name, engine_name, columns_of(table.schema))

    def show(self, name: str, source: Source) -> None:
        """Let queries read something of the engine's own under a name: a table, or a query in brackets."""
        self._sources[name] = source

    def show_own(self, name: str, table: str) -> Mapping[str, SqlType]:
        """Let queries read a table or view of the operator's under a name, and return those of its columns whose types
        can be read exactly.

        Raises: EngineError WHS041 when there is no such table or no right to read it.
        """
        self._check_open(())
        source = self._own(table)
        self.show(name, source)
        return source.columns

    def interrupt(self) -> None:
        """Let nothing more run; what runs already goes on until the engine's own deadline."""
        self._interrupted = True

    def close(self) -> None:
        """Forget everything this session has made; a second call does nothing."""
        if self._closed:
            return
        try:
            for name in list(self._kept):
                self._forget(name)
        except EngineError:
            pass  # the engine is gone, and what was temporary there with it
        finally:
            self._closed = True
            self._staging.close()

    def __enter__(self) -> ForeignSession:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # What an engine does its own way

    @abstractmethod
    def _fetch(self, sql: str) -> pa.Table:
        """The rows of a translated SELECT."""

    @abstractmethod
    def _keep(self, name: str, select: str) -> None:
        """Hold the rows of a translated SELECT under a name that nothing has yet."""

    @abstractmethod
    def _fill(self, name: str, table: pa.Table) -> None:
        """Hold the rows of a table of ours under a name that nothing has yet."""

    @abstractmethod
    def _own(self, table: str) -> Source:
        """A table of the operator's, with the columns that can be read in types of ours."""

    @abstractmethod
    def _drop(self, name: str) -> None:
        """Let go of what `_keep` or `_fill` holds."""

    def _new_name(self, name: str) -> str:
        self._number += 1
        return f"gz_{self._id}_{self._number}_{name}"

    def _place(self, name: str, engine_name: str, columns: Mapping[str, SqlType]) -> None:
        """Show what the engine holds, in place of an earlier one of that name."""
        if name in self._kept:
            self._forget(name)
        self._kept[name] = engine_name
        self._sources[name] = Source(self._target.quoted(engine_name), columns)

    def _forget(self, name: str) -> None:
        if name not in self._kept:
            raise InternalError(f"no table {name!r} in this session")
        self._sources.pop(name, None)
        self._drop(self._kept.pop(name))

    def _typed(self, table: pa.Table, columns: Mapping[str, SqlType]) -> pa.Table:
        schema = pa.schema([(name, to_arrow(kind)) for name, kind in columns.items()])
        if table.column_names != schema.names:
            raise InternalError(f"{self._target.name} gave columns {table.column_names}")
        try:
            # Through the widest decimal first: narrowing is checked there, and only there.
            return pa.table(
                [_narrowed(column, field.type) for column, field in zip(table.columns, schema, strict=True)], schema
            )
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            raise EngineError(Issue("WHS043", self._target.name, params={"detail": "result"})) from None

    def _check_open(self, params: Sequence[object]) -> None:
        if self._closed:
            raise InternalError("session used after close")
        if self._interrupted:
            raise EngineError(Issue("WHS014"))
        if params:
            raise InternalError("a foreign session takes no parameters")


def _narrowed(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    """A column in the type that was foretold; raises ArrowInvalid for what does not fit."""
    if column.type == kind:
        return column
    return column.cast(kind)
