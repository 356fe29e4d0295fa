"""What a version of a rule's thresholds holds: from which day, and per unit and slice the limits of each grade.

Of a unit and slice there is a limit for one value (`daily`), another for the days of the month that are always busier
(`busy`), and one for the month's total so far (`monthly`). A line for the unit `*` holds for every unit that has none.
S003-013, S003-014, S000-099.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from math import isfinite
from typing import Any, Final

from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.model.warning import GRADES, Grade, WarningRule
from ganzhi.catalogue.model.whole import Catalogue

EVERY: Final = "*"
"""Stands for every unit that has no line of its own."""
MOST_LINES: Final = 20_000
BANDS: Final = ("daily", "busy", "monthly")

Key = tuple[str, tuple[tuple[str, str], ...]]
Limit = Mapping[Grade, float]


@dataclass(frozen=True, slots=True)
class Line:
    """Limits of one unit and slice; an empty band has none. basis: what a proposal rests on, empty for typed ones."""

    unit: str
    slice: Mapping[str, str]
    daily: Limit
    busy: Limit = field(default_factory=dict)
    monthly: Limit = field(default_factory=dict)
    basis: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        """What tells it from others."""
        return self.unit, tuple(sorted(self.slice.items()))


@dataclass(frozen=True, slots=True)
class Limits:
    """A version's content. first: the day from which it holds. busy_days: days of the month that `busy` is for.
    skipped: series that nothing could be proposed for, each with unit, slice, code and params of the reason."""

    first: date
    busy_days: tuple[int, ...]
    lines: tuple[Line, ...]
    skipped: tuple[Mapping[str, Any], ...] = ()


def content_of(limits: Limits) -> dict[str, object]:
    """The content as data."""
    return {
        "from": limits.first.isoformat(),
        "busy_days": list(limits.busy_days),
        "lines": [
            {
                "unit": each.unit,
                "slice": dict(each.slice),
                **{band: dict(getattr(each, band)) for band in BANDS},
                "basis": dict(each.basis),
            }
            for each in limits.lines
        ],
        "skipped": [dict(each) for each in limits.skipped],
    }


def limits_of(content: Mapping[str, Any]) -> Limits:
    """The content of a version; raises InputError WRN030 that names the part which is not as it should be."""
    try:
        lines = tuple(
            Line(
                str(each["unit"]),
                {str(name): str(value) for name, value in (each.get("slice") or {}).items()},
                _limit(each.get("daily") or {}),
                _limit(each.get("busy") or {}),
                _limit(each.get("monthly") or {}),
                dict(each.get("basis") or {}),
            )
            for each in content["lines"]
        )
        busy = tuple(sorted({int(day) for day in content.get("busy_days") or ()}))
        return Limits(date.fromisoformat(str(content["from"])), busy, lines, tuple(content.get("skipped") or ()))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(Issue("WRN030", "content", params={"detail": str(error)[:120]})) from None


def _limit(given: Mapping[str, Any]) -> dict[Grade, float]:
    strange = [name for name in given if name not in GRADES]
    if strange:
        raise ValueError(strange[0])
    found = {grade: float(given[grade]) for grade in GRADES if given.get(grade) is not None}
    if not all(isfinite(value) for value in found.values()):
        raise ValueError("inf")
    return found


def check_limits(catalogue: Catalogue, code: str, limits: Limits) -> None:
    """Raise InputError with every issue of limits for a declared rule: WRN031 to WRN036."""
    issues = list(_issues(catalogue, code, catalogue.warning_rules[code], limits))
    if issues:
        raise InputError(issues)


def _issues(catalogue: Catalogue, code: str, rule: WarningRule, limits: Limits) -> Iterator[Issue]:
    counted = catalogue.indicator(rule.indicator).measure in ("count", "distinct")
    seen: set[Key] = set()
    if not 0 < len(limits.lines) <= MOST_LINES:
        yield Issue("WRN036", code, params={"lines": str(len(limits.lines)), "most": str(MOST_LINES)})
    if any(not 1 <= day <= 31 for day in limits.busy_days):
        yield Issue("WRN030", "busy_days", params={"detail": ", ".join(map(str, limits.busy_days))[:80]})
    for line in limits.lines:
        where = " ".join((line.unit, *(f"{name}={value}" for name, value in line.slice.items())))[:120]
        if line.key in seen:
            yield Issue("WRN035", where)
        seen.add(line.key)
        known = catalogue.units.get(line.unit)
        if line.unit != EVERY and (known is None or known.level not in rule.at):
            yield Issue("WRN032", where, params={"levels": ", ".join(rule.at)})
        if set(line.slice) != ({rule.by} if rule.by else set()):
            yield Issue("WRN033", where, params={"by": rule.by or "–"})
        if line.monthly and (not counted or rule.side == "low" or rule.grain.value != "day"):
            yield Issue("WRN034", where)
        yield from _order(where, rule, line)


def _order(where: str, rule: WarningRule, line: Line) -> Iterator[Issue]:
    sign = 1 if rule.side == "high" else -1
    if not line.daily:
        yield Issue("WRN036", where, params={"lines": "0", "most": str(MOST_LINES)})
    for band in BANDS:
        values = [sign * value for value in getattr(line, band).values()]
        if values != sorted(set(values)):
            yield Issue("WRN031", where, params={"band": band, "order": " ".join(f"{sign * v:g}" for v in values)})
