"""A file as somebody delivered it: opened without following links, and watched while it is read.

Owns the open handle. Refuses everything but regular files, and files that differ after reading from
what they were before (F46, F47).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from ganzhi.base.errors import InputError, Issue, Location

CHUNK = 4 << 20

_KINDS = (
    (stat.S_ISDIR, "directory"),
    (stat.S_ISFIFO, "fifo"),
    (stat.S_ISSOCK, "socket"),
    (stat.S_ISCHR, "device"),
    (stat.S_ISBLK, "device"),
    (stat.S_ISLNK, "link"),
)


def shown_name(path: Path | str) -> str:
    r"""A path as text that is safe to show: what is not printable is escaped.

    >>> shown_name("a\tb.csv")
    'a\\tb.csv'
    """
    text = os.fsencode(str(path)).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)[:1024]


def _kind_of(mode: int) -> str:
    return next((name for test, name in _KINDS if test(mode)), "other")


def refuse(path: Path, code: str, *, line: int = 0, subject: str = "", **params: str) -> InputError:
    """An error about a whole file."""
    return InputError(Issue(code, subject, Location(shown_name(path), line), params))


class Delivered:
    """One open file; use as a context manager."""

    def __init__(self, path: Path) -> None:
        """Open `path`; raises InputError ING001 when it is no regular file, ING002 when it cannot be opened."""
        self.path = path
        try:
            mode = os.lstat(path).st_mode
            if not stat.S_ISREG(mode):
                raise refuse(path, "ING001", kind=_kind_of(mode))
            self._handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except (OSError, ValueError) as error:
            reason = (os.strerror(error.errno) if isinstance(error, OSError) and error.errno else "") or "NUL"
            raise refuse(path, "ING002", reason=reason) from None
        mode = os.fstat(self._handle).st_mode
        if not stat.S_ISREG(mode):
            os.close(self._handle)
            raise refuse(path, "ING001", kind=_kind_of(mode))
        self._before = self._identity(os.fstat(self._handle))

    @property
    def name(self) -> str:
        """The file's own name, as text that is safe to show and store."""
        return shown_name(self.path.name)

    @property
    def size(self) -> int:
        """Bytes as delivered, when it was opened."""
        return self._before[2]

    def head(self, length: int = 65_536) -> bytes:
        """The first bytes."""
        return os.pread(self._handle, length, 0)

    def chunks(self) -> Iterator[bytes]:
        """All bytes from the start; stops with ING003 when there are more than there were."""
        offset = 0
        while chunk := os.pread(self._handle, CHUNK, offset):
            offset += len(chunk)
            if offset > self.size:
                raise refuse(self.path, "ING003")
            yield chunk
        if offset != self.size:
            raise refuse(self.path, "ING003")

    def check_unchanged(self) -> None:
        """Raise InputError ING003 when the file is not what it was, or another stands at its path."""
        try:
            there = self._identity(os.lstat(self.path))
        except OSError:
            raise refuse(self.path, "ING003") from None
        if self._identity(os.fstat(self._handle)) != self._before or there != self._before:
            raise refuse(self.path, "ING003")

    @staticmethod
    def _identity(found: os.stat_result) -> tuple[int, int, int, int]:
        return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns

    def close(self) -> None:
        """Close the handle; a second call does nothing."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def __enter__(self) -> Delivered:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
