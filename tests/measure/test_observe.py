"""What an answer means: unknown against zero, to-date, children, refusals, and its outer forms."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ganzhi.base.errors import InputError
from ganzhi.base.periods import Grain
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.observation import as_table
from ganzhi.measure.observe import Observation, ObserveRequest, observe
from ganzhi.measure.open import States, open_states
from ganzhi.measure.refresh import refresh
from ganzhi.warehouse.workplace import Workplace
from tests.measure.place import Row, catalogue_with, indicator, make_workplace, put_rows, units

ZONE = ZoneInfo("Asia/Shanghai")
ANSWERED = "outcome = 'AGENT'"
ALL_KINDS = {
    "count": indicator("count", count={"where": ANSWERED}),
    "sum": indicator("sum", unit="s", sum={"of": "talk_s", "where": ANSWERED}),
    "minutes": indicator("minutes", unit="min", sum={"of": "talk_s * 0.5"}),
    "min": indicator("min", unit="s", min={"of": "wait_s", "where": ANSWERED}),
    "max": indicator("max", unit="s", max={"of": "wait_s", "where": ANSWERED}),
    "mean": indicator("mean", unit="s", mean={"of": "talk_s", "where": ANSWERED}),
    "ratio": indicator(
        "ratio", unit="percent", ratio={"numerator": {"count": {"where": ANSWERED}}, "denominator": {"count": {}}}
    ),
    "within": indicator("within", unit="percent", share_within={"of": "wait_s", "limit": 20, "where": ANSWERED}),
    "p90": indicator("p90", unit="s", percentile={"of": "wait_s", "p": "0.9", "where": ANSWERED}),
    "distinct": indicator("distinct", distinct={"of": "agent", "where": ANSWERED}),
    "coarse": indicator("coarse", finest="day", count={}),
    "score": indicator("score", unit="score", feed=None),
}
VALUE_KINDS = [code for code in ALL_KINDS if code not in ("coarse", "score")]


def at(month: int, day: int, hour: int) -> datetime:
    """A local hour of 1999."""
    return datetime(1999, month, day, hour, tzinfo=ZONE)


def call(number: int, when: datetime, **values: object) -> Row:
    return {
        "call_id": f"c{number}",
        "unit": "hall",
        "priority": 0,
        "call_type": "PS",
        "outcome": "AGENT",
        "agent": "A1",
        "arrived_at": when,
        "wait_s": 10,
        "talk_s": 100,
        **values,
    }


def place(folder: Path, pack: Catalogue, rows: Sequence[Row], empty: Sequence[date] = ()) -> Workplace:
    tree = units(("all", None), ("hall", "all"), ("quiet", "all"))
    workplace = make_workplace(folder, catalogue_with(pack, ALL_KINDS, tree))
    put_rows(workplace, "calls", rows, empty_days=empty)
    refresh(workplace)
    return workplace


def answers(workplace: Workplace, **asked: Any) -> list[Observation]:
    fields = {
        "codes": ("count",),
        "unit": "all",
        "grain": Grain.DAY,
        "first": date(1999, 3, 1),
        "last": date(1999, 3, 3),
    }
    with open_states(workplace) as reading:
        return observe(workplace, reading, ObserveRequest(**{**fields, **asked}))


def make_three_days(folder: Path, pack: Catalogue) -> Workplace:
    """1 March: rows; 2 March: a file without rows; 3 March: nothing arrived."""
    rows = [
        call(1, at(3, 1, 9)),
        call(2, at(3, 1, 10), outcome="HANG", agent=None, wait_s=50, talk_s=0),
    ]
    return place(folder, pack, rows, [date(1999, 3, 2)])


@pytest.fixture(scope="module")
def three_days(tmp_path_factory: pytest.TempPathFactory, pack: Catalogue) -> Workplace:
    """For tests that only ask."""
    return make_three_days(tmp_path_factory.mktemp("three_days"), pack)


@pytest.fixture
def changing(tmp_path: Path, pack: Catalogue) -> Workplace:
    """The same for tests that bring more."""
    return make_three_days(tmp_path, pack)


@pytest.mark.parametrize("code", VALUE_KINDS)
@pytest.mark.requirement("S000-144")
def test_a_day_of_which_nothing_arrived_is_unknown_for_every_kind_of_measure(three_days: Workplace, code: str) -> None:
    last = answers(three_days, codes=(code,))[2]
    assert (last.numerator, last.denominator, last.n, last.value, last.completeness) == (None, None, 0, None, 0.0)


@pytest.mark.parametrize("code", VALUE_KINDS)
def test_a_day_that_arrived_without_rows_has_counts_of_zero_and_no_ratios(three_days: Workplace, code: str) -> None:
    empty = answers(three_days, codes=(code,))[1]
    assert empty.completeness == 1.0
    assert empty.n == 0
    expected = 0 if code in ("count", "sum", "minutes", "distinct") else None
    assert empty.value == expected
    has_quotient = code in ("mean", "ratio", "within")
    assert empty.denominator == (0 if has_quotient else None)


@pytest.mark.parametrize(
    ("code", "value"), [("count", 0), ("mean", None), ("p90", None), ("distinct", 0), ("max", None)]
)
def test_a_unit_without_rows_on_a_day_that_arrived_counts_zero(three_days: Workplace, code: str, value: object) -> None:
    assert answers(three_days, codes=(code,), unit="quiet")[0].value == value


@pytest.mark.parametrize("code", VALUE_KINDS)
def test_no_value_is_infinite_or_not_a_number(three_days: Workplace, code: str) -> None:
    for by in ((), ("call_type",), ("hour_of_day",), ("weekday",)):
        for each in answers(three_days, codes=(code,), by=by):
            assert "NaN" not in json.dumps(each.as_json(), allow_nan=False)


def test_values_of_the_day_with_rows_are_right(three_days: Workplace) -> None:
    found = {each.code: each for each in answers(three_days, codes=tuple(VALUE_KINDS), last=date(1999, 3, 1))}
    values = {code: (each.numerator, each.denominator, each.n, each.value) for code, each in found.items()}
    assert values.pop("p90")[3] == pytest.approx(10, rel=0.01)
    assert values == {
        "count": (1, None, 1, 1),
        "sum": (100, None, 1, 100),
        "minutes": (50, None, 2, 50),
        "min": (None, None, 1, 10),
        "max": (None, None, 1, 10),
        "mean": (100, 1, 1, 100.0),
        "ratio": (1, 2, 2, 50.0),
        "within": (1, 1, 1, 100.0),
        "distinct": (1, None, 1, 1),
    }
    assert found["ratio"].unit_of_value == "%"


def test_an_hour_without_rows_in_a_known_day_is_zero(three_days: Workplace) -> None:
    found = answers(three_days, grain=Grain.HOUR, last=date(1999, 3, 1))
    assert [each.value for each in found] == [1 if hour == 9 else 0 for hour in range(24)]
    assert found[9].as_json()["period_start"] == "1999-03-01T09:00:00+08:00"


def test_a_period_of_which_some_days_arrived_has_a_value_and_its_completeness(three_days: Workplace) -> None:
    month = answers(three_days, grain=Grain.MONTH)[0]
    assert month.value == 1
    assert month.completeness == pytest.approx(2 / 31)


def test_periods_that_the_days_touch_are_answered_whole(three_days: Workplace) -> None:
    day = date(1999, 3, 2)
    month = answers(three_days, grain=Grain.MONTH, first=day, last=day)[0]
    assert month.value == 1
    assert (month.as_json()["period_start"], month.as_json()["period_end"]) == ("1999-03-01", "1999-04-01")


@pytest.mark.requirement("S002-118")
def test_children_are_answered_side_by_side_also_those_without_rows(three_days: Workplace) -> None:
    found = answers(three_days, children=True, last=date(1999, 3, 1))
    assert [(each.unit, each.value) for each in found] == [("hall", 1), ("quiet", 0)]


def test_slices_are_those_that_occur_and_dense_over_the_periods(tmp_path: Path, pack: Catalogue) -> None:
    rows = [call(1, at(3, 1, 9), call_type="NW"), call(2, at(3, 2, 9), call_type="PS")]
    found = answers(place(tmp_path, pack, rows), by=("call_type",))
    assert [(each.slice["call_type"], each.period.key, each.value) for each in found] == [
        ("PS", "1999-03-01", 0),
        ("PS", "1999-03-02", 1),
        ("PS", "1999-03-03", None),
        ("NW", "1999-03-01", 1),
        ("NW", "1999-03-02", 0),
        ("NW", "1999-03-03", None),
    ]


def test_an_unknown_dimension_value_is_a_slice_of_its_own(tmp_path: Path, pack: Catalogue) -> None:
    rows = [call(1, at(3, 1, 9), priority=None), call(2, at(3, 1, 9))]
    found = answers(place(tmp_path, pack, rows), by=("priority",), last=date(1999, 3, 1))
    assert {each.slice["priority"]: each.value for each in found} == {"": 1, "0": 1}


def test_where_keeps_the_rows_of_one_value_whatever_the_value_contains(tmp_path: Path, pack: Catalogue) -> None:
    hostile = "x' or '1'='1"
    rows = [call(1, at(3, 1, 9), agent=hostile), call(2, at(3, 1, 9))]
    workplace = place(tmp_path, pack, rows)
    found = answers(workplace, where={"agent": hostile}, last=date(1999, 3, 1))
    assert [(each.value, dict(each.slice)) for each in found] == [(1, {"agent": hostile})]
    assert answers(workplace, where={"hour_of_day": "9", "agent": "A1"}, last=date(1999, 3, 1))[0].value == 1
    assert answers(workplace, where={"hour_of_day": "8"}, last=date(1999, 3, 1))[0].value == 0


@pytest.mark.requirement("S002-119")
def test_to_date_ratios_are_formed_from_accumulated_parts(tmp_path: Path, pack: Catalogue) -> None:
    """90 of 100 on one day and 0 of 1 on the next are 90 of 101, not the mean of 90 % and 0 %."""
    rows = [
        call(n, at(3, 1, 9), outcome="AGENT" if n < 90 else "HANG", wait_s=n, agent=f"A{n % 7}") for n in range(100)
    ]
    rows += [call(200, at(3, 2, 9), outcome="HANG"), call(300, at(4, 1, 9))]
    workplace = place(tmp_path, pack, rows)
    found = answers(workplace, codes=("ratio", "distinct", "max"), basis="todate", last=date(1999, 3, 2))
    ratio = [each for each in found if each.code == "ratio"]
    assert [(each.numerator, each.denominator) for each in ratio] == [(90, 100), (90, 101)]
    assert ratio[1].value == pytest.approx(100 * 90 / 101)
    assert [each.value for each in found if each.code == "distinct"] == [7, 7]
    assert [each.value for each in found if each.code == "max"] == [89, 89]
    assert ratio[1].as_json()["period_start"] == "1999-03-01"
    assert ratio[1].as_json()["period_end"] == "1999-03-03"
    assert ratio[1].completeness == 1.0
    april = answers(workplace, codes=("ratio",), basis="todate", first=date(1999, 4, 1), last=date(1999, 4, 1))
    assert (april[0].numerator, april[0].denominator) == (1, 1)
    year = answers(workplace, codes=("ratio",), basis="todate", grain=Grain.MONTH, last=date(1999, 4, 30))
    assert [(each.numerator, each.denominator) for each in year] == [(90, 101), (91, 102)]


def test_to_date_hours_accumulate_from_the_start_of_the_month(tmp_path: Path, pack: Catalogue) -> None:
    rows = [call(n, at(3, 1 + n // 2, 9 + n % 2)) for n in range(4)]
    found = answers(
        place(tmp_path, pack, rows), basis="todate", grain=Grain.HOUR, first=date(1999, 3, 2), last=date(1999, 3, 2)
    )
    assert [each.value for each in found] == [2] * 9 + [3] + [4] * 14


def test_states_behind_their_rows_are_refused_with_the_days_and_shown_on_request(changing: Workplace) -> None:
    put_rows(changing, "calls", [call(9, at(3, 1, 9)), call(10, at(3, 3, 9))])
    with pytest.raises(InputError) as raised:
        answers(changing)
    assert raised.value.issues[0].code == "MEA001"
    assert raised.value.issues[0].params == {"days": "1999-03-01, 1999-03-03", "count": "2"}
    shown = answers(changing, stale="show")
    assert [each.value for each in shown] == [1, 0, None], "a day that is not computed yet is unknown, not zero"
    refresh(changing)
    assert [each.value for each in answers(changing)] == [2, 0, 1]


def test_stale_days_outside_the_question_do_not_matter(changing: Workplace) -> None:
    put_rows(changing, "calls", [call(10, at(3, 3, 9))])
    assert [each.value for each in answers(changing, last=date(1999, 3, 2))] == [1, 0]


def test_a_reading_stays_with_its_commit(changing: Workplace) -> None:
    request = ObserveRequest(("count",), "all", Grain.DAY, date(1999, 3, 1), date(1999, 3, 3))
    with open_states(changing) as reading:
        before = observe(changing, reading, request)
        put_rows(changing, "calls", [call(9, at(3, 1, 9)), call(10, at(3, 3, 9))])
        refresh(changing)
        assert observe(changing, reading, request) == before


def test_states_of_an_older_definition_are_unknown_when_shown(three_days: Workplace, pack: Catalogue) -> None:
    changed = replace(
        three_days.catalogue,
        indicators={
            **three_days.catalogue.indicators,
            "count": indicator("count", count={"where": "outcome = 'HANG'"}),
        },
    )
    edited = replace(three_days, catalogue=changed)
    assert [each.value for each in answers(edited, stale="show")] == [None, 0, None]
    with pytest.raises(InputError):
        answers(edited)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"codes": ("nonsense",)}, "REQ010"),
        ({"unit": "nowhere"}, "REQ012"),
        ({"codes": ()}, "MEA006"),
        ({"first": date(1999, 3, 4)}, "MEA002"),
        ({"by": ("call_type", "call_type")}, "MEA003"),
        ({"by": ("call_type",), "where": {"call_type": "PS"}}, "MEA003"),
        ({"codes": ("score",)}, "MEA004"),
        ({"codes": ("coarse",), "grain": Grain.HOUR}, "MEA005"),
        ({"by": ("agent", "call_type")}, "CMP009"),
        ({"by": ("nonsense",)}, "CMP009"),
        ({"codes": ("distinct",), "by": ("agent",)}, "CMP012"),
        ({"grain": Grain.QUARTER_HOUR, "last": date(2001, 3, 4)}, "MEA007"),
    ],
)
def test_a_question_that_cannot_be_answered_exactly_is_refused(
    three_days: Workplace, asked: dict[str, object], code: str
) -> None:
    with pytest.raises(InputError) as raised:
        answers(three_days, **asked)
    assert [issue.code for issue in raised.value.issues] == [code]


def test_the_json_form_has_exactly_the_promised_fields(three_days: Workplace) -> None:
    first = answers(three_days, codes=("ratio",))[0].as_json()
    assert first == {
        "code": "ratio",
        "unit": "all",
        "grain": "day",
        "period_start": "1999-03-01",
        "period_end": "1999-03-02",
        "slice": {},
        "numerator": 1,
        "denominator": 2,
        "n": 2,
        "value": 50.0,
        "unit_of_value": "%",
        "completeness": 1.0,
        "catalogue_version": three_days.catalogue.version,
        "estimated": False,
    }


def test_the_table_form_carries_the_same_values(three_days: Workplace) -> None:
    found = answers(three_days, codes=("minutes", "p90"), by=("call_type",))
    rows = as_table(found).to_pylist(maps_as_pydicts="strict")
    assert [row["value"] for row in rows] == [each.value for each in found]
    assert rows[0]["numerator"] == Decimal(50)
    assert rows[0]["slice"] == {"call_type": "PS"}


def test_two_feeds_are_answered_together_in_the_order_asked(tmp_path: Path, pack: Catalogue) -> None:
    made = {
        "n": indicator("n", count={}),
        "offered": indicator("offered", feed="call_intervals", sum={"of": "offered"}),
    }
    workplace = make_workplace(tmp_path, catalogue_with(pack, made))
    put_rows(workplace, "calls", [call(1, at(3, 1, 9), unit="all")])
    zeros = dict.fromkeys((f"answered_{band}" for band in ("0_10", "10_15", "15_20", "20_40", "40_60")), 0)
    start = datetime(1999, 3, 1, 9, tzinfo=ZONE)
    intervals = [
        {"interval_at": start + timedelta(hours=n), "line": "911", "unit": "all", "offered": 7, "abandoned": 1, **zeros}
        for n in range(2)
    ]
    put_rows(workplace, "call_intervals", intervals)
    refresh(workplace)
    asked = ("offered", "n")
    assert [(o.code, o.value) for o in answers(workplace, codes=asked, last=date(1999, 3, 1))] == [
        ("offered", 14),
        ("n", 1),
    ]
    hours = answers(workplace, codes=("offered",), grain=Grain.HOUR, last=date(1999, 3, 1))
    assert [o.value for o in hours[8:12]] == [0, 7, 7, 0]
    with pytest.raises(InputError) as raised:
        answers(workplace, codes=("offered",), grain=Grain.HALF_HOUR)
    assert raised.value.issues[0].code == "MEA005"


def test_hours_of_a_zone_with_a_half_hour_offset_are_local(tmp_path: Path, pack: Catalogue) -> None:
    made = {"offered": indicator("offered", feed="call_intervals", sum={"of": "offered"})}
    workplace = make_workplace(tmp_path, catalogue_with(pack, made), zone="Asia/Kolkata")
    start = datetime(1999, 3, 1, tzinfo=ZoneInfo("Asia/Kolkata"))
    rows = [
        {"interval_at": start + timedelta(minutes=30 * n), "line": "911", "unit": "all", "offered": 1, "abandoned": 0}
        for n in range(48)
    ]
    put_rows(workplace, "call_intervals", rows)
    refresh(workplace)
    found = answers(workplace, codes=("offered",), grain=Grain.HOUR, last=date(1999, 3, 1))
    assert [each.value for each in found] == [2] * 24


def test_observing_from_the_shared_reading_needs_no_files_of_other_feeds(bank: Workplace, reading: States) -> None:
    with pytest.raises(InputError) as raised:
        observe(bank, reading, ObserveRequest(("hotline.calls",), "all", Grain.DAY, date(1999, 1, 2), date(1999, 1, 1)))
    assert raised.value.issues[0].code == "MEA002"
