"""What costs much is counted: laws of the limiter, and what a visitor is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganzhi.access.counted import limits
from ganzhi.access.counted.limits import Rate
from ganzhi.portal.gate.limits import Limits, TooOftenError
from tests.portal.accounts.house import House


class Ticks:
    """Seconds moved by hand."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def _take(limits: Limits, who: str = "ben") -> int:
    """0 when it was granted, otherwise how long to wait."""
    try:
        limits.take("export", who)
    except TooOftenError as error:
        return error.wait_s
    return 0


@given(st.lists(st.integers(0, 40), max_size=80), st.integers(1, 10), st.integers(1, 100))
def test_no_window_holds_more_than_a_burst_and_what_was_paid_back(steps: list[int], most: int, within_s: int) -> None:
    ticks = Ticks()
    limited = Limits({"export": Rate(most, within_s)}, ticks)
    granted: list[float] = []
    for step in steps:
        ticks.at += step
        if _take(limited) == 0:
            granted.append(ticks.at)
    for first, start in enumerate(granted):
        inside = [at for at in granted[first:] if at < start + within_s]
        assert len(inside) <= 2 * most
    assert len([at for at in granted if at == (granted[0] if granted else None)]) <= most


@given(st.integers(1, 30), st.integers(1, 3_600))
def test_a_burst_is_granted_and_waiting_as_told_is_enough(most: int, within_s: int) -> None:
    ticks = Ticks()
    limited = Limits({"export": Rate(most, within_s)}, ticks)
    assert [_take(limited) for _ in range(most)] == [0] * most
    wait_s = _take(limited)
    assert 1 <= wait_s <= max(1, -(-within_s // most))
    ticks.at += wait_s
    assert _take(limited) == 0


def test_visitors_do_not_wait_for_each_other_and_unnamed_work_is_free() -> None:
    limited = Limits({"export": Rate(1, 60)}, Ticks())
    assert [_take(limited, who) for who in ("ada", "ben")] == [0, 0]
    assert _take(limited, "ada") > 0
    for _ in range(100):
        limited.take("picture", "ada")


def test_a_flood_of_visitors_takes_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_KEPT", 100)
    limited = Limits({"export": Rate(1, 60)}, Ticks())
    for n in range(1_000):
        limited.take("export", f"10.0.0.{n}")
    assert len(limited._counts._due) <= 100


def test_files_are_counted_per_user_and_pages_are_not(build) -> None:  # type: ignore[no-untyped-def]
    house: House = build(limits=Limits({"export": Rate(2, 3600)}))
    house.add("ada", "administrator")
    house.add("ben")
    here, there, ben = house.signed_in("ada"), house.signed_in("ada"), house.signed_in("ben")
    assert [each.see("/accounts.csv").status_code for each in (here, there)] == [200, 200]
    refused = here.see("/accounts.xlsx")
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) in range(1, 1801)
    assert refused.headers["retry-after"] in refused.text
    assert here.see("/accounts.json").json()["issues"][0]["code"] == "POR041"
    assert here.client.head("/accounts.csv").status_code == 200
    assert here.see("/accounts").status_code == 200
    assert ben.see("/dictionary.csv").status_code == 200
