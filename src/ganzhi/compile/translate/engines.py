"""The engines our SQL can be said for, beside DuckDB, for which it is written."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from ganzhi.compile.dialects import known_engine
from ganzhi.compile.translate.clickhouse import ClickHouse
from ganzhi.compile.translate.select import Source, translate
from ganzhi.compile.translate.spark import Spark
from ganzhi.compile.translate.sql_types import columns_of
from ganzhi.compile.translate.target import Target

TARGETS: tuple[Target, ...] = (ClickHouse(), Spark())
"""One per engine that needs a translation."""


def said(sql: str, engine: str, relations: Mapping[str, pa.Schema]) -> str:
    """A SELECT of ours as it runs on an engine. relations: what it reads, with its columns.

    Raises: InputError CMP001 for an engine that is not known, CMP002 for a construct it has not.
    """
    known_engine(engine)
    target = next((each for each in TARGETS if each.name == engine), None)
    if target is None:
        return sql
    sources = {name: Source(target.quoted(name), columns_of(schema)) for name, schema in relations.items()}
    return translate(sql, target, sources).sql
