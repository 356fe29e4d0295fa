"""The records behind a number, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass

from ganzhi.catalogue.model.parts import DataClass, Text
from ganzhi.measure.views.parts import Scope, Subject
from ganzhi.measure.views.record import RecordKey


@dataclass(frozen=True, slots=True)
class RecordColumn:
    """A column of the list; values of personal columns arrive masked."""

    name: str
    title: Text
    type: str
    protection: DataClass


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition that the list was asked for: `field` is `indicator`, `part`, `unit`, `period`, `q` (search) or a dimension."""

    field: str
    value: str
    title: Text
    removable: bool


@dataclass(frozen=True, slots=True)
class RecordsPage:
    """Records of a feed that make up a number.

    part: `numerator`, `denominator` or `all`. total: number of records, equal to the number on the
    link that led here. rows: cells in the order of `columns`, as text; each row's last two cells
    are origin file and line. keys: where each row's own page is found; None for rows of an engine's table.
    whole: up to 500 on one page.
    """

    scope: Scope
    subject: Subject
    feed: str
    record_name: Text
    part: str
    parts: tuple[tuple[str, int], ...]
    conditions: tuple[Condition, ...]
    columns: tuple[RecordColumn, ...]
    rows: tuple[tuple[str | None, ...], ...]
    total: int
    page: int
    pages: int
    sort: str
    search: str
    keys: tuple[RecordKey | None, ...] = ()
    whole: bool = False
