"""What a rule would have done: warnings of a past span, the kept limits beside the refitted ones, against the truth.

The truth is a list of incidents: from when to when, where. A warning inside one is right, outside of all it is false;
an incident without a warning is missed. Delay counts from the incident's first day. methods.md 2.3.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import fmean

from ganzhi.base.errors import InputError, Issue, Location
from ganzhi.catalogue.model.warning import GRADES, Grade
from ganzhi.warn.signal import Signal, rank_of

COLUMNS = ("first", "last", "unit", "slice")


@dataclass(frozen=True, slots=True)
class Incident:
    """Days both included. unit, slice: where; empty for anywhere."""

    first: date
    last: date
    unit: str = ""
    slice: str = ""

    def holds(self, signal: Signal) -> bool:
        """Whether a signal falls into it."""
        day = signal.period.first_day
        here = not self.unit or self.unit == signal.unit
        return self.first <= day <= self.last and here and (not self.slice or self.slice in signal.slice.values())


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a span. evaluations: judged ones; unknown: those of which nothing could be said. warned: days with
    a warning by grade. starts: warnings that began. false_starts, found, missed, delays: None without truth."""

    evaluations: int
    unknown: int
    withheld: int
    warned: dict[Grade, int]
    starts: int
    series: int
    false_starts: int | None
    found: int | None
    missed: int | None
    delay_mean: float | None


def read_truth(path: Path) -> list[Incident]:
    """Incidents of a CSV file with the columns first, last and, if wanted, unit and slice.

    Raises: InputError WRN010 with file and line.
    """
    try:
        rows = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(Issue("WRN010", str(path.name), Location(path.name), {"why": type(error).__name__})) from None
    head = [name.strip() for name in rows[0]] if rows else []
    if "first" not in head or "last" not in head or not set(head) <= set(COLUMNS):
        raise InputError(Issue("WRN010", str(path.name), Location(path.name, 1), {"why": ",".join(head)[:80]}))
    found, issues = [], []
    for number, row in enumerate(rows[1:], 2):
        cells = dict(zip(head, (cell.strip() for cell in row), strict=False))
        try:
            given = Incident(
                date.fromisoformat(cells.get("first", "")),
                date.fromisoformat(cells.get("last", "")),
                cells.get("unit", ""),
                cells.get("slice", ""),
            )
        except ValueError:
            issues.append(Issue("WRN010", str(path.name), Location(path.name, number), {"why": ",".join(row)[:80]}))
        else:
            found.append(given)
    if issues:
        raise InputError(issues)
    return found


def outcome(signals: Iterable[Signal], truth: Sequence[Incident] | None, least: Grade = "blue") -> Outcome:
    """Count what warnings of at least a grade came to. signals: of all periods, in order of time."""
    series: dict[object, list[Signal]] = {}
    for each in signals:
        series.setdefault(each.series, []).append(each)
    every = [each for group in series.values() for each in group]
    out = [each for each in every if each.verdict == "warned" and rank_of(each.grade) >= rank_of(least)]
    starts = [each for group in series.values() for each in _starts(group, least)]
    warned = {grade: sum(each.grade == grade for each in out) for grade in GRADES}
    common = (
        len(every),
        sum(each.verdict == "unknown" for each in every),
        sum(each.verdict == "withheld" for each in every),
        warned,
        len(starts),
        len(series),
    )
    if truth is None:
        return Outcome(*common, None, None, None, None)
    right = [[each for each in out if incident.holds(each)] for incident in truth]
    delays = [
        (group[0].period.first_day - incident.first).days
        for incident, hit in zip(truth, right, strict=True)
        if (group := sorted(hit, key=lambda s: s.period.start))
    ]
    found = sum(bool(hit) for hit in right)
    wrong = sum(not any(incident.holds(each) for incident in truth) for each in starts)
    return Outcome(*common, wrong, found, len(truth) - found, fmean(delays) if delays else None)


def _starts(group: Sequence[Signal], least: Grade) -> list[Signal]:
    """The warnings of a series that begin: warned now, and not the time before."""
    found, before = [], False
    for each in group:
        now = each.verdict == "warned" and rank_of(each.grade) >= rank_of(least)
        if now and not before:
            found.append(each)
        before = now
    return found
