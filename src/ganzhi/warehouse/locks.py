"""One writer at a time, by name: `flock` on a file, so that a killed holder frees it at once.

Beside the lock stands who holds it: process, since when, for what. Whoever waits too long is told;
a holder that is suspended is named as such, because waiting longer will not help. Meant for one
machine: a workspace on a network folder is refused by `doctor`.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ganzhi.base.clock import Clock
from ganzhi.base.errors import EngineError, InternalError, Issue
from ganzhi.warehouse.disk import disk_errors_as_issues

_NAME = re.compile(r"[a-z][a-z0-9_.-]{0,79}")
_POLL_S = 0.05
BUSY = frozenset({"WHS010", "WHS011"})
"""Codes of the errors that say that somebody else holds a lock."""
REFRESH_LOCK = "refresh"
"""Held by whoever computes states."""
_STOPPED_STATES = ("T", "t")


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lock. since: ISO instant in UTC. stopped: the process exists but is suspended."""

    name: str
    pid: int
    since: str
    what: str
    stopped: bool


def feed_lock(feed: str) -> str:
    """Name of the lock held by whoever changes a feed's rows."""
    return f"feed-{feed}"


@contextmanager
def writer_lock(root: Path, name: str, wait_s: float, clock: Clock, what: str = "") -> Iterator[None]:
    """Hold the workspace's lock `name` for the block.

    root: the workspace folder. wait_s: how long to wait for another holder. what: shown to others.
    Raises: EngineError WHS010 naming the holder and since when, WHS011 when it is suspended.
    """
    if _NAME.fullmatch(name) is None:
        raise InternalError(f"not a lock name: {name!r}")
    folder = root / "locks"
    with disk_errors_as_issues(f"locks/{name}"):
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        handle = os.open(folder / f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _take(handle, folder, name, wait_s)
        with disk_errors_as_issues(f"locks/{name}"):
            _write_holder(handle, what or name, clock)
        try:
            yield
        finally:
            os.ftruncate(handle, 0)
    finally:
        os.close(handle)


def holder(root: Path, name: str) -> Holder | None:
    """Who holds the lock now, or None when nobody does."""
    path = root / "locks" / f"{name}.lock"
    try:
        handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read_holder(path, name)
    else:
        return None
    finally:
        os.close(handle)


def holders(root: Path) -> tuple[Holder, ...]:
    """All locks of the workspace that are held now, by name."""
    names = sorted(path.stem for path in (root / "locks").glob("*.lock"))
    return tuple(found for found in (holder(root, name) for name in names) if found is not None)


def _take(handle: int, folder: Path, name: str, wait_s: float) -> None:
    # Whoever looks at the lock (`holder`) shares it for an instant, hence a second try in any case.
    until = time.monotonic() + max(wait_s, 2 * _POLL_S)
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            left = until - time.monotonic()
            if left <= 0:
                raise _busy(folder, name, wait_s) from None
            time.sleep(min(_POLL_S, left))


def _busy(folder: Path, name: str, wait_s: float) -> EngineError:
    found = _read_holder(folder / f"{name}.lock", name)
    params = {"pid": str(found.pid), "since": found.since, "what": found.what, "waited": f"{wait_s:g}"}
    return EngineError(Issue("WHS011" if found.stopped else "WHS010", name, params=params), retryable=True)


def _write_holder(handle: int, what: str, clock: Clock) -> None:
    record = {"pid": os.getpid(), "since": clock.now().isoformat(timespec="seconds"), "what": what}
    os.ftruncate(handle, 0)
    os.pwrite(handle, json.dumps(record).encode(), 0)


def _read_holder(path: Path, name: str) -> Holder:
    """The record beside a held lock; the holder may be between taking the lock and writing it."""
    try:
        record = json.loads(path.read_bytes())
        pid, since, what = int(record["pid"]), str(record["since"]), str(record["what"])
    except (OSError, ValueError, KeyError, TypeError):
        return Holder(name, 0, "–", name, stopped=False)
    return Holder(name, pid, since, what, stopped=_is_stopped(pid))


def _is_stopped(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    after_name = status.rpartition(")")[2].split()
    return bool(after_name) and after_name[0] in _STOPPED_STATES
