"""Days and slots in zones with summer time and with half-hour offsets."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ganzhi.base.periods import Grain, period_at, period_of_day
from ganzhi.measure.calendar import asked_slots, covered_by, days_from_to, days_table, slots_table
from ganzhi.measure.observation import Basis

BERLIN, KOLKATA, SHANGHAI = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kolkata"), ZoneInfo("Asia/Shanghai")
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


def slots_of(day: date, zone: ZoneInfo) -> list[dict[str, object]]:
    found: list[dict[str, object]] = slots_table([day], zone).to_pylist()
    return found


@pytest.mark.parametrize(("day", "hours"), [(SPRING, 23), (AUTUMN, 25), (date(2026, 7, 1), 24)])
def test_a_day_of_the_clock_change_has_23_or_25_hours(day: date, hours: int) -> None:
    slots = slots_of(day, BERLIN)
    assert len(slots) == 4 * hours
    assert len({s["hour"] for s in slots}) == hours
    assert {s["day"] for s in slots} == {day}


def test_the_hour_that_does_not_exist_is_not_there() -> None:
    assert 2 not in {s["hour_of_day"] for s in slots_of(SPRING, BERLIN)}


def test_both_passes_of_the_repeated_hour_count_as_that_hour_of_day() -> None:
    slots = [s for s in slots_of(AUTUMN, BERLIN) if s["hour_of_day"] == 2]
    assert len(slots) == 8
    assert len({s["hour"] for s in slots}) == 2


def test_hours_of_a_zone_with_a_half_hour_offset_are_local_hours() -> None:
    slots = slots_of(date(2026, 11, 21), KOLKATA)
    assert slots[0]["slot"] == int(datetime(2026, 11, 20, 18, 30, tzinfo=UTC).timestamp())
    assert Counter(s["hour"] for s in slots) == {s["hour"]: 4 for s in slots}
    assert all(int(str(s["hour"])) % 3600 == 1800 for s in slots)
    assert [s["hour_of_day"] for s in slots] == [n // 4 for n in range(96)]


@given(
    st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2035, 1, 1)),  # noqa: DTZ001 - made aware below
    st.sampled_from([BERLIN, KOLKATA, SHANGHAI, ZoneInfo("America/St_Johns"), ZoneInfo("Australia/Lord_Howe")]),
)
def test_the_tables_agree_with_the_periods_of_an_instant(naive: datetime, zone: ZoneInfo) -> None:
    instant = naive.replace(tzinfo=UTC)
    slot = int(instant.timestamp()) // 900 * 900
    # Until 2011 Newfoundland changed its clocks at one minute past midnight; a quarter hour stands as it began.
    begun = datetime.fromtimestamp(slot, zone)
    assume(begun.utcoffset() == instant.astimezone(zone).utcoffset())
    day = instant.astimezone(zone).date()
    row = next(s for s in slots_of(day, zone) if s["slot"] == slot)
    assert row["hour_of_day"] == instant.astimezone(zone).hour
    assert row["half"] == int(period_at(Grain.HALF_HOUR, instant, zone).start.timestamp())
    assert row["hour"] == int(period_at(Grain.HOUR, instant, zone).start.timestamp())
    assert period_of_day(Grain.DAY, day, zone).contains(instant)


def test_weeks_months_quarters_and_years_begin_on_their_first_local_day() -> None:
    row = days_table([date(2027, 1, 2)], SHANGHAI).to_pylist()[0]
    assert row == {
        "day": date(2027, 1, 2),
        "week": date(2026, 12, 28),
        "month": date(2027, 1, 1),
        "quarter": date(2027, 1, 1),
        "year": date(2027, 1, 1),
        "weekday": 6,
    }


def test_no_slot_is_in_two_days_or_in_none() -> None:
    slots = [s["slot"] for s in slots_table(days_from_to(date(2026, 1, 1), date(2026, 12, 31)), BERLIN).to_pylist()]
    assert slots == list(range(slots[0], slots[0] + 365 * 96 * 900, 900))


@pytest.mark.parametrize(
    ("grain", "day", "start", "end"),
    [
        (Grain.DAY, date(1999, 1, 20), date(1999, 1, 1), date(1999, 1, 21)),
        (Grain.WEEK, date(1999, 2, 2), date(1999, 2, 1), date(1999, 2, 8)),
        (Grain.WEEK, date(1999, 1, 30), date(1999, 1, 1), date(1999, 2, 1)),
        (Grain.MONTH, date(1999, 5, 9), date(1999, 1, 1), date(1999, 6, 1)),
        (Grain.QUARTER, date(1999, 5, 9), date(1999, 1, 1), date(1999, 7, 1)),
        (Grain.YEAR, date(1999, 5, 9), date(1999, 1, 1), date(2000, 1, 1)),
    ],
)
@pytest.mark.requirement("S002-119")
def test_a_to_date_value_covers_its_month_or_year_up_to_the_end_of_the_period(
    grain: Grain, day: date, start: date, end: date
) -> None:
    covered = covered_by(period_of_day(grain, day, SHANGHAI), "todate")
    assert (covered.start.date(), covered.end.date()) == (start, end)


@pytest.mark.parametrize(
    ("grain", "day", "basis", "start", "end"),
    [
        (Grain.DAY, date(1999, 5, 9), "month_todate", date(1999, 5, 1), date(1999, 5, 10)),
        (Grain.DAY, date(1999, 5, 9), "quarter_todate", date(1999, 4, 1), date(1999, 5, 10)),
        (Grain.DAY, date(1999, 5, 9), "year_todate", date(1999, 1, 1), date(1999, 5, 10)),
        (Grain.WEEK, date(2000, 1, 1), "year_todate", date(2000, 1, 1), date(2000, 1, 3)),
        (Grain.WEEK_SAT, date(1999, 3, 30), "quarter_todate", date(1999, 4, 1), date(1999, 4, 3)),
        (Grain.MONTH, date(1999, 5, 9), "month_todate", date(1999, 5, 1), date(1999, 6, 1)),
        (Grain.MONTH, date(1999, 5, 9), "quarter_todate", date(1999, 4, 1), date(1999, 6, 1)),
        (Grain.YEAR, date(1999, 5, 9), "quarter_todate", date(1999, 1, 1), date(2000, 1, 1)),
        (Grain.YEAR, date(1999, 5, 9), "period", date(1999, 1, 1), date(2000, 1, 1)),
    ],
)
def test_a_basis_that_names_its_start_covers_everything_since(
    grain: Grain, day: date, basis: Basis, start: date, end: date
) -> None:
    covered = covered_by(period_of_day(grain, day, SHANGHAI), basis)
    assert (covered.start.date(), covered.end.date()) == (start, end)


def test_asked_slots_leave_out_days_that_are_not_usable() -> None:
    week = period_of_day(Grain.WEEK, AUTUMN, BERLIN)
    asked = asked_slots([week], {AUTUMN})
    assert asked.num_rows == 100
    assert set(asked.column("weekday").to_pylist()) == {7}
