"""Handling times by the clock and in working time, against a count of minutes written without the package."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import duckdb
import pytest

from ganzhi.access.rights import LOCAL, ROLES, AccessError, Viewer
from ganzhi.base.periods import parse_period
from ganzhi.complaints.times import step_times, summed
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.open import States
from ganzhi.warehouse.workplace import Workplace
from tests.complaints.measures.conftest import DEPARTMENTS, ZONE, Row

OFFICE = ((8 * 60 + 30, 12 * 60), (14 * 60, 17 * 60 + 30))
MONTH = parse_period("2026-09", ZONE)


def minutes_worked(begin: datetime, end: datetime) -> int:
    """Minute by minute; September 2026 has one weekend that is worked (the 20th) and one holiday (from the 25th)."""
    count, at = 0, begin
    while at < end:
        local = at.astimezone(ZONE)
        day, minute = local.date(), local.hour * 60 + local.minute
        off = date(2026, 9, 25) <= day <= date(2026, 9, 27) or (day.weekday() >= 5 and day != date(2026, 9, 20))
        count += not off and any(first <= minute < last for first, last in OFFICE)
        at += timedelta(minutes=1)
    return count


@pytest.mark.requirement("S002-004")
def test_every_step_has_its_time_by_the_clock_and_in_working_hours(
    place: Workplace, reading: States, tables: dict[str, list[Row]]
) -> None:
    found = {each.step: each for each in step_times(Reader(place, reading, LOCAL), "all", MONTH)}
    ended = {row["step_id"]: row for row in tables["complaint_steps"] if row["finished_at"] is not None}
    assert set(found) == set(ended)
    for step, row in ended.items():
        begin, end = row["assigned_at"], row["finished_at"]
        assert found[step].elapsed_s == (end - begin).total_seconds()
        if row["department"] == "市场部":
            assert found[step].working_s == 60 * minutes_worked(begin, end), step
        else:
            assert found[step].working_s == found[step].elapsed_s


@pytest.mark.requirement("S002-004")
def test_times_add_up_by_department_branch_and_business(
    place: Workplace, reading: States, by_hand: duckdb.DuckDBPyConnection
) -> None:
    reader = Reader(place, reading, LOCAL)
    for unit in ("all", "hz"):
        steps = step_times(reader, unit, MONTH)
        for by, cut in ((("department",), "department"), (("business", "flow_step"), "business, flow_step")):
            told = by_hand.execute(
                f"""SELECT {cut}, count(*), avg(epoch(finished_at) - epoch(assigned_at)) / 3600 FROM complaint_steps
                    JOIN below USING (unit) WHERE place = ? AND finished_at IS NOT NULL GROUP BY ALL""",
                [unit],
            ).fetchall()
            found = {each.keys: each for each in summed(steps, by)}  # type: ignore[arg-type]
            assert len(found) == len(told) > 2
            for *keys, count, mean in told:
                each = found[tuple(keys)]
                assert each.count == count
                assert each.elapsed_h == pytest.approx(mean)
                assert each.working_h <= each.elapsed_h
                listed = [step for step in steps if tuple(step.keys[name] for name in by) == each.keys]  # type: ignore[index]
                assert len(listed) == each.count
    assert {each.keys[0] for each in summed(step_times(reader, "hz", MONTH), ("department",))} == set(DEPARTMENTS)


def test_who_may_not_see_lists_is_told_no_times(place: Workplace, reading: States) -> None:
    boss = Viewer("boss", "boss", "manager", (), ROLES["manager"].rights - {"list"})
    with pytest.raises(AccessError, match="ACC001"):
        step_times(Reader(place, reading, boss), "all", MONTH)


def test_a_period_without_steps_has_no_times(place: Workplace, reading: States) -> None:
    assert step_times(Reader(place, reading, LOCAL), "all", parse_period("2026-08", ZONE)) == []
    assert datetime(2026, 9, 1, tzinfo=ZONE).astimezone(UTC) == MONTH.start
