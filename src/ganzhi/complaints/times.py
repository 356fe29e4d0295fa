"""How long steps of complaint tickets took, by the clock and in the working time of the department that had them, by
department, business and step (S002-004, S002-005)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

import numpy as np

from ganzhi.base.periods import Period
from ganzhi.compile.complaints import finished_steps_sql
from ganzhi.compile.states import relation_of, rows_schema
from ganzhi.complaints.desk.directory import Directory
from ganzhi.complaints.worktime import Calendar
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.units import members_by_time
from ganzhi.warehouse.engine import Relation

FEED: Final = "complaint_steps"
BEGINS: Final = "assigned_at"
ENDS: Final = "finished_at"
Cut = Literal["unit", "department", "business", "flow_step"]
CUTS: Final[tuple[Cut, ...]] = ("unit", "department", "business", "flow_step")
COLUMNS: Final = ("step_id", "complaint_id", *CUTS, BEGINS, ENDS)
HOUR: Final = 3600


@dataclass(frozen=True, slots=True)
class StepTime:
    """A step that has ended. elapsed_s: from dispatch to the end; working_s: what of it was working time."""

    step: str
    complaint: str
    keys: Mapping[Cut, str]
    assigned_at: datetime
    finished_at: datetime
    elapsed_s: int
    working_s: int


@dataclass(frozen=True, slots=True)
class Times:
    """Steps of a cut: how many, and their seconds in all."""

    keys: tuple[str, ...]
    count: int
    elapsed_s: int
    working_s: int

    @property
    def elapsed_h(self) -> float:
        """Mean hours by the clock."""
        return self.elapsed_s / self.count / HOUR

    @property
    def working_h(self) -> float:
        """Mean hours of working time."""
        return self.working_s / self.count / HOUR


def step_times(reader: Reader, unit: str, period: Period) -> list[StepTime]:
    """Every step dispatched in the period that has ended, in the order of time.

    Raises: InputError REQ012 for a unit out of reach; AccessError without list depth.
    """
    reader.viewer.require("list")
    reader.ground.unit(unit)
    place = reader.workplace
    days = [day.isoformat() for day in period.days]
    relation = Relation(reader.states.snapshot.table(f"rows/{FEED}", days), rows_schema(place.catalogue.feed(FEED)))
    with place.engine.session({relation_of(f"rows/{FEED}"): relation}) as session:
        session.register("members", members_by_time(place.catalogue, unit, place.zone))
        rows = session.query(finished_steps_sql(FEED, COLUMNS, BEGINS, ENDS, period.start, period.end)).to_pylist()
    directory = Directory(place.catalogue, period.last_day, place.zone)
    calendars = {name: directory.calendar(directory.code(name)) for name in {row["department"] for row in rows}}
    worked = [0] * len(rows)
    for name, calendar in calendars.items():
        own = [at for at, row in enumerate(rows) if row["department"] == name]
        for at, seconds in zip(own, worked_seconds(calendar, [rows[at] for at in own]), strict=True):
            worked[at] = seconds
    return [_step(row, seconds) for row, seconds in zip(rows, worked, strict=True)]


def _step(row: Mapping[str, Any], working_s: int) -> StepTime:
    begins, ends = row[BEGINS].astimezone(UTC), row[ENDS].astimezone(UTC)
    elapsed = (ends - begins) // timedelta(seconds=1)
    keys: dict[Cut, str] = {cut: row[cut] or "" for cut in CUTS}
    return StepTime(row["step_id"], row["complaint_id"], keys, begins, ends, elapsed, working_s)


def worked_seconds(calendar: Calendar, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Whole seconds of working time between `BEGINS` and `ENDS` of each row.

    Working time until a moment is a line that rises in shifts and rests between them; each row is a difference of two of
    its points, so a shift is looked at once, however many rows lie in it.
    """
    if not rows:
        return []
    begins = np.array([row[BEGINS].timestamp() for row in rows])
    ends = np.array([row[ENDS].timestamp() for row in rows])
    first = datetime.fromtimestamp(begins.min(), UTC)
    corners, worked = [begins.min()], [0.0]
    for opens, closes in calendar.stretches(first.astimezone(calendar.zone).date()):
        start, stop = max(opens.timestamp(), corners[0]), closes.timestamp()
        if opens.timestamp() > ends.max():
            break
        if stop > start:
            corners += [start, stop]
            worked += [worked[-1], worked[-1] + stop - start]
    until = [np.interp(moments, corners, worked) for moments in (begins, ends)]
    found: list[int] = np.maximum(np.floor(until[1] - until[0] + 1e-6), 0).astype(np.int64).tolist()
    return found


def summed(steps: Iterable[StepTime], by: Sequence[Cut]) -> list[Times]:
    """Steps put together by the cuts, the most working time first."""
    sums: dict[tuple[str, ...], list[int]] = {}
    for each in steps:
        held = sums.setdefault(tuple(each.keys[cut] for cut in by), [0, 0, 0])
        for at, more in enumerate((1, each.elapsed_s, each.working_s)):
            held[at] += more
    made = [Times(keys, *held) for keys, held in sums.items()]
    return sorted(made, key=lambda each: (-each.working_s, each.keys))
