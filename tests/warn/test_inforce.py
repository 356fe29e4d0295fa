"""Approved thresholds judge the days from their own day on, by version; nothing else changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import pytest

from ganzhi.base.errors import InputError
from ganzhi.catalogue.load import load_catalogue
from ganzhi.catalogue.model.warning import Grade
from ganzhi.warn.limits.content import EVERY, Limits, Line, content_of, limits_of
from ganzhi.warn.limits.inforce import Approved, InForce
from ganzhi.warn.signal import Signal
from tests.warn.test_engine import CALENDAR, THREE_YEARS, counts, judge, plain, series

FIRST = THREE_YEARS[0].first_day
DAY = date(2012, 6, 10)
LEVELS = {"blue": 40.0, "yellow": 60.0, "orange": 80.0, "red": 100.0}


def version(number: int, first: date, daily: Mapping[Grade, float], **more: Mapping[Grade, float]) -> Approved:
    line = Line(EVERY, {}, daily, more.get("busy", {}), more.get("monthly", {}))
    return Approved(number, Limits(first, (15,), (line,)))


def judged(values: list[float | None], *versions: Approved, first: date = DAY, days: int = 10) -> list[Signal]:
    place = (first - FIRST).days
    rule = judge(baseline="counts", hold=0, drift_sigmas=None)
    rule.use(InForce(tuple(sorted(versions, key=lambda each: (each.limits.first, each.number)))))
    cut = THREE_YEARS[: place + days]
    return [signal for group in rule.signals(cut, [series("all", values[: len(cut)])], place) for signal in group]


@pytest.fixture(scope="module")
def values() -> list[float | None]:
    found = counts(THREE_YEARS, lambda day: 30 * plain(day), 7)
    found[(DAY - FIRST).days : (DAY - FIRST).days + 10] = [30.0, 61, 61, 61, 61, 90, 30, 30, 30, 30]
    return found


@pytest.mark.requirement("S003-013")
def test_the_version_that_holds_on_the_judged_day_decides_and_is_named(values: list[float | None]) -> None:
    turn = DAY + timedelta(days=3)
    found = judged(
        values,
        version(1, FIRST, LEVELS),
        version(2, turn, {grade: limit * 2 for grade, limit in LEVELS.items()}),
        version(3, turn, {grade: limit * 3 for grade, limit in LEVELS.items()}),
    )
    assert [signal.made.version for signal in found] == [1] * 3 + [3] * 7
    assert [signal.grade for signal in found] == [None, "yellow", "yellow", *[None] * 7]
    (reason, *_) = found[1].reasons
    assert (reason.code, dict(reason.params)) == ("beyond_approved", {"grade": "yellow", "limit": "60", "version": "1"})
    assert found[1].limits == LEVELS
    assert found[1].made.how == "approved"
    plainly = judged(values)
    assert [signal.expected for signal in found] == [signal.expected for signal in plainly]
    assert {signal.made.how for signal in plainly} == {"counts"}


def test_busy_days_have_their_own_limit_and_a_month_its_total(values: list[float | None]) -> None:
    busy = judged(values, version(1, FIRST, LEVELS, busy={grade: limit * 2 for grade, limit in LEVELS.items()}))
    assert busy[5].period.first_day.day == 15
    assert [signal.grade for signal in busy[4:6]] == ["yellow", "blue"]
    before = sum(value or 0 for value in values[(DAY.replace(day=1) - FIRST).days : (DAY - FIRST).days])
    monthly = judged(values, version(1, FIRST, {"red": 1e6}, monthly={"orange": before + 30 + 61}))
    assert [signal.grade for signal in monthly] == [None, *["orange"] * 9]
    assert monthly[1].reasons[0].code == "beyond_month"
    assert monthly[1].reasons[0].params["total"] == f"{before + 91:g}"


@pytest.mark.requirement("S000-099")
def test_fixed_limits_of_a_rule_give_way_to_approved_ones(values: list[float | None]) -> None:
    rule = judge(baseline="fixed", limits={"blue": 5}, hold=0, drift_sigmas=None)
    rule.limits["blue"] = 5.0
    rule.__post_init__()
    place = (DAY - FIRST).days

    def grades() -> list[str | None]:
        return [
            g[0].grade for g in rule.signals(THREE_YEARS[: place + 10], [series("all", values[: place + 10])], place)
        ]

    assert set(grades()) == {"blue"}
    rule.use(InForce((version(1, DAY, LEVELS),)))
    assert grades() == [None, "yellow", "yellow", "yellow", "yellow", "orange", None, None, None, None]


def test_content_comes_back_as_it_was_and_anything_else_is_refused() -> None:
    limits = Limits(DAY, (1, 15), (Line("all", {"product": "x"}, LEVELS, {}, {"red": 9.0}),))
    assert limits_of(content_of(limits)) == limits
    for broken in (
        {},
        {"from": "2012-13-01", "lines": []},
        {"from": "2012-01-01", "lines": [{"unit": "a", "daily": {"pink": 1}}]},
    ):
        with pytest.raises(InputError) as refused:
            limits_of(broken)
        assert refused.value.issues[0].code == "WRN030"


@pytest.mark.requirement("S000-095")
def test_an_assurance_period_lifts_what_is_out_by_one_grade_and_nothing_else(values: list[float | None]) -> None:
    held = DAY + timedelta(days=1)
    calendar = replace(
        CALENDAR,
        marked={held: ("assurance.fair",), held + timedelta(days=1): ("release.x",)},
        special={held: frozenset({"assurance"}), held + timedelta(days=1): frozenset({"release"})},
    )
    grades = {}
    for raises in ((), ({"factor": "assurance"},)):
        rule = replace(judge(baseline="counts", hold=0, drift_sigmas=None, raises=raises), calendar=calendar)
        rule.use(InForce((version(1, FIRST, LEVELS),)))
        place = (DAY - FIRST).days
        found = list(rule.signals(THREE_YEARS[: place + 4], [series("all", values[: place + 4])], place))
        grades[bool(raises)] = [group[0].grade for group in found]
        said = {reason.code for reason in found[1][0].reasons}
        assert ("raised_assurance" in said) == bool(raises)
    assert grades == {False: [None, "yellow", "yellow", "yellow"], True: [None, "orange", "yellow", "yellow"]}


@pytest.mark.requirement("S000-077")
def test_a_month_start_is_judged_against_those_of_earlier_months() -> None:
    """Suspensions six times as many on the first four days of every month are normal; twice that is not, and on a
    plain day the usual number of a first would be."""
    rule = load_catalogue("telecom", None).warning_rules["business.suspensions"]
    assert (rule.indicator, rule.baseline, rule.grain.value) == ("suspend.arrears_stops", "auto", "day")
    months = [period for period in THREE_YEARS if period.first_day < date(2012, 6, 21)]
    mean = {
        period.first_day: 40 * plain(period.first_day) * (6 if period.first_day.day <= 4 else 1) for period in months
    }
    found: dict[str, list[str | None]] = {}
    for name, day, times in (("usual", 1, 1.0), ("doubled", 1, 2.0), ("plain", 12, 6.0)):
        values = counts(months, mean.__getitem__, 17)
        at = (date(2012, 6, day) - FIRST).days
        values[at] = round(times * mean[date(2012, 6, day)])
        judged_by = judge(baseline="auto", hold=0, least=rule.least.model_dump())
        groups = list(judged_by.signals(months, [series("all", values)], at))
        found[name] = [groups[0][0].grade]
    assert found["usual"] == [None]
    assert found["doubled"][0] in ("orange", "red")
    assert found["plain"] == ["red"]
