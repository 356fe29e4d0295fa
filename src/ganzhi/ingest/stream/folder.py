"""A watched folder as a source: files that are complete, oldest name first.

A file that is being written is left alone: one whose name begins with a dot or an underscore or ends in `.part`, `.tmp` or
`.filepart`, and one whose size or time has changed since the last look. What was loaded is moved into `loaded/`, what was
refused into `refused/`; whoever is killed in between finds the file again and the ledger knows its bytes.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ganzhi.base.clock import Clock
from ganzhi.base.errors import Issue
from ganzhi.base.failpoint import failpoint
from ganzhi.ingest.stream.source import Polled, SourceAwayError

UNFINISHED: Final = (".part", ".tmp", ".filepart", ".crdownload")
LOADED, REFUSED = "loaded", "refused"

Stamp = tuple[int, int]


def is_unfinished(name: str) -> bool:
    """Whether a name says that the file is still being written.

    >>> is_unfinished("calls_20260101.csv.part"), is_unfinished("calls_20260101.csv")
    (True, False)
    """
    return name.startswith((".", "_")) or name.lower().endswith(UNFINISHED)


class FolderSource:
    """Files of one folder, not of those below it."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder, self._clock = folder, clock
        self._seen: dict[str, Stamp] = {}

    def poll(self, _wait_s: float, most: int) -> Polled:
        """The files that have not changed since the last look, in the order of their names."""
        began = self._clock.now()
        found: dict[str, Stamp] = {}
        ready: list[Path] = []
        for path in self._files():
            try:
                stat = path.stat()
            except OSError:
                continue
            found[path.name] = (stat.st_size, stat.st_mtime_ns)
            if self._seen.get(path.name) == found[path.name]:
                ready.append(path)
        self._seen = found
        left = len(found) - min(len(ready), most)
        return Polled(files=tuple(ready[:most]), lag=left, caught_up=None if left else began)

    def _files(self) -> Iterator[Path]:
        try:
            paths = sorted(self._folder.iterdir(), key=lambda path: path.name)
        except OSError as error:
            raise self._away(error) from None
        for path in paths:
            if not is_unfinished(path.name) and path.is_file() and not path.is_symlink():
                yield path

    def _away(self, error: OSError) -> SourceAwayError:
        reason = error.strerror or type(error).__name__
        return SourceAwayError(Issue("STR006", str(self._folder), params={"reason": reason}))

    def counted(self, polled: Polled) -> None:
        """Nothing: files are moved one by one as they are done."""

    def done(self, path: Path, *, refused: bool) -> None:
        """Move a file out of the way, under a name that nothing has yet."""
        failpoint("stream.before_move")
        target = self._folder / (REFUSED if refused else LOADED)
        free, number = target / path.name, 1
        try:
            target.mkdir(exist_ok=True)
            while free.exists():
                number += 1
                free = target / f"{path.name}.{number}"
            with contextlib.suppress(FileNotFoundError):  # another reader of the folder was quicker
                path.replace(free)
        except OSError as error:
            raise self._away(error) from None
        self._seen.pop(path.name, None)

    def rewind(self) -> None:
        """Nothing: what is in the folder is what is to be loaded."""

    def close(self) -> None:
        """Nothing is held."""
