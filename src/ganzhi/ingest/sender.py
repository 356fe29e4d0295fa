"""Who hands a file in, and of which units they may bring rows."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from ganzhi.base.ids import digest


@dataclass(frozen=True, slots=True)
class Sender:
    """Somebody who hands in a file. login: for the ledger; empty where nobody signed in.

    tops: the units they are bound to; units: all codes they may bring rows of, None for every one.
    What a bound sender hands in stands for those units alone: the same bytes from somebody else are
    another load, it gives way to no other file and no other file gives way to it, and its name dates nothing.
    """

    login: str = ""
    tops: tuple[str, ...] = ()
    units: Set[str] | None = None

    def content(self, sha256: str) -> str:
        """Under what bytes are known to have been loaded."""
        return sha256 if self.units is None else digest(sha256, *sorted(self.tops))


ANYBODY = Sender()
"""The command line and the schedule: rows of all units."""
