"""What the URLs of the catalogue's pages said, raw: None where they said nothing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TreeQuery:
    """kei: a root. levels: how many layers are unfolded, as text `0` to `3`."""

    kei: str | None = None
    commercial_process: str | None = None
    topic: str | None = None
    levels: str | None = None


@dataclass(frozen=True, slots=True)
class FeedsQuery:
    """data: `arrived` or `waiting`. made: `source`, or the program's part that writes it."""

    source: str | None = None
    kind: str | None = None
    made: str | None = None
    data: str | None = None
    search: str | None = None


@dataclass(frozen=True, slots=True)
class ChangesQuery:
    """a, b: versions or their beginnings."""

    a: str | None = None
    b: str | None = None
    page: int = 1
