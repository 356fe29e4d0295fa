"""Private folders for files that do not count yet.

Each session works in `tmp/<id>/` of the warehouse folder and holds a lock on it, so that a sweep
can tell the leavings of a killed process (lock free) from work in progress (lock held).
"""

from __future__ import annotations

import fcntl
import os
import shutil
from pathlib import Path

from ganzhi.base.errors import InternalError
from ganzhi.base.ids import new_id

LOCK_NAME = ".lock"
FOLDER_MODE = 0o750
FILE_MODE = 0o440


class Staging:
    """One folder `tmp/<id>/`, ours until `close`, which removes it with everything in it."""

    def __init__(self, root: Path) -> None:
        self.path = root / "tmp" / new_id()
        self.path.mkdir(mode=FOLDER_MODE, parents=True)
        try:
            self._lock = os.open(self.path / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError:
            self.path.rmdir()
            raise
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self._next = 0

    def file(self, suffix: str) -> Path:
        """A path in the folder that nothing has used yet."""
        if self._lock < 0:
            raise InternalError("staging folder used after close")
        self._next += 1
        return self.path / f"{self._next}{suffix}"

    def close(self) -> None:
        """Remove the folder; a second call does nothing."""
        if self._lock < 0:
            return
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)
        self._lock = -1


def is_abandoned(folder: Path) -> bool:
    """Whether no living process works in a staging folder (or its owner has not come to lock it)."""
    try:
        handle = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        return True
    finally:
        os.close(handle)
