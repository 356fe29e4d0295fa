"""A whole delivery folder: which of its files belong to which feed, and in which order they are loaded.

Files are known by the name patterns of the mappings; a file that several mappings read (one table, two kinds of
records) is loaded by each. Within a feed files are loaded in the order of their folders and names, so that
`20120302/` comes after `20120301/`; feeds do not wait for one another.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.ingest.arrival import member
from ganzhi.ingest.load import load
from ganzhi.ingest.report import LoadReport, RefusedError, Tally
from ganzhi.warehouse.workplace import Workplace


@dataclass(frozen=True, slots=True)
class Parcel:
    """One file to be loaded with one mapping. size: bytes."""

    path: Path
    feed: str
    mapping: str
    size: int


@dataclass(frozen=True, slots=True)
class Sorted:
    """A folder's files. unknown: files that fit no mapping's name pattern."""

    parcels: tuple[Parcel, ...]
    unknown: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class FeedTally:
    """What came of a feed's files. already: files whose bytes were loaded before. refused: files of which no row
    counts, with the issues."""

    feed: str
    files: int = 0
    already: int = 0
    rows: Tally = field(default_factory=Tally)
    refused: tuple[Issue, ...] = field(default=())


def sort_delivery(catalogue: Catalogue, *folders: Path) -> Sorted:
    """The files below these folders, in their order, each with the mappings that know its name.

    Raises: InputError ING025 when a folder is not there or holds no file.
    """
    paths: list[Path] = []
    for folder in folders:
        found = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
        if not found:
            raise InputError(Issue("ING025", str(folder)))
        paths += found
    named = [(code, each) for code, each in catalogue.mappings.items() if each.files is not None]
    parcels: list[Parcel] = []
    unknown: list[Path] = []
    for path in paths:
        fitting = [Parcel(path, m.feed, code, path.stat().st_size) for code, m in named if member(m, path.name)]
        parcels += fitting
        if not fitting:
            unknown.append(path)
    return Sorted(tuple(parcels), tuple(unknown))


def by_feed(parcels: Iterable[Parcel]) -> list[list[Parcel]]:
    """The parcels of each feed, in order; the feed with the most work first."""
    feeds: dict[str, list[Parcel]] = {}
    for parcel in parcels:
        feeds.setdefault(parcel.feed, []).append(parcel)
    return sorted(feeds.values(), key=_work, reverse=True)


PER_FILE = 2_000_000
"""A file's fixed work, in bytes that could have been read meanwhile."""


def _work(parcels: Sequence[Parcel]) -> int:
    return sum(parcel.size + PER_FILE for parcel in parcels)


def load_parcels(workplace: Workplace, parcels: Sequence[Parcel]) -> FeedTally:
    """Load a feed's files, mapping by mapping and in order; a file that is refused is told and stops nothing."""
    reports: list[LoadReport] = []
    refused: list[Issue] = []
    for mapping in dict.fromkeys(parcel.mapping for parcel in parcels):
        paths = [parcel.path for parcel in parcels if parcel.mapping == mapping]
        try:
            reports += load(workplace, parcels[0].feed, paths, mapping=mapping)
        except RefusedError as error:
            reports += error.reports
            refused += error.issues
    rows = Tally()
    for report in reports:
        rows = rows.plus(report.tally)
        refused += report.issues if report.state == "rejected" else ()
    already = sum(report.state == "already" for report in reports)
    return FeedTally(parcels[0].feed, len(parcels), already, rows, tuple(refused))
