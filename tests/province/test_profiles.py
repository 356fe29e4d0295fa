"""The patterns of the day, of durations and of patience, alone and against the real data they were fitted to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from ganzhi.province.calendar import Activity, DayKind, Today, day_factor, day_kind
from ganzhi.province.profiles import (
    COMPLAINT_CHURN_ODDS,
    DAY_OFF_LATER_H,
    HALL_HOURS,
    HANDOVERS,
    IVR_TIME,
    OVERALL_SCORES,
    PATIENCE,
    REPLY_DELAY,
    STATE_TIMES,
    TALK,
    Durations,
    Tally,
    draw_moments,
    quarter_weights,
    raised,
)
from tools import calibrate_province as real

ACTIVITIES: tuple[Activity, ...] = get_args(Activity)
KINDS: tuple[DayKind, ...] = get_args(DayKind)
MONDAY = date(2012, 3, 12)
DRAWN = 200_000


def rng() -> np.random.Generator:
    return np.random.default_rng(11)


# --- laws --------------------------------------------------------------------------------------


@pytest.mark.parametrize("activity", ACTIVITIES)
@pytest.mark.parametrize("kind", KINDS)
def test_the_shares_of_a_day_sum_to_one_and_none_is_negative(activity: Activity, kind: DayKind) -> None:
    weights = quarter_weights(activity, kind)
    assert len(weights) == 96
    assert weights.sum() == pytest.approx(1)
    assert (weights >= 0).all()


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_comes_to_a_hall_that_is_closed(kind: DayKind) -> None:
    weights = quarter_weights("hall", kind)
    assert weights[HALL_HOURS].sum() == pytest.approx(1)
    assert (weights[HALL_HOURS] > 0).all()


def test_drawn_moments_lie_in_the_day_and_follow_its_shares() -> None:
    today = Today(MONDAY, 0)
    moments = draw_moments(rng(), today, "hotline", DRAWN) - today.start
    assert 0 <= moments.min() <= moments.max() < 86_400
    drawn = np.bincount(moments // 900, minlength=96).astype(float)
    assert real.variation(drawn, quarter_weights("hotline", "work")) < 0.01


@pytest.mark.parametrize("activity", [each for each in ACTIVITIES if each != "hall"])
def test_a_day_off_begins_later_and_its_evening_is_that_of_a_work_day(activity: Activity) -> None:
    work, off = (np.cumsum(quarter_weights(activity, kind)) for kind in ("work", "weekend"))
    tenth = [float(np.interp(0.1, each, (np.arange(96) + 1) / 4)) for each in (work, off)]
    assert 0.3 < tenth[1] - tenth[0] <= DAY_OFF_LATER_H + 0.1
    assert (off <= work + 1e-9).all()
    assert np.allclose(off[60:], work[60:])


@pytest.mark.parametrize("activity", ACTIVITIES)
def test_a_holiday_is_the_same_on_every_weekday_and_a_worked_sunday_is_like_a_wednesday(activity: Activity) -> None:
    # 6 and 7 October 2012 are a Saturday and Sunday, the 5th a Friday, all of the autumn holiday.
    holiday = [date(2012, 10, 5), date(2012, 10, 6), date(2012, 10, 7)]
    assert {day_kind(day) for day in holiday} == {"holiday"}
    plain = [day_factor(day, activity) for day in holiday[1:]]
    assert plain[0] == plain[1]
    worked, wednesday = date(2012, 9, 29), date(2012, 9, 19)
    assert day_kind(worked) == "work"
    assert day_factor(worked, activity) == day_factor(wednesday, activity)


def test_a_weekend_on_the_hotline_is_quieter_than_any_work_day() -> None:
    week = [day_factor(MONDAY + timedelta(days=n), "hotline") for n in range(7)]
    assert week[0] == max(week)
    assert max(week[5:]) < min(week[:5])
    assert week[6] < week[5]


@pytest.mark.parametrize(
    ("durations", "median"),
    [(TALK, 113), (IVR_TIME, 9), (PATIENCE, 343), (REPLY_DELAY, 935_000), (STATE_TIMES["New"], 88_500)],
)
def test_drawn_durations_have_the_stated_median_and_stay_within_their_bounds(
    durations: Durations, median: float
) -> None:
    drawn = durations.draw(rng(), DRAWN)
    assert np.median(drawn) == pytest.approx(median, rel=0.04)
    assert durations.least <= drawn.min() <= drawn.max() <= durations.most


@pytest.mark.parametrize("durations", [TALK, IVR_TIME, PATIENCE, REPLY_DELAY, *STATE_TIMES.values()])
def test_the_shares_of_a_mixture_sum_to_one(durations: Durations) -> None:
    assert sum(durations.shares) == pytest.approx(1, abs=1e-9)
    assert len(durations.shares) == len(durations.medians) == len(durations.sigmas)


@pytest.mark.parametrize("tally", [HANDOVERS, OVERALL_SCORES])
def test_drawn_numbers_have_the_stated_shares(tally: Tally) -> None:
    assert sum(tally.shares) == pytest.approx(1, abs=1e-9)
    drawn = tally.draw(rng(), DRAWN)
    last = tally.first + len(tally.shares) - 1
    assert (drawn.min(), drawn.max()) == (tally.first, last)
    found = np.bincount(drawn - tally.first, minlength=len(tally.shares)).astype(float)
    assert real.variation(found, np.array(tally.shares)) < 0.01


def test_more_hand_overs_are_rarer_up_to_seven() -> None:
    assert list(HANDOVERS.shares[:8]) == sorted(HANDOVERS.shares[:8], reverse=True)


def test_odds_that_are_raised_and_lowered_again_give_the_probability_back() -> None:
    p = np.linspace(0.001, 0.999, 50)
    up = raised(p, COMPLAINT_CHURN_ODDS)
    assert (up > p).all()
    assert (np.diff(up) > 0).all()
    assert np.allclose(raised(up, 1 / COMPLAINT_CHURN_ODDS), p)
    assert np.allclose(up / (1 - up) / (p / (1 - p)), COMPLAINT_CHURN_ODDS)


# --- against the real data ---------------------------------------------------------------------


def test_the_hotlines_day_is_the_banks_day(shared_data: Path) -> None:
    weights = quarter_weights("hotline", "work")
    assert real.variation(real.bank_quarters(shared_data), weights[real.DAYTIME]) < 0.002
    assert real.variation(real.hotline_quarters(shared_data), weights) < 0.002


def test_two_other_call_centres_are_not_far_from_the_hotlines_day(shared_data: Path) -> None:
    hours = quarter_weights("hotline", "work").reshape(24, 4).sum(axis=1)
    assert real.variation(real.january_hours(shared_data), hours) < 0.13
    assert real.variation(real.emergency_hours(shared_data), hours) < 0.16


def test_the_hotlines_weekdays_are_those_of_the_sources(shared_data: Path) -> None:
    week = np.array([day_factor(MONDAY + timedelta(days=n), "hotline") for n in range(7)])
    bank, centre = real.bank_weekdays(shared_data), real.emergency_weekdays(shared_data)
    assert np.allclose(week[:5], bank / bank[2], atol=0.01)
    assert np.allclose(week[5:], centre[5:7] / centre[1:4].mean(), atol=0.01)


def test_a_day_off_begins_as_much_later_as_for_casual_riders(shared_data: Path) -> None:
    works, off, _ = real.bike_days(shared_data)
    assert real.onset(off) - real.onset(works) == pytest.approx(DAY_OFF_LATER_H, abs=0.01)


@pytest.mark.parametrize(
    ("durations", "read", "bound"),
    [(TALK, real.talk_seconds, 0.01), (IVR_TIME, real.ivr_seconds, 0.025), (REPLY_DELAY, real.reply_seconds, 0.03)],
)
def test_drawn_durations_are_close_to_the_real_ones(
    shared_data: Path, durations: Durations, read: Callable[[Path], real.Floats], bound: float
) -> None:
    assert real.gap(read(shared_data), durations.draw(rng(), DRAWN).astype(float)) < bound


@pytest.mark.parametrize("state", STATE_TIMES)
def test_drawn_state_times_are_close_to_the_real_ones(shared_data: Path, state: str) -> None:
    drawn = STATE_TIMES[state].draw(rng(), DRAWN).astype(float)
    assert real.gap(real.state_seconds(shared_data, state), drawn) < 0.06


def test_as_many_talks_end_at_once_as_in_the_real_data(shared_data: Path) -> None:
    talks = real.talk_seconds(shared_data)
    assert (TALK.draw(rng(), DRAWN) < 10).mean() == pytest.approx((talks < 10).mean(), abs=0.004)
    assert TALK.draw(rng(), DRAWN).mean() == pytest.approx(talks.mean(), rel=0.02)


def test_patience_is_close_to_the_estimate_that_counts_served_callers_too(shared_data: Path) -> None:
    times, gone = real.survival(*real.waits(shared_data))
    drawn = np.sort(PATIENCE.draw(rng(), DRAWN))
    stated = np.searchsorted(drawn, times, "right") / len(drawn)
    assert times[-1] > 300
    assert np.abs(stated - gone).max() < 0.04


def test_patience_is_recovered_from_waits_of_which_most_were_ended_by_an_agent() -> None:
    patience, offered = PATIENCE.draw(rng(), 20_000), np.random.default_rng(5).exponential(90, 20_000) + 1
    median, sigma = real.patience(np.minimum(patience, offered), patience <= offered)
    assert median == pytest.approx(PATIENCE.medians[0], rel=0.08)
    assert sigma == pytest.approx(PATIENCE.sigmas[0], rel=0.05)


def test_hand_overs_are_those_of_the_incident_log_and_alike_in_another(shared_data: Path) -> None:
    last = len(HANDOVERS.shares) - 1
    stated = np.array(HANDOVERS.shares)
    counts, others = real.reassignments(shared_data), real.resource_changes(shared_data)
    assert real.variation(real.tally(counts, last), stated) < 0.002
    assert real.variation(real.tally(others, last), stated) < 0.18


def test_scores_are_those_of_the_survey(shared_data: Path) -> None:
    assert real.variation(real.scores(shared_data), np.array(OVERALL_SCORES.shares)) < 0.002


def test_the_odds_of_leaving_after_a_complaint_are_those_of_the_churn_data(shared_data: Path) -> None:
    hurt_left, hurt_stayed, left, stayed = real.churn_table(shared_data)
    assert hurt_left * stayed / (hurt_stayed * left) == pytest.approx(COMPLAINT_CHURN_ODDS, rel=0.005)
    assert raised(left / (left + stayed), COMPLAINT_CHURN_ODDS) == pytest.approx(
        hurt_left / (hurt_left + hurt_stayed), abs=0.005
    )
