"""What comes back on a free question: rows, groups or numbers, and what they cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from ganzhi.base.periods import Grain, Period
from ganzhi.catalogue.model.data import ColumnType
from ganzhi.catalogue.model.parts import DataClass, Text
from ganzhi.measure.views.ask.question import Question
from ganzhi.measure.views.parts import Basis, Reading, Subject


@dataclass(frozen=True, slots=True)
class AskColumn:
    """A column that may be asked about. kind: stored, derived, from event time, or the place. masked: shown masked,
    and no condition, order, group or sum may use it. values: names of its values, where they are declared."""

    name: str
    title: Text
    type: ColumnType
    kind: Literal["stored", "derived", "time", "place"]
    protection: DataClass
    masked: bool
    scale: int
    values: Mapping[str, Text]
    measured_in: str | None = None

    @property
    def number(self) -> bool:
        """Whether it can be added up."""
        return self.type in ("int", "decimal") and self.kind in ("stored", "derived") and not self.masked


@dataclass(frozen=True, slots=True)
class Cost:
    """What a question reads, estimated before it runs. rows: of the files of those days."""

    rows: int
    days: int
    most: int


@dataclass(frozen=True, slots=True)
class Said:
    """A condition in words. without: the question that does not have it."""

    column: Text
    op: str
    values: tuple[Text, ...]
    without: Question


@dataclass(frozen=True, slots=True)
class Place:
    """Where and when a question was answered for. top: the unit that is meant when none is given."""

    unit: str
    unit_name: Text
    top: str
    first: date
    last: date
    data_until: date | None
    refreshed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Key:
    """A group's value in one column: as a condition writes it (None where it is unknown), and its name."""

    value: str | None
    name: Text


@dataclass(frozen=True, slots=True)
class Total:
    """What a group's numbers in one column add up to: how many of them are known, their sum, and the ends. The mean
    is the sum over n and nothing else."""

    n: int
    sum: int | Decimal | None
    min: int | Decimal | None
    max: int | Decimal | None

    @property
    def mean(self) -> float | None:
        """Sum over n; None where no number is known."""
        if not self.n or self.sum is None:
            return None
        return self.sum / self.n if isinstance(self.sum, int) else float(self.sum / Decimal(self.n))


@dataclass(frozen=True, slots=True)
class Group:
    """A group. rows: how many there are; totals: one for each measure; behind: the question
    for its rows, None where it cannot be written."""

    keys: tuple[Key, ...]
    rows: int
    totals: tuple[Total, ...]
    behind: Question | None


@dataclass(frozen=True, slots=True)
class RecordsAnswer:
    """Rows of a feed, as a list (`rows`) or in groups.

    columns: shown, in order. rows: cells as text; each row's last two are origin file and line. total:
    rows that meet the conditions, groups or not; totals: of the measures over all of them. found: how many rows
    or groups there are to page through.
    """

    place: Place
    feed: str
    feed_name: Text
    record: Text
    columns: tuple[AskColumn, ...]
    rows: tuple[tuple[str | None, ...], ...]
    grouped: tuple[AskColumn, ...]
    measured: tuple[AskColumn, ...]
    groups: tuple[Group, ...]
    said: tuple[Said, ...]
    total: int
    totals: tuple[Total, ...]
    found: int
    page: int
    pages: int
    cost: Cost


@dataclass(frozen=True, slots=True)
class Line:
    """One number: an indicator of a unit in a period, of a slice. parts: dimension, value and name, in the order of
    the question's `by`."""

    code: str
    unit: str
    unit_name: Text
    period: Period
    slice: tuple[tuple[str, Key], ...]
    reading: Reading


@dataclass(frozen=True, slots=True)
class IndicatorsAnswer:
    """Numbers, in the order of codes, units, slices and periods.

    subjects, feeds: of each code. where: dimension and value that all numbers are under. linked: whether each number may
    be opened down to its records. withheld: whether parts are not shown because they are too small.
    """

    place: Place
    grain: Grain
    basis: Basis
    subjects: Mapping[str, Subject]
    feeds: Mapping[str, str]
    by: tuple[tuple[str, Text], ...]
    where: tuple[tuple[str, str], ...]
    below: bool
    lines: tuple[Line, ...]
    said: tuple[Said, ...]
    linked: bool
    withheld: bool
    cost: Cost
