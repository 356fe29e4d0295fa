"""Sessions on ClickHouse, behind the ports `Engine` and `Session`.

A session's tables are temporary tables of the server's session and hold what it made; relations are
Parquet files where the engine may read them by path, and temporary tables filled from the files where
it may not. Nothing of the operator's is ever written.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ganzhi.base.errors import EngineError, InternalError, Issue
from ganzhi.compile.translate.clickhouse import ClickHouse
from ganzhi.compile.translate.select import Source
from ganzhi.compile.translate.sql_types import BOOL, DATE, INT, TEXT, TIMESTAMP, SqlType, columns_of, decimal
from ganzhi.warehouse.clickhouse.wire import Wire
from ganzhi.warehouse.engine import Relation
from ganzhi.warehouse.files import Files
from ganzhi.warehouse.foreign import ForeignSession
from ganzhi.warehouse.staging import Staging

_TARGET = ClickHouse()


class ClickHouseSession(ForeignSession):
    """See `ganzhi.warehouse.engine.Session`."""

    def __init__(self, wire: Wire, staging: Staging) -> None:
        super().__init__(_TARGET, staging)
        self._wire = wire

    def show_files(self, name: str, relation: Relation, paths: list[Path]) -> None:
        """Let queries read a relation's files."""
        columns = columns_of(relation.schema)
        structure = ", ".join(f"`{column}` {_TARGET.column_type(kind)}" for column, kind in columns.items())
        if not paths:
            self.show(name, Source(f"null({_TARGET.text(structure)})", columns))
        elif self._wire.local_files and all(_same(path, relation.schema) for path in paths):
            listed = _TARGET.text(_glob(paths))
            self.show(name, Source(f"file({listed}, Parquet, {_TARGET.text(structure)})", columns))
        else:
            engine_name = self._new_name(name)
            self._create(engine_name, relation.schema)
            for path in paths:
                self._wire.fill(engine_name, _read(path, relation.schema))
            self._place(name, engine_name, columns)

    def _fetch(self, sql: str) -> pa.Table:
        return self._wire.fetch(sql)

    def _keep(self, name: str, select: str) -> None:
        self._wire.run(f"CREATE TEMPORARY TABLE {name} ENGINE = Memory AS\n{select}")

    def _fill(self, name: str, table: pa.Table) -> None:
        self._create(name, table.schema)
        self._wire.fill(name, table)

    def _own(self, table: str) -> Source:
        quoted = ".".join(map(_TARGET.quoted, table.split(".")))
        described = self._wire.fetch(f"DESCRIBE TABLE {quoted}").to_pydict()
        columns, items = {}, []
        for name, written in zip(described["name"], described["type"], strict=True):
            kind = _kind_of(str(written))
            if kind is not None:
                columns[str(name)] = kind
                cast = "accurateCast" if kind.name == "int" else "CAST"
                column = _TARGET.quoted(str(name))
                items.append(f"{cast}({column}, {_TARGET.text(_TARGET.column_type(kind))}) AS {column}")
        return Source(f"(SELECT {', '.join(items)} FROM {quoted})", columns)

    def _create(self, name: str, schema: pa.Schema) -> None:
        columns = ", ".join(f"`{c}` {_TARGET.column_type(kind)}" for c, kind in columns_of(schema).items())
        self._wire.run(f"CREATE TEMPORARY TABLE {name} ({columns}) ENGINE = Memory")

    def _drop(self, name: str) -> None:
        self._wire.run(f"DROP TEMPORARY TABLE IF EXISTS {name}")

    def close(self) -> None:
        """See `ForeignSession.close`."""
        super().close()
        self._wire.close()


class ClickHouseEngine:
    """The port `Engine` on ClickHouse. connect: opens a wire, one per session."""

    def __init__(self, root: Path, connect: Callable[[], Wire]) -> None:
        self._files, self._connect = Files(root), connect

    def session(self, relations: Mapping[str, Relation]) -> ClickHouseSession:
        """See `Engine.session`."""
        paths = {name: [self._files.checked_path(f) for f in r.files] for name, r in relations.items()}
        wire = self._connect()
        try:
            session = ClickHouseSession(wire, self._files.staging())
        except BaseException:
            wire.close()
            raise
        try:
            for name, relation in relations.items():
                session.show_files(name, relation, paths[name])
        except BaseException:
            session.close()
            raise
        return session

    def loading_session(self) -> ClickHouseSession:
        """There is none: files are always loaded by the embedded engine."""
        raise InternalError("files are loaded by the embedded engine")


_WRAPPED = re.compile(r"(?:Nullable|LowCardinality)\((.*)\)")
_DECIMAL = re.compile(r"Decimal\((\d+), (\d+)\)")
_KINDS: tuple[tuple[str, SqlType], ...] = (
    (r"U?Int(8|16|32|64)", INT),
    (r"Bool", BOOL),
    (r"String|FixedString\(\d+\)|Enum(8|16)\(.*\)", TEXT),
    (r"Date|Date32", DATE),
    (r"DateTime(\('.*'\))?|DateTime64\([0-6](, '.*')?\)", TIMESTAMP),
)


def _kind_of(written: str) -> SqlType | None:
    """ClickHouse's type as one of ours; None for what would lose something (floats, arrays, finer instants)."""
    while match := _WRAPPED.fullmatch(written):
        written = match.group(1)
    if (sizes := _DECIMAL.fullmatch(written)) is not None:
        precision, scale = int(sizes.group(1)), int(sizes.group(2))
        return decimal(scale, precision) if precision <= 38 else None
    return next((kind for pattern, kind in _KINDS if re.fullmatch(pattern, written, re.DOTALL)), None)


def _same(path: Path, schema: pa.Schema) -> bool:
    """Whether a file has exactly the columns of a relation, in whatever order."""
    with_types = {field.name: field.type for field in _schema_of(path)}
    return with_types == {field.name: field.type for field in schema}


def _schema_of(path: Path) -> pa.Schema:
    try:
        return pq.read_schema(path)
    except (pa.ArrowException, OSError):
        raise EngineError(Issue("WHS004", path.name)) from None


def _read(path: Path, schema: pa.Schema) -> pa.Table:
    """A file's rows as a relation shows them: absent columns unknown, others in the relation's types."""
    found = _schema_of(path)
    columns = [field.name for field in schema if field.name in found.names]
    table = pq.ParquetFile(path).read(columns=columns)
    return pa.table(
        [
            table[field.name].cast(field.type) if field.name in columns else pa.nulls(table.num_rows, field.type)
            for field in schema
        ],
        schema=schema,
    )


def _glob(paths: list[Path]) -> str:
    """One text that names exactly these files. Braces work below a common folder only."""
    texts = [str(path) for path in paths]
    if any(set("{}*?,\\") & set(text) for text in texts):
        raise EngineError(Issue("WHS002", texts[0], params={"detail": "{}*?,\\"}))
    if len(texts) == 1:
        return texts[0]
    common = Path(os.path.commonpath(texts))
    return f"{common}/{{{','.join(str(path.relative_to(common)) for path in paths)}}}"
