"""One record of a feed, with its origin and what it counts in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from ganzhi.catalogue.model.parts import DataClass, Text
from ganzhi.measure.views.query import PageQuery, RecordsQuery

WHOLE = "*"
"""In place of a column: every masked column of the record."""


@dataclass(frozen=True, slots=True)
class RecordField:
    """A column of the record. value: as text, masked where `masked` says so. meaning: what a code stands for."""

    name: str
    title: Text
    type: str
    protection: DataClass
    value: str | None
    meaning: Text | None
    masked: bool


@dataclass(frozen=True, slots=True)
class CountedIn:
    """An indicator the record counts in. parts: `numerator` and `denominator`, or `all` of one without parts."""

    code: str
    name: Text
    layer: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpenedFrom:
    """The list a record was opened from. place: from 1."""

    indicator: str
    scope: PageQuery
    list: RecordsQuery
    place: int


@dataclass(frozen=True, slots=True)
class RecordKey:
    """Where a record is found: load and line of its file."""

    load: str
    line: int


@dataclass(frozen=True, slots=True)
class RecordPage:
    """A record. file, line, loaded_at, mapping: where it came from. day: local day of its event. counts: it is
    among the rows that count now; a later version may have replaced it since a number was computed.
    counted: live indicators it counts in. before, after: its neighbours in the list it was opened from, `place`
    its place there, from 1, of `total`; None when it was opened by itself or the list has changed."""

    feed: str
    feed_name: Text
    record_name: Text
    key: RecordKey
    file: str
    mapping: str
    loaded_at: datetime
    unit: str
    unit_name: Text
    day: date
    counts: bool
    fields: tuple[RecordField, ...]
    counted: tuple[CountedIn, ...]
    before: RecordKey | None = None
    after: RecordKey | None = None
    place: int | None = None
    total: int | None = None

    @property
    def masked(self) -> tuple[RecordField, ...]:
        """The columns that hold something that is masked."""
        return tuple(each for each in self.fields if each.masked and each.value is not None)


@dataclass(frozen=True, slots=True)
class Unmasked:
    """Values in full, by column: to be shown once and kept nowhere."""

    values: Mapping[str, str] = field(repr=False)
    audit: int
    """Number of the entry in the audit trail."""
