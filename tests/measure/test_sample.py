"""The pack's hotline indicators on the real file: package against plain Python, cell by cell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path

import pytest

from ganzhi.base.periods import Grain, Period, period_at
from ganzhi.measure.observe import Observation, ObserveRequest, observe
from ganzhi.measure.open import States
from ganzhi.numerics.histogram import ALPHA
from ganzhi.warehouse.workplace import Workplace
from tests.measure.bank import ZONE, Call, calls
from tests.measure.by_hand import BY_HAND
from tests.measure.conftest import team_of

FIRST, LAST = date(1999, 1, 1), date(1999, 1, 31)
MISSING = {date(1999, 1, 11), date(1999, 1, 12)}
BRANCH = {"all": ("east-1", "east-2", "west"), "east": ("east-1", "east-2"), "west": ("west",), "idle": ()}

BANDS = ((10, "000-010"), (20, "010-020"), (40, "020-040"), (60, "040-060"), (120, "060-120"), (300, "120-300"))


SLICES: Mapping[str, Callable[[Call], str]] = {
    "call_type": lambda c: c.call_type,
    "priority": lambda c: str(c.priority),
    "agent": lambda c: c.agent or "",
    "wait_band": lambda c: next((name for limit, name in BANDS if c.wait_s <= limit), "300+"),
    "hour_of_day": lambda c: str(c.arrived_at.hour),
    "weekday": lambda c: str(c.arrived_at.isoweekday()),
}


def ask(
    bank: Workplace,
    reading: States,
    codes: Sequence[str],
    grain: Grain,
    by: tuple[str, ...] = (),
    unit: str = "all",
    first: date = FIRST,
    last: date = LAST,
) -> list[Observation]:
    request = ObserveRequest(codes=tuple(codes), unit=unit, grain=grain, first=first, last=last, by=by)
    return observe(bank, reading, request)


def check_against_python(found: Sequence[Observation], rows: Sequence[Call], by: tuple[str, ...], unit: str) -> None:
    """Every observation equals the indicator computed by hand over the rows of its cell."""
    cells: dict[tuple[Period, tuple[str, ...]], list[Call]] = {}
    grain = found[0].grain
    for call in rows:
        if team_of(call) in BRANCH[unit]:
            key = (period_at(grain, call.arrived_at, ZONE), tuple(SLICES[d](call) for d in by))
            cells.setdefault(key, []).append(call)
    seen = set()
    for each in found:
        key = (each.period, tuple(each.slice[d] for d in by))
        seen.add(key)
        if each.completeness == 0:
            assert (each.numerator, each.denominator, each.n, each.value) == (None, None, 0, None), each
            assert key not in cells
            continue
        expected = BY_HAND[each.code](cells.get(key, []))
        assert (each.numerator, each.denominator, each.n) == (expected.numerator, expected.denominator, expected.n), (
            each
        )
        if expected.exact or expected.value is None or each.value is None:
            assert each.value == expected.value, each
        else:
            assert abs(each.value - expected.value) <= (ALPHA + 1e-9) * expected.value, each
    assert set(cells) <= seen


def test_every_hotline_indicator_of_the_pack_is_computed_by_hand(bank: Workplace) -> None:
    declared = {c for c, i in bank.catalogue.indicators.items() if i.feed == "calls" and c.startswith("hotline.")}
    assert declared == set(BY_HAND)
    assert len(declared) >= 20


@pytest.mark.parametrize(
    ("grain", "unit"),
    [
        (Grain.DAY, "all"),
        (Grain.DAY, "east"),
        (Grain.WEEK, "all"),
        (Grain.MONTH, "east"),
        (Grain.MONTH, "west"),
        (Grain.MONTH, "idle"),
        (Grain.QUARTER, "east"),
        (Grain.YEAR, "west"),
    ],
)
@pytest.mark.requirement("S001-083")
def test_totals_equal_an_independent_computation(
    bank: Workplace, reading: States, sample_calls: Path, grain: Grain, unit: str
) -> None:
    found = ask(bank, reading, list(BY_HAND), grain, unit=unit)
    check_against_python(found, calls(sample_calls), (), unit)


@pytest.mark.parametrize("grain", [Grain.QUARTER_HOUR, Grain.HALF_HOUR, Grain.HOUR])
@pytest.mark.requirement("S001-083")
def test_grains_below_a_day_equal_an_independent_computation(
    bank: Workplace, reading: States, sample_calls: Path, grain: Grain
) -> None:
    first, last = date(1999, 1, 9), date(1999, 1, 14)
    found = ask(bank, reading, list(BY_HAND), grain, unit="east", first=first, last=last)
    rows = [c for c in calls(sample_calls) if first <= c.arrived_at.date() <= last]
    check_against_python(found, rows, (), "east")


@pytest.mark.parametrize(
    ("by", "grain"),
    [
        (("call_type",), Grain.DAY),
        (("call_type", "priority"), Grain.MONTH),
        (("hour_of_day",), Grain.MONTH),
        (("weekday",), Grain.MONTH),
        (("weekday", "hour_of_day"), Grain.YEAR),
        (("priority", "hour_of_day"), Grain.MONTH),
        pytest.param(("agent",), Grain.WEEK, marks=pytest.mark.requirement("S004-006")),
        pytest.param(("wait_band",), Grain.MONTH, marks=pytest.mark.requirement("S004-008")),
    ],
)
def test_slices_equal_an_independent_computation(
    bank: Workplace, reading: States, sample_calls: Path, by: tuple[str, ...], grain: Grain
) -> None:
    codes = [code for code in BY_HAND if set(by) <= set(bank.catalogue.indicators[code].by)]
    assert codes
    check_against_python(ask(bank, reading, codes, grain, by), calls(sample_calls), by, "all")


@pytest.mark.requirement("S004-004")
def test_the_published_figures_of_january_come_out(bank: Workplace, reading: States) -> None:
    codes = ["hotline.calls", "hotline.answered", "hotline.abandoned", "hotline.answer_rate", "hotline.talk.mean_s"]
    found = {each.code: each for each in ask(bank, reading, codes, Grain.MONTH)}
    assert found["hotline.calls"].value == 31_359
    assert found["hotline.answered"].value == 27_060
    assert found["hotline.abandoned"].value == 3_101
    assert round(found["hotline.answer_rate"].value or 0, 2) == 89.72
    assert round(found["hotline.talk.mean_s"].value or 0, 2) == 185.35
    assert found["hotline.talk.mean_s"].n == 26_783


@pytest.mark.requirement("S000-144")
def test_the_two_lost_days_are_unknown_and_not_zero(bank: Workplace, reading: States) -> None:
    found = ask(bank, reading, ["hotline.calls", "hotline.answer_rate"], Grain.DAY)
    unknown = {each.period.first_day for each in found if each.value is None}
    assert unknown == MISSING
    assert {each.completeness for each in found if each.period.first_day in MISSING} == {0.0}
    month = ask(bank, reading, ["hotline.calls"], Grain.MONTH)[0]
    assert month.completeness == pytest.approx(29 / 31)
