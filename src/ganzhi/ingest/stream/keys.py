"""Which stored files may hold a key of a batch, told from memory instead of by reading them.

A feed that grows by a file every second would otherwise read all of a day to settle the next batch. Of every file whose
key range a batch touches the hashes of its keys are kept; only files in which one of the batch's hashes occurs are read.
A hash that occurs by chance costs a look, never a wrong verdict. What does not fit into memory is read as before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ganzhi.ingest.reading.table import text_sql
from ganzhi.ingest.shaping.job import Job, quoted
from ganzhi.store.manifest import FileRef
from ganzhi.warehouse.engine import Session
from ganzhi.warehouse.files import Files

MOST_KEYS: Final = 40_000_000
"""Keys held at most; twelve bytes each."""

LARGE: Final = 4_000_000
"""Runs that are larger are not merged any more: that would take longer than a batch may."""

Hashes = NDArray[np.uint64]
Places = NDArray[np.int32]


class KnownKeys:
    """The key hashes of a feed's files, as sorted runs that are merged as they grow."""

    def __init__(self, files: Files, most: int = MOST_KEYS) -> None:
        self._files, self._most = files, most
        self._runs: list[tuple[Hashes, Places]] = []
        self._held: set[int] = set()
        self._held_keys = 0

    def narrow(self, session: Session, job: Job, refs: Sequence[FileRef]) -> list[FileRef]:
        """Those of the files that may hold a key of the session's `good` rows."""
        self._take_in(session, job, refs)
        names = ", ".join(map(quoted, job.feed.key))
        asked = np.unique(_column(session, f"SELECT hash({names}) AS h FROM good"))
        hit: set[int] = set()
        for hashes, places in self._runs:
            first = np.searchsorted(hashes, asked, "left")
            last = np.searchsorted(hashes, asked, "right")
            for start, stop in zip(first[last > first], last[last > first], strict=True):
                hit.update(places[start:stop].tolist())
        return [ref for ref in refs if ref.id in hit or ref.id not in self._held]

    def _take_in(self, session: Session, job: Job, refs: Sequence[FileRef]) -> None:
        """Read the keys of files that are new, the latest first, as far as there is room."""
        new = [ref for ref in refs if ref.id not in self._held]
        names = ", ".join(map(quoted, job.feed.key))
        for ref in sorted(new, key=lambda each: each.id, reverse=True):
            if self._held_keys + ref.rows > self._most and not self._make_room(refs, ref.rows):
                continue
            path = text_sql(str(self._files.checked_path(ref)))
            hashes = np.sort(_column(session, f"SELECT hash({names}) AS h FROM read_parquet([{path}])"))
            self._held.add(ref.id)
            self._held_keys += len(hashes)
            self._push(hashes, np.full(len(hashes), ref.id, dtype=np.int32))

    def _push(self, hashes: Hashes, places: Places) -> None:
        self._runs.append((hashes, places))
        while len(self._runs) > 1 and len(self._runs[-2][0]) <= min(2 * len(self._runs[-1][0]), LARGE):
            later, earlier = self._runs.pop(), self._runs.pop()
            self._runs.append(_merged(earlier, later))

    def _make_room(self, refs: Sequence[FileRef], rows: int) -> bool:
        """Forget files that are gone; whether that made room for so many rows."""
        alive = {ref.id for ref in refs}
        if self._held <= alive:
            return False
        kept = np.array(sorted(self._held & alive), dtype=np.int32)
        runs = [(h[m], p[m]) for h, p in self._runs for m in [np.isin(p, kept)]]
        self._runs = [run for run in runs if len(run[0])]
        self._held &= alive
        self._held_keys = sum(len(run[0]) for run in self._runs)
        return self._held_keys + rows <= self._most


def _column(session: Session, sql: str) -> Hashes:
    found: Hashes = session.query(sql).column("h").to_numpy().astype(np.uint64, copy=False)
    return found


def _merged(a: tuple[Hashes, Places], b: tuple[Hashes, Places]) -> tuple[Hashes, Places]:
    hashes = np.concatenate([a[0], b[0]])
    order = np.argsort(hashes, kind="stable")
    return hashes[order], np.concatenate([a[1], b[1]])[order]
