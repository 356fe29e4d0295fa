"""Merges the many small row files of a day into one: same rows, same order, same lineage.

A day is merged only when every live state that was computed from one of its files was computed
from all of them; the same commit lets those states name the merged file as their input, so they
are not stale and their rows can still be shown. Other days wait for the next refresh.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from ganzhi.base.errors import InternalError
from ganzhi.base.failpoint import failpoint
from ganzhi.catalogue.model.data import Feed
from ganzhi.store.manifest import Change, ConflictError, FileRef, Merge, NewFile, Snapshot
from ganzhi.warehouse.engine import Relation
from ganzhi.warehouse.locks import writer_lock
from ganzhi.warehouse.workplace import Workplace

AT_LEAST_FILES = 4
UP_TO_BYTES = 128 * 1024 * 1024
_LOCK_WAIT_S = 30.0


@dataclass(frozen=True, slots=True)
class CompactReport:
    """What a compaction did: days merged, files before and after on those days, and days left
    because a refresh is due (`waiting`) or somebody changed them meanwhile (`overtaken`)."""

    days: tuple[str, ...]
    before: int
    after: int
    waiting: tuple[str, ...]
    overtaken: tuple[str, ...]


def compact(
    workplace: Workplace, table: str, *, at_least_files: int = AT_LEAST_FILES, up_to_bytes: int = UP_TO_BYTES
) -> CompactReport:
    """Merge the files of `rows/<feed>` or `quarantine/<feed>` on days that have many small ones.

    at_least_files: fewer stay as they are. up_to_bytes: larger files are left out.
    Each day is one commit, so a kill leaves days merged or as they were.
    """
    order_by = _order(workplace, table)
    days: list[str] = []
    waiting: list[str] = []
    overtaken: list[str] = []
    before = 0
    with writer_lock(workplace.root, "compact", _LOCK_WAIT_S, workplace.clock, f"compact {table}"):
        snapshot = workplace.store.manifest.snapshot()
        for day in snapshot.partitions(table):
            small = [file for file in snapshot.table(table, {day}) if file.bytes <= up_to_bytes]
            if len(small) < max(2, at_least_files):
                continue
            if not _is_whole(snapshot, small):
                waiting.append(day)
                continue
            try:
                _merge(workplace, small, order_by)
            except ConflictError:
                overtaken.append(day)
                continue
            days.append(day)
            before += len(small)
    return CompactReport(tuple(days), before, len(days), tuple(waiting), tuple(overtaken))


def _order(workplace: Workplace, table: str) -> str:
    kind, _, name = table.partition("/")
    if kind == "rows":
        feed: Feed = workplace.catalogue.feed(name)
        return f'"{feed.unit}", "{feed.time}", _load, _line'
    if kind == "quarantine":
        return "load_id, line"
    raise InternalError(f"{table} is not compacted")


def _is_whole(snapshot: Snapshot, files: Sequence[FileRef]) -> bool:
    """Whether each live state has all of `files` among its inputs, or none."""
    ids = {file.id for file in files}
    return all(ids <= set(state.inputs) or ids.isdisjoint(state.inputs) for state in snapshot.files if state.inputs)


def _merge(workplace: Workplace, files: Sequence[FileRef], order_by: str) -> NewFile:
    table, day = files[0].table, files[0].partition
    with workplace.engine.session({"part": Relation(files, pa.schema([]))}) as session:
        merged = workplace.files.write(
            session,
            "SELECT * FROM part",
            table,
            day,
            order_by=order_by,
            key=order_by.split(",", maxsplit=1)[0].strip('"'),
        )
    if merged.rows != sum(file.rows for file in files):
        raise InternalError(f"compaction of {table} on {day} would change the number of rows")
    ids = tuple(file.id for file in files)
    failpoint("compact.before_commit")
    workplace.store.manifest.commit(
        Change(kind="compact", add=(merged,), retire=ids, merges=(Merge(merged.path, ids),))
    )
    return merged
