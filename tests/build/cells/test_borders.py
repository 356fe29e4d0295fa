"""Small numbers cannot be had back by adding up periods: an attacker with linear algebra tries all of them at once."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from ganzhi.access.rights import SMALLEST_CELL
from ganzhi.base.periods import Grain, Period, period_of_day
from ganzhi.measure.build.cells import above
from ganzhi.measure.build.cells.above import withheld_in
from ganzhi.measure.build.cells.borders import GRAINS, borders_of, own_border

ZONE = ZoneInfo("Asia/Shanghai")
FIRST, DAYS = date(2012, 1, 1), 65  # a Sunday, so that a month begins with a week of one day
PARENT = {"all": None, "a": "all", "b": "all", "a1": "a", "a2": "a", "b1": "b", "b2": "b", "b3": "b"}
LEAVES = ("a1", "a2", "b1", "b2", "b3")
MEAN = {"a1": 30, "a2": 7, "b1": 25, "b2": 8, "b3": 12}

Cells = dict[tuple[str, date], int]


@cache
def leaves_of(unit: str) -> tuple[str, ...]:
    found = []
    for leaf in LEAVES:
        above_it: str | None = leaf
        while above_it is not None and above_it != unit:
            above_it = PARENT[above_it]
        found += [leaf] * (above_it == unit)
    return tuple(found)


def made(seed: int) -> Cells:
    """Events of each leaf on each day: mostly enough, now and then few or none."""
    rng = random.Random(seed)
    days = [FIRST + timedelta(days=n) for n in range(DAYS)]
    return {
        (leaf, day): rng.choice((0, 1, 2, 3, 4)) if rng.random() < 0.03 else max(5, int(rng.gauss(mean, mean / 4)))
        for leaf, mean in MEAN.items()
        for day in days
    }


def total(cells: Cells, unit: str, first: date, last: date) -> int:
    days = range(max(0, (first - FIRST).days), min(DAYS - 1, (last - FIRST).days) + 1)
    return sum(cells[leaf, FIRST + timedelta(days=n)] for leaf in leaves_of(unit) for n in days)


def reader(cells: Cells) -> Any:
    """Somebody without list depth who sees all units; what is published is counted from the cells."""

    def few(units: tuple[str, ...], period: Period, below: int) -> dict[str, list[int]]:
        of = [total(cells, unit, period.first_day, period.last_day) for unit in units]
        return {"n": of} if any(0 < n < below for n in of) else {}

    def read(unit: str, period: Period) -> Any:
        return lambda code: SimpleNamespace(n=total(cells, unit, period.first_day, period.last_day))

    kept: dict[object, Any] = {}

    def once(key: object, work: Any) -> Any:
        if key not in kept:
            kept[key] = work()
        return kept[key]

    return SimpleNamespace(
        viewer=SimpleNamespace(may=lambda right: False),
        workplace=SimpleNamespace(
            catalogue=SimpleNamespace(
                units={unit: SimpleNamespace(parent=parent) for unit, parent in PARENT.items()},
                indicator=lambda code: SimpleNamespace(measure="count"),
            )
        ),
        ground=SimpleNamespace(
            within=lambda unit: unit in PARENT, children=lambda unit: {u: None for u, p in PARENT.items() if p == unit}
        ),
        states=SimpleNamespace(
            once=once,
            published=SimpleNamespace(
                answers=lambda codes, grain: True, covers=lambda period: True, few=few, read=read
            ),
        ),
    )


def periods(grain: Grain) -> tuple[Period, ...]:
    days = (FIRST + timedelta(days=n) for n in range(DAYS))
    return tuple(dict.fromkeys(period_of_day(grain, day, ZONE) for day in days))


def asked(cells: Cells, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, date, date, bool]]:
    """Everything there is to open: unit, first and last day of what it counts, whether it is withheld."""
    who = reader(cells)
    for grain in GRAINS:
        out = {(unit, period) for _, unit, period in withheld_in(who, ["n"], tuple(PARENT), periods(grain))}
        for period in periods(grain):
            yield from ((unit, period.first_day, period.last_day, (unit, period) in out) for unit in PARENT)

    def to_date(_: Any, codes: Any, parent: str, period: Period, basis: Any) -> dict[str, list[int]]:
        since = period_of_day(Grain.MONTH, period.last_day, ZONE).first_day
        children = [u for u, p in PARENT.items() if p == parent]
        return {"n": [total(cells, unit, since, period.last_day) for unit in children]}

    monkeypatch.setattr(above, "_asked", to_date)
    days = periods(Grain.DAY)
    out = {(unit, period) for _, unit, period in withheld_in(who, ["n"], tuple(PARENT), days, "todate")}
    for day in days:
        since = period_of_day(Grain.MONTH, day.last_day, ZONE).first_day
        yield from ((unit, since, day.last_day, (unit, day) in out) for unit in PARENT)


@pytest.mark.parametrize("seed", [2])
def test_no_withheld_number_follows_from_all_that_are_shown(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unknown are the events of each leaf on each day; every number shown is an equation. A withheld number is told when
    it is a sum of equations."""
    cells = made(seed)
    column = {cell: place for place, cell in enumerate(cells)}

    def equation(unit: str, first: date, last: date) -> np.ndarray[Any, np.dtype[np.float64]]:
        row = np.zeros(len(column))
        low, high = (max(first, FIRST) - FIRST).days, (min(last, FIRST + timedelta(days=DAYS - 1)) - FIRST).days
        for leaf in leaves_of(unit):
            for n in range(low, high + 1):
                row[column[leaf, FIRST + timedelta(days=n)]] = 1
        return row

    everything = list(asked(cells, monkeypatch))
    shown = np.array([equation(*span) for *span, out in everything if not out])
    hidden = np.array([equation(*span) for *span, out in everything if out])
    small = [span for *span, _ in everything if 0 < total(cells, *span) < SMALLEST_CELL]
    assert len(small) > 5
    assert all(out for *span, out in everything if 0 < total(cells, *span) < SMALLEST_CELL and span[1] == span[2])
    values, vectors = np.linalg.eigh(shown.T @ shown)
    told = np.abs(hidden @ vectors[:, values < 1e-6]).max(axis=1) < 1e-6  # no solution differs in it
    assert not told.any(), [
        span for (*span, out), each in zip([e for e in everything if e[3]], told, strict=True) if each
    ]
    assert len(hidden) < len(everything) / 3, "most of what there is can be opened"


def test_by_the_rule_of_places_alone_a_month_tells_its_days(monkeypatch: pytest.MonkeyPatch) -> None:
    """The attacker of these tests finds what there is to find."""
    cells = {(leaf, FIRST + timedelta(days=n)): 20 + n % 3 for leaf in LEAVES for n in range(DAYS)}
    day = FIRST + timedelta(days=10)
    cells["a2", day] = 3
    monkeypatch.setattr(above, "_tied", lambda *_: {})
    out = [(unit, first, last) for unit, first, last, gone in asked(cells, monkeypatch) if gone and first == last]
    assert set(out) == {("a1", day, day), ("a2", day, day)}  # six days and their week tell both
    monkeypatch.undo()
    also = {first for _, first, last, gone in asked(cells, monkeypatch) if gone and first == last}
    assert also == {day, day - timedelta(days=1)}


def test_a_period_keeps_to_the_border_that_takes_least_with_it() -> None:
    def border(grain: Grain, day: date, **more: Any) -> date:
        return own_border(period_of_day(grain, day, ZONE), more.get("known", lambda _: True))

    assert border(Grain.DAY, date(2012, 1, 11)) == date(2012, 1, 11)
    assert border(Grain.DAY, date(2012, 1, 9)) == date(2012, 1, 10)  # a Monday: the day after is of its week
    assert border(Grain.DAY, date(2012, 1, 9), known=lambda day: day < date(2012, 1, 10)) == date(2012, 1, 9)
    assert border(Grain.DAY, date(2012, 1, 1)) == date(2012, 1, 2)  # alone in its week of the month
    assert border(Grain.MONTH, date(2012, 1, 9)) == date(2012, 2, 1)
    for grain in GRAINS:
        for n in range(40):
            period = period_of_day(grain, FIRST + timedelta(days=n), ZONE)
            assert own_border(period, lambda _: False) in borders_of(period)
