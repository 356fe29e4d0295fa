"""Private in-memory DuckDB instances: one per session, locked before any query of ours runs.

A reading session sees its relations as views over explicit files and can read those files and its
own staging folder, nothing else: no other file, no attached database, no extension, no setting.
A loading session may read any file the process may read; it never sees text of the catalogue that
was not parsed and written anew. Nothing is ever installed or loaded from outside.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

from ganzhi.base.errors import InternalError
from ganzhi.store.manifest import FileRef
from ganzhi.warehouse.duckdb.faults import faults_as_ours
from ganzhi.warehouse.duckdb.opinion import Opinion, give_opinion
from ganzhi.warehouse.duckdb.session import LOADING, READING, DuckDBSession, Limits, name_sql, text_sql
from ganzhi.warehouse.engine import Relation
from ganzhi.warehouse.files import Files

_FIXED = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "allow_persistent_secrets": "false",
    "python_enable_replacements": "false",
}


class DuckDBEngine:
    """The port `Engine` on DuckDB.

    root: the warehouse folder. zone: in which dates and hours are local. memory_mb: per session.
    threads: 0 for all cores. deadline_s: for each query of a reading session. spill_mb: disk a
    session may use for what does not fit in memory.
    """

    def __init__(
        self,
        root: Path,
        zone: ZoneInfo,
        *,
        memory_mb: int = 1024,
        threads: int = 0,
        deadline_s: float | None = 60.0,
        spill_mb: int = 20_480,
    ) -> None:
        self._files = Files(root)
        self._zone = zone
        cores = threads or os.cpu_count() or 1
        self._reading = Limits(memory_mb, cores, spill_mb, deadline_s)
        self._loading = Limits(memory_mb, cores, spill_mb, None)

    def session(self, relations: Mapping[str, Relation]) -> DuckDBSession:
        """See `Engine.session`; raises EngineError WHS003 or WHS004 for a lost or cut file."""
        paths = {name: [str(self._files.checked_path(f)) for f in with_rows(r)] for name, r in relations.items()}
        staging = self._files.staging()
        connection: duckdb.DuckDBPyConnection | None = None
        try:
            with faults_as_ours(self._files.root, self._reading.memory_mb):
                connection = open_private(self._reading, self._zone, staging.path)
                allow(connection, [p for listed in paths.values() for p in listed], [staging.path])
                for name, relation in relations.items():
                    create_view(connection, name, relation, paths[name])
                lock(connection, external_access=False)
        except BaseException:
            if connection is not None:
                connection.close()
            staging.close()
            raise
        return DuckDBSession(connection, self._files.root, self._reading, READING, staging)

    def loading_session(self) -> DuckDBSession:
        """See `Engine.loading_session`."""
        staging = self._files.staging()
        try:
            with faults_as_ours(self._files.root, self._loading.memory_mb):
                connection = open_private(self._loading, self._zone, staging.path)
                lock(connection, external_access=True)
        except BaseException:
            staging.close()
            raise
        return DuckDBSession(connection, self._files.root, self._loading, LOADING, staging)

    def agree(self, expression_sql: str, columns: Mapping[str, str]) -> Opinion:
        """What DuckDB itself makes of a scalar expression over a feed's columns; see `give_opinion`."""
        return give_opinion(expression_sql, columns)


def open_private(limits: Limits, zone: ZoneInfo, spill: Path | None) -> duckdb.DuckDBPyConnection:
    """A new in-memory instance within limits, local time in `zone`, still unlocked."""
    config: dict[str, str | bool | int | float | list[str]] = {
        **_FIXED,
        "memory_limit": f"{limits.memory_mb}MiB",
        "threads": str(limits.threads),
        "temp_directory": str(spill / "spill") if spill else "",
    }
    connection = duckdb.connect(":memory:", config=config)
    if spill:
        # Given in `config`, DuckDB 2.0 shows this limit but does not hold it.
        connection.execute(f"SET max_temp_directory_size = '{limits.spill_mb}MiB'")
    connection.execute("SET enable_progress_bar = false")
    connection.execute(f"SET GLOBAL TimeZone = {text_sql(zone.key)}")  # global: cursors have it too
    return connection


def allow(connection: duckdb.DuckDBPyConnection, paths: Sequence[str], folders: Sequence[Path]) -> None:
    """Name what stays readable once external access is off."""
    connection.execute(f"SET allowed_paths = [{', '.join(map(text_sql, paths))}]")
    connection.execute(f"SET allowed_directories = [{', '.join(text_sql(str(f)) for f in folders)}]")


def lock(connection: duckdb.DuckDBPyConnection, *, external_access: bool) -> None:
    """No setting can be changed after this."""
    if not external_access:
        connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def with_rows(relation: Relation) -> Sequence[FileRef]:
    """The files of a relation that have rows; one of those without where there are no others, for its columns. Opening
    hundreds of files of days on which nothing happened takes longer than the question."""
    return [file for file in relation.files if file.rows] or relation.files[:1]


def create_view(connection: duckdb.DuckDBPyConnection, name: str, relation: Relation, paths: Sequence[str]) -> None:
    """A view `name` over exactly these files, with the relation's columns and types."""
    view = name_sql(name)
    wanted = {field.name: sql_type(field.type) for field in relation.schema}
    if not paths:
        if not wanted:
            raise InternalError(f"relation {name} has neither files nor columns")
        columns = [f"CAST(NULL AS {kind}) AS {_quoted(column)}" for column, kind in wanted.items()]
        connection.execute(f"CREATE VIEW {view} AS SELECT {', '.join(columns)} WHERE false")
        return
    source = f"read_parquet([{', '.join(map(text_sql, paths))}], union_by_name = {len(paths) > 1})"
    found = _types(connection, source)
    columns = [_column(column, kind, found.get(column)) for column, kind in wanted.items()]
    columns += [_quoted(column) for column in found if column not in wanted]
    connection.execute(f"CREATE VIEW {view} AS SELECT {', '.join(columns)} FROM {source}")


_SQL_TYPES: Mapping[pa.DataType, str] = {
    pa.string(): "VARCHAR",
    pa.bool_(): "BOOLEAN",
    pa.int8(): "TINYINT",
    pa.int16(): "SMALLINT",
    pa.int32(): "INTEGER",
    pa.int64(): "BIGINT",
    pa.float64(): "DOUBLE",
    pa.date32(): "DATE",
    pa.timestamp("us", tz="UTC"): "TIMESTAMP WITH TIME ZONE",
}


def sql_type(kind: pa.DataType) -> str:
    """DuckDB's name of the type of a column, as it names it itself."""
    if pa.types.is_decimal128(kind):
        return f"DECIMAL({kind.precision},{kind.scale})"
    if kind not in _SQL_TYPES:
        raise InternalError(f"no column of ours is of type {kind}")
    return _SQL_TYPES[kind]


def _types(connection: duckdb.DuckDBPyConnection, source: str) -> dict[str, str]:
    described = connection.sql(f"DESCRIBE SELECT * FROM {source}").to_arrow_table()
    return dict(zip(described["column_name"].to_pylist(), described["column_type"].to_pylist(), strict=True))


def _column(column: str, wanted: str, found: str | None) -> str:
    quoted = _quoted(column)
    if found == wanted:
        return quoted
    value = "NULL" if found is None else quoted
    return f"CAST({value} AS {wanted}) AS {quoted}"


def _quoted(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'
