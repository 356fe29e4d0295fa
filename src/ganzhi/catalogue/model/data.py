"""Where records come from and what shape they take: sources, feeds, code lists, mappings."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from ganzhi.base.periods import Grain
from ganzhi.catalogue.model.parts import (
    Code,
    DataClass,
    Day,
    Expression,
    Model,
    Name,
    Number,
    OnViolation,
    Text,
    UnitCode,
    exactly_one,
)

ColumnType = Literal["text", "int", "decimal", "bool", "timestamp", "date"]


class Source(Model):
    """A system that delivers records (S002-084), with what is expected of it."""

    name: Text
    system: Text
    feeds: tuple[Code, ...] = ()
    expected: Literal["day", "hour", "month"] = "day"
    late_after_hours: Annotated[int, Field(ge=1, le=24 * 60)] = 30
    owner: Text | None = None


class Column(Model):
    """One column of a feed.

    type: `int` and `decimal` are exact; `timestamp` is an instant (stored in UTC); `date` a local day.
    min, max: inclusive bounds. allowed: a code list whose codes are the only values.
    on_violation: what a breach of type-independent rules (bounds, allowed codes) does; a value
    that cannot be read as its type always rejects the row.
    protection: data-protection class.
    """

    name: Text
    type: ColumnType
    required: bool = False
    min: Number | None = None
    max: Number | None = None
    allowed: Code | None = None
    scale: Annotated[int, Field(ge=0, le=9)] = 0
    measured_in: str | None = None
    on_violation: OnViolation = "reject"
    protection: DataClass = "none"


class Derived(Model):
    """A column computed from a feed's columns when they are read, never stored."""

    name: Text
    type: Literal["text", "int", "decimal", "bool"]
    expr: Expression


class Rule(Model):
    """A condition over one row that must not be false (unknown passes), such as the order of time stamps.

    blanks: with `on_violation: blank`, the columns that become unknown.
    """

    name: Text
    check: Expression
    on_violation: OnViolation = "reject"
    blanks: tuple[Name, ...] = ()


class Window(Model):
    """The span of event times a feed accepts: not before `earliest`, not later than `future_hours` after loading."""

    earliest: Day = date(1990, 1, 1)
    future_hours: Annotated[int, Field(ge=0, le=24 * 366)] = 24


class Feed(Model):
    """The canonical shape of one kind of record.

    kind: rows of an `event` feed happened once; rows of an `entity` feed are versions of a thing that
    lasts, of which the latest holds. made_by: the program's own part that writes it; None for feeds
    that a source delivers. codes: external codes by code system.
    key: columns that identify a record. time: event time (a required timestamp column).
    unit: column with the unit code. version: column that orders corrections of one key.
    finest: the finest grain observations are kept at. dimensions: columns or derived columns by
    which indicators may be sliced. cuboids: the combinations that are kept, each a list of
    dimensions; any subset of a listed combination can be asked for.
    rejected_limit: share of rejected rows above which a load is refused as a whole (F54).
    """

    name: Text
    kind: Literal["event", "entity"] = "event"
    record: Text
    made_by: Literal["trace", "floor", "voice", "improve"] | None = None
    codes: dict[Code, str] = Field(default_factory=dict)
    key: Annotated[tuple[Name, ...], Field(min_length=1)]
    time: Name
    unit: Name
    version: Name | None = None
    columns: Annotated[dict[Name, Column], Field(min_length=1)]
    derived: dict[Name, Derived] = Field(default_factory=dict)
    rules: dict[Name, Rule] = Field(default_factory=dict)
    finest: Grain = Grain.QUARTER_HOUR
    dimensions: tuple[Name, ...] = ()
    cuboids: tuple[tuple[Name, ...], ...] = ((),)
    window: Window = Window()
    rejected_limit: Annotated[Number, Field(ge=0, le=1)] = Decimal("0.5")
    retention_days: Annotated[int, Field(ge=1)] = 1100


class CodeEntry(Model):
    """One code of a list and what it means, within its validity (both days included)."""

    code: str
    to: str
    name: Text | None = None
    valid_from: Day | None = None
    valid_to: Day | None = None


class CodeList(Model):
    """A code list with validity (S000-061).

    unknown: what a code outside the list becomes: the row is rejected, or the code becomes the
    value of `other`; either way it is counted and named in the load's report.
    """

    name: Text
    entries: Annotated[tuple[CodeEntry, ...], Field(min_length=1)]
    unknown: Literal["reject", "other"] = "reject"
    other: str = "other"


class Clock(Model):
    """An instant put together from a date column and a time-of-day column.

    after: a feed column mapped earlier; where the clock is more than 12 hours before it, the
    instant lies on the following day (calls that pass midnight).
    absent_when: a condition over source columns under which the instant is unknown.
    """

    date: str
    time: str
    date_format: str = "%Y-%m-%d"
    time_format: str = "%H:%M:%S"
    after: Name | None = None
    absent_when: Expression | None = None


class MappedColumn(Model):
    """How one feed column comes about; exactly one of `source`, `expr`, `const`, `clock` is given.

    source: a column of the file, read as text, trimmed. expr: an expression over source columns
    (all text). const: a literal. clock: see `Clock`. format: strptime format of a timestamp or
    date. codes: a code list applied to the result. epoch: numeric time stamps and their unit.
    zone: zone of a local time stamp; the mapping's zone by default; `offset` when the text carries one.
    """

    source: str | None = None
    expr: Expression | None = None
    const: str | None = None
    clock: Clock | None = None
    format: str | None = None
    codes: Code | None = None
    epoch: Literal["s", "ms"] | None = None
    zone: str | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> MappedColumn:
        exactly_one(self, "source", "expr", "const", "clock")
        return self


class FileFormat(Model):
    """How the bytes are laid out.

    unpacked_limit_mb: size above which a compressed file is refused. null_words: texts that mean
    unknown, beside the empty text. skip_lines: patterns (RE2) of whole lines that are not records
    (footers, repeated headers). max_line_kb: longer records are rejected.
    """

    kind: Literal["csv", "jsonl", "excel", "parquet"] = "csv"
    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1, strip_whitespace=False)] = ","
    quote: Annotated[str, Field(max_length=1)] = '"'
    encoding: Literal["utf-8", "gb18030", "utf-16"] = "utf-8"
    header: bool = True
    sheet: str | None = None
    null_words: tuple[str, ...] = ()
    skip_lines: tuple[Annotated[str, StringConstraints(strip_whitespace=False)], ...] = ()
    unpacked_limit_mb: Annotated[int, Field(ge=1)] = 20_480
    max_line_kb: Annotated[int, Field(ge=1, le=16_384)] = 1024


class Expected(Model):
    """Which files of a sharded, dated family are due for each day or month (S000-069)."""

    per: Literal["day", "month"] = "day"
    shards: tuple[str, ...] = ()


class LiveTable(Model):
    """A table or view of the operator's own engine whose rows are the feed, never copied.

    name: as the engine knows it, with its database or schema before a dot. changed_by: a column that
    grows with every change (a version, a time of update); with the number of rows of a day its
    largest value says whether the day has to be computed again.
    """

    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z_]\w{0,63}(\.[A-Za-z_]\w{0,63}){0,2}$")]
    changed_by: Name


class Mapping(Model):
    """How a real file, or a table of the operator's engine, becomes a feed. YAML, no code.

    columns_expected: the file's columns, in any order; a missing one refuses the file, an extra
    one is noted, or refuses it where `closed`. where: rows for which this is not true are
    filtered, and counted. files: a file-name pattern with `{shard}` and one of `{yyyymmdd}`,
    `{yyyymm}`, by which `ingest` recognises and dates files. new_version: what happens to rows of
    an earlier file of the same name with other content: `merge` keeps those whose keys do not
    come again, `replace` removes them. zone: of local time stamps; none means the workspace's.
    table: where the rows live in the operator's engine instead of arriving in files; `source` and
    expressions then read its columns, which have types of their own. past: what it reads is of times past, from an
    earlier system: it counts in numbers and analyses, but no clock runs for it, nobody is warned because of it, and a
    load of it can be taken back.
    """

    name: Text
    feed: Code
    format: FileFormat = FileFormat()
    columns_expected: tuple[str, ...] = ()
    closed: bool = False
    columns: Annotated[dict[Name, MappedColumn], Field(min_length=1)]
    where: Expression | None = None
    zone: str | None = None
    files: str | None = None
    table: LiveTable | None = None
    expected: Expected | None = None
    new_version: Literal["merge", "replace"] = "merge"
    acknowledgement: Text | None = None
    past: bool = False


class FormerParent(Model):
    """Where a unit belonged before: `until` is the last day on which its records count there."""

    parent: UnitCode
    until: Day


class Unit(Model):
    """A node of the organisation; `parent` is None for a root only.

    formerly: earlier parents in order of time. What happened while a unit belonged elsewhere counts there for ever.
    """

    name: Text
    level: Literal["province", "city", "county", "hall", "counter", "centre", "team", "agent"]
    parent: UnitCode | None = None
    formerly: tuple[FormerParent, ...] = ()
    valid_from: Day | None = None
    valid_to: Day | None = None


class Dimension(Model):
    """An entry of the dimension dictionary that all reports share (S004-020).

    kind: `column` is a column of feeds, `calendar` is computed from event time (`hour_of_day`
    0–23, `weekday` 1–7 from Monday). group: the kind of view it belongs to.
    """

    name: Text
    kind: Literal["column", "calendar"] = "column"
    group: Literal["time", "region", "brand", "customer", "agent", "team", "business", "channel", "process"]
    description: Text | None = None
    values: dict[str, Text] = Field(default_factory=dict)
