"""The table of ui.md section 7 in both languages, with the values that break formatters."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganzhi.base import wording
from ganzhi.base.messages import LANGS, Lang
from ganzhi.base.periods import Grain, parse_period
from ganzhi.measure.views.parts import Reading
from ganzhi.portal.present import Words
from tests.portal.numbers import ZONE, change, subject

RATE = subject("a.rate", "接通率", "Answer rate", limits=(85, 92, 97))
COUNT = subject("a.count", "来电量", "Calls", "count", None)


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        (0, "0", "0"),
        (4307, "4,307", "4,307"),
        (-4307, "−4,307", "−4,307"),
        (9999, "9,999", "9,999"),
        (10_000, "1.00 万", "10.0k"),
        (612_000, "61.2 万", "612k"),
        (-612_000, "−61.2 万", "−612k"),
        (10_840_000, "1,084 万", "10.8M"),
        (99_999_999, "1.00 亿", "100M"),
        (321_000_000, "3.21 亿", "321M"),
        (3_210_000_000_000, "3.21 万亿", "3,210B"),
    ],
)
def test_large_counts(value: int, zh: str, en: str) -> None:
    assert (wording.large("zh", value), wording.large("en", value)) == (zh, en)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (86.43, "86.4%"),
        (0, "0.0%"),
        (-0.04, "−0.04%"),
        (0.004, "0.004%"),
        (99.0, "99.00%"),
        (99.62, "99.62%"),
        (99.996, "99.99%"),
        (100, "100%"),
        (100.04, "100.1%"),
        (103.25, "103.3%"),
    ],
)
@pytest.mark.parametrize("lang", LANGS)
def test_per_cents_keep_two_places_from_99_up_and_never_show_a_false_hundred(
    value: float, shown: str, lang: Lang
) -> None:
    assert str(wording.quantity(lang, value, "percent", 1)) == shown
    assert str(wording.quantity(lang, value, "%", 1)) == shown


@given(
    value=st.floats(-1e9, 1e9, allow_nan=False),
    limit=st.floats(-1e6, 1e6, allow_nan=False).map(lambda x: round(x, 2)),
    decimals=st.integers(0, 3),
)
def test_rounding_never_reaches_or_crosses_a_limit(value: float, limit: float, decimals: int) -> None:
    shown = float(wording.rounded(value, decimals, [limit]))
    if value != limit:
        assert (shown > limit) == (value > limit)
        assert (shown < limit) == (value < limit)


@pytest.mark.parametrize(
    ("value", "unit", "zh", "en"),
    [
        (15.7, "h", "15.7 小时", "15.7 h"),
        (38.24, "s", "38.2 秒", "38.2 s"),
        (8.9, "min", "8.9 分钟", "8.9 min"),
        (13.8, "per 10k", "13.8 /万", "13.8 per 10k"),
        (84.7, "points", "84.7 分", "84.7 pt"),
        (1.25, "ratio", "1.3", "1.3"),
        (-3.0, "yuan", "−3.0 元", "−3.0 yuan"),
    ],
)
def test_values_with_their_units(value: float, unit: str, zh: str, en: str) -> None:
    assert str(wording.quantity("zh", value, unit, 1)) == zh
    assert str(wording.quantity("en", value, unit, 1)) == en


def test_differences_of_per_cents_are_points() -> None:
    assert wording.signed_difference("zh", -0.5, "percent", 1) == "−0.5 个百分点"
    assert wording.signed_difference("en", -0.5, "percent", 1) == "−0.5 pp"
    assert wording.signed_difference("en", 0, "percent", 1) == "0.0 pp"
    assert wording.signed_difference("zh", 1.5, "h", 1) == "+1.5 小时"


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [
        (12_000, "3 时 20 分", "3 h 20 m"),
        (100_800, "1 天 4 时", "1 d 4 h"),
        (125, "2 分", "2 m"),
        (9, "9 秒", "9 s"),
        (0, "0 秒", "0 s"),
    ],
)
def test_time_left(seconds: int, zh: str, en: str) -> None:
    assert (wording.duration("zh", seconds), wording.duration("en", seconds)) == (zh, en)


@pytest.mark.parametrize(
    ("key", "zh", "en"),
    [
        ("2026-11-15", "2026-11-15（周日）", "Sun 15 Nov 2026"),
        ("2026-W46", "2026 年第 46 周（11-09 至 11-15）", "week 46, 2026 (9–15 Nov)"),
        ("1998-W53", "1998 年第 53 周（12-28 至 01-03）", "week 53, 1998 (28 Dec – 3 Jan)"),
        ("1999-01", "1999 年 1 月", "Jan 1999"),
        ("2026-Q4", "2026 年第 4 季度", "Q4 2026"),
        ("2026", "2026 年", "2026"),
        ("1999-01-05T09", "1999-01-05（周二） 09:00 至 10:00", "Tue 5 Jan 1999 09:00–10:00"),
    ],
)
def test_periods_write_their_dates_out(key: str, zh: str, en: str) -> None:
    period = parse_period(key, ZONE)
    assert (wording.period_name("zh", period), wording.period_name("en", period)) == (zh, en)


def test_days_instants_and_comparisons() -> None:
    day = date(2026, 11, 15)
    assert (wording.day_text("zh", day), wording.day_text("en", day)) == ("11-15（周日）", "Sun 15 Nov")
    at = datetime(2026, 11, 15, 22, 30, tzinfo=UTC)
    assert wording.instant_text("zh", at, ZoneInfo("Asia/Shanghai")) == "11-16 06:30"
    assert wording.instant_text("en", at, ZoneInfo("Asia/Shanghai"), year=True) == "16 Nov 2026 06:30"
    assert [wording.against_name("zh", "prev", g) for g in (Grain.WEEK, Grain.MONTH)] == ["较上周", "较上月"]
    assert [wording.against_name("en", "prev", g) for g in (Grain.WEEK, Grain.MONTH)] == ["WoW", "MoM"]
    assert (wording.against_name("zh", "year", Grain.DAY), wording.against_name("en", "year", Grain.DAY)) == (
        "同比",
        "YoY",
    )
    assert [wording.level_name("zh", level) for level in ("red", "orange", "yellow", "blue")] == [
        "红",
        "橙",
        "黄",
        "蓝",
    ]


@pytest.mark.parametrize("lang", LANGS)
def test_every_grain_and_comparison_has_its_words(lang: Lang) -> None:
    for grain in Grain:
        assert wording.grain_name(lang, grain)
        for compare in ("prev", "year", "target", "peers"):
            assert all(
                word(lang, compare, grain) for word in (wording.against_name, wording.on_name, wording.before_name)
            )
        assert wording.now_name(lang, grain)
        assert wording.this_name(lang, grain)


class TestWhatStandsBesideANumber:
    def test_no_data_is_unknown_with_its_reason_and_never_zero(self) -> None:
        shown = Words("en", ZONE).figure(RATE, Reading(None, None, None, None, 0.0, None, enough=False))
        assert (shown.number, shown.known, shown.title) == ("–", False, "no data arrived for this period")

    def test_nothing_to_divide_by_is_another_reason(self) -> None:
        shown = Words("zh", ZONE).figure(RATE, Reading(None, 0, 0, 0, 1.0, None, enough=False))
        assert (shown.number, shown.title) == ("–", "分母为零，无法计算")

    def test_a_value_from_part_of_its_days_is_marked_and_says_how_many(self) -> None:
        whole_month = Reading(89.7, 27060, 30161, 30161, 29 / 31, None, enough=True)
        shown = [Words(lang, ZONE).figure(RATE, whole_month, 31) for lang in LANGS]
        assert [figure.note for figure in shown] == ["31 天中 29 天", "29 of 31 days"]
        assert [str(figure) for figure in shown] == ["≈ 89.7%", "≈ 89.7%"]

    def test_almost_whole_is_never_said_to_be_whole(self) -> None:
        assert (
            Words("en", ZONE).figure(RATE, Reading(89.7, 1, 1, 99, 0.999, None, enough=True), 31).note
            == "30 of 31 days"
        )

    def test_a_small_sample_is_muted_and_says_its_size(self) -> None:
        shown = Words("zh", ZONE).figure(RATE, Reading(50.0, 1, 2, 2, 1.0, None, enough=False))
        assert (shown.muted, shown.note) == (True, "样本仅 2")

    def test_the_exact_value_and_its_parts_stand_in_the_title(self) -> None:
        reading = Reading(89.71851, 27060, 30161, 30161, 1.0, None, enough=True)
        assert Words("en", ZONE).figure(RATE, reading).title == "89.71851% = 27,060 ÷ 30,161"

    def test_a_value_just_short_of_its_target_does_not_read_as_the_target(self) -> None:
        assert Words("zh", ZONE).figure(RATE, Reading(91.96, 1, 1, 99, 1.0, "blue", enough=True)).number == "91.9"

    def test_a_very_large_count_keeps_all_digits_in_its_title(self) -> None:
        shown = Words("zh", ZONE).figure(
            COUNT, Reading(1_234_567_890.0, 1_234_567_890, None, 1, 1.0, None, enough=True)
        )
        assert (shown.number, shown.title) == ("12.3 亿", "1,234,567,890")


@pytest.mark.parametrize(
    ("about", "now", "before", "text", "tone"),
    [
        (RATE, 87.6, 89.7, "▼ 2.1", "worse"),
        (RATE, 90.2, 89.7, "▲ 0.5", "better"),
        (RATE, 89.7, 89.7, "▬ 0.0", "same"),
        (RATE, 89.71, 89.70, "▲ 0.01", "better"),
        (RATE, None, 89.7, "–", "none"),
        (COUNT, 7416.0, 7052.0, "▲ 364", "plain"),
        (subject("a.wait", "等待", "Wait", "s", "lower"), 102.4, 91.8, "▲ 10.6", "worse"),
    ],
)
def test_arrows_say_the_direction_of_the_number_and_tone_whether_it_is_good(
    about: object, now: float | None, before: float, text: str, tone: str
) -> None:
    shown = Words("zh", ZONE).delta(about, change(about, now, before))  # type: ignore[arg-type]
    assert (str(shown), shown.tone) == (text, tone)
    assert shown.title


@pytest.mark.parametrize("lang", LANGS)
def test_a_reading_alone_reads_as_its_figure(lang: Lang) -> None:
    words = Words(lang, ZONE)
    for unit in ("percent", "s", "count"):
        of = subject("a.b", "甲", "a", unit)
        for value, share, enough in (
            (86.43, 1.0, True),
            (0.004, 0.5, False),
            (1234567.0, 1.0, False),
            (None, 0.0, False),
        ):
            reading = Reading(value, None, None, 5, share, None, enough=enough)
            for each in (reading, replace(reading, withheld=True)):
                assert words.shown(of, each) == str(words.figure(of, each))
