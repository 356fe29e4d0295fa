"""Proposed thresholds: exceeded as seldom as they say, they grow with the business, and say what they would have given."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from ganzhi.warn.limits.content import Limits, Line
from ganzhi.warn.limits.inforce import Approved, InForce
from ganzhi.warn.limits.truth import Truth
from ganzhi.warn.thresholds import proposals
from tests.warn.test_engine import THREE_YEARS, counts, judge, plain, series

MONTH = date(2012, 6, 1)
FIRST = THREE_YEARS[0].first_day


def proposed(growth: float, seed: int) -> Line:
    values = counts(THREE_YEARS, lambda day: 30 * plain(day) * growth ** ((day - FIRST).days / 365), seed)
    (line,) = proposals(judge(), THREE_YEARS, [series("all", values)], MONTH).lines
    return line


@pytest.mark.requirement("S003-013")
def test_daily_and_monthly_thresholds_stand_beside_those_of_the_month_before() -> None:
    line = proposed(1.0, 1)
    assert list(line.daily.values()) == sorted(set(line.daily.values()))
    assert line.basis["mean_daily"] < line.daily["blue"] < line.basis["mean_monthly"] < line.monthly["blue"]
    assert line.monthly["yellow"] < 30 * line.daily["yellow"]
    assert line.basis["before"] == 0
    assert line.basis["old_daily"]["yellow"] == pytest.approx(line.daily["yellow"], abs=3)
    assert line.basis["old_monthly"]["yellow"] == pytest.approx(line.monthly["yellow"], rel=0.1)


def test_thresholds_grow_with_the_business() -> None:
    ratio = proposed(1.5, 2).monthly["yellow"] / proposed(1.0, 2).monthly["yellow"]
    assert 2.0 < ratio < 3.2  # 1.5 a year for 2.4 years is 2.7


def test_a_month_exceeds_its_threshold_about_as_seldom_as_the_chance_says() -> None:
    days = [period for period in THREE_YEARS if (period.first_day.year, period.first_day.month) == (2012, 6)]
    means = np.array([30 * plain(period.first_day) for period in days])
    limits = [proposed(1.0, seed).monthly["yellow"] for seed in range(8)]
    totals = np.random.default_rng(1).negative_binomial(means / 0.8, 1 / 1.8, (4000, len(days))).sum(axis=1)
    share = float(np.mean([(totals >= limit).mean() for limit in limits]))
    assert share < 0.01
    assert max(limits) < 1.35 * means.sum()


@pytest.mark.requirement("S003-013")
def test_alarms_of_the_past_year_are_counted_against_what_people_and_the_model_say() -> None:
    """Two bursts are put in: one that people measured against, one that they dismissed. Counted by hand."""
    values = counts(THREE_YEARS, lambda day: 30 * plain(day), 3)
    real, dismissed = MONTH - timedelta(days=40), MONTH - timedelta(days=80)
    for day in (real, dismissed):
        values[(day - FIRST).days] = 160
    old = Approved(4, Limits(FIRST, (), (Line("all", {}, {"yellow": 5.0}, {}, {"yellow": 10_000.0}),)))
    truth = Truth({("all", "{}"): {real}}, {("all", "{}"): {dismissed}})
    (line,) = proposals(
        judge(), THREE_YEARS, [series("all", values)], MONTH, versions=InForce((old,)), truth=truth
    ).lines
    tried = line.basis["tried"]
    year = values[(MONTH - FIRST).days - 365 : (MONTH - FIRST).days]
    assert (tried["days"], tried["told"], line.basis["before"]) == (365, 2, 4)
    assert tried["old"]["alarms"] == sum(value >= 5 for value in year)
    assert tried["new"]["alarms"] == sum(value >= line.daily["yellow"] for value in year) >= 2
    assert tried["old"]["missed"] == 0
    assert tried["new"]["false"] < tried["old"]["false"] < tried["old"]["alarms"]
    silent = proposals(judge(), THREE_YEARS, [series("all", values)], MONTH, truth=Truth()).lines[0].basis["tried"]
    assert silent["new"]["false"] == tried["new"]["false"] - 1  # the model alone would call the dismissed burst real


def test_weeks_too_few_for_a_model_give_a_threshold_that_says_so_and_none_at_all_a_reason() -> None:
    values = [None] * len(THREE_YEARS)
    place = (MONTH - FIRST).days
    values[place - 40 : place] = counts(THREE_YEARS[place - 40 : place], lambda day: 30 * plain(day), 4)
    empty = [None] * len(THREE_YEARS)
    found = proposals(judge(), THREE_YEARS, [series("all", values), series("east", empty)], MONTH)
    (line,) = found.lines
    assert (line.basis["how"], line.basis["days"], line.basis["tried"]["new"]["false"]) == ("recent", 40, None)
    assert 30 < line.daily["blue"] < line.daily["red"] < 120
    assert [(each["unit"], each["code"]) for each in found.skipped] == [("east", "too_little_history")]
