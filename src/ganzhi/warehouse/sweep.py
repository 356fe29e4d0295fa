"""Removes files that do not count: leavings of killed processes and what was superseded long ago.

A file of `data/` goes when it is older than the grace period and either no manifest row names it,
or its row was retired before the period and nothing that is kept was computed from it. While
anybody holds a writer's lock, files without a row stay: they may be about to count, however long
their writer has been suspended. So writers hold a lock from their first file to their commit.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from ganzhi.base.failpoint import failpoint
from ganzhi.store.manifest import ConflictError, FileRef
from ganzhi.warehouse.files import Files
from ganzhi.warehouse.locks import holders, writer_lock
from ganzhi.warehouse.staging import is_abandoned
from ganzhi.warehouse.workplace import Workplace

SWEEP_LOCK = "upkeep"
GRACE_S = 24 * 3600.0
_BIRTH_S = 60.0
_LOCK_WAIT_S = 30.0


@dataclass(frozen=True, slots=True)
class SweepReport:
    """What a sweep did.

    retired: superseded files removed. strays: files without manifest row removed. staging:
    abandoned staging folders removed. freed_bytes: of the first two. left_for: names of the locks
    for whose holders strays were left alone.
    """

    retired: int
    strays: int
    staging: int
    freed_bytes: int
    left_for: tuple[str, ...]


def sweep(workplace: Workplace, grace_s: float = GRACE_S) -> SweepReport:
    """Remove what has not counted for `grace_s` seconds; waits for a backup or another sweep.

    A reader that has held a snapshot for longer than the grace period may lose its files.
    """
    with writer_lock(workplace.root, SWEEP_LOCK, _LOCK_WAIT_S, workplace.clock, "sweep"):
        staging = _sweep_staging(workplace, grace_s)
        retired, freed = _sweep_retired(workplace, grace_s)
        writers = tuple(h.name for h in holders(workplace.root) if h.name != SWEEP_LOCK)
        strays, freed_strays = (0, 0) if writers else _sweep_strays(workplace, grace_s)
    return SweepReport(retired, strays, staging, freed + freed_strays, writers)


def stray_files(workplace: Workplace, grace_s: float) -> tuple[Path, ...]:
    """Files of `data/` older than the grace period that no manifest row names."""
    root = workplace.files.root
    on_disk = [path for path in (root / "data").rglob("*") if path.is_file()]
    known = {file.path for file in known_files(workplace)}
    limit = workplace.clock.now().timestamp() - grace_s
    return tuple(p for p in on_disk if str(p.relative_to(root)) not in known and _is_older(p, limit))


def known_files(workplace: Workplace) -> Iterator[FileRef]:
    """Every file a manifest row names: live, inputs of live files, and retired."""
    manifest = workplace.store.manifest
    live = manifest.snapshot().files
    yield from live
    yield from manifest.files({id_ for file in live for id_ in file.inputs})
    yield from manifest.retired_before(workplace.clock.now() + timedelta(days=36_500))


def _sweep_retired(workplace: Workplace, grace_s: float) -> tuple[int, int]:
    manifest = workplace.store.manifest
    files = manifest.retired_before(workplace.clock.now() - timedelta(seconds=grace_s))
    try:
        manifest.forget([file.id for file in files])
    except ConflictError:
        # Somebody began to need one of them; the next sweep looks again.
        return 0, 0
    failpoint("sweep.after_forget")
    named = {file.path for file in known_files(workplace)}
    return _remove(workplace, [workplace.files.path(file) for file in files if file.path not in named], grace_s)


def _sweep_strays(workplace: Workplace, grace_s: float) -> tuple[int, int]:
    return _remove(workplace, stray_files(workplace, grace_s), grace_s)


def _remove(workplace: Workplace, paths: Iterable[Path], grace_s: float) -> tuple[int, int]:
    """Remove files that are still old in the instant of removal; number and bytes."""
    limit = workplace.clock.now().timestamp() - grace_s
    count = freed = 0
    for path in paths:
        with workplace.files.placing():
            if not _is_older(path, limit):
                continue
            freed += path.stat().st_size
            path.unlink()
            count += 1
        failpoint("sweep.after_unlink")
    return count, freed


def _sweep_staging(workplace: Workplace, grace_s: float) -> int:
    removed = 0
    youngest = workplace.clock.now().timestamp() - min(grace_s, _BIRTH_S)
    for folder in _staging_folders(workplace.files):
        if _is_older(folder, youngest) and is_abandoned(folder):
            shutil.rmtree(folder, ignore_errors=True)
            removed += 1
    return removed


def _staging_folders(files: Files) -> list[Path]:
    return [path for path in (files.root / "tmp").glob("*") if path.is_dir()]


def _is_older(path: Path, limit: float) -> bool:
    """Whether a file is there and has not changed since an instant in epoch seconds."""
    try:
        return path.stat().st_mtime <= limit
    except FileNotFoundError:
        return False
