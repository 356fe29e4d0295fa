"""Calendar facts as small tables, so that no engine's date functions decide which day an hour is in.

`slots`: one row per quarter hour: `slot` (epoch second of its start), `day` (local), `half` and
`hour` (epoch second of the start of the local half hour and hour), `hour_of_day` (0–23). `days`:
one row per local day: `day`, `week`, `month`, `quarter`, `year` (first local day of the period),
`weekday` (1 Monday – 7 Sunday). `months`: the first day of a day's month. `asked`: which days (and
which months as a whole) or slots belong to which asked period.

Assumes zone offsets of whole quarter hours, as all are in force since 1972. A day of 23 or 25
hours has 92 or 100 slots; the two passes of a repeated hour are different slots of equal hour of day.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import pyarrow as pa

from ganzhi.base.periods import Grain, Period, midnight, period_at, period_of_day
from ganzhi.measure.observation import Basis

SLOT_S = 900

SLOTS_SCHEMA = pa.schema(
    [
        ("slot", pa.int64()),
        ("day", pa.date32()),
        ("half", pa.int64()),
        ("hour", pa.int64()),
        ("hour_of_day", pa.int8()),
    ]
)
DAYS_SCHEMA = pa.schema(
    [
        ("day", pa.date32()),
        ("week", pa.date32()),
        ("month", pa.date32()),
        ("quarter", pa.date32()),
        ("year", pa.date32()),
        ("weekday", pa.int8()),
    ]
)

Slot = tuple[int, date, int, int, int]


@lru_cache(maxsize=4096)
def _slots_of_day(day: date, zone: ZoneInfo) -> tuple[Slot, ...]:
    start = int(midnight(day, zone).timestamp())
    stop = int(midnight(day + timedelta(days=1), zone).timestamp())
    found = []
    for slot in range(start, stop, SLOT_S):
        local = datetime.fromtimestamp(slot, zone)
        into_hour = local.minute * 60
        found.append((slot, day, slot - into_hour % 1800, slot - into_hour, local.hour))
    return tuple(found)


def days_from_to(first: date, last: date) -> tuple[date, ...]:
    """All days from first to last, both included."""
    return tuple(first + timedelta(days=n) for n in range((last - first).days + 1))


def slots_table(days: Sequence[date], zone: ZoneInfo) -> pa.Table:
    """Table `slots` of local days."""
    rows = [slot for day in days for slot in _slots_of_day(day, zone)]
    return _columns(rows, SLOTS_SCHEMA)


def slot_days(slots: Iterable[int], zone: ZoneInfo) -> dict[int, date]:
    """The local day of each slot."""
    return {slot: datetime.fromtimestamp(slot, zone).date() for slot in slots}


def days_table(days: Sequence[date], zone: ZoneInfo) -> pa.Table:
    """Table `days` of local days."""
    grains = (Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR)
    rows = [(day, *(period_of_day(grain, day, zone).first_day for grain in grains), day.isoweekday()) for day in days]
    return _columns(rows, DAYS_SCHEMA)


def _columns(rows: Sequence[tuple[object, ...]], schema: pa.Schema) -> pa.Table:
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
    return pa.table([pa.array(c, field.type) for c, field in zip(columns, schema, strict=True)], schema=schema)


_SINCE: Mapping[Basis, Grain] = {
    "month_todate": Grain.MONTH,
    "quarter_todate": Grain.QUARTER,
    "year_todate": Grain.YEAR,
}


def exact_basis(basis: Basis, grain: Grain) -> Basis:
    """A basis that means the same for every grain: since when `todate` accumulates.

    >>> exact_basis("todate", Grain.WEEK), exact_basis("todate", Grain.QUARTER)
    ('month_todate', 'year_todate')
    """
    if basis != "todate":
        return basis
    return "month_todate" if grain.rank < Grain.MONTH.rank else "year_todate"


def covered_by(period: Period, basis: Basis) -> Period:
    """The interval that a value of a period covers: the period itself, or up to its end from the start of the month,
    quarter or year that its last day lies in. A period that is longer than that covers itself."""
    if basis == "period":
        return period
    root = _SINCE[exact_basis(basis, period.grain)]
    last_instant = (period.end.astimezone(UTC) - timedelta(microseconds=1)).astimezone(period.zone)
    start = period_at(root, last_instant, period.zone).start
    if period.grain.rank >= Grain.MONTH.rank:
        start = min(start, period.start)
    return Period(period.grain, start, period.end)


def months_table(days: Sequence[date]) -> pa.Table:
    """Table `months`: of each day the first day of its month."""
    return pa.table(
        {"day": pa.array(days, pa.date32()), "month": pa.array([d.replace(day=1) for d in days], pa.date32())}
    )


def asked_days(covered: Sequence[Period], usable: Collection[date], months: Collection[date] = ()) -> pa.Table:
    """Table `asked` by days, as far as they are usable: `period` is the index into `covered`.

    months: first days of months whose states hold all their usable days; where a period covers such a
    month, the month stands for its days (`whole`).
    """
    rows: list[tuple[int, date, bool, int | None]] = []
    for index, period in enumerate(covered):
        days = period.days
        whole = {month for month in months if period.first_day <= month and last_of_month(month) <= period.last_day}
        rows += [(index, month, True, None) for month in sorted(whole)]
        rows += [
            (index, day, False, day.isoweekday()) for day in days if day in usable and day.replace(day=1) not in whole
        ]
    schema = pa.schema([("period", pa.int64()), ("day", pa.date32()), ("whole", pa.bool_()), ("weekday", pa.int8())])
    return _columns(rows, schema)


def last_of_month(month: date) -> date:
    """The last day of the month that begins on a day."""
    return (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def asked_slots(covered: Sequence[Period], usable: Collection[date]) -> pa.Table:
    """Table `asked` by slots of usable days: `period` is the index into `covered`."""
    rows = []
    for index, period in enumerate(covered):
        start, stop = int(period.start.timestamp()), int(period.end.timestamp())
        for day in period.days:
            if day not in usable:
                continue
            weekday = day.isoweekday()
            rows += [
                (index, slot, hour_of_day, weekday)
                for slot, _, _, _, hour_of_day in _slots_of_day(day, period.zone)
                if start <= slot < stop
            ]
    schema = pa.schema(
        [("period", pa.int64()), ("slot", pa.int64()), ("hour_of_day", pa.int8()), ("weekday", pa.int8())]
    )
    return _columns(rows, schema)
