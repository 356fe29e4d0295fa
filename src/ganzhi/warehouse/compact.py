"""Merges the many small row files of a day into one: same rows, same order, same lineage.

A day is merged only when every live state that was computed from one of its files was computed
from all of them; the same commit lets those states name the merged file as their input, so they
are not stale and their rows can still be shown. Other days wait for the next refresh.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pyarrow as pa

from ganzhi.base.errors import EngineError, InternalError
from ganzhi.base.failpoint import failpoint
from ganzhi.catalogue.model.data import Feed
from ganzhi.store.manifest import Change, ConflictError, FileRef, Merge, NewFile, Snapshot
from ganzhi.warehouse.engine import Relation
from ganzhi.warehouse.locks import BUSY, REFRESH_LOCK, feed_lock, writer_lock
from ganzhi.warehouse.workplace import Workplace

AT_LEAST_FILES = 4
UP_TO_BYTES = 128 * 1024 * 1024
LOCK_WAIT_S = 10.0


@dataclass(frozen=True, slots=True)
class CompactReport:
    """What a compaction did: days merged, files before and after on those days, and days left
    as they were because a refresh is due (`waiting`) or somebody else was at work (`left`)."""

    days: tuple[str, ...]
    before: int
    after: int
    waiting: tuple[str, ...]
    left: tuple[str, ...]


def compact(
    workplace: Workplace,
    table: str,
    *,
    at_least_files: int = AT_LEAST_FILES,
    up_to_bytes: int = UP_TO_BYTES,
    wait_s: float = LOCK_WAIT_S,
) -> CompactReport:
    """Merge the files of `rows/<feed>` or `quarantine/<feed>` on days that have many small ones.

    at_least_files: fewer stay as they are. up_to_bytes: larger files are left out. wait_s: for loads and refreshes.
    Each day is one commit, so a kill leaves days merged or as they were.
    """
    order_by = _order(workplace, table)
    days: list[str] = []
    waiting: list[str] = []
    left: list[str] = []
    before = 0
    first_look = workplace.store.manifest.snapshot()
    candidates = [
        day for day in first_look.partitions(table) if _small(first_look, table, day, at_least_files, up_to_bytes)
    ]
    for place, day in enumerate(candidates):
        try:
            with _alone(workplace, table, wait_s):
                snapshot = workplace.store.manifest.snapshot()
                files = _small(snapshot, table, day, at_least_files, up_to_bytes)
                if files and not _is_whole(snapshot, files):
                    waiting.append(day)
                elif files:
                    _merge(workplace, files, order_by)
                    days.append(day)
                    before += len(files)
        except ConflictError:
            left.append(day)
        except EngineError as error:
            if error.issue.code not in BUSY:
                raise
            left += candidates[place:]
            break
    return CompactReport(tuple(days), before, len(days), tuple(waiting), tuple(left))


@contextmanager
def _alone(workplace: Workplace, table: str, wait_s: float) -> Iterator[None]:
    """No refresh and no load of the feed meanwhile, so that neither has to begin again."""
    feed, what = table.partition("/")[2], f"compact {table}"
    with (
        writer_lock(workplace.root, REFRESH_LOCK, wait_s, workplace.clock, what),
        writer_lock(workplace.root, feed_lock(feed), wait_s, workplace.clock, what),
    ):
        yield


def _small(snapshot: Snapshot, table: str, day: str, at_least_files: int, up_to_bytes: int) -> list[FileRef]:
    """The files of a day that are to be merged; none when they are too few."""
    small = [file for file in snapshot.table(table, {day}) if file.bytes <= up_to_bytes]
    return small if len(small) >= max(2, at_least_files) else []


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
        merged = workplace.files.write(session, "SELECT * FROM part", table, day, order_by=order_by)
    if merged.rows != sum(file.rows for file in files):
        raise InternalError(f"compaction of {table} on {day} would change the number of rows")
    low, high = _bounds([file.key_min for file in files], min), _bounds([file.key_max for file in files], max)
    merged = replace(merged, key_min=low, key_max=high)
    ids = tuple(file.id for file in files)
    failpoint("compact.before_commit")
    workplace.store.manifest.commit(
        Change(kind="compact", add=(merged,), retire=ids, merges=(Merge(merged.path, ids),))
    )
    return merged


def _bounds(texts: Sequence[str | None], choose: Callable[[Iterable[str]], str]) -> str | None:
    """The least or greatest of each place of bounds noted as JSON lists of text; None when one is unknown."""
    lists: list[list[str]] = []
    for text in texts:
        try:
            noted = json.loads(text or "")
        except ValueError:
            return None
        if not isinstance(noted, list) or not all(isinstance(value, str) for value in noted):
            return None
        lists.append(noted)
    if len({len(noted) for noted in lists}) != 1:
        return None
    return json.dumps([choose(values) for values in zip(*lists, strict=True)])
