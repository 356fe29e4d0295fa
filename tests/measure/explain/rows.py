"""Two days of calls whose splits are known, and the splits by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from ganzhi.base.periods import Grain, period_of_day
from ganzhi.measure.explain.explain import explain
from ganzhi.measure.explain.explanation import Cut, ExplainRequest, Explanation, Piece
from ganzhi.measure.open import States
from ganzhi.warehouse.workplace import Workplace
from tests.measure.place import indicator, units

ZONE = ZoneInfo("Asia/Shanghai")
BEFORE, NOW, EMPTY = date(2026, 4, 1), date(2026, 4, 2), date(2026, 4, 9)
TREE = units(("all", None), ("east", "all"), ("west", "all"), ("idle", "all"), ("east-1", "east"), ("east-2", "east"))
TYPES, PRIORITIES = ("PS", "NW", "IN"), ("0", "1", "2")

LIMITS = {"management": {"floor": 60, "target": 90, "challenge": 99}}
INDICATORS = {
    "top": indicator("top", layer="KEI", feed=None, unit="score", direction="higher"),
    "middle": indicator(
        "middle", layer="KQI", feed=None, unit="score", direction="higher", supports=[{"parent": "top", "weight": 3}]
    ),
    "answered": indicator(
        "answered",
        unit="percent",
        direction="higher",
        ratio={"numerator": {"count": {"where": "outcome = 'AGENT'"}}, "denominator": {"count": {}}},
        by=["call_type", "priority", "hour_of_day"],
        targets=LIMITS,
        min_n=1,
        supports=[{"parent": "middle", "weight": 2}],
    ),
    "wait": indicator(
        "wait",
        unit="s",
        direction="lower",
        mean={"of": "wait_s"},
        by=["call_type"],
        targets={"management": {"floor": 60, "target": 20, "challenge": 10}},
        min_n=1,
        supports=[{"parent": "middle", "weight": 1}, {"parent": "top", "weight": 1}],
    ),
    "lost": indicator(
        "lost",
        unit="percent",
        direction="lower",
        ratio={"numerator": {"count": {"where": "outcome = 'HANG'"}}, "denominator": {"count": {}}},
        targets={"management": {"floor": 40, "target": 5, "challenge": 1}},
        min_n=1,
        supports=[{"parent": "top", "points": 30}],
    ),
    "calls": indicator("calls", count={}, by=["call_type", "priority"]),
    "median": indicator("median", unit="s", percentile={"of": "wait_s", "p": 0.5}, by=["call_type"]),
    "callers": indicator("callers", distinct={"of": "customer_id"}, by=["call_type"]),
    "per_unit": indicator(
        "per_unit",
        unit="per_10k",
        rate={"numerator": {"count": {"where": "outcome = 'HANG'"}}, "per": "calls"},
        by=["call_type"],
    ),
}

Row = dict[str, object]


def _rows() -> list[Row]:
    """Two days of calls. `NW` of east-1 loses most of its answers on the second day, the calls of the easy type
    move away from west, one call a day is of the province itself, and type `IN` is new."""
    rows: list[Row] = []

    def add(day: date, unit: str, call_type: str, calls: int, answered: int, wait_s: int) -> None:
        for n in range(calls):
            rows.append(
                {
                    "call_id": str(len(rows)),
                    "unit": unit,
                    "call_type": call_type,
                    "priority": n % 3,
                    "customer_id": f"c{n % 7}",
                    "outcome": "AGENT" if n < answered else "HANG",
                    "agent": f"a{n % 4}" if n < answered else None,
                    "arrived_at": datetime(day.year, day.month, day.day, 9 + n % 3, n % 60, tzinfo=ZONE),
                    "wait_s": wait_s + n % 5,
                    "ivr_s": 1,
                    "talk_s": 1,
                }
            )

    for unit, size in (("east-1", 60), ("east-2", 45), ("west", 90)):
        add(BEFORE, unit, "PS", size, round(0.9 * size), 15)
        add(BEFORE, unit, "NW", size, round(0.8 * size), 25)
        add(NOW, unit, "PS", size if unit != "west" else 30, round(0.9 * size) if unit != "west" else 27, 15)
        add(NOW, unit, "NW", size, round((0.1 if unit == "east-1" else 0.8) * size), 30 if unit == "east-1" else 25)
    add(BEFORE, "all", "PS", 1, 1, 5)
    add(NOW, "all", "PS", 1, 0, 5)
    add(NOW, "west", "IN", 12, 6, 50)
    return rows


ROWS = _rows()


def why(place: Workplace, reading: States, code: str, **changes: object) -> Explanation:
    given = {"unit": "all", "period": period_of_day(Grain.DAY, NOW, ZONE), **changes}
    return explain(place, reading, ExplainRequest(code, **given))  # type: ignore[arg-type]


def cut_by(found: Explanation, dimension: str) -> Cut:
    return next(each for each in found.cuts if each.dimension == dimension)


def added(pieces: Sequence[Piece]) -> float:
    return math.fsum(each.change for each in pieces if each.change is not None)


# --- by hand ------------------------------------------------------------------------------------

UNDER = {"east": {"east", "east-1", "east-2"}, "west": {"west"}, "idle": {"idle"}, "all": {"all"}}


def answered(day: date, **where: object) -> tuple[int, int]:
    """Answered calls and calls of a day, counted row by row."""
    rows = [r for r in ROWS if r["arrived_at"].date() == day]  # type: ignore[attr-defined]
    units_ = where.pop("units", None)
    rows = [r for r in rows if units_ is None or r["unit"] in units_]  # type: ignore[operator]
    rows = [r for r in rows if all(str(r[name]) == value for name, value in where.items())]
    return sum(r["outcome"] == "AGENT" for r in rows), len(rows)


def kitagawa(parts: Sequence[tuple[tuple[int, int], tuple[int, int]]]) -> list[tuple[Fraction, Fraction]]:
    """Rate and mix of each part in per cent, from the formula; parts with a rate at one date have mix alone."""
    d0, d1 = (Fraction(sum(part[side][1] for part in parts)) for side in (0, 1))
    big0, big1 = (Fraction(sum(p[s][0] for p in parts)) / d for s, d in ((0, d0), (1, d1)))
    found = []
    for (a0, n0), (a1, n1) in parts:
        r0, r1 = Fraction(a0, n0) if n0 else Fraction(a1, n1), Fraction(a1, n1) if n1 else Fraction(a0, n0)
        s0, s1 = n0 / d0, n1 / d1
        found.append((100 * (s0 + s1) / 2 * (r1 - r0), 100 * ((r0 + r1) / 2 - (big0 + big1) / 2) * (s1 - s0)))
    return found
