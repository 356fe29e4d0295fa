"""What came of loading one file, as a value; and the same as JSON for the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Literal

from ganzhi.base.errors import InputError, Issue

LoadState = Literal["accepted", "rejected", "already"]
ReadingPath = Literal["fast", "careful", ""]


@dataclass(frozen=True, slots=True)
class Tally:
    """Verdicts on the records of a file.

    read: records, also those that are none (too few fields …); skipped: lines that match a skip
    pattern, blank: lines without content, neither of them read. accepted: new rows that count;
    duplicate: rows that are there already, or superseded within the file; replaced: rows whose key
    was there with other content, and which now count instead. blanked, noted: breaches that made a
    value unknown, or were only counted. retired: older rows that no longer count.
    """

    read: int = 0
    accepted: int = 0
    duplicate: int = 0
    replaced: int = 0
    rejected: int = 0
    filtered: int = 0
    skipped: int = 0
    blank: int = 0
    blanked: int = 0
    noted: int = 0
    retired: int = 0

    def plus(self, other: Tally) -> Tally:
        """The verdicts of both."""
        return Tally(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))

    @property
    def balances(self) -> bool:
        """No record disappears and none counts twice (P5)."""
        return self.read == self.accepted + self.duplicate + self.replaced + self.rejected + self.filtered


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What came of one file.

    file: as it was given. state: `accepted`; `rejected` (nothing counts, the ledger knows why);
    `already` (these bytes count since load `load_id`). reasons: rejected rows by their first
    reason; breaches: every failed check by code, also second ones and those that only blank or
    note. unknown_codes: per column, codes outside their list. days: local days with new or
    replaced rows. path: how the file was read. quarantined: rows written to quarantine. by: login of who
    handed it in, empty where nobody signed in.
    """

    file: str
    feed: str
    mapping: str
    state: LoadState
    load_id: str
    tally: Tally = Tally()
    reasons: Mapping[str, int] = field(default_factory=dict)
    breaches: Mapping[str, int] = field(default_factory=dict)
    unknown_codes: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    issues: tuple[Issue, ...] = ()
    days: tuple[date, ...] = ()
    path: ReadingPath = ""
    replay_of: str | None = None
    quarantined: int = 0
    by: str = ""

    @property
    def already_loaded(self) -> bool:
        """Whether the bytes counted before, so that nothing was done."""
        return self.state == "already"

    @property
    def read(self) -> int:
        """Records in the file."""
        return self.tally.read

    @property
    def accepted(self) -> int:
        """New rows that count."""
        return self.tally.accepted

    @property
    def duplicate(self) -> int:
        """Rows that are there already."""
        return self.tally.duplicate

    @property
    def replaced(self) -> int:
        """Rows that count instead of an older version."""
        return self.tally.replaced

    @property
    def rejected(self) -> int:
        """Rows in quarantine."""
        return self.tally.rejected

    @property
    def filtered(self) -> int:
        """Rows the mapping leaves out."""
        return self.tally.filtered

    @property
    def skipped(self) -> int:
        """Lines that match a skip pattern."""
        return self.tally.skipped

    @property
    def blanked(self) -> int:
        """Values made unknown."""
        return self.tally.blanked

    @property
    def noted(self) -> int:
        """Breaches that are only counted."""
        return self.tally.noted


class RefusedError(InputError):
    """Some files could not be loaded at all; `reports` are those of the others."""

    def __init__(self, issues: tuple[Issue, ...], reports: tuple[LoadReport, ...]) -> None:
        self.reports = reports
        super().__init__(issues)


def with_more(counts: Mapping[str, int], more: Mapping[str, int]) -> dict[str, int]:
    """Counts by code with others added."""
    return {code: counts.get(code, 0) + more.get(code, 0) for code in dict.fromkeys((*counts, *more))}


def issue_json(issue: Issue) -> dict[str, object]:
    """An issue as JSON values."""
    at = issue.at
    return {
        "code": issue.code,
        "subject": issue.subject,
        "file": at.file if at else "",
        "line": at.line if at else 0,
        "params": dict(issue.params),
        "severity": issue.severity,
    }


def report_json(report: LoadReport) -> dict[str, object]:
    """What the ledger keeps beside the counts."""
    return {
        "reasons": dict(report.reasons),
        "breaches": dict(report.breaches),
        "unknown_codes": {column: dict(codes) for column, codes in report.unknown_codes.items()},
        "issues": [issue_json(issue) for issue in report.issues],
        "skipped": report.skipped,
        "blank": report.tally.blank,
        "retired": report.tally.retired,
        "path": report.path,
        **({"by": report.by} if report.by else {}),
    }
