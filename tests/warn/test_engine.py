"""Series over time: expectations, fall-backs, families, false alarms, holidays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from ganzhi.base.periods import Grain, Period, periods_between
from ganzhi.catalogue.load import load_catalogue
from ganzhi.catalogue.model.data import Unit
from ganzhi.catalogue.model.warning import Occasion
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.numerics.alarm.counts import at_least
from ganzhi.warn.baseline import Fit, count_limits
from ganzhi.warn.design import COLUMNS, columns, design_for
from ganzhi.warn.engine import Judge, Series
from ganzhi.warn.grade import tails_of
from ganzhi.warn.occasions import calendars_of, days_of
from ganzhi.warn.signal import Signal
from tests.measure.place import text
from tests.warn.test_grades import rule

ZONE = ZoneInfo("Asia/Shanghai")
PACK = load_catalogue("telecom", None)
CALENDAR = days_of(PACK)
UNITS = {
    "all": Unit(name=text("all"), level="province"),
    **{code: Unit(name=text(code), level="city", parent="all") for code in ("a", "b", "c")},
}
Mean = Callable[[date], float]


def span(first: date, last: date) -> list[Period]:
    return list(periods_between(Grain.DAY, first, last, ZONE))


def plain(day: date) -> float:
    return (0.8 if day.weekday() >= 5 else 1.0) * (1.4 if day.day <= 2 else 1.0)


def lived(day: date, rush: float) -> float:
    """A day of a year with its holidays, their worked weekend days and growth."""
    kind, offset = CALENDAR.class_of(day), CALENDAR.festival_offset(day)
    by_kind = {"festival": 0.4, "holiday": 0.67, "made_up": 1.0}
    factor: float = by_kind.get(kind, plain(day)) * 1.08 ** ((day - date(2010, 1, 1)).days / 365)
    return factor * rush if offset is not None and -8 <= offset <= -2 else factor


def counts(periods: Sequence[Period], mean: Mean, seed: int, phi: float = 1.8) -> list[float | None]:
    means = np.array([mean(period.first_day) for period in periods])
    return [float(each) for each in np.random.default_rng(seed).negative_binomial(means / (phi - 1), 1 / phi)]


def series(unit: str, values: list[float | None], exposure: Sequence[float] = ()) -> Series:
    return Series(unit, {}, values, [True] * len(values), [True] * len(values), exposure)


def judge(**given: Any) -> Judge:
    return Judge("test", rule(**given), CALENDAR, UNITS, "test", counted=True)


def all_of(found: Sequence[Sequence[Signal]]) -> list[Signal]:
    return [each for signals in found for each in signals]


THREE_YEARS = span(date(2010, 1, 1), date(2012, 12, 30))
JUDGED = next(place for place, period in enumerate(THREE_YEARS) if period.first_day == date(2012, 1, 16))


class TestDesign:
    def test_days_off_have_no_weekday_and_worked_weekend_days_are_told(self) -> None:
        rows = columns([date(2012, 4, 28), date(2012, 4, 30), date(2012, 5, 2)], CALENDAR, date(2012, 5, 2))
        named = [{COLUMNS[place] for place in np.flatnonzero(row)} - {"trend"} for row in rows]
        assert named == [
            {"level", "made_up"},
            {"level", "holiday"},
            {"level", "wednesday", "days_1_2", "billing", "after_holiday"},
        ]

    def test_spring_festival_moves_with_the_moon(self) -> None:
        for year, first in ((2011, date(2011, 2, 3)), (2012, date(2012, 1, 23)), (2013, date(2013, 2, 10))):
            row = columns([first], CALENDAR, first)[0]
            assert row[COLUMNS.index("festival")] == 1, year
            assert CALENDAR.class_of(first) == "festival"

    def test_columns_that_a_history_cannot_tell_apart_are_left_out(self) -> None:
        days = [period.first_day for period in THREE_YEARS[:400]]
        design, rows = design_for(days, CALENDAR)
        assert np.linalg.matrix_rank(rows) == rows.shape[1] == len(design.kept)
        assert COLUMNS.index("billing") not in design.kept  # with plan and days 1 and 2 it says nothing new
        assert design_for(days[:40], CALENDAR)[0].kept != design.kept


class TestExpectations:
    def test_false_alarms_come_as_often_as_the_chances_say(self) -> None:
        """methods.md 2.2: base 20 a day, 4.3 blue and 0.48 yellow a series-year (nominal 3.65 and 0.365)."""
        found = []
        of = judge(hold=0, drift_sigmas=None, discovery=1, least={"absolute": 0, "relative": 0})
        every = [series(f"s{n}", counts(THREE_YEARS, lambda d: 20 * plain(d), n)) for n in range(10)]
        for signals in of.signals(THREE_YEARS, every, JUDGED):
            found += signals
        years = len(found) / 365
        blue, yellow = (sum(s.chance is not None and s.chance <= tail for s in found) / years for tail in (1e-2, 1e-3))
        assert 2.0 < blue < 7.5
        assert yellow < 1.4
        assert {signal.made.how for signal in found} == {"counts"}

    def test_scaling_exposure_and_counts_of_customers_together_changes_nothing_else(self) -> None:
        values = counts(THREE_YEARS, lambda d: 30 * plain(d), 3)
        sizes = np.linspace(1000, 2000, len(values))
        one, two = (
            all_of(list(judge(exposure="x.n").signals(THREE_YEARS, [series("all", values, list(sizes * k))], JUDGED)))
            for k in (1.0, 37.0)
        )
        assert [s.grade for s in one] == [s.grade for s in two]
        assert [s.expected for s in one] == pytest.approx([s.expected for s in two], rel=1e-6)

    def test_a_short_history_falls_back_in_sight_and_a_shorter_one_is_unknown(self) -> None:
        periods = span(date(2012, 3, 1), date(2012, 5, 20))
        values = counts(periods, lambda d: 40 * plain(d), 5)
        found = all_of(list(judge().signals(periods, [series("all", values)], 0)))
        assert {s.verdict for s in found[:21]} == {"unknown"}
        assert found[0].made.how == "none"
        late = found[-1]
        assert (late.made.how, late.made.fell_back and late.made.fell_back.code) == ("slots", "too_little_history")
        assert "too_little_history" in {reason.code for reason in late.reasons}
        assert found[0].grade is None
        assert found[0].reasons[0].code == "too_little_history"

    def test_half_a_day_is_too_high_at_once_and_never_too_low(self) -> None:
        values = counts(THREE_YEARS, lambda d: 50 * plain(d), 6)
        whole = [True] * (len(values) - 1) + [False]
        for last, side, verdict in ((400.0, "high", "warned"), (0.0, "low", "unknown")):
            given = Series("all", {}, [*values[:-1], last], whole, [True] * len(values))
            (signal,) = next(judge(side=side).signals(THREE_YEARS, [given], len(values) - 1))
            assert (signal.verdict, side) == (verdict, side)

    def test_a_day_judged_again_or_the_day_after_says_what_a_fresh_judge_says(self) -> None:
        values = counts(THREE_YEARS, lambda d: 20 * plain(d), 8)
        values[JUDGED + 3] = 90.0
        kept = judge()
        for place in (JUDGED + 3, JUDGED + 4, JUDGED + 4, JUDGED + 6):
            upto = THREE_YEARS[: place + 1]
            given = [series("all", values[: place + 1])]
            assert list(kept.signals(upto, given, place)) == list(judge().signals(upto, given, place))

    @pytest.mark.parametrize("rush", [1.1, 1.35])
    def test_a_normal_holiday_peak_raises_nothing_above_blue(self, rush: float) -> None:
        """The weeks round Spring Festival 2012, as the two years before had them: a rush home, quiet days, worked
        weekend days."""
        found = []
        for seed in range(6):
            until = THREE_YEARS[: JUDGED + 21]
            values = counts(until, lambda day: 60 * lived(day, rush), seed)
            found += all_of(list(judge(hold=0).signals(until, [series("all", values)], JUDGED - 5)))
        assert [s for s in found if s.grade not in (None, "blue")] == []
        assert sum(s.verdict == "warned" for s in found) < len(found) / 10


class TestFamilies:
    def _day(self, cities: dict[str, float], province: float, **given: Any) -> dict[str, Signal]:
        every = []
        for number, (unit, last) in enumerate({"all": province, **cities}.items()):
            means = np.array([(90 if unit == "all" else 30) * plain(p.first_day) for p in THREE_YEARS[: JUDGED + 1]])
            values = [
                float(each) for each in np.random.default_rng(20 + number).negative_binomial(means / 0.8, 1 / 1.8)
            ]
            every.append(series(unit, [*values[:-1], last]))
        (signals,) = judge(hold=0, **given).signals(THREE_YEARS[: JUDGED + 1], every, JUDGED)
        return {signal.unit: signal for signal in signals}

    @pytest.mark.requirement("S003-010")
    def test_a_warning_of_the_province_takes_in_its_cities_and_says_so(self) -> None:
        found = self._day({"a": 80.0, "b": 80.0, "c": 30.0}, 260.0)
        assert (found["all"].verdict, found["a"].verdict, found["c"].verdict) == ("warned", "withheld", "quiet")
        assert found["a"].reasons[-1].code == "in_parent"
        assert found["a"].reasons[-1].params["unit"] == "all"
        assert found["a"].grade is not None

    def test_a_city_that_is_graver_than_its_province_stands_by_itself(self) -> None:
        found = self._day({"a": 120.0, "b": 30.0, "c": 30.0}, 133.0)
        assert (found["all"].grade, found["a"].grade) == ("blue", "red")
        assert found["a"].verdict == "warned"

    def test_cities_that_are_out_lift_their_province_by_one_grade(self) -> None:
        raises = [{"factor": "places", "at_least": 2}]
        alone, lifted = (self._day({"a": 80.0, "b": 80.0, "c": 30.0}, 133.0, raises=r) for r in ([], raises))
        assert (alone["all"].grade, lifted["all"].grade) == ("blue", "yellow")
        assert "raised_places" in {reason.code for reason in lifted["all"].reasons}

    def test_among_many_series_a_chance_of_one_in_a_hundred_is_withheld(self) -> None:
        every = [series(f"s{n}", counts(THREE_YEARS[: JUDGED + 1], lambda d: 20 * plain(d), n)) for n in range(40)]
        loose, strict = (
            next(judge(hold=0, drift_sigmas=None, discovery=d).signals(THREE_YEARS[: JUDGED + 1], every, JUDGED))
            for d in (1, 0.1)
        )
        assert {s.unit for s in strict if s.verdict == "warned"} <= {s.unit for s in loose if s.verdict == "warned"}
        for one, other in zip(loose, strict, strict=True):
            if one.verdict == "warned" and other.verdict != "warned":
                assert other.reasons[-1].code == "discovery"
        assert all(s.adjusted is not None and s.chance is not None and s.adjusted >= s.chance for s in strict)


class TestManyAtOnce:
    def test_a_series_is_judged_the_same_whoever_is_judged_with_it(self) -> None:
        until = THREE_YEARS[: JUDGED + 20]
        every = [series(f"s{n}", counts(until, lambda d, n=n: (2 + 9 * n) * plain(d), n)) for n in range(7)]
        gap = list(every[2].values)
        gap[30:90] = [None] * 60  # knows other days than the others, so another design
        every[2] = series("s2", gap)
        together = list(judge(discovery=1).signals(until, every, JUDGED))
        for place, each in enumerate(every):
            alone = list(judge(discovery=1).signals(until, [each], JUDGED))
            for one, (other,) in zip((day[place] for day in together), alone, strict=True):
                assert replace(one, adjusted=None) == replace(other, adjusted=None)

    def test_the_limits_of_a_day_are_those_its_mean_and_dispersion_give(self) -> None:
        until = THREE_YEARS[: JUDGED + 5]
        given = series("all", counts(until, lambda d: 30 * plain(d), 12))
        of = judge()
        for (signal,) in of.signals(until, [given], JUDGED):
            fit = of.fit(given, until, signal.period.first_day.replace(day=1))
            assert isinstance(fit, Fit)
            row = fit.design.rows([signal.period.first_day], fit.calendar)[0]
            mean = fit.model.mean(row)
            phi = fit.model.dispersion + mean * fit.model.error(row) ** 2
            assert signal.expected == pytest.approx(mean)
            assert dict(signal.limits) == count_limits(mean, phi, tails_of(of.rule), side="high")
            assert signal.value is not None
            assert signal.chance == pytest.approx(at_least(int(signal.value), mean, phi))


class TestOccasionsOfUnits:
    def _catalogue(self, **given: Any) -> Catalogue:
        spans = [{"first": f"2010-{m:02d}-10", "last": f"2010-{m:02d}-14"} for m in (4, 7, 9)] + [
            {"first": "2011-06-10", "last": "2011-06-14"},
            {"first": "2012-01-17", "last": "2012-01-20"},
        ]
        mark = Occasion.model_validate(
            {"name": {"zh": "促销", "en": "Offer"}, "kind": "campaign", "days": spans, **given}
        )
        return replace(PACK, units=UNITS, occasions={**PACK.occasions, "offer": mark})

    def test_what_campaigns_did_in_a_unit_is_expected_there_and_below_and_nowhere_else(self) -> None:
        units = {**UNITS, "a1": Unit(name=text("a1"), level="county", parent="a")}
        catalogue = replace(self._catalogue(units=("a",)), units=units)
        calendars = calendars_of(catalogue)
        assert calendars("b", {}) is calendars("c", {})
        assert "offer" in calendars("a1", {}).marked[date(2012, 1, 17)]
        until = THREE_YEARS[: JUDGED + 3]
        in_it = calendars("a", {}).special

        def mean(day: date) -> float:
            return 40 * plain(day) * (1.8 if day in in_it else 1.0)

        every = [series(unit, counts(until, mean, 3)) for unit in ("a", "a1", "b")]
        of = Judge("t", rule(hold=0), days_of(catalogue), units, "t", counted=True, calendars=calendars)
        day = [
            signals for signals in of.signals(until, every, JUDGED) if signals[0].period.first_day == date(2012, 1, 17)
        ]
        found = {signal.unit: signal for signal in day[0]}
        assert found["a"].expected == pytest.approx(72, rel=0.2)
        assert found["a"].expected == found["a1"].expected
        assert found["b"].expected == pytest.approx(40, rel=0.2)
        assert (found["a"].grade, found["b"].grade is not None) == (None, True)
        assert "occasion" in {reason.code for reason in found["a"].reasons}
        assert "occasion" not in {reason.code for reason in found["b"].reasons}

    def test_an_occasion_of_a_product_holds_for_its_slice_only(self) -> None:
        calendars = calendars_of(self._catalogue(products=("voice",)))
        marked = [bool(calendars("all", cut).marked) for cut in ({"product": "voice"}, {"product": "messaging"}, {})]
        assert marked == [True, False, False]

    def test_a_release_is_no_excuse(self) -> None:
        calendar = days_of(self._catalogue(kind="release"))
        days = [period.first_day for period in THREE_YEARS]
        design, _ = design_for(days, calendar)
        assert not {"campaign", "assurance"} & {COLUMNS[place] for place in design.kept}
        assert "offer" in calendar.marked[date(2012, 1, 17)]


class TestRunning:
    def test_values_below_a_day_are_expected_by_what_has_been_right_and_a_jump_is_found(self) -> None:
        periods = list(periods_between(Grain.HOUR, date(2012, 3, 1), date(2012, 4, 12), ZONE))
        rng = np.random.default_rng(9)
        shape = [90.0 + 8.0 * np.sin(2 * np.pi * period.start.hour / 24) for period in periods]
        values: list[float | None] = [each + float(rng.normal(0, 0.6)) for each in shape]
        values[-1] = shape[-1] - 12.0
        values[-30] = None
        least = {"absolute": 0, "relative": 0}
        of = Judge("t", rule(grain="hour", side="low", least=least, hold=0), CALENDAR, UNITS, "t", counted=False)
        found = all_of(list(of.signals(periods, [series("all", values)], len(periods) - 48)))
        assert {signal.made.how for signal in found} == {"running"}
        assert found[-1].grade == "red"
        assert sum(signal.grade is not None for signal in found[:-1]) <= 2
        assert found[-30].verdict == "unknown"

    def test_too_few_values_are_unknown(self) -> None:
        periods = list(periods_between(Grain.HOUR, date(2012, 3, 1), date(2012, 3, 1), ZONE))
        of = Judge("t", rule(grain="hour"), CALENDAR, UNITS, "t", counted=False)
        found = all_of(list(of.signals(periods, [series("all", [1.0] * len(periods))], 0)))
        assert {(signal.verdict, signal.reasons[0].code) for signal in found} == {("unknown", "too_little_history")}
