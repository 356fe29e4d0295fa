"""What a report is made of, whichever it is: sections of tables, courses and remarks, without words of a language.

A report is kept as JSON and shown, exported and sent from the same value; what a viewer may not see is taken out when
it is shown (`shown_to`), so one edition serves everybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from pydantic import TypeAdapter

from ganzhi.access.rights import SMALLEST_CELL
from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.build.cells.rule import withheld_parts

Kind = Literal["situation", "intake", "weekly", "monthly", "support"]
KINDS: Final[tuple[Kind, ...]] = ("situation", "intake", "weekly", "monthly")
"""Those about complaints."""
Form = Literal[
    "text", "word", "count", "number", "change", "share", "chance", "day", "period", "level", "indicator", "reading", "case",
    "trace", "finding",
]  # fmt: skip
"""word: a key of the reports' words. change: a ratio of change. share: between 0 and 1. period: its key.
indicator, case, trace, finding: a code or number that leads to its page. reading: a value of the indicator of its row."""


@dataclass(frozen=True, slots=True)
class Opens:
    """What a count opens to: the records of an indicator of a unit and period under conditions."""

    indicator: str
    feed: str
    unit: str
    period: str
    where: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Column:
    """part: whether its counts are parts of a total that is known, so that small ones are withheld. listed: whether its
    values are of records, told to viewers with list depth alone."""

    key: str
    form: Form = "text"
    part: bool = False
    listed: bool = False


Value = int | float | Text | str | None


@dataclass(frozen=True, slots=True)
class Row:
    """cells: one for each column. opens: what its first count opens to. finding: id of the warning it is about.
    complaint: id of the complaint it is about. marked: highlighted. withheld: its numbers are not shown."""

    cells: tuple[Value, ...]
    opens: Opens | None = None
    finding: str | None = None
    complaint: str | None = None
    marked: bool = False
    withheld: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """listed: of records, for viewers with list depth alone. hidden: nothing of it may be shown to this viewer."""

    key: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    listed: bool = False
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Point:
    """A day of a course, and the same weekday a week earlier or the same day a month earlier; None where unknown."""

    day: str
    value: int | None
    before: int | None


@dataclass(frozen=True, slots=True)
class Course:
    """Counts day by day. name: of what, where it is not plain from the section."""

    key: str
    points: tuple[Point, ...]
    name: Text | None = None

    @property
    def total(self) -> int | None:
        """The sum of the days that are known; None where none is."""
        known = [point.value for point in self.points if point.value is not None]
        return sum(known) if known else None


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence: a key of the reports' words and what is put into it."""

    key: str
    params: Mapping[str, int | float | Text | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report."""

    key: str
    remarks: tuple[Remark, ...] = ()
    courses: tuple[Course, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """A report of a unit and period. missing: days of the period on which no complaints arrived.
    known: whether anything of the period is known at all."""

    kind: Kind
    unit: str
    unit_name: Text
    period: str
    known: bool
    missing: tuple[str, ...]
    catalogue_version: str
    headline: Remark
    sections: tuple[Section, ...]


_ADAPTER: Final = TypeAdapter(Report)


def to_json(report: Report) -> dict[str, object]:
    """A report as it is kept; equal reports give equal values."""
    found: dict[str, object] = _ADAPTER.dump_python(report, mode="json")
    return found


def from_json(kept: Mapping[str, object]) -> Report:
    """What `to_json` wrote."""
    return _ADAPTER.validate_python(dict(kept))


def shown_to(report: Report, *, lists: bool) -> Report:
    """A report as a viewer may see it. lists: whether with list depth, who sees all.

    Of others small parts are withheld, with as many more as it takes that none can be had back; tables of records and
    small counts of single days are not shown.
    """
    if lists:
        return report
    return replace(report, sections=tuple(_section(each) for each in report.sections))


def _section(section: Section) -> Section:
    return replace(
        section,
        courses=tuple(replace(each, points=tuple(_point(p) for p in each.points)) for each in section.courses),
        tables=tuple(_table(each) for each in section.tables),
    )


def _point(point: Point) -> Point:
    value, before = (None if n is not None and 0 < n < SMALLEST_CELL else n for n in (point.value, point.before))
    return replace(point, value=value, before=before)


def _table(table: Table) -> Table:
    if table.listed:
        return replace(table, rows=(), hidden=True)
    out: set[int] = set()
    for place, column in enumerate(table.columns):
        if column.part:
            counts = [row.cells[place] for row in table.rows]
            chosen = withheld_parts([n if isinstance(n, int) else None for n in counts])
            if chosen is None:
                return replace(table, rows=(), hidden=True)
            out |= chosen
    rows = [
        _withheld(table, row) if at in out else replace(row, cells=_unlisted(table, row), opens=None, complaint=None)
        for at, row in enumerate(table.rows)
    ]
    # The place among others would tell how large a part is.
    return replace(table, rows=tuple(row for row in rows if not row.withheld) + _sorted(rows))


def _unlisted(table: Table, row: Row) -> tuple[Value, ...]:
    return tuple("" if c.listed else cell for c, cell in zip(table.columns, row.cells, strict=True))


def _withheld(table: Table, row: Row) -> Row:
    numbers = ("count", "number", "change", "share", "chance")
    shown = zip(table.columns, _unlisted(table, row), strict=True)
    cells = (None if c.form in numbers else cell for c, cell in shown)
    return Row(tuple(cells), withheld=True)


def _sorted(rows: list[Row]) -> tuple[Row, ...]:
    return tuple(sorted((row for row in rows if row.withheld), key=lambda row: str(row.cells[0])))
