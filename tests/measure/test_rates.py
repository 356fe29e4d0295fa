"""Rates over two feeds: complaints of one, subscribers of the other, divided once at the end (S001-020)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from ganzhi.base.periods import Grain
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.observe import Observation, ObserveRequest, observe
from ganzhi.measure.open import open_states
from ganzhi.measure.refresh import refresh
from ganzhi.warehouse.workplace import Workplace
from tests.measure.place import catalogue_with, indicator, make_workplace, put_rows, units

ZONE = ZoneInfo("Asia/Shanghai")
BASE = {"numerator": {"sum": {"of": "subscribers"}}, "denominator": {"distinct": {"of": "day"}}}


def complaint(number: int, unit: str, day: int, hour: int, brand: str, channel: str) -> Mapping[str, object]:
    """A complaint of March 2026."""
    return {
        "complaint_id": str(number),
        "received_at": datetime(2026, 3, day, hour, 5, tzinfo=ZONE),
        "unit": unit,
        "channel": channel,
        "kind": "ordinary",
        "commercial_process": "billing",
        "brand": brand,
        "category": "charges",
    }


def counted(unit: str, day: int, brand: str, subscribers: int) -> Mapping[str, object]:
    """Subscribers of a unit and brand at the end of a day of March 2026."""
    return {
        "unit": unit,
        "day": f"2026-03-{day:02}",
        "counted_at": datetime(2026, 3, day, 23, 59, tzinfo=ZONE),
        "brand": brand,
        "network": "4g",
        "customer_class": "ordinary",
        "subscribers": subscribers,
    }


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, pack: Catalogue) -> Workplace:
    """Two cities; 2 March is known in both feeds, 3 March only in complaints, 4 March has no subscribers left."""
    rate = {"numerator": {"count": {}}, "per": "subscribers"}
    shown = {
        "subscribers": indicator("subscribers", feed="subscriber_counts", ratio=BASE, by=["brand"], min_n=0),
        "complaints": indicator("complaints", feed="complaints", count={}, by=["brand", "channel"]),
        "rate": indicator(
            "rate", feed="complaints", unit="per_10k", rate=rate, by=["brand", "channel", "weekday"], min_n=0
        ),
        "share": indicator(
            "share",
            feed="complaints",
            unit="percent",
            rate={"numerator": {"indicator": "complaints"}, "per": "complaints", "whole": ["channel"]},
            by=["brand", "channel"],
            min_n=0,
        ),
    }
    tree = units(("all", None), ("a", "all"), ("b", "all"))
    workplace = make_workplace(tmp_path_factory.mktemp("rates"), catalogue_with(pack, shown, tree))
    put_rows(
        workplace,
        "complaints",
        [
            complaint(1, "a", 1, 9, "gotone", "hotline"),
            complaint(2, "a", 1, 9, "easyown", "hotline"),
            complaint(3, "a", 1, 15, "gotone", "hall"),
            complaint(4, "b", 2, 9, "gotone", "hotline"),
            complaint(5, "b", 3, 9, "gotone", "hotline"),
            complaint(6, "a", 4, 9, "gotone", "hotline"),
        ],
    )
    put_rows(
        workplace,
        "subscriber_counts",
        [
            counted("a", 1, "gotone", 12_000),
            counted("a", 1, "easyown", 8_000),
            counted("a", 2, "gotone", 14_000),
            counted("a", 2, "easyown", 8_000),
            counted("b", 1, "gotone", 10_000),
            counted("b", 2, "gotone", 10_000),
            counted("a", 4, "gotone", 0),
        ],
    )
    refresh(workplace)
    return workplace


def ask(place: Workplace, **more: object) -> list[Observation]:
    """Observations of the rate, of 1 and 2 March unless said otherwise."""
    given = {"codes": ("rate",), "unit": "all", "grain": Grain.DAY, "first": date(2026, 3, 1), "last": date(2026, 3, 2)}
    with open_states(place) as reading:
        return observe(place, reading, ObserveRequest(**{**given, **more}))  # type: ignore[arg-type]


@pytest.mark.requirement("S001-020")
def test_a_day_divides_by_the_subscribers_of_that_day(place: Workplace) -> None:
    found = {(o.unit, o.period.key): (o.numerator, o.denominator, o.value) for o in ask(place, children=True)}
    assert found == {
        ("a", "2026-03-01"): (3, 20_000, 1.5),
        ("a", "2026-03-02"): (0, 22_000, 0.0),
        ("b", "2026-03-01"): (0, 10_000, 0.0),
        ("b", "2026-03-02"): (1, 10_000, 1.0),
    }


@pytest.mark.requirement("S001-020")
def test_a_longer_period_divides_by_the_mean_of_its_days_not_by_their_sum(place: Workplace) -> None:
    (day, both) = ask(place, basis="todate")
    assert (day.numerator, day.denominator, day.value) == (3, 30_000, 1.0)
    assert (both.numerator, both.denominator, both.value) == (4, 31_000, pytest.approx(4 / 3.1))


def test_a_slice_divides_by_its_own_subscribers_where_the_base_knows_the_dimension(place: Workplace) -> None:
    of_brand = {o.slice["brand"]: o for o in ask(place, by=("brand",), last=date(2026, 3, 1))}
    assert (of_brand["gotone"].denominator, of_brand["gotone"].value) == (22_000, pytest.approx(2 / 2.2))
    assert (of_brand["easyown"].denominator, of_brand["easyown"].value) == (8_000, 1.25)


def test_a_slice_divides_by_all_subscribers_where_the_base_does_not_know_the_dimension(place: Workplace) -> None:
    of_channel = {o.slice["channel"]: o for o in ask(place, by=("channel",), last=date(2026, 3, 1))}
    assert {o.denominator for o in of_channel.values()} == {30_000}
    assert sum(o.value or 0 for o in of_channel.values()) == pytest.approx(1.0)


def test_hours_divide_by_the_subscribers_of_their_day(place: Workplace) -> None:
    found = [o for o in ask(place, grain=Grain.HOUR, last=date(2026, 3, 1)) if o.numerator]
    assert [(o.period.start.hour, o.numerator, o.denominator) for o in found] == [(9, 2, 30_000), (15, 1, 30_000)]


def test_without_subscribers_the_rate_is_unknown_never_zero(place: Workplace) -> None:
    third, fourth = ask(place, first=date(2026, 3, 3), last=date(2026, 3, 4))
    assert (third.value, third.numerator, third.denominator, third.completeness) == (None, 1, None, 0)
    assert (fourth.value, fourth.numerator, fourth.denominator) == (None, 1, 0)


@pytest.mark.requirement("S002-048")
def test_a_share_of_the_whole_divides_every_slice_by_all_of_them(place: Workplace) -> None:
    found = ask(place, codes=("share",), by=("channel",), last=date(2026, 3, 1))
    assert {o.slice["channel"]: o.value for o in found} == {
        "hotline": pytest.approx(200 / 3),
        "hall": pytest.approx(100 / 3),
    }
    (one,) = ask(place, codes=("share",), where={"channel": "hall"}, last=date(2026, 3, 1))
    assert (one.numerator, one.denominator) == (1, 3)
    (all_of_them,) = ask(place, codes=("share",), last=date(2026, 3, 1))
    assert all_of_them.value == 100
