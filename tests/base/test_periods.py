"""Periods tile local time: no gap, no overlap, whatever the zone does to its clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganzhi.base.errors import InputError
from ganzhi.base.periods import Grain, Period, parse_grain, parse_period, period_at, period_of_day, periods_between
from ganzhi.base.wording import period_name

ZONES = tuple(ZoneInfo(name) for name in ("Asia/Shanghai", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe"))
BERLIN, SHANGHAI = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Shanghai")
INSTANTS = st.integers(788_918_400, 2_051_222_400).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
"""Seconds of 1995 to 2034."""


@given(INSTANTS, st.sampled_from(list(Grain)), st.sampled_from(ZONES))
def test_every_instant_lies_in_exactly_one_period_of_a_grain(instant: datetime, grain: Grain, zone: ZoneInfo) -> None:
    period = period_at(grain, instant, zone)
    assert period.contains(instant)
    assert not period.previous().contains(instant)
    assert not period.following().contains(instant)


@given(INSTANTS, st.sampled_from(list(Grain)), st.sampled_from(ZONES))
def test_neighbours_touch_and_know_each_other(instant: datetime, grain: Grain, zone: ZoneInfo) -> None:
    period = period_at(grain, instant, zone)
    assert period.previous().end.astimezone(UTC) == period.start.astimezone(UTC)
    assert period.following().previous().start.astimezone(UTC) == period.start.astimezone(UTC)


@given(st.dates(date(1996, 1, 1), date(2034, 1, 1)), st.sampled_from(list(Grain)), st.sampled_from(ZONES[:1]))
def test_the_text_of_a_period_is_read_back_as_the_same_period(day: date, grain: Grain, zone: ZoneInfo) -> None:
    period = period_at(grain, datetime(day.year, day.month, day.day, 9, 45, tzinfo=zone), zone)
    assert parse_period(period.key, zone) == period


@pytest.mark.requirement("S001-083")
@given(
    st.dates(date(2000, 1, 1), date(2030, 1, 1)), st.sampled_from([Grain.DAY, Grain.WEEK, Grain.WEEK_SAT, Grain.MONTH])
)
def test_days_weeks_and_months_tile_the_same_span_without_gap(first: date, grain: Grain) -> None:
    last = first + timedelta(days=70)
    found = list(periods_between(grain, first, last, BERLIN))
    assert all(a.end.astimezone(UTC) == b.start.astimezone(UTC) for a, b in pairwise(found))
    assert found[0].first_day <= first <= found[0].last_day
    assert found[-1].first_day <= last <= found[-1].last_day


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24)])
def test_a_day_has_as_many_hours_as_its_clock_shows(day: date, hours: int) -> None:
    found = list(periods_between(Grain.HOUR, day, day, BERLIN))
    assert len(found) == hours
    assert len({p.start.astimezone(UTC) for p in found}) == hours


def test_weeks_are_iso_weeks_across_the_turn_of_the_year() -> None:
    week = period_of_day(Grain.WEEK, date(2027, 1, 2), SHANGHAI)
    assert (week.key, week.first_day, week.last_day) == ("2026-W53", date(2026, 12, 28), date(2027, 1, 3))
    assert week.year_before().key == "2025-W52"


def test_the_year_before_a_leap_day_is_the_twenty_eighth() -> None:
    assert period_of_day(Grain.DAY, date(2028, 2, 29), SHANGHAI).year_before().first_day == date(2027, 2, 28)


@pytest.mark.parametrize(
    "text",
    ["", "99", "2026-13", "2026-W54", "2026-W00", "2025-W53", "2026-02-30", "2026-Q5", "2026-11-15T24", "2026-11-15T25:61",
     "2026-11-15T09:20/30min", "2026-11-15 09", "2026-1", "2026-11-15T09:30/15mins", "二〇二六", "9999", "9999-12", "0000"],
)  # fmt: skip
def test_what_is_no_period_is_refused_with_its_forms(text: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_period(text, SHANGHAI)
    assert [issue.code for issue in refused.value.issues] == ["REQ001"]


def test_an_unknown_grain_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InputError) as refused:
        parse_grain("fortnight")
    assert "quarter" in refused.value.issues[0].params["known"]


def test_days_of_a_period_are_all_local_days_it_touches() -> None:
    month = parse_period("2024-02", BERLIN)
    assert (len(month.days), month.days[0], month.days[-1]) == (29, date(2024, 2, 1), date(2024, 2, 29))
    hour: Period = parse_period("2024-02-29T23", BERLIN)
    assert hour.days == (date(2024, 2, 29),)


@pytest.mark.parametrize("grain", [grain for grain in Grain if grain.is_operator_week])
def test_an_operator_week_starts_on_its_weekday_and_is_compared_with_52_weeks_earlier(grain: Grain) -> None:
    for offset in range(7):
        day = date(2026, 11, 23) + timedelta(days=offset)
        week = period_of_day(grain, day, SHANGHAI)
        assert week.first_day.isoweekday() == grain.first_weekday
        assert week.first_day <= day <= week.last_day
        assert len(week.days) == 7
        assert parse_period(week.key, SHANGHAI) == week
        assert (week.first_day - week.year_before().first_day).days == 364


def test_an_operator_week_is_named_by_its_first_day() -> None:
    week = period_of_day(Grain.WEEK_SAT, date(2026, 11, 29), SHANGHAI)
    assert week.key == "2026-11-28/week-sat"
    assert period_name("zh", week) == "2026 年 11-28 至 12-04 一周"
    assert period_name("en", week) == "the week 28 Nov – 4 Dec 2026"
