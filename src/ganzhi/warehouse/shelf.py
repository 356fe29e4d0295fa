"""Sorted copies of immutable files as columns in memory-mapped files, for questions that name a few groups.

A Parquet file lies as it was written; a page asks for all rows of one unit, which lie scattered in it.
Its copy holds the same rows group by group, uncompressed, so that finding a group is a search in a
short list and reading it costs no query. Copies belong to a file's content and are made once; nothing
else is kept in them, so they may be removed at will. Refuses files whose names are not in the manifest.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ganzhi.base.errors import EngineError, Issue
from ganzhi.base.failpoint import failpoint
from ganzhi.store.manifest import FileRef, NewFile
from ganzhi.warehouse.disk import disk_errors_as_issues, sync
from ganzhi.warehouse.files import Files
from ganzhi.warehouse.staging import FILE_MODE, FOLDER_MODE

SHELF_FOLDER = "cache/shelf"
FORMAT = 1
"""Version of what a copy holds; raising it makes all of them anew."""
KEPT_OPEN = 2_000
"""Copies that stay mapped; each takes address space and next to no memory."""


@dataclass(frozen=True, slots=True)
class Names:
    """The different texts of a column, and the place of each."""

    texts: tuple[str, ...]
    place: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Columns:
    """Rows of a file, group by group. groups, items: what the rows are of. starts: per group its first row, and
    the number of rows at the end. item: per row the place among `items`, ascending within a group. rows:
    the other columns, and `arrays`, `floats`, `wholes` the same, each in one piece; floats are NaN for NULL."""

    groups: Names
    items: Names
    starts: NDArray[np.int64]
    item: NDArray[np.int32]
    rows: pa.Table
    arrays: Mapping[str, pa.Array]
    floats: Mapping[str, NDArray[np.float64]]
    wholes: Mapping[str, NDArray[np.int64]]

    def span(self, group: str) -> tuple[int, int]:
        """First row of a group and the one after its last; the same twice for a group without rows."""
        at = self.groups.place.get(group)
        return (0, 0) if at is None else (int(self.starts[at]), int(self.starts[at + 1]))

    def row(self, group: str, item: str) -> int | None:
        """The row of an item in a group."""
        low, high = self.span(group)
        place = self.items.place.get(item)
        if place is None or low == high:
            return None
        at = low + int(self.item[low:high].searchsorted(place))
        return at if at < high and self.item[at] == place else None


class Shelf:
    """Copies of the files of one warehouse folder, grouped by `group`, then by `item`; safe for threads."""

    def __init__(self, files: Files, *, group: str, item: str, without: Collection[str] = ()) -> None:
        self._files, self._group, self._item, self._without = files, group, item, frozenset(without)
        self._folder = files.root / SHELF_FOLDER
        self._guard, self._making = threading.Lock(), threading.Lock()
        self._open: OrderedDict[str, Columns] = OrderedDict()

    def columns(self, file: FileRef) -> Columns:
        """The copy of a file, made when it is not there; EngineError WHS001–WHS004 for the disk or a lost file."""
        key = file.sha256[:32]
        with self._guard:
            found = self._open.get(key)
            if found is not None:
                self._open.move_to_end(key)
                return found
        found = self._read(self._path(key)) or self._made(file)
        with self._guard:
            self._open[key] = found
            while len(self._open) > KEPT_OPEN:
                self._open.popitem(last=False)
        return found

    def make(self, file: FileRef | NewFile) -> None:
        """See to it that there is a copy of a file."""
        if not self._path(file.sha256[:32]).exists():
            self._write(file)

    def sweep(self, live: Collection[FileRef]) -> int:
        """Remove copies of files that are not among the live ones; how many. Who has one mapped reads on."""
        kept = {self._path(file.sha256[:32]).name for file in live}
        removed = 0
        for path in self._folder.glob("*.arrow"):
            if path.name not in kept:
                with contextlib.suppress(FileNotFoundError):
                    path.unlink()
                    removed += 1
        return removed

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}-{FORMAT}.arrow"

    def _made(self, file: FileRef) -> Columns:
        path = self._path(file.sha256[:32])
        with self._making:
            found = self._read(path)
            if found is None:
                self._write(file)
                found = self._read(path)
        if found is None:
            raise EngineError(Issue("WHS004", f"{SHELF_FOLDER}/{path.name}"))
        return found

    @staticmethod
    def _read(path: Path) -> Columns | None:
        """A copy, mapped; None when there is none, or when it is cut off."""
        try:
            rows = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
        except (OSError, pa.ArrowException):
            return None
        kept = rows.schema.metadata or {}
        table = rows.combine_chunks() if rows.column("_item").num_chunks > 1 else rows
        kinds = {name: table.schema.field(name).type for name in table.column_names}
        return Columns(
            groups=_names(kept[b"groups"]),
            items=_names(kept[b"items"]),
            starts=np.frombuffer(kept[b"starts"], dtype=np.int64),
            item=_numpy(table, "_item"),
            rows=table,
            arrays={name: _array(table, name) for name in table.column_names},
            floats={n: _numpy(table, n) for n, kind in kinds.items() if pa.types.is_floating(kind)},
            wholes={n: _numpy(table, n) for n, kind in kinds.items() if kind == pa.int64()},
        )

    def _write(self, file: FileRef | NewFile) -> None:
        source = self._files.checked_path(file)
        path = self._path(file.sha256[:32])
        try:
            rows = pq.read_table(source)
        except (pa.ArrowException, OSError) as error:
            raise EngineError(Issue("WHS004", file.path)) from error
        with disk_errors_as_issues(f"{SHELF_FOLDER}/{path.name}"):
            self._folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
            staging = self._files.staging()
            try:
                draft = staging.file(".arrow")
                table = _grouped(rows, self._group, self._item, self._without)
                with pa.OSFile(str(draft), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
                    writer.write_table(table)
                draft.chmod(FILE_MODE)
                failpoint("shelf.before_rename")
                sync(draft)
                draft.replace(path)
            finally:
                staging.close()


def _grouped(rows: pa.Table, group: str, item: str, without: Collection[str]) -> pa.Table:
    """The rows by group and item, with the texts of both beside them."""
    groups, of_group = _coded(rows, group)
    items, of_item = _coded(rows, item)
    order = np.lexsort((of_item, of_group))
    starts = np.searchsorted(of_group[order], np.arange(len(groups) + 1)).astype(np.int64)
    left = [name for name in rows.column_names if name not in (group, item) and name not in without]
    taken = rows.select(left).take(pa.array(order)).combine_chunks()
    columns = {"_item": pa.array(of_item[order].astype(np.int32))}
    for name in left:
        column = taken[name]
        kind = taken.schema.field(name).type
        if pa.types.is_floating(kind):
            columns[name] = pa.array(column.to_numpy(), kind)  # NaN for NULL
        else:
            columns[name] = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    kept = {"groups": json.dumps(groups), "items": json.dumps(items), "starts": starts.tobytes()}
    return pa.table(columns).replace_schema_metadata(kept)


def _coded(rows: pa.Table, column: str) -> tuple[list[str], NDArray[np.int64]]:
    """The texts of a column in order, and per row the place of its own."""
    texts = rows[column].unique().to_pylist()
    ordered = sorted(texts)
    coded = rows[column].combine_chunks().dictionary_encode()
    if isinstance(coded, pa.ChunkedArray):
        coded = coded.combine_chunks()
    place = {text: at for at, text in enumerate(ordered)}
    at = np.array([place[text] for text in coded.dictionary.to_pylist()], dtype=np.int64)
    found = coded.indices.to_numpy(zero_copy_only=False)
    return ordered, at[found] if len(at) else np.zeros(0, dtype=np.int64)


def _numpy(table: pa.Table, name: str) -> NDArray[Any]:
    """A column as an array of its own type."""
    found: NDArray[Any] = _array(table, name).to_numpy(zero_copy_only=False)
    return found


def _array(table: pa.Table, name: str) -> pa.Array:
    """A column in one piece."""
    column = table[name]
    return column.chunk(0) if column.num_chunks else pa.array([], column.type)


@lru_cache(maxsize=4_096)
def _names(kept: bytes) -> Names:
    """Texts as they are kept; files of one day have the same ones, and share them."""
    texts = tuple(json.loads(kept))
    return Names(texts, {text: at for at, text in enumerate(texts)})
