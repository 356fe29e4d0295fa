"""The calendar of the pack: the state's arrangements, and whom an occasion concerns."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ganzhi.catalogue.load import load_catalogue
from ganzhi.province.calendar import day_kind
from ganzhi.warn.occasions import days_of

CALENDAR = days_of(load_catalogue("telecom", None))


@pytest.mark.parametrize("year", [2010, 2011, 2012, 2013, 2025, 2026])
def test_the_pack_and_the_simulated_province_have_the_same_days_off(year: int) -> None:
    """Two tables made from the same notices: one slip in either shows."""
    first = date(year, 1, 1)
    for number in range((date(year + 1, 1, 1) - first).days):
        day = first + timedelta(days=number)
        kind = day_kind(day)
        assert (kind in ("holiday", "festival")) == (CALENDAR.class_of(day) in ("holiday", "festival")), day
        assert (kind == "work") == (CALENDAR.class_of(day) in ("work", "made_up")), day


@pytest.mark.parametrize(("year", "by_law"), [(2010, 11), (2011, 11), (2012, 11), (2013, 11), (2025, 13), (2026, 13)])
def test_weekdays_off_that_are_not_worked_for_are_as_many_as_the_law_gives(year: int, by_law: int) -> None:
    """Eleven days off by law, thirteen from 2025; every further weekday off is worked for on a weekend day. The last
    day of 2011 was worked for the first days of 2012."""
    days = [date(year, 1, 1) + timedelta(days=n) for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]
    worked_for = [
        day for day in (*days, date(2011, 12, 31)) if (2012 if day == date(2011, 12, 31) else day.year) == year
    ]
    off = [day for day in days if day.weekday() < 5 and CALENDAR.class_of(day) in ("holiday", "festival")]
    worked = {day for day in worked_for if CALENDAR.class_of(day) == "made_up"}
    assert len(off) - len(worked) == by_law
