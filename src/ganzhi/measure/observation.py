"""What is asked about indicators and what comes back, as values.

An observation is an indicator's numerator, denominator, n and completeness for unit × period ×
slice. Owns the JSON and Arrow shapes that scripts rely on (design.md section 4). Refuses to show
an unknown value as zero: `value` is None then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, NamedTuple

import pyarrow as pa

from ganzhi.base.periods import Grain, Period

Basis = Literal["period", "todate", "month_todate", "quarter_todate", "year_todate"]
"""What a value of a period covers: the period, or everything since the start of a longer one up to the period's end.
`todate` is since the month for grains below a month and since the year for others."""
Exact = int | Decimal

UNITS_OF_VALUE: Mapping[str, str] = {
    "count": "count",
    "percent": "%",
    "ms": "ms",
    "s": "s",
    "min": "min",
    "h": "h",
    "day": "days",
    "yuan": "yuan",
    "mbps": "Mbit/s",
    "mb": "MB",
    "per_10k": "per 10k",
    "rating": "rating",
    "score": "points",
    "ratio": "ratio",
}
"""How the catalogue's units of value are written in results."""


class Parts(NamedTuple):
    """The numbers of an observation, without whose they are and when; fields as of `Observation`."""

    numerator: Exact | None = None
    denominator: Exact | None = None
    n: int = 0
    value: float | int | None = None
    completeness: float = 0.0
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class ObserveRequest:
    """A question: which indicators, of whom, in which periods, cut how.

    first, last: local days, both included; periods they touch are answered whole. by: dimensions
    to cut by (`hour_of_day` and `weekday` too). where: dimension value a row must have.
    basis: all but `period` accumulate up to the end of each period; ratios are formed from the accumulated parts
    (S002-119).
    children: answer for the direct children of `unit` instead of for the unit. units: answer for these, of any
    level, instead.
    stale: `refuse` raises when rows have arrived that are not in the computed states yet, `show`
    answers from the states as they are.
    """

    codes: tuple[str, ...]
    unit: str
    grain: Grain
    first: date
    last: date
    by: tuple[str, ...] = ()
    basis: Basis = "period"
    where: Mapping[str, str] = field(default_factory=dict)
    children: bool = False
    units: tuple[str, ...] = ()
    stale: Literal["refuse", "show"] = "refuse"


@dataclass(frozen=True, slots=True)
class Observation:
    """One answer.

    period: the period asked for. covered: the interval the number covers; it starts before the
    period on a basis to date. numerator, denominator: exact, None where they mean nothing or
    nothing is known. n: rows in the denominator (0 when nothing arrived). value: None when
    unknown. completeness: ratio of the covered days that have arrived, 0 to 1. estimated: whether a
    part is a count of different values that is estimated (`compile.distinct.ERROR`) and not counted.
    """

    code: str
    unit: str
    period: Period
    covered: Period
    slice: Mapping[str, str]
    numerator: Exact | None
    denominator: Exact | None
    n: int
    value: float | int | None
    unit_of_value: str
    completeness: float
    catalogue_version: str
    estimated: bool = False

    @property
    def grain(self) -> Grain:
        """Grain of the period."""
        return self.period.grain

    def as_json(self) -> dict[str, object]:
        """The object of `ganzhi observe --format json`."""
        return {
            "code": self.code,
            "unit": self.unit,
            "grain": self.grain.value,
            "period_start": moment(self.covered, self.covered.start),
            "period_end": moment(self.covered, self.covered.end),
            "slice": dict(self.slice),
            "numerator": plain(self.numerator),
            "denominator": plain(self.denominator),
            "n": self.n,
            "value": self.value,
            "unit_of_value": self.unit_of_value,
            "completeness": self.completeness,
            "catalogue_version": self.catalogue_version,
            "estimated": self.estimated,
        }


def moment(period: Period, at: datetime) -> str:
    """A boundary as text: a local date from a day up, a date-time with offset below."""
    return at.isoformat() if period.grain.minutes else at.date().isoformat()


def plain(number: Exact | None) -> int | float | None:
    """An exact number as JSON can carry it: whole numbers as integers."""
    if number is None or isinstance(number, int):
        return number
    return int(number) if number == number.to_integral_value() else float(number)


OBSERVATION_SCHEMA = pa.schema(
    [
        ("code", pa.string()),
        ("unit", pa.string()),
        ("grain", pa.string()),
        ("period_start", pa.string()),
        ("period_end", pa.string()),
        ("slice", pa.map_(pa.string(), pa.string())),
        ("numerator", pa.decimal128(38, 9)),
        ("denominator", pa.decimal128(38, 9)),
        ("n", pa.int64()),
        ("value", pa.float64()),
        ("unit_of_value", pa.string()),
        ("completeness", pa.float64()),
        ("catalogue_version", pa.string()),
        ("estimated", pa.bool_()),
    ]
)
"""Columns of the Arrow and Parquet form; the same names and meanings as the JSON form."""


def as_table(observations: Sequence[Observation]) -> pa.Table:
    """The observations as an Arrow table of `OBSERVATION_SCHEMA`."""
    rows = []
    for each in observations:
        row = each.as_json()
        row["slice"] = list(each.slice.items())
        row["numerator"] = None if each.numerator is None else Decimal(each.numerator)
        row["denominator"] = None if each.denominator is None else Decimal(each.denominator)
        row["value"] = None if each.value is None else float(each.value)
        rows.append(row)
    return pa.Table.from_pylist(rows, schema=OBSERVATION_SCHEMA)
