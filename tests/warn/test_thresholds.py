"""Proposed thresholds: exceeded as seldom as they say, and they grow with the business."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from ganzhi.warn.thresholds import Threshold, proposals
from tests.warn.test_engine import THREE_YEARS, counts, judge, plain, series

MONTH = date(2012, 6, 1)


def proposed(growth: float, seed: int) -> Threshold:
    first = THREE_YEARS[0].first_day
    values = counts(THREE_YEARS, lambda day: 30 * plain(day) * growth ** ((day - first).days / 365), seed)
    (found,) = proposals(judge(), THREE_YEARS, [series("all", values)], MONTH, "yellow")
    return found


def test_daily_and_monthly_thresholds_stand_beside_those_of_the_month_before() -> None:
    found = proposed(1.0, 1)
    assert found.month == "2012-06"
    numbers = (found.mean_daily, found.daily, found.daily_most, found.mean_monthly, found.monthly)
    known = [float(number) for number in numbers if number is not None]
    assert len(known) == 5
    assert known == sorted(set(known))
    assert known[-1] < 30 * known[1]
    assert found.before_daily == pytest.approx(found.daily, abs=3)
    assert found.before_monthly == pytest.approx(found.monthly, rel=0.1)


def test_thresholds_grow_with_the_business() -> None:
    still, grown = proposed(1.0, 2), proposed(1.5, 2)
    assert still.monthly is not None
    assert grown.monthly is not None
    assert 2.0 < grown.monthly / still.monthly < 3.2  # 1.5 a year for 2.4 years is 2.7


def test_a_month_exceeds_its_threshold_about_as_seldom_as_the_chance_says() -> None:
    days = [period for period in THREE_YEARS if (period.first_day.year, period.first_day.month) == (2012, 6)]
    means = np.array([30 * plain(period.first_day) for period in days])
    limits = [each.monthly for seed in range(8) if (each := proposed(1.0, seed)).monthly is not None]
    totals = np.random.default_rng(1).negative_binomial(means / 0.8, 1 / 1.8, (4000, len(days))).sum(axis=1)
    share = float(np.mean([(totals >= limit).mean() for limit in limits]))
    assert share < 0.01
    assert max(limits) < 1.35 * means.sum()
