"""How far long work is: a bar on a terminal, one line per step elsewhere, on standard error."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Final, TextIO

from ganzhi.cli.show.table import shorten

BAR_CELLS: Final = 24
NAME_CELLS: Final = 48
_CLEAR: Final = "\r\x1b[2K"


class Progress:
    """One piece of long work; used as a context so that the terminal's line is left empty."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._live = self._stream.isatty()

    def at(self, name: str, done: int, total: int) -> None:
        """Say that `done` of `total` steps are finished, the last one being `name`; total 0 means unknown."""
        if self._live:
            share = min(done / total, 1.0) if total else 0.0
            filled = round(share * BAR_CELLS)
            bar = f"[{'█' * filled}{'·' * (BAR_CELLS - filled)}] {done}/{total or '?'}"
            self._stream.write(f"{_CLEAR}{bar} {shorten(name, NAME_CELLS)}")
        else:
            self._stream.write(f"[{done}/{total or '?'}] {name}\n")
        self._stream.flush()

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._stream.write(_CLEAR)
            self._stream.flush()
