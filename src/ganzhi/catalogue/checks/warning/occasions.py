"""The calendar contradicts neither itself nor the week."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from ganzhi.base.errors import Issue
from ganzhi.catalogue.checks.places import issue_at
from ganzhi.catalogue.model.whole import Catalogue

LONGEST = 400
"""Days an occasion may last: what lasts longer is no occasion."""


def check(catalogue: Catalogue) -> Iterator[Issue]:
    """Report spans that end before they begin or never end, days that are both off and worked, and worked days
    that are no weekend days."""
    off: dict[date, str] = {}
    worked: list[tuple[date, tuple[str, ...]]] = []
    for code, occasion in catalogue.occasions.items():
        for number, span in enumerate(occasion.days):
            last = span.last or span.first
            path: tuple[str, ...] = ("occasions", code, "days", str(number))
            if last < span.first:
                yield issue_at(catalogue, "CAT194", (*path, "last"), first=str(span.first), last=str(last))
                continue
            if (last - span.first).days >= LONGEST:
                yield issue_at(catalogue, "CAT195", (*path, "last"), days=str((last - span.first).days + 1))
                continue
            days = [span.first + timedelta(days=n) for n in range((last - span.first).days + 1)]
            if occasion.kind == "holiday" and not occasion.units:
                off |= dict.fromkeys(days, code)
            elif occasion.kind == "workday" and not occasion.units:
                worked += [(day, path) for day in days]
    for day, path in worked:
        if day in off:
            yield issue_at(catalogue, "CAT196", path, day=str(day), other=off[day])
        elif day.weekday() < 5:
            yield issue_at(catalogue, "CAT197", path, day=str(day))
