"""The port to whatever runs our SQL. One folder beside this file per engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol

import pyarrow as pa

from ganzhi.store.manifest import FileRef


@dataclass(frozen=True, slots=True)
class Relation:
    """What a view shows: exactly these files, or an empty table of `schema` when there are none.

    Columns of `schema` that a file does not have are NULL, columns of another type are cast to
    it; columns a file has beyond `schema` are shown after them.
    """

    files: Sequence[FileRef]
    schema: pa.Schema


class Session(Protocol):
    """A private connection over a fixed set of relations; used by one thread at a time."""

    def query(self, sql: str, params: Sequence[object] = ()) -> pa.Table:
        """Run one SELECT and return its whole result. Stopped at the engine's deadline."""
        ...

    def stream(self, sql: str) -> Iterator[pa.RecordBatch]:
        """Run one SELECT and return its rows in batches, in their order, without holding them all.

        Nothing else may be asked of the session until the last batch is taken.
        """
        ...

    def execute(self, sql: str, params: Sequence[object] = ()) -> None:
        """Run one statement for its effect (CREATE TEMP TABLE, in a loading session also COPY)."""
        ...

    def copy(self, select_sql: str) -> Path:
        """Write one SELECT's rows, in their order, to a new Parquet file of this session's staging folder.

        The way to store something is `Files.write`, which calls this.
        """
        ...

    def register(self, name: str, table: pa.Table) -> None:
        """Make a small table of ours visible under `name`."""
        ...

    def interrupt(self) -> None:
        """Stop what runs, from any thread, as far as the engine can; the query then raises EngineError WHS014."""
        ...

    def close(self) -> None:
        """Release everything the session holds; a second call does nothing."""
        ...

    def __enter__(self) -> Session: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Engine(Protocol):
    """Opens sessions."""

    def session(self, relations: Mapping[str, Relation]) -> Session:
        """A session whose views are `relations`; it can read those files and nothing else."""
        ...

    def loading_session(self) -> Session:
        """A session for `ingest`: may read source files and write staging files; never sees catalogue text that was not parsed and written anew."""
        ...
