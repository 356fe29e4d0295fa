"""The records behind a number: as many as it counts, those it was computed from, masked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ganzhi.access.shown.masking import mask
from ganzhi.base.errors import InputError, InternalError
from ganzhi.base.periods import Grain, parse_period
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.observe import ObserveRequest, observe
from ganzhi.measure.open import One, States, open_states
from ganzhi.measure.records import RecordsPage, RecordsRequest, records
from ganzhi.measure.refresh import refresh
from ganzhi.warehouse.workplace import Workplace
from tests.measure.bank import calls
from tests.measure.by_hand import BY_HAND
from tests.measure.conftest import team_of
from tests.measure.place import catalogue_with, indicator, make_workplace, put_rows, set_rows

ZONE = ZoneInfo("Asia/Shanghai")


def page(bank: Workplace, reading: States, code: str, period: str, **asked: Any) -> RecordsPage:
    fields = {"unit": "all", **asked}
    return records(bank, reading, RecordsRequest(code, period=parse_period(period, ZONE), **fields))


def shown(found: RecordsPage, column: str) -> list[object]:
    place = [c.name for c in found.columns].index(column)
    return [record.values[place] for record in found.records]


@pytest.mark.parametrize("code", sorted(BY_HAND))
@pytest.mark.requirement("S002-115")
def test_as_many_records_stand_behind_every_number_as_it_counts(bank: Workplace, reading: States, code: str) -> None:
    found = page(bank, reading, code, "1999-01-20", unit="east", limit=1)
    assert found.total == found.observation.n > 0
    if found.observation.denominator is not None:
        assert page(bank, reading, code, "1999-01-20", unit="east", part="denominator", limit=1).total == found.total


@pytest.mark.parametrize(
    ("period", "where"),
    [
        ("1999-01", {"call_type": "NW"}),
        ("1999-W03", {"agent": ""}),
        ("1999-01-20T10", {}),
        ("1999-01-20T10:15/15min", {"priority": "2"}),
        ("1999-01", {"hour_of_day": "13", "weekday": "1"}),
        ("1999-01", {"wait_band": "300+"}),
    ],
)
def test_records_of_a_slice_are_the_rows_of_that_slice(
    bank: Workplace, reading: States, period: str, where: Mapping[str, str]
) -> None:
    found = page(bank, reading, "hotline.calls", period, where=where)
    assert found.total == found.observation.value
    assert found.total > 0


def test_the_records_of_an_hour_are_those_of_the_file(bank: Workplace, reading: States, sample_calls: Path) -> None:
    hour = parse_period("1999-01-20T10", ZONE)
    expected = sorted(
        c.call_id for c in calls(sample_calls) if c.abandoned and hour.contains(c.arrived_at) and team_of(c) == "west"
    )
    found = page(bank, reading, "hotline.abandon_rate", hour.key, unit="west", part="numerator", limit=500)
    assert sorted(map(str, shown(found, "call_id"))) == expected
    assert {record.file for record in found.records} == {f"{found.records[0].load}.csv"}
    assert all(record.line is not None and record.line >= 2 for record in found.records)


def test_pages_follow_each_other_without_gap_or_repetition(bank: Workplace, reading: States) -> None:
    whole = shown(page(bank, reading, "hotline.abandoned", "1999-01-20", limit=500), "call_id")
    pages = [
        value
        for offset in range(0, len(whole), 7)
        for value in shown(page(bank, reading, "hotline.abandoned", "1999-01-20", limit=7, offset=offset), "call_id")
    ]
    assert pages == whole
    assert len(set(whole)) == len(whole)


def test_records_can_be_ordered_by_a_column(bank: Workplace, reading: States) -> None:
    waits = shown(page(bank, reading, "hotline.abandoned", "1999-01-20", order="wait_s", descending=True), "wait_s")
    assert waits == sorted(waits, key=lambda w: -int(str(w)))


def test_personal_columns_are_masked_unless_asked_for_openly(bank: Workplace, reading: States) -> None:
    asked: dict[str, Any] = {"order": "customer_id", "limit": 5}
    masked = page(bank, reading, "hotline.calls", "1999-01-20", **asked)
    openly = page(bank, reading, "hotline.calls", "1999-01-20", masked=False, **asked)
    assert {c.name: c.masked for c in masked.columns if c.protection == "personal"} == {"customer_id": True}
    assert all("****" in str(value) for value in shown(masked, "customer_id"))
    assert all(str(value).isdigit() for value in shown(openly, "customer_id"))
    assert shown(masked, "call_id") == shown(openly, "call_id")


@pytest.mark.parametrize(
    ("value", "protection", "expected"),
    [
        ("13812345521", "personal", "138****5521"),
        ("13812345521", "sensitive", "****"),
        ("13812345521", "quasi", "13812345521"),
        ("张伟", "personal", "****"),
        (9664491, "personal", "9****91"),
        (None, "sensitive", None),
    ],
)
def test_masking_keeps_what_the_class_allows(value: object, protection: Any, expected: object) -> None:
    assert mask(value, protection) == expected


@pytest.fixture
def small(tmp_path: Path, pack: Catalogue) -> Workplace:
    made = {"n": indicator("n", count={}), "long": indicator("long", unit="s", max={"of": "wait_s"})}
    return make_workplace(tmp_path, catalogue_with(pack, made))


def rows(*numbers: int) -> list[dict[str, object]]:
    return [
        {
            "call_id": str(n),
            "unit": "all",
            "call_type": "PS",
            "outcome": "AGENT",
            "arrived_at": datetime(1999, 3, 1 + n % 2, 9, tzinfo=ZONE),
            "wait_s": n,
            "talk_s": 1,
        }
        for n in numbers
    ]


def test_records_are_those_of_the_number_even_after_they_were_replaced(small: Workplace) -> None:
    put_rows(small, "calls", rows(0, 2, 4))
    refresh(small)
    with open_states(small) as reading:
        set_rows(small, "calls", rows(2, 6, 8, 10))
        found = page(small, reading, "n", "1999-03-01", stale="show")
        assert shown(found, "call_id") == ["0", "2", "4"]
        assert found.total == found.observation.value == 3
    refresh(small)
    with open_states(small) as reading:
        assert page(small, reading, "n", "1999-03-01").total == 4


def test_to_date_numbers_open_to_all_the_records_they_cover(small: Workplace) -> None:
    put_rows(small, "calls", rows(0, 1, 2, 3))
    refresh(small)
    with open_states(small) as reading:
        found = page(small, reading, "n", "1999-03-02", basis="todate")
    assert (found.total, found.observation.value) == (4, 4)


def test_a_period_of_which_nothing_arrived_has_no_records(small: Workplace) -> None:
    put_rows(small, "calls", rows(0))
    refresh(small)
    with open_states(small) as reading:
        found = page(small, reading, "n", "1999-03-05")
    assert (found.total, found.records, found.observation.value) == (0, (), None)


@pytest.mark.parametrize(
    ("code", "asked", "issue"),
    [
        ("long", {"part": "numerator"}, "CMP007"),
        ("n", {"order": "nonsense"}, "CMP011"),
        ("n", {"limit": 0}, "MEA009"),
        ("n", {"limit": 10_001}, "MEA009"),
        ("n", {"offset": -1}, "MEA009"),
        ("n", {"where": {"outcome": "AGENT"}}, "CMP009"),
    ],
)
def test_a_page_that_makes_no_sense_is_refused(small: Workplace, code: str, asked: dict[str, Any], issue: str) -> None:
    put_rows(small, "calls", rows(0))
    refresh(small)
    with open_states(small) as reading, pytest.raises(InputError) as raised:
        page(small, reading, code, "1999-03-01", **asked)
    assert raised.value.issues[0].code == issue


def test_a_list_that_does_not_match_its_number_is_never_shown(small: Workplace) -> None:
    put_rows(small, "calls", rows(0, 2))
    refresh(small)

    class Miscounting:
        """A session whose states count one row too many."""

        def __init__(self, reading: States) -> None:
            self._session = reading.session

        def register(self, name: str, table: object) -> None:
            self._session.register(name, table)  # type: ignore[arg-type]

        def query(self, sql: str) -> object:
            found = self._session.query(sql).to_pydict()
            import pyarrow as pa

            return pa.table(
                {k: [v + 1 if k.endswith((":n", ":numerator", ":value")) else v for v in c] for k, c in found.items()}
            )

    with open_states(small) as reading, pytest.raises(InternalError, match="are behind it"):
        page(small, States(reading.snapshot, reading.feeds, One(Miscounting(reading))), "n", "1999-03-01")  # type: ignore[arg-type]


def test_an_observation_and_its_list_agree_in_every_hour_of_a_day(bank: Workplace, reading: States) -> None:
    day = date(1999, 1, 20)
    asked = ObserveRequest(("hotline.answered",), "all", Grain.HOUR, day, day)
    busiest = max(observe(bank, reading, asked), key=lambda each: each.n)
    assert page(bank, reading, "hotline.answered", busiest.period.key, limit=1).total == busiest.value
