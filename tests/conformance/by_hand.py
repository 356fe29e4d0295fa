"""What an indicator of `world` is over some rows, in plain Python: numerator, denominator, n and value."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from ganzhi.numerics.histogram import bucket, quantile
from tests.conformance.world import Case, Row

Answer = tuple[object, object, object, object]


def slot_of(row: Row) -> int:
    at = row["at"]
    assert isinstance(at, datetime)
    return int(at.timestamp()) // 900 * 900


def local(row: Row, zone: str) -> datetime:
    at = row["at"]
    assert isinstance(at, datetime)
    return at.astimezone(ZoneInfo(zone))


def day_of(row: Row, zone: str) -> date:
    return local(row, zone).date()


def answer(case: Case, found: Sequence[Row], everything: Sequence[Row], moment: Callable[[Row], object]) -> Answer:
    """found: rows of the unit, period and slice. everything: rows of the unit and period. moment: what a
    snapshot takes the last of (slots below a day, days otherwise)."""
    behind = [r for r in found if case.where(r)]
    known: list[Any] = [v for r in behind if (v := case.value(r)) is not None]
    n = len(known)
    match case.how:
        case "count":
            return n, None, n, n
        case "sum":
            return sum(known), None, n, sum(known)
        case "min" | "max":
            value = (min if case.how == "min" else max)(known, default=None)
            return None, None, n, value
        case "mean":
            return sum(known), n, n, _quotient(sum(known), n)
        case "within":
            inside = sum(value <= 20 for value in known)
            return inside, n, n, _quotient(inside, n, 100)
        case "ratio":
            below = sum(isinstance(r["n"], int) and r["n"] > 5 for r in found)
            return n, below, below, _quotient(n, below, 100)
        case "percentile":
            counts: dict[int, int] = {}
            for value in known:
                counts[bucket(float(value))] = counts.get(bucket(float(value)), 0) + 1
            return None, None, n, quantile(counts, 0.9 if case.code == "p.p90" else 0.5)
        case "distinct":
            return len(set(known)), None, n, len(set(known))
        case "sketch":
            number = len(set(known)) if len(set(known)) <= 5 else sketch({str(value) for value in known})
            return number, None, n, number
    return _snapshot(case, found, everything, moment)


def _quotient(top: Any, bottom: int, scale: int = 1) -> float | None:
    return None if bottom == 0 else scale * float(top) / float(bottom)


def _snapshot(case: Case, found: Sequence[Row], everything: Sequence[Row], moment: Callable[[Row], object]) -> Answer:
    """Of each unit the rows of its last moment in its last slot of the last day or slot of the period."""
    n = sum(case.value(r) is not None for r in found)
    last: Any = max(moment(r) for r in everything)  # type: ignore[type-var]
    total: Any = 0
    for unit in {r["unit"] for r in everything}:
        of_unit = [r for r in everything if r["unit"] == unit and moment(r) == last]
        if not of_unit:
            continue
        slot = max(map(slot_of, of_unit))
        at = max(r["at"] for r in of_unit if slot_of(r) == slot)  # type: ignore[type-var]
        total += sum(case.value(r) or 0 for r in found if r["unit"] == unit and r["at"] == at)  # type: ignore[misc]
    return total, None, n, total


def sketch(values: set[str]) -> int:
    """HyperLogLog of 4096 registers with ranks of at most 40 (Flajolet et al. 2007), linear counting when sparse."""
    registers: dict[int, int] = {}
    for value in values:
        first = int.from_bytes(hashlib.md5(value.encode(), usedforsecurity=False).digest()[:8], "big")
        rank = min(40, 53 - (first & (2**52 - 1)).bit_length())
        registers[first >> 52] = max(rank, registers.get(first >> 52, 0))
    empty = 4096 - len(registers)
    raw = 0.7213 / (1 + 1.079 / 4096) * 4096 * 4096 / (sum(0.5**rank for rank in registers.values()) + empty)
    return round(4096 * math.log(4096 / empty) if raw <= 2.5 * 4096 and empty else raw)


def exact(value: object) -> object:
    """A number as it is compared: decimals without trailing zeros, whole ones as whole numbers."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else value.normalize()
    return value


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
