"""What models of counts expect: many series of a rule at once, a month at a time.

Series that know the same days share a design and are fitted together; chances and limits of a month's days are computed
for all of them together. What is expected of a series does not depend on which others are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import isnan

import numpy as np

from ganzhi.base.periods import Period
from ganzhi.catalogue.model.warning import GRADES, Grade
from ganzhi.numerics.alarm.countmodel import SMALLEST_MEAN, STEEPEST, fit_many
from ganzhi.numerics.alarm.manycounts import above, lower_limits, upper_limits
from ganzhi.warn.baseline import HISTORY_DAYS, LEAST_DAYS, LEFT_OUT, Expectation, Fit, Tails, quantile
from ganzhi.warn.design import Array, Design, columns, design_for
from ganzhi.warn.occasions import Days
from ganzhi.warn.signal import Made, Reason

MOST_UNSURE = 1.0
"""Most variance of the logarithm of a mean: a kind of day never seen says nothing more than two or three times."""
AT_A_TIME = 64
"""Series whose days are computed together."""


class Rows:
    """Rows of columns for days of one calendar, each made once however many series share it."""

    def __init__(self, calendar: Days) -> None:
        self.calendar = calendar
        self._plain: dict[date, Array] = {}
        self._designs: dict[tuple[date, ...], tuple[Design, Array]] = {}

    def history(self, days: tuple[date, ...]) -> tuple[Design, Array]:
        """The design of a history, and its rows."""
        if days not in self._designs:
            self._designs[days] = design_for(days, self.calendar)
        return self._designs[days]

    def of(self, days: Sequence[date], design: Design) -> Array:
        """The rows of days."""
        for day in days:
            if day not in self._plain:
                self._plain[day] = columns([day], self.calendar, day)[0]
        return design.moved(np.array([self._plain[day] for day in days]), days)


@dataclass(frozen=True)
class Many:
    """Series with the days they are known on, as tables: a row per series, a column per day. calendars: of each series.
    exposure: sizes, None for none; a row of unknown sizes for a series without."""

    days: tuple[date, ...]
    values: Array
    known: np.ndarray
    exposure: Array
    sized: np.ndarray
    calendars: tuple[Rows, ...]

    @staticmethod
    def of(
        periods: Sequence[Period],
        values: Sequence[Sequence[float | None]],
        whole: Sequence[Sequence[bool]],
        exposure: Sequence[Sequence[float]],
        calendars: Sequence[Rows],
    ) -> Many:
        """Tables of the series."""
        shape = (len(values), len(periods))
        table = np.array([np.array(each, dtype=np.float64) for each in values]).reshape(shape)  # None becomes nan
        sized = np.array([len(each) > 0 for each in exposure], dtype=bool)
        sizes = np.full(shape, np.nan)
        for row in np.flatnonzero(sized).tolist():
            sizes[row] = exposure[row]
        known = ~np.isnan(table) & np.array(whole, dtype=bool).reshape(shape)
        days = tuple(period.first_day for period in periods)
        return Many(days, table, known, sizes, sized, tuple(calendars))

    def fits(self, chosen: Sequence[int], month: date) -> list[Fit | Reason]:
        """The models that hold for a month, of the days up to `LEFT_OUT` before its first; or why there are none."""
        last = month - timedelta(days=LEFT_OUT + 1)
        first = last - timedelta(days=HISTORY_DAYS - 1)
        window = np.array([first <= day <= last for day in self.days], dtype=bool)
        found: dict[int, Fit | Reason] = {}
        groups: dict[tuple[bytes, int, bool], list[int]] = {}
        for row in chosen:
            able = self.known[row] & window
            if self.sized[row]:
                able &= self.exposure[row] > 0
            days, counts = int(able.sum()), self.values[row][able]
            if days < LEAST_DAYS:
                found[row] = Reason("too_little_history", {"days": str(days), "needed": str(LEAST_DAYS)})
            elif (counts != np.floor(counts)).any() or (counts < 0).any():
                found[row] = Reason("not_counts")
            else:
                key = (able.tobytes(), id(self.calendars[row]), bool(self.sized[row]))
                groups.setdefault(key, []).append(row)
        for (mask, _, sized), rows in groups.items():
            able = np.frombuffer(mask, dtype=bool)
            found.update(zip(rows, self._together(rows, able, sized, f"{month:%Y-%m}"), strict=True))
        return [found[row] for row in chosen]

    def _together(self, rows: list[int], able: np.ndarray, sized: bool, month: str) -> list[Fit | Reason]:
        """Series that know the same days."""
        shared = self.calendars[rows[0]]
        days = tuple(day for day, is_in in zip(self.days, able, strict=True) if is_in)
        design, columns_of_days = shared.history(days)
        sizes = self.exposure[rows][:, able] if sized else None
        try:
            models = fit_many(self.values[rows][:, able], columns_of_days, sizes, consistent=True)
        except np.linalg.LinAlgError:
            models = [None] * len(rows)
        none = Reason("no_fit", {"days": str(len(days))})
        return [none if each is None else Fit(each, design, len(days), month, shared.calendar) for each in models]


FitsOf = Callable[[date], Sequence[Fit | Reason]]
"""The models of all series for a month."""


class Ahead:
    """The expectations of series on the days of their tables, computed a month at a time as days are asked for in
    order. Limits of the grades are found from the place `limited_from` on."""

    def __init__(self, many: Many, tails: Tails, side: str, fits_of: FitsOf, limited_from: int) -> None:
        self._many, self._tails, self._side = many, tails, side
        self._fits_of, self._limited_from = fits_of, limited_from
        self._places = range(0)
        self._found: dict[int, Sequence[Expectation] | Reason] = {}

    def of(self, row: int, place: int) -> Expectation | Reason:
        """What is expected of a series on a day, and how surprising its count is; or why there is no model."""
        if place not in self._places:
            days = self._many.days
            month = days[place].replace(day=1)
            until = next((p for p in range(place, len(days)) if days[p].replace(day=1) != month), len(days))
            self._places = range(place, until)
            self._found = self._month(month)
        found = self._found[row]
        return found if isinstance(found, Reason) else found[place - self._places.start]

    def _month(self, month: date) -> dict[int, Sequence[Expectation] | Reason]:
        found: dict[int, Sequence[Expectation] | Reason] = {}
        groups: dict[int, list[tuple[int, Fit]]] = {}
        for row, fit in enumerate(self._fits_of(month)):
            if isinstance(fit, Reason):
                found[row] = fit
            else:
                groups.setdefault(id(fit.design), []).append((row, fit))
        for group in groups.values():
            for start in range(0, len(group), AT_A_TIME):
                part = group[start : start + AT_A_TIME]
                rows = [row for row, _ in part]
                found.update(zip(rows, self._expected(rows, [fit for _, fit in part]), strict=True))
        return found

    def _expected(self, rows: list[int], fits: list[Fit]) -> list[Sequence[Expectation]]:
        """The expectations of series with one design."""
        span = slice(self._places.start, self._places.stop)
        columns_of_days = self._many.calendars[rows[0]].of(self._many.days[span], fits[0].design)
        mean, phi = _distributions(columns_of_days, fits, self._many, rows, span)
        counts = self._many.values[rows, span]
        known = ~np.isnan(counts)
        more, here = np.full(mean.shape, np.nan), np.full(mean.shape, np.nan)
        more[known], here[known] = above(np.floor(counts[known]), mean[known], phi[known])
        limits = self._limits(mean, phi)
        made = [Made("counts", fit.days, None, fit.month, round(fit.model.dispersion, 4)) for fit in fits]
        found: list[Sequence[Expectation]] = []
        for n, each in enumerate(made):
            days = zip(mean[n].tolist(), limits[n], more[n].tolist(), here[n].tolist(), strict=True)
            found.append([self._one(m, limit, above_it, at_it, each) for m, limit, above_it, at_it in days])
        return found

    def _one(self, mean: float, limits: Mapping[Grade, float], more: float, here: float, made: Made) -> Expectation:
        if isnan(more):  # the value is unknown
            return Expectation(mean, limits, None, None, made)
        chance = min(1.0, more + here) if self._side == "high" else 1.0 - more
        middle = 1.0 - more - here / 2
        deviate = -quantile(more + here / 2) if middle > 0.5 else quantile(middle)
        return Expectation(mean, limits, max(0.0, chance), deviate if self._side == "high" else -deviate, made)

    def _limits(self, mean: Array, phi: Array) -> list[list[Mapping[Grade, float]]]:
        """Per series and day the count from which each grade begins; on the low side a grade that even 0 does not
        reach has none."""
        shown = max(0, min(self._limited_from - self._places.start, mean.shape[1]))
        found: list[list[Mapping[Grade, float]]] = [[{}] * shown for _ in mean]
        if shown == mean.shape[1]:
            return found
        m, f = mean[:, shown:].ravel(), phi[:, shown:].ravel()
        high = self._side == "high"
        tables = [
            upper_limits(self._tails[g], m, f) + 1.0 if high else lower_limits(self._tails[g], m, f) for g in GRADES
        ]
        for place, values in enumerate(zip(*(table.tolist() for table in tables), strict=True)):
            found[place // (mean.shape[1] - shown)].append(
                {grade: value for grade, value in zip(GRADES, values, strict=True) if value >= 0}
            )
        return found


def _distributions(rows: Array, fits: list[Fit], many: Many, chosen: list[int], span: slice) -> tuple[Array, Array]:
    """Mean and dispersion per series and day. Days of a kind seen seldom are less sure. Sums run over the columns of
    one series and day at a time: the same whoever else is asked for."""
    coefficients = np.array([fit.model.coefficients for fit in fits])
    covariance = np.array([fit.model.covariance for fit in fits])
    steep = (coefficients[:, None, :] * rows[None]).sum(axis=2)
    through = (covariance[:, None] * rows[None, :, None, :]).sum(axis=3)
    error = np.clip((through * rows[None]).sum(axis=2), 0.0, MOST_UNSURE)
    size = np.where(many.sized[chosen][:, None], many.exposure[chosen, span], 1.0)
    mean = np.maximum(SMALLEST_MEAN, np.exp(np.clip(steep, -STEEPEST, STEEPEST)) * size)
    dispersion = np.array([fit.model.dispersion for fit in fits])[:, None]
    return mean, dispersion + mean * error
