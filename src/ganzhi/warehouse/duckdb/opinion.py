"""A second opinion on catalogue expressions: what DuckDB's own parser and binder make of them.

sqlglot accepts a few texts that DuckDB refuses or reads differently, so an expression is only
believed when both agree. Nothing is read or computed: the expression is bound to an empty table.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import duckdb

from ganzhi.base.errors import InternalError
from ganzhi.warehouse.duckdb.faults import redacted

_TYPES: Mapping[str, str] = {
    "text": "VARCHAR",
    "int": "BIGINT",
    "decimal": "DECIMAL(18,6)",
    "bool": "BOOLEAN",
    "timestamp": "TIMESTAMPTZ",
    "date": "DATE",
}
_SCALAR_CLASSES = frozenset(
    {"BETWEEN", "CASE", "CAST", "COLUMN_REF", "COMPARISON", "CONJUNCTION", "CONSTANT", "FUNCTION", "OPERATOR", "TYPE"}
)
_TUPLE = "row"


@dataclass(frozen=True, slots=True)
class Opinion:
    """DuckDB's view of an expression.

    type: the engine's type name (`BOOLEAN`, `BIGINT` …), empty when it refuses. refusal: the
    engine's reason, empty when it agrees. columns, functions: the names it found in the text.
    """

    type: str
    refusal: str
    columns: frozenset[str]
    functions: frozenset[str]


class _Judge:
    """One locked instance per process; calls are serialised."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection = duckdb.connect(
            ":memory:",
            config={
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
                "python_enable_replacements": "false",
                "memory_limit": "128MiB",
                "threads": "1",
            },
        )
        self._connection.execute("SET enable_external_access = false")
        self._connection.execute("SET lock_configuration = true")
        listed = self._connection.execute(
            "SELECT DISTINCT function_name FROM duckdb_functions() WHERE function_type = 'aggregate'"
        )
        self._not_scalar = frozenset(str(row[0]) for row in listed.fetchall()) | {_TUPLE}

    def opinion(self, expression_sql: str, columns: Mapping[str, str]) -> Opinion:
        typed = ", ".join(f"NULL::{_engine_type(kind)} AS {_quoted(name)}" for name, kind in columns.items())
        source = f"(SELECT {typed or '1 AS _one'} LIMIT 0)"
        statement = f"SELECT (\n{expression_sql}\n) AS value FROM {source} AS feed"
        with self._lock:
            try:
                tree = self._tree(f"SELECT (\n{expression_sql}\n) AS value")
                columns_used, functions = self._names(tree)
                described = self._connection.sql(f"DESCRIBE {statement}").to_arrow_table()
                return Opinion(described["column_type"][0].as_py(), "", columns_used, functions)
            except (duckdb.Error, _NotScalarError) as error:
                return Opinion("", redacted(error), frozenset(), frozenset())

    def _tree(self, statement: str) -> object:
        cursor = self._connection.execute("SELECT json_serialize_sql(?::VARCHAR)", [statement])
        parsed = json.loads(cursor.fetchall()[0][0])
        if parsed.get("error"):
            raise _NotScalarError(str(parsed.get("error_message", "cannot be parsed")))
        statements = parsed["statements"]
        if len(statements) != 1 or len(statements[0]["node"]["select_list"]) != 1:
            raise _NotScalarError("more than one expression")
        if statements[0]["node"]["from_table"]["type"] != "EMPTY":
            raise _NotScalarError("more than an expression")
        return statements[0]["node"]["select_list"][0]

    def _names(self, tree: object) -> tuple[frozenset[str], frozenset[str]]:
        columns: set[str] = set()
        functions: set[str] = set()
        for node in _nodes(tree):
            kind = node.get("class")
            if kind not in _SCALAR_CLASSES:
                raise _NotScalarError(f"{str(kind).lower()} is not a scalar expression")
            if kind == "COLUMN_REF":
                if len(node["column_names"]) != 1:
                    raise _NotScalarError("columns are written without a table")
                columns.add(node["column_names"][0])
            elif kind == "FUNCTION":
                functions.add(str(node["function_name"]).lower())
        if refused := functions & self._not_scalar:
            raise _NotScalarError(f"{', '.join(sorted(refused))} is not a scalar function")
        return frozenset(columns), frozenset(functions)


class _NotScalarError(Exception):
    pass


def _nodes(tree: object) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        if "class" in tree:
            yield tree
        for value in tree.values():
            yield from _nodes(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _nodes(value)


def _engine_type(kind: str) -> str:
    try:
        return _TYPES[kind]
    except KeyError:
        raise InternalError(f"no engine type for {kind!r}") from None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@cache
def _judge() -> _Judge:
    return _Judge()


def give_opinion(expression_sql: str, columns: Mapping[str, str]) -> Opinion:
    """What DuckDB makes of a scalar expression over columns (name to catalogue type).

    Never raises for a bad expression: the refusal is part of the opinion.

    >>> give_opinion("wait_s <= 20", {"wait_s": "int"}).type
    'BOOLEAN'
    """
    return _judge().opinion(expression_sql, columns)
