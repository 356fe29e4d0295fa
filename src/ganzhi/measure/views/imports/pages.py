"""The import port: feeds and templates, an upload before it counts, a load and the rows it refused (S002-117)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from ganzhi.base.errors import Issue
from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.views.arrival import LoadRow, RejectedRow


@dataclass(frozen=True, slots=True)
class FormChoice:
    """How a file may look. code: of the mapping, or of the feed's own columns as they are. kind: of the file.
    files: name pattern, empty for any name. own: the feed's own columns."""

    code: str
    name: Text
    kind: str
    files: str
    own: bool


@dataclass(frozen=True, slots=True)
class FeedChoice:
    """A feed that takes files."""

    code: str
    name: Text
    forms: tuple[FormChoice, ...]


@dataclass(frozen=True, slots=True)
class AskedColumn:
    """A column that the file must have. allowed: codes, cut at some. masked: personal."""

    source: str
    name: Text
    type: str
    required: bool
    allowed: tuple[str, ...]
    format: str
    example: str
    masked: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """An upload that does not count yet. name: as it was called. until: when it is thrown away."""

    id: str
    feed: str
    feed_name: Text
    form: str
    name: str
    size: int
    at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class ImportsPage:
    """The import port. feed, form: what is chosen, None where nothing is yet. columns: of its template. recent:
    imports the viewer may see, newest first. bound: rows of units beyond the viewer's are refused."""

    feeds: tuple[FeedChoice, ...]
    feed: FeedChoice | None
    form: FormChoice | None
    columns: tuple[AskedColumn, ...]
    waiting: tuple[Waiting, ...]
    recent: tuple[LoadRow, ...]
    most_bytes: int
    kept_hours: int
    bound: bool


@dataclass(frozen=True, slots=True)
class Counts:
    """What becomes of the records of a file."""

    read: int
    accepted: int
    duplicate: int
    replaced: int
    rejected: int
    filtered: int
    blanked: int
    noted: int


@dataclass(frozen=True, slots=True)
class PreviewPage:
    """What would come of an upload. state: `accepted`, `rejected` (so many rows are bad that none would count),
    `already` (it counts as load `load`), or `refused` (it cannot be read as this feed: `issues` say why). issues:
    remarks, too. rows: the first ones that would be refused, masked. days: local days that would get rows."""

    upload: Waiting
    state: str
    load: str | None
    counts: Counts
    reasons: tuple[tuple[str, int], ...]
    issues: tuple[Issue, ...]
    rows: tuple[RejectedRow, ...]
    days: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class ResultPage:
    """What came of a load. by: who handed it in, empty where nobody signed in. issues: codes of what was noted.
    left: rows of it that are still refused; rows: a page of them, masked. again: what was loaded later out of its
    refused rows. correctable: whether they are few enough to be taken as a table. refreshed: the numbers know it."""

    load: LoadRow
    by: str
    issues: tuple[Issue, ...]
    rows: tuple[RejectedRow, ...]
    left: int
    page: int
    pages: int
    again: tuple[LoadRow, ...]
    of: str | None
    correctable: bool
    refreshed: bool
