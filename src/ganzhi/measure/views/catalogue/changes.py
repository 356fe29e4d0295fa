"""How the catalogue came to be what it is: versions, proposals, and the difference between two versions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from ganzhi.catalogue.exchange.difference import EntryChange


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A remembered version. author, reason, valid_from: None for one that came with files. before: the version
    before it; in_force: whether it is the one that counts now."""

    version: str
    remembered_at: datetime
    author: str | None
    reason: str | None
    valid_from: date | None
    superseded_at: datetime | None
    in_force: bool
    before: str | None


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """A proposal with its state. put, drop: how many entries it writes and removes."""

    id: str
    base_version: str
    author: str
    reason: str
    source: str
    created_at: datetime
    state: str
    decided_by: str | None
    decided_at: datetime | None
    note: str
    resulting_version: str | None
    put: int
    drop: int


@dataclass(frozen=True, slots=True)
class ComparedVersions:
    """From `old` to `new`. entries: one page of them; all_entries: for files. meanings: indicators whose number
    means something else. effects: effect and number of entries with it, the gravest first."""

    old: str
    new: str
    entries: tuple[EntryChange, ...]
    all_entries: tuple[EntryChange, ...]
    meanings: tuple[str, ...]
    effects: tuple[tuple[str, int], ...]
    added: int
    removed: int
    changed: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class ChangesPage:
    """Versions and proposals, newest first. compared: None when two versions were not asked for."""

    versions: tuple[VersionRow, ...]
    proposals: tuple[ProposalRow, ...]
    compared: ComparedVersions | None
    catalogue_version: str
