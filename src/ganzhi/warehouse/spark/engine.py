"""Sessions on Spark, behind the ports `Engine` and `Session`.

One Spark application per process, started when the first session opens; sessions differ by the names
of their views. Relations are Parquet files by path or URI, so that every machine of a cluster must see
the warehouse folder under the same address. What a session makes is held by Spark until it closes.
"""

from __future__ import annotations

import logging
import re
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import pyarrow as pa

from ganzhi.base.errors import EngineError, InternalError, Issue
from ganzhi.compile.translate.select import Source
from ganzhi.compile.translate.spark import Spark
from ganzhi.compile.translate.sql_types import BOOL, DATE, INT, TEXT, TIMESTAMP, SqlType, columns_of, decimal
from ganzhi.warehouse.engine import Relation
from ganzhi.warehouse.files import Files
from ganzhi.warehouse.foreign import ForeignSession
from ganzhi.warehouse.spark.faults import meaning
from ganzhi.warehouse.staging import Staging

_TARGET = Spark()

_FIXED: tuple[tuple[str, str], ...] = (
    ("spark.ui.enabled", "false"),
    ("spark.ui.showConsoleProgress", "false"),
    ("spark.sql.session.timeZone", "UTC"),
    ("spark.sql.ansi.enabled", "true"),
    ("spark.sql.caseSensitive", "true"),
    ("spark.sql.decimalOperations.allowPrecisionLoss", "false"),
    ("spark.sql.parser.escapedStringLiterals", "false"),
    ("spark.sql.ansi.doubleQuotedIdentifiers", "false"),
    # This rule makes invalid plans of unions below windows (4.3: PLAN_VALIDATION_FAILED_RULE_IN_BATCH).
    ("spark.sql.optimizer.excludedRules", "org.apache.spark.sql.catalyst.optimizer.RemoveRedundantAliases"),
)
"""What the translation relies on; anything else is the operator's business."""


def started(master: str, settings: Mapping[str, str]) -> Any:
    """The Spark application of this process, started if need be.

    Raises: EngineError WHS042 when pyspark is not installed, WHS040 when it does not start.
    """
    try:
        sql = import_module("pyspark.sql")
    except ImportError:
        raise EngineError(Issue("WHS042", "Spark", params={"extra": "spark"})) from None
    # Its log of failed queries quotes values of records.
    logging.getLogger("SQLQueryContextLogger").disabled = True
    logging.getLogger("DataFrameQueryContextLogger").disabled = True
    builder = sql.SparkSession.builder.master(master).appName("ganzhi")
    for name, value in (*settings.items(), *_FIXED):
        builder = builder.config(name, value)
    with _errors():
        session = builder.getOrCreate()
        session.sparkContext.setLogLevel("OFF")
        for name, value in _FIXED:
            if name.startswith("spark.sql.") and session.conf.get(name, "") != value:
                session.conf.set(name, value)
    return session


@contextmanager
def _errors() -> Iterator[None]:
    """Turn whatever Spark, its bridge or a socket raises into an error of ours."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=FutureWarning)  # pyspark on the age of pandas, which we do not use
        try:
            yield
        except (EngineError, InternalError):
            raise
        except Exception as error:  # noqa: BLE001 - py4j, pyspark and sockets have no common base
            raise meaning(error) from None


class SparkSession(ForeignSession):
    """See `ganzhi.warehouse.engine.Session`."""

    def __init__(self, spark: Any, staging: Staging, address: Callable[[Path], str]) -> None:
        super().__init__(_TARGET, staging)
        self._spark, self._address = spark, address

    def show_files(self, name: str, relation: Relation, paths: Sequence[Path]) -> None:
        """Let queries read a relation's files; absent columns are unknown."""
        columns = columns_of(relation.schema)
        if not paths:
            self.register(name, relation.schema.empty_table())
            return
        view = self._new_name(name)
        with _errors():
            read = self._spark.read.schema(_structure(columns)).parquet(*[self._address(path) for path in paths])
            read.createOrReplaceTempView(view)
        self._kept[name] = view
        self.show(name, Source(_TARGET.quoted(view), columns))

    def _fetch(self, sql: str) -> pa.Table:
        with _errors():
            return self._spark.sql(sql).toArrow()

    def _keep(self, name: str, select: str) -> None:
        with _errors():
            # Cut off from what it was made of, which may be dropped before it.
            self._spark.sql(select).localCheckpoint().createOrReplaceTempView(name)

    def _fill(self, name: str, table: pa.Table) -> None:
        with _errors():
            rows = table if table.num_rows else []
            frame = self._spark.createDataFrame(rows, schema=_structure(columns_of(table.schema)))
            frame.createOrReplaceTempView(name)

    def _own(self, table: str) -> Source:
        with _errors():
            fields = [(field.name, field.dataType.simpleString()) for field in self._spark.table(table).schema.fields]
        columns = {name: kind for name, written in fields if (kind := _kind_of(written)) is not None}
        items = (
            f"cast({_TARGET.quoted(c)} as {_TARGET.column_type(k)}) as {_TARGET.quoted(c)}" for c, k in columns.items()
        )
        quoted = ".".join(map(_TARGET.quoted, table.split(".")))
        return Source(f"(select {', '.join(items)} from {quoted})", columns)

    def _drop(self, name: str) -> None:
        with _errors():
            self._spark.catalog.dropTempView(name)


class SparkEngine:
    """The port `Engine` on Spark.

    master: `local[…]` or the address of a cluster. files_uri: where the machines of a cluster see the
    warehouse folder; empty for its own path. settings: more of Spark's own settings.
    """

    def __init__(
        self, root: Path, *, master: str, files_uri: str = "", settings: Mapping[str, str] | None = None
    ) -> None:
        self._files, self._master, self._uri = Files(root), master, files_uri.rstrip("/")
        self._settings = dict(settings or {})
        self._starting = threading.Lock()

    def session(self, relations: Mapping[str, Relation]) -> SparkSession:
        """See `Engine.session`."""
        paths = {name: [self._files.checked_path(f) for f in r.files] for name, r in relations.items()}
        with self._starting:
            spark = started(self._master, self._settings)
        session = SparkSession(spark, self._files.staging(), self._address)
        try:
            for name, relation in relations.items():
                session.show_files(name, relation, paths[name])
        except BaseException:
            session.close()
            raise
        return session

    def loading_session(self) -> SparkSession:
        """There is none: files are always loaded by the embedded engine."""
        raise InternalError("files are loaded by the embedded engine")

    def _address(self, path: Path) -> str:
        if not self._uri:
            return path.as_uri()
        return f"{self._uri}/{path.relative_to(self._files.root).as_posix()}"


def _structure(columns: Mapping[str, SqlType]) -> str:
    """Columns as Spark writes a schema."""
    return ", ".join(f"{_TARGET.quoted(name)} {_TARGET.column_type(kind)}" for name, kind in columns.items())


_DECIMAL = re.compile(r"decimal\((\d+),(\d+)\)")
_KINDS: Mapping[str, SqlType] = {
    **dict.fromkeys(("tinyint", "smallint", "int", "bigint"), INT),
    "boolean": BOOL,
    "string": TEXT,
    "date": DATE,
    "timestamp": TIMESTAMP,
}


def _kind_of(written: str) -> SqlType | None:
    """Spark's type as one of ours; None for what would lose something (floats, arrays, local times)."""
    if (sizes := _DECIMAL.fullmatch(written)) is not None:
        return decimal(int(sizes.group(2)), int(sizes.group(1)))
    return _KINDS.get(written)
