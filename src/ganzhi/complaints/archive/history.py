"""Tickets of an earlier system, many files at once: looked at, loaded, taken back.

What is read and how old codes are translated is said by mappings with `past: true`. A file is read by the first of them that
can read it, so that files of several years, in other encodings or with other columns, go in together; which one it was is
told. Loading, quarantine, replay and the ledger are those of every file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from ganzhi.base.errors import InputError, Issue, Location
from ganzhi.ingest.load import load, look
from ganzhi.ingest.report import LoadReport, RefusedError
from ganzhi.store.ledger import LoadRecord
from ganzhi.warehouse.workplace import Workplace


@dataclass(frozen=True, slots=True)
class Looked:
    """What would come of a file. mapping: the one that reads it, None where none does; report: what would come of it.
    issues: of the file, remarks among them."""

    path: Path
    feed: str
    mapping: str | None
    report: LoadReport | None
    issues: tuple[Issue, ...]

    @property
    def readable(self) -> bool:
        """Whether it can be loaded."""
        return self.report is not None and self.report.state != "rejected"


def mappings_of(workplace: Workplace, named: Sequence[str] = ()) -> tuple[str, ...]:
    """The mappings to try, in order: those named, or all of times past.

    Raises: InputError HIS013 where there is none, HIS014 for a name that is none of them.
    """
    known = [code for code, each in workplace.catalogue.mappings.items() if each.past]
    if not known:
        raise InputError(Issue("HIS013"))
    wrong = [Issue("HIS014", each[:64], params={"known": ", ".join(known)}) for each in named if each not in known]
    if wrong:
        raise InputError(wrong)
    return tuple(named) or tuple(known)


def files_of(paths: Sequence[Path]) -> tuple[Path, ...]:
    """The files, and those in and below folders, each once; InputError HIS001 for a folder without any."""
    found: list[Path] = []
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        inside = sorted(each for each in path.rglob("*") if each.is_file() and not each.name.startswith((".", "~$")))
        if not inside:
            raise InputError(Issue("HIS001", path.name, params={"found": "0", "most": "–"}))
        found += inside
    return tuple(dict.fromkeys(found))


def look_at(workplace: Workplace, paths: Sequence[Path], mappings: Sequence[str]) -> Iterator[Looked]:
    """What would come of each file now, as if it were the only one; nothing is kept of it."""
    for path in files_of(paths):
        yield _look(workplace, path, mappings)


def _look(workplace: Workplace, path: Path, mappings: Sequence[str]) -> Looked:
    refused: list[Issue] = []
    poor: Looked | None = None
    for name in mappings:
        feed = workplace.catalogue.mappings[name].feed
        try:
            report, _ = look(workplace, feed, path, name)
        except InputError as error:
            refused += error.issues
            continue
        found = Looked(path, feed, name, report, (*report.issues, *_too_old(workplace, feed, path, report)))
        if found.readable:
            return found
        poor = poor or found
    if poor is not None:
        return poor
    whole = Issue("HIS015", path.name, Location(path.name), {"mappings": ", ".join(mappings)})
    return Looked(path, "", None, None, (whole, *refused))


def _too_old(workplace: Workplace, feed: str, path: Path, report: LoadReport) -> Iterator[Issue]:
    kept = workplace.catalogue.feed(feed).retention_days
    first = min(report.days, default=date.max)
    today = workplace.clock.now().astimezone(workplace.zone).date()
    if kept and first < today - timedelta(days=kept):
        told = {"first": first.isoformat(), "feed": feed, "days": str(kept)}
        yield Issue("HIS016", path.name, Location(path.name), told, "warning")


def bring_in(workplace: Workplace, looked: Looked, wait_s: float = 60.0) -> LoadReport:
    """Load a file that was looked at. Raises: InputError as it was found, or with what has changed since."""
    if looked.mapping is None or not looked.readable:
        raise InputError(looked.issues)
    try:
        (report,) = load(workplace, looked.feed, [looked.path], looked.mapping, wait_s)
    except RefusedError as error:
        raise InputError(error.issues) from None
    return report


def brought(workplace: Workplace) -> tuple[LoadRecord, ...]:
    """All loads of times past, newest first."""
    return workplace.store.ledger.of_mappings(mappings_of(workplace))


def state_of(record: LoadRecord) -> str:
    """How a load stands: accepted, rejected as a whole, or undone."""
    return "undone" if "undone" in record.report else record.state
