"""What arrived: sources with their days against a normal day, loads, and the rows a load refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from ganzhi.catalogue.model.parts import Text


@dataclass(frozen=True, slots=True)
class DayArrival:
    """One local day of a source. rows None: nothing arrived, or the viewer may not see how much did (withheld).
    usual: rows of a normal such day, None when too few days are known. short: clearly fewer than usual."""

    day: date
    rows: int | None
    usual: float | None
    short: bool
    withheld: bool = False

    @property
    def arrived(self) -> bool:
        """Whether anything arrived."""
        return self.rows is not None or self.withheld


@dataclass(frozen=True, slots=True)
class SourceArrival:
    """A source. state: `on_time`, `late`, `short` or `never`. days: oldest first, without holes
    between the first and the last. rows: None for a viewer bound to units: how much came is a number
    about units beyond theirs."""

    code: str
    name: Text
    state: str
    owner: Text | None
    expected: str
    late_after_hours: int
    last_day: date | None
    last_load: datetime | None
    rows: int | None
    days: tuple[DayArrival, ...]

    @property
    def missing(self) -> tuple[date, ...]:
        """Days on which nothing arrived."""
        return tuple(entry.day for entry in self.days if not entry.arrived)


@dataclass(frozen=True, slots=True)
class LoadRow:
    """One load of the ledger. reasons: issue code and number of rows, most first; state: `accepted`
    or `rejected`. file: the name without its folder."""

    id: str
    feed: str
    feed_name: Text
    mapping: str
    file: str
    state: str
    read: int
    accepted: int
    duplicate: int
    replaced: int
    rejected: int
    filtered: int
    blanked: int
    noted: int
    first_day: date | None
    last_day: date | None
    finished_at: datetime | None
    reasons: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class StreamLine:
    """A feed that arrives as a stream. state: `running`, `waiting` or `stopped`; silent: it should be reading and was
    not heard of lately. lag: messages or files not read yet, None when unknown and for a viewer who may not see
    how much comes.
    heard_until: up to when all that happened is believed to have come. said: issue code of why it waits."""

    stream: str
    feed: Text
    state: str
    silent: bool
    said: str
    lag: int | None
    heard_until: datetime | None
    at: datetime


@dataclass(frozen=True, slots=True)
class ArrivalPage:
    """The page of data arrival; loads newest first, out of `loads_total`. volumes: the viewer sees how much came;
    one bound to units sees their own imports only. importing: they may hand in files."""

    sources: tuple[SourceArrival, ...]
    loads: tuple[LoadRow, ...]
    loads_total: int
    catalogue_version: str
    volumes: bool = True
    importing: bool = False
    streams: tuple[StreamLine, ...] = ()


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row in quarantine. value and raw arrive masked where their column is personal."""

    file: str
    line: int
    field: str
    value: str | None
    reason: str
    detail: str | None
    raw: str | None


@dataclass(frozen=True, slots=True)
class RejectsPage:
    """The rows a load refused, a page at a time, in the order of the file."""

    load: LoadRow
    rows: tuple[RejectedRow, ...]
    total: int
    page: int
    pages: int
