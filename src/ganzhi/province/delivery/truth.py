"""The book of truth: Parquet files beside what is delivered, for examiners and never for the product."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ganzhi.province.delivery.render import plain_moments
from ganzhi.province.delivery.shape import is_moment

BUFFER_ROWS = 20_000


class TruthBook:
    """Tables of the truth, written as they grow; no more than `BUFFER_ROWS` rows of a table wait in memory."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self._folder = folder
        self._waiting: dict[str, list[pa.Table]] = {}
        self._schemas: dict[str, pa.Schema] = {}
        self._writers: dict[str, pq.ParquetWriter] = {}

    def add(self, table: str, columns: Mapping[str, Any]) -> None:
        """Rows of a table; all calls for one table give the same columns."""
        made = pa.table({name: _column(name, values) for name, values in columns.items()})
        schema = self._schemas.setdefault(table, made.schema)
        waiting = self._waiting.setdefault(table, [])
        waiting.append(made.cast(schema))
        if sum(map(len, waiting)) >= BUFFER_ROWS:
            self._flush(table)

    def close(self) -> None:
        """Write what waits and close the files."""
        for table in list(self._waiting):
            self._flush(table)
        for writer in self._writers.values():
            writer.close()

    def _flush(self, table: str) -> None:
        waiting = self._waiting.pop(table, [])
        if not waiting:
            return
        if table not in self._writers:
            path = self._folder / f"{table}.parquet"
            self._writers[table] = pq.ParquetWriter(path, self._schemas[table], compression="zstd")
        self._writers[table].write_table(pa.concat_tables(waiting))


def _column(name: str, values: Any) -> Any:
    if is_moment(name) and not isinstance(values, (pa.Array, pa.ChunkedArray)):
        return plain_moments(np.asarray(values, dtype=np.int64))
    return values if isinstance(values, (pa.Array, pa.ChunkedArray)) else pa.array(values)
