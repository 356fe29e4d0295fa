"""One connection to a private DuckDB, behind the port `Session`.

Second fence beside the locked configuration: what is not one statement of a permitted kind is
never handed to the engine, because a file that may be read could also be overwritten by COPY.
"""

from __future__ import annotations

import re
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import duckdb
import pyarrow as pa

from ganzhi.base.errors import EngineError, InternalError, Issue
from ganzhi.warehouse.duckdb.faults import faults_as_ours, redacted
from ganzhi.warehouse.staging import Staging

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,200}")
_CREATABLE = re.compile(r"\s*CREATE\s+(OR\s+REPLACE\s+)?(TEMP(ORARY)?\s+)?(TABLE|VIEW|MACRO)\s", re.IGNORECASE)
_Kind = duckdb.StatementType
_QUERIES = frozenset({_Kind.SELECT, _Kind.EXPLAIN})
READING = frozenset({_Kind.CREATE, _Kind.INSERT, _Kind.DELETE, _Kind.UPDATE, _Kind.DROP, _Kind.ALTER})
"""Statements a reading session may execute; they can touch nothing but its own memory."""
LOADING = READING | {_Kind.COPY}
"""A loading session may write files as well."""
STREAMED_ROWS = 65_536
"""Rows of a batch of a streamed result."""


def name_sql(name: str) -> str:
    """A relation or column name as SQL; refuses what is not a plain identifier."""
    if _NAME.fullmatch(name) is None:
        raise InternalError(f"not a relation name: {name[:80]!r}")
    return f'"{name}"'


def text_sql(text: str) -> str:
    """A text literal."""
    if "\0" in text:
        raise InternalError("NUL in a text literal")
    return "'" + text.replace("'", "''") + "'"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one session may use. spill_mb: disk for what does not fit in memory. deadline_s: per query; None for no end."""

    memory_mb: int
    threads: int
    spill_mb: int
    deadline_s: float | None


class DuckDBSession:
    """See `ganzhi.warehouse.engine.Session`."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        root: Path,
        limits: Limits,
        permitted: frozenset[duckdb.StatementType],
        staging: Staging | None,
        on_close: Callable[[], None] = lambda: None,
    ) -> None:
        self._connection = connection
        self._root = root
        self._limits = limits
        self._permitted = permitted
        self._staging = staging
        self._on_close = on_close
        self._closed = False
        self._running = threading.Lock()
        self._query_number = 0
        self._registered: dict[str, pa.Table] = {}
        self._interrupted = False

    def query(self, sql: str, params: Sequence[object] = ()) -> pa.Table:
        """Run one SELECT and return its whole result."""
        with faults_as_ours(self._root, self._limits.memory_mb):
            statement = self._checked(sql, _QUERIES)
            with self._stoppable(), self._deadline():
                return self._rows(statement, list(params) or None)

    def _rows(self, statement: duckdb.Statement, params: list[object] | None) -> pa.Table:
        """Run a statement and take its rows as the engine holds them."""
        return self._connection.sql(statement, params=params).to_arrow_table()

    def stream(self, sql: str) -> Iterator[pa.RecordBatch]:
        """Run one SELECT and return its rows in batches; no deadline, because the reader decides how long it takes."""
        with faults_as_ours(self._root, self._limits.memory_mb):
            yield from self._connection.sql(self._checked(sql, _QUERIES)).to_arrow_reader(STREAMED_ROWS)

    def execute(self, sql: str, params: Sequence[object] = ()) -> None:
        """Run one statement of the kinds this session permits."""
        self._registered.clear()  # it may change what was registered
        with faults_as_ours(self._root, self._limits.memory_mb):
            self._connection.execute(self._checked(sql, self._permitted), list(params) or None)

    def copy(self, select_sql: str) -> Path:
        """Write one SELECT's rows to a new Parquet file of the staging folder."""
        if self._staging is None:
            raise InternalError("this session writes no files")
        path = self._staging.file(".parquet")
        try:
            with faults_as_ours(self._root, self._limits.memory_mb):
                self._checked(select_sql, frozenset({_Kind.SELECT}))
                self._connection.execute(
                    f"COPY (\n{select_sql}\n) TO {text_sql(str(path))} (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false)"
                )
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return path

    def register(self, name: str, table: pa.Table) -> None:
        """Copy a small table of ours into the session, replacing an earlier one of that name."""
        target = name_sql(name)
        if (held := self._registered.get(name)) is not None and held.equals(table):
            return
        with faults_as_ours(self._root, self._limits.memory_mb):
            self._connection.register("_arriving", table)
            self._connection.execute(f"CREATE OR REPLACE TEMP TABLE {target} AS SELECT * FROM _arriving")
            self._connection.unregister("_arriving")
        self._registered[name] = table

    def interrupt(self) -> None:
        """Stop what runs, from any thread, and let nothing more run; the query raises EngineError WHS014."""
        with self._running:
            if not self._closed:
                self._interrupted = True
                self._connection.interrupt()

    def close(self) -> None:
        """Release the connection and remove the staging folder; a second call does nothing."""
        with self._running:
            if self._closed:
                return
            self._closed = True
        self._connection.close()
        if self._staging is not None:
            self._staging.close()
        self._on_close()

    def __enter__(self) -> DuckDBSession:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _checked(self, sql: str, permitted: frozenset[duckdb.StatementType]) -> duckdb.Statement:
        """The one statement of a text, if this session may run it; it is read once and run as read."""
        if self._closed:
            raise InternalError("session used after close")
        if self._interrupted:
            raise EngineError(Issue("WHS014"))
        try:
            statements = self._connection.extract_statements(sql)
        except duckdb.Error as error:
            raise InternalError(f"SQL cannot be read: {redacted(error)}") from None
        kinds = [statement.type for statement in statements]
        if len(kinds) != 1 or kinds[0] not in permitted:
            raise InternalError(f"this session does not run {', '.join(k.name for k in kinds) or 'nothing'}")
        if kinds == [_Kind.CREATE] and _CREATABLE.match(sql) is None:
            raise InternalError("this session creates tables, views and macros only")
        return statements[0]

    @contextmanager
    def _stoppable(self) -> Iterator[None]:
        """Say that the block's query was stopped on request where it was."""
        try:
            yield
        except duckdb.InterruptException:
            if self._interrupted:
                raise EngineError(Issue("WHS014")) from None
            raise

    @contextmanager
    def _deadline(self) -> Iterator[None]:
        """Interrupt the block's query when the deadline passes, and only that query."""
        limit = self._limits.deadline_s
        if limit is None:
            yield
            return
        self._query_number += 1
        number, late = self._query_number, threading.Event()
        # Held weakly: a connection whose last holder is a thread takes the process down when Python ends meanwhile.
        late_for = weakref.WeakMethod(self._stop_late)

        def stop() -> None:
            if (act := late_for()) is not None:
                act(number, late)

        timer = threading.Timer(limit, stop)
        timer.daemon = True
        timer.start()
        try:
            yield
        except duckdb.InterruptException:
            if late.is_set():
                raise EngineError(Issue("WHS006", params={"seconds": f"{limit:g}"})) from None
            raise
        finally:
            timer.cancel()
            with self._running:
                self._query_number += 1

    def _stop_late(self, number: int, late: threading.Event) -> None:
        """Interrupt the query of that number if it still runs, and say so."""
        with self._running:
            if self._query_number == number:
                late.set()
                self._connection.interrupt()
