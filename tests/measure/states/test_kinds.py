"""Stocks, large distinct counts, and units that moved: against what the definitions say, by hand."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ganzhi.base.periods import Grain, period_of_day
from ganzhi.catalogue.model.data import FormerParent
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.distinct import ERROR, MOST_RANK, REGISTERS
from ganzhi.measure.observation import Observation
from ganzhi.measure.observe import ObserveRequest, observe
from ganzhi.measure.open import open_states
from ganzhi.measure.records import RecordsRequest, records
from ganzhi.measure.refresh import refresh
from ganzhi.warehouse.workplace import Workplace
from tests.measure.place import Row, catalogue_with, indicator, make_workplace, put_rows, units
from tests.measure.states.test_refresh import call

ZONE = ZoneInfo("Asia/Shanghai")
TREE = units(("all", None), ("east", "all"), ("west", "all"), ("a", "east"), ("b", "west"))


def at(day: date, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE)


def one(workplace: Workplace, code: str, unit: str, grain: Grain, day: date, **more: object) -> Observation:
    request = ObserveRequest((code,), unit, grain, day, day, **more)  # type: ignore[arg-type]
    with open_states(workplace) as reading:
        return observe(workplace, reading, request)[0]


def stock(number: int, day: date, unit: str, stands: int, hour: int = 9, kind: str = "PS") -> Row:
    return call(number, 1, unit=unit, arrived_at=at(day, hour), wait_s=stands, call_type=kind)


@pytest.fixture
def stocks(tmp_path: Path, pack: Catalogue) -> Workplace:
    """Waiting customers counted at moments: a twice on 30 January, b on 31 January too, both in February."""
    made = {
        "stock": indicator("stock", snapshot={"of": "wait_s"}),
        "share": indicator(
            "share",
            unit="percent",
            ratio={
                "numerator": {"snapshot": {"of": "wait_s", "where": "call_type = 'PS'"}},
                "denominator": {"snapshot": {"of": "wait_s"}},
            },
        ),
    }
    workplace = make_workplace(tmp_path, catalogue_with(pack, made, TREE))
    january, last, february = date(1999, 1, 30), date(1999, 1, 31), date(1999, 2, 2)
    put_rows(
        workplace,
        "calls",
        [
            stock(1, january, "a", 10),
            stock(2, january, "a", 3, hour=20),
            stock(3, january, "a", 4, hour=20, kind="NW"),
            stock(4, january, "b", 100),
            stock(5, last, "b", 50),
            stock(6, february, "a", 1),
            stock(7, february, "b", 2),
        ],
    )
    refresh(workplace)
    return workplace


@pytest.mark.parametrize(
    ("unit", "grain", "day", "stands"),
    [
        ("a", Grain.DAY, date(1999, 1, 30), 7),  # the evening's count, both kinds
        ("b", Grain.DAY, date(1999, 1, 30), 100),
        ("all", Grain.DAY, date(1999, 1, 30), 107),  # adds over units
        ("a", Grain.MONTH, date(1999, 1, 30), 7),  # and not over time
        ("all", Grain.MONTH, date(1999, 1, 30), 50),  # of the whole, the last day counted is the 31st
        ("all", Grain.QUARTER, date(1999, 1, 30), 3),
        ("east", Grain.YEAR, date(1999, 1, 30), 1),
    ],
)
def test_a_stock_adds_over_units_and_takes_the_last_moment_over_time(
    stocks: Workplace, unit: str, grain: Grain, day: date, stands: int
) -> None:
    assert one(stocks, "stock", unit, grain, day).value == stands


def test_a_stock_is_cut_by_the_dimension_at_the_same_moment(stocks: Workplace) -> None:
    day = date(1999, 1, 30)
    request = ObserveRequest(("stock", "share"), "a", Grain.DAY, day, day, by=("call_type",))
    with open_states(stocks) as reading:
        found = {(o.code, o.slice["call_type"]): o.numerator for o in observe(stocks, reading, request)}
    assert found["stock", "PS"] == 3
    assert found["stock", "NW"] == 4
    share = one(stocks, "share", "a", Grain.DAY, day)
    assert (share.numerator, share.denominator) == (3, 7)
    hours = ObserveRequest(("stock",), "a", Grain.HOUR, day, day)
    with open_states(stocks) as reading:
        by_hour = {o.period.start.hour: o.value for o in observe(stocks, reading, hours)}
    assert (by_hour[9], by_hour[20]) == (10, 7)


def estimate(values: Iterable[str]) -> int:
    """HyperLogLog as its paper writes it, in plain Python."""
    ranks = [0] * REGISTERS
    for value in values:
        number = int.from_bytes(hashlib.md5(value.encode()).digest()[:8], "big")
        tail = number & ((1 << 52) - 1)
        rank = min(52 - tail.bit_length() + 1, MOST_RANK)
        place = number >> 52
        ranks[place] = max(ranks[place], rank)
    raw = 0.7213 / (1 + 1.079 / REGISTERS) * REGISTERS**2 / math.fsum(2.0**-rank for rank in ranks)
    empty = ranks.count(0)
    small = raw <= 2.5 * REGISTERS and empty
    return round(REGISTERS * math.log(REGISTERS / empty) if small else raw)


def callers(day: date, first: int, count: int, unit: str) -> list[Row]:
    return [
        call(n, 1, customer_id=f"客户{n}", unit=unit, arrived_at=at(day, 8, n % 60))
        for n in range(first, first + count)
    ]


def test_distinct_counts_are_exact_up_to_the_declared_size_and_estimated_above(tmp_path: Path, pack: Catalogue) -> None:
    made = {
        "few": indicator("few", distinct={"of": "customer_id", "exact_up_to": 1000}),
        "all": indicator("all", distinct={"of": "customer_id"}),
    }
    workplace = make_workplace(tmp_path, catalogue_with(pack, made, TREE))
    first, second = date(1999, 1, 30), date(1999, 2, 1)
    put_rows(workplace, "calls", callers(first, 0, 900, "a") + callers(first, 500, 4000, "b"))
    refresh(workplace)
    put_rows(workplace, "calls", callers(second, 100, 50, "a"))
    refresh(workplace)
    cases: Mapping[tuple[str, Grain, date], set[int]] = {
        ("a", Grain.DAY, first): set(range(900)),
        ("b", Grain.DAY, first): set(range(500, 4500)),
        ("all", Grain.DAY, first): set(range(4500)),
        ("all", Grain.DAY, second): set(range(100, 150)),
        ("all", Grain.YEAR, first): set(range(4500)),
        ("a", Grain.QUARTER, first): set(range(900)),
    }
    for (unit, grain, day), numbers in cases.items():
        truth = one(workplace, "all", unit, grain, day)
        assert (truth.value, truth.estimated) == (len(numbers), False)
        found = one(workplace, "few", unit, grain, day)
        if len(numbers) <= 1000:
            assert (found.value, found.estimated) == (len(numbers), False)
        else:
            assert (found.value, found.estimated) == (estimate(f"客户{n}" for n in numbers), True)
            assert abs(float(found.value or 0) / len(numbers) - 1) < 4 * ERROR


def test_what_happened_while_a_unit_belonged_elsewhere_counts_there(tmp_path: Path, pack: Catalogue) -> None:
    moved = TREE["a"].model_copy(
        update={"parent": "west", "formerly": (FormerParent(parent="east", until=date(1999, 1, 15)),)}
    )
    made = {"n": indicator("n", count={})}
    workplace = make_workplace(tmp_path, catalogue_with(pack, made, {**TREE, "a": moved}))
    days = [date(1999, 1, 15), date(1999, 1, 16), date(1999, 2, 3)]
    put_rows(workplace, "calls", [call(n, 1, unit="a", arrived_at=at(day)) for n, day in enumerate(days)])
    put_rows(workplace, "calls", [call(9, 1, unit="b", arrived_at=at(days[0]))])
    refresh(workplace)
    january, year = date(1999, 1, 1), Grain.YEAR
    expected = {"east": 1, "west": 3, "a": 3, "all": 4}
    assert {unit: one(workplace, "n", unit, year, january).value for unit in expected} == expected
    assert one(workplace, "n", "east", Grain.MONTH, january).value == 1
    assert one(workplace, "n", "west", Grain.MONTH, january).value == 2
    hours = {"by": ("hour_of_day",)}
    assert one(workplace, "n", "east", year, january, **hours).value == 1
    with open_states(workplace) as reading:
        for unit, count in expected.items():
            period = period_of_day(year, january, ZONE)
            assert records(workplace, reading, RecordsRequest("n", unit, period, "all")).total == count


def test_a_changed_organisation_makes_totals_again_and_reads_no_rows(tmp_path: Path, pack: Catalogue) -> None:
    made = {"n": indicator("n", count={}), "who": indicator("who", distinct={"of": "customer_id"})}
    workplace = make_workplace(tmp_path, catalogue_with(pack, made, TREE))
    day = date(1999, 1, 15)
    put_rows(workplace, "calls", [call(n, 1, unit="a", arrived_at=at(day + timedelta(days=20 * n))) for n in range(3)])
    refresh(workplace)
    assert one(workplace, "n", "west", Grain.YEAR, day).value == 0
    other = {**TREE, "a": TREE["a"].model_copy(update={"parent": "west"})}
    changed = replace(workplace, catalogue=catalogue_with(pack, made, other))
    done = refresh(changed).feeds[0]
    assert (done.computed, len(done.rolled), done.rows) == ((), 3, 0)
    assert one(changed, "n", "west", Grain.YEAR, day).value == 3
    assert one(changed, "who", "west", Grain.YEAR, day).value == 3
    assert one(changed, "n", "east", Grain.YEAR, day).value == 0
