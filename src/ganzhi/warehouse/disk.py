"""Steps on the file system that must hold after a crash, and what their failures mean to a person."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ganzhi.base.errors import EngineError, Issue

_CHUNK = 1 << 20


def disk_error(error: OSError, file: str) -> EngineError:
    """A failed write or read as an issue: WHS001 when there is no space, WHS002 for anything else."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return EngineError(Issue("WHS001", file), retryable=True)
    detail = os.strerror(error.errno) if error.errno else type(error).__name__
    return EngineError(Issue("WHS002", file, params={"detail": detail}), retryable=error.errno == errno.EIO)


@contextmanager
def disk_errors_as_issues(file: str) -> Iterator[None]:
    """Turn an OSError of the block into an EngineError that names `file`."""
    try:
        yield
    except OSError as error:
        raise disk_error(error, file) from error


def sync(path: Path) -> None:
    """Wait until a file's or folder's content is on the disk."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(folder: Path, *, upto: Path, mode: int) -> None:
    """Create a folder and its missing parents below `upto`, each on the disk before its child is used."""
    if folder.is_dir():
        return
    if folder != upto:
        make_folder(folder.parent, upto=upto, mode=mode)
    folder.mkdir(mode=mode, parents=folder == upto, exist_ok=True)
    sync(folder.parent)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, hexadecimal."""
    hasher = hashlib.sha256()
    with path.open("rb", buffering=0) as stream:
        while chunk := stream.read(_CHUNK):
            hasher.update(chunk)
    return hasher.hexdigest()
