"""What is wrong with a workspace, or soon will be: the store's own checks and those of the warehouse.

Reads only. Each check is one function and one line in `CHECKS`; a check that fails to run reports
why as its issue, and the others run all the same.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from importlib import metadata
from pathlib import Path
from typing import Final

from ganzhi.base.errors import EngineError, Issue
from ganzhi.base.settings import SETTINGS_FILE
from ganzhi.store.manifest import FileRef
from ganzhi.warehouse.disk import disk_error, sha256_of
from ganzhi.warehouse.duckdb.serving import damaged_caches
from ganzhi.warehouse.locks import holders
from ganzhi.warehouse.sweep import GRACE_S, stray_files
from ganzhi.warehouse.workplace import Workplace

LEAST_FREE: Final = 0.15
_HELD_LONG: Final = timedelta(hours=6)
_CLOCK_SLACK: Final = timedelta(minutes=5)
_NAMED: Final = 10
_NETWORK_FILE_SYSTEMS: Final = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre", "fuse.sshfs", "fuse.s3fs"}
)
_REQUIREMENT: Final = re.compile(r"([A-Za-z0-9._-]+)[^;]*?>=\s*([0-9][0-9.]*)")

Check = Callable[[Workplace], Iterator[Issue]]


def doctor(workplace: Workplace, *, deep: bool = False) -> list[Issue]:
    """Run all checks; empty when the workspace is well. deep: also read every file and compare its hash."""
    found = workplace.store.check()
    for check in (*CHECKS, *((_damaged,) if deep else ())):
        try:
            found.extend(check(workplace))
        except EngineError as error:
            if error.issue not in found:
                found.append(error.issue)
        except OSError as error:
            found.append(disk_error(error, error.filename or str(workplace.root)).issue)
    return found


def _needed(workplace: Workplace) -> dict[str, FileRef]:
    """Files that count and their inputs, by path."""
    manifest = workplace.store.manifest
    live = manifest.snapshot().files
    inputs = manifest.files({id_ for file in live for id_ in file.inputs})
    return {file.path: file for file in (*live, *inputs)}


def _lost(workplace: Workplace) -> Iterator[Issue]:
    for file in _needed(workplace).values():
        try:
            workplace.files.checked_path(file)
        except EngineError as error:
            yield error.issue


def _damaged(workplace: Workplace) -> Iterator[Issue]:
    for file in _needed(workplace).values():
        path = workplace.files.path(file)
        if path.is_file() and path.stat().st_size == file.bytes and sha256_of(path) != file.sha256:
            yield Issue("WHS004", file.path)


def _strays(workplace: Workplace) -> Iterator[Issue]:
    found = stray_files(workplace, GRACE_S)
    if found:
        megabytes = sum(path.stat().st_size for path in found if path.exists()) / 1e6
        params = {"count": str(len(found)), "megabytes": f"{megabytes:.1f}"}
        yield Issue("WHS030", "data", params=params, severity="warning")


def _locks(workplace: Workplace) -> Iterator[Issue]:
    now = workplace.clock.now()
    for held in holders(workplace.root):
        params = {"pid": str(held.pid), "since": held.since, "what": held.what}
        if held.stopped:
            yield Issue("WHS031", held.name, params=params)
        elif _instant(held.since, now) < now - _HELD_LONG:
            yield Issue("WHS032", held.name, params=params, severity="warning")


def _space(workplace: Workplace) -> Iterator[Issue]:
    usage = shutil.disk_usage(workplace.root)
    if usage.free < usage.total * LEAST_FREE:
        params = {"percent": f"{100 * usage.free / usage.total:.0f}", "gigabytes": f"{usage.free / 1e9:.1f}"}
        yield Issue("WHS033", str(workplace.root), params=params, severity="warning")


def _file_system(workplace: Workplace) -> Iterator[Issue]:
    kind = file_system_of(workplace.root, Path("/proc/self/mountinfo"))
    if kind in _NETWORK_FILE_SYSTEMS:
        yield Issue("WHS034", str(workplace.root), params={"kind": kind})


def _caches(workplace: Workplace) -> Iterator[Issue]:
    for name in damaged_caches(workplace.files.root):
        yield Issue("WHS035", name, severity="warning")


def _modes(workplace: Workplace) -> Iterator[Issue]:
    """Data, store and settings must not be open to everybody on the machine."""
    root = workplace.root
    if not root.stat().st_mode & 0o001:
        return
    places = [workplace.files.root / "data", root / "locks", root / SETTINGS_FILE, *sorted(root.glob("store.sqlite*"))]
    modes = {str(path.relative_to(root)): path.stat().st_mode for path in places if path.exists()}
    writable = [name for name, mode in modes.items() if mode & 0o002]
    readable = [name for name, mode in modes.items() if mode & 0o006 == 0o004 and name != SETTINGS_FILE]
    if writable:
        yield Issue("WHS036", " ".join(writable))
    if readable:
        yield Issue("WHS037", " ".join(readable), severity="warning")


def _clock(workplace: Workplace) -> Iterator[Issue]:
    """Something was written later than it is now: the clock has been set back."""
    now = workplace.clock.now()
    latest = [load.finished_at for load in workplace.store.ledger.loads(limit=_NAMED)]
    for file in workplace.store.manifest.snapshot().files[-_NAMED:]:
        path = workplace.files.path(file)
        if path.is_file():
            latest.append(datetime.fromtimestamp(path.stat().st_mtime, UTC))
    if latest and max(latest) > now + _CLOCK_SLACK:
        params = {"now": now.isoformat(timespec="seconds"), "seen": max(latest).isoformat(timespec="seconds")}
        yield Issue("WHS038", "clock", params=params)


def _versions(_workplace: Workplace) -> Iterator[Issue]:
    try:
        yield from old_libraries(metadata.requires("ganzhi") or [])
    except metadata.PackageNotFoundError:
        return


def old_libraries(requirements: list[str]) -> Iterator[Issue]:
    """An issue for each installed library that is older than a requirement without an extra allows."""
    for name, least in least_versions(requirements):
        try:
            found = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
        if _numbers(found) < _numbers(least):
            yield Issue("WHS039", name, params={"found": found, "least": least})


def least_versions(requirements: list[str]) -> Iterator[tuple[str, str]]:
    """Name and least version of each requirement that is not behind an extra.

    >>> list(least_versions(["duckdb<2.1,>=2.0", "ruff>=1; extra == 'dev'"]))
    [('duckdb', '2.0')]
    """
    for requirement in requirements:
        match = _REQUIREMENT.match(requirement)
        if match is not None and "extra" not in requirement:
            yield match.group(1), match.group(2)


def file_system_of(path: Path, mounts: Path) -> str:
    """The kind of file system a path is on, from a `mountinfo` table; empty when unknown."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    best, kind = "", ""
    target = os.path.join(path.resolve(), "")  # noqa: PTH118 - a trailing separator, which Path drops
    for line in lines:
        fields, _, rest = line.partition(" - ")
        point = fields.split()[4].replace("\\040", " ").rstrip("/") + "/"
        if target.startswith(point) and len(point) >= len(best):
            best, kind = point, rest.split()[0]
    return kind


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version.split("+", maxsplit=1)[0])[:4])


def _instant(text: str, otherwise: datetime) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return otherwise


CHECKS: Final[tuple[Check, ...]] = (
    _lost,
    _strays,
    _locks,
    _space,
    _file_system,
    _caches,
    _modes,
    _clock,
    _versions,
)
