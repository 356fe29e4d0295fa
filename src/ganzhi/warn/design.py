"""The columns that say what kind of day a day is, for the model of counts (methods.md 2.1).

Level, weekday, days 1 to 4 of a month, plan and billing days, days off, weekend days that are worked, Spring
Festival and the days round it, campaigns and assurance periods, a yearly trend. Columns that the history cannot tell
apart are left out, so that no model rests on an arbitrary split between them. What campaigns do to a series is expected
of the next one once the history holds `LEAST_SPECIAL` days of them. Releases have no column: that more is complained
of after one is what warnings are for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ganzhi.catalogue.model.warning import OccasionKind
from ganzhi.warn.occasions import Days

Array = NDArray[np.float64]

FESTIVAL_BANDS: Final = ((-8, -2), (-1, 2), (3, 5), (6, 15))
"""Days after the first day of the lunar year: the week of the rush home, the feast, its end, the way back."""
COLUMNS: Final = (
    "level", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
    "days_1_2", "days_3_4", "plan", "billing", "holiday", "after_holiday", "made_up",
    "before_festival", "festival", "late_festival", "after_festival", "campaign", "assurance", "trend",
)  # fmt: skip
SPECIAL: Final[tuple[OccasionKind, ...]] = ("campaign", "assurance")
LEAST_SPECIAL: Final = 14
"""Days of a campaign that a history must hold for its effect to be told from chance."""
YEAR = 365.25
LEAST_APART = 1e-6


@dataclass(frozen=True, slots=True)
class Design:
    """Rows of columns for days. kept: places in `COLUMNS` of those the days can tell apart; origin: day the trend is 0."""

    kept: tuple[int, ...]
    origin: date

    def rows(self, days: Sequence[date], calendar: Days) -> Array:
        """One row per day."""
        return self.moved(columns(days, calendar, self.origin), days)

    def moved(self, rows: Array, days: Sequence[date]) -> Array:
        """Rows of all columns, made with any origin, as rows of this design."""
        found = rows.copy()
        found[:, -1] = [(day - self.origin).days / YEAR for day in days]
        return np.ascontiguousarray(found[:, self.kept])


def columns(days: Sequence[date], calendar: Days, origin: date) -> Array:
    """All columns of the days, in the order of `COLUMNS`."""
    found = np.zeros((len(days), len(COLUMNS)))
    for row, day in zip(found, days, strict=True):
        _fill(row, day, calendar, origin)
    return found


def _fill(row: Array, day: date, calendar: Days, origin: date) -> None:
    kind = calendar.class_of(day)
    offset = calendar.festival_offset(day)
    off = kind in ("holiday", "festival")
    row[0] = 1.0
    if not off and kind != "made_up" and day.weekday():
        row[day.weekday()] = 1.0  # days off have no weekday; neither have weekend days that are worked
    row[7] = day.day <= 2
    row[8] = day.day in (3, 4)
    row[9] = calendar.is_monthly(day, "plan")
    row[10] = calendar.is_monthly(day, "billing")
    row[11] = kind == "holiday"
    row[12] = not off and _yesterday_off(day, calendar)
    row[13] = kind == "made_up"
    if offset is not None:
        for place, (first, last) in enumerate(FESTIVAL_BANDS):
            row[14 + place] = first <= offset <= last
    for mark in calendar.special.get(day, ()):
        if mark in SPECIAL:
            row[COLUMNS.index(mark)] = 1.0
    row[-1] = (day - origin).days / YEAR


def _yesterday_off(day: date, calendar: Days) -> bool:
    return calendar.class_of(date.fromordinal(day.toordinal() - 1)) in ("holiday", "festival")


def design_for(days: Sequence[date], calendar: Days, *, trend: bool = True) -> tuple[Design, Array]:
    """The design of a history and its rows: columns that are nothing, or a sum of those before, are left out."""
    origin = days[-1]
    rows = columns(days, calendar, origin)
    kept: list[int] = []
    basis: list[Array] = []
    for place in range(rows.shape[1]):
        column = rows[:, place]
        if COLUMNS[place] == "trend" and not trend:
            continue
        if COLUMNS[place] in SPECIAL and column.sum() < LEAST_SPECIAL:
            continue
        size = float(np.linalg.norm(column))
        rest = column.copy()
        for each in basis:
            rest -= (rest @ each) * each
        left = float(np.linalg.norm(rest))
        if size and left > LEAST_APART * size:
            kept.append(place)
            basis.append(rest / left)
    return Design(tuple(kept), origin), rows[:, kept]
