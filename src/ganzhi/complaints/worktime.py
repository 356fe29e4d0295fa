"""Working time: how much of it lies between two moments, and when so much of it is over (S002-004, S003-003).

Days off are the calendar's: holidays, and weekends that are not worked. All moments carry a zone, results are in
UTC; days are those of the workspace's zone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from ganzhi.base.errors import InternalError
from ganzhi.catalogue.model.handling import TimeLimit, WorkingTime
from ganzhi.catalogue.model.whole import Catalogue

FURTHEST: Final = 5 * 366
"""Days that are looked through for working time before the calendar is taken to have none."""
SATURDAY: Final = 5


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days are off, and the shifts of the others."""

    zone: ZoneInfo
    shifts: tuple[tuple[time, time | None], ...]
    off: frozenset[date]
    worked: frozenset[date]
    every_day: bool = False

    @classmethod
    def of(cls, catalogue: Catalogue, working: WorkingTime, zone: ZoneInfo) -> Calendar:
        """A department's working time with the days off of the catalogue's calendar."""
        days: Mapping[str, set[date]] = {"holiday": set(), "workday": set()}
        for each in catalogue.occasions.values():
            if each.kind in days and not each.units and not each.products:
                for span in each.days:
                    last = span.last or span.first
                    days[each.kind].update(span.first + timedelta(n) for n in range((last - span.first).days + 1))
        shifts = tuple((_time(shift.begins), _end(shift.ends)) for shift in working.shifts)
        return cls(zone, shifts, frozenset(days["holiday"]), frozenset(days["workday"]), working.every_day)

    def works(self, day: date) -> bool:
        """Whether there is work on a day."""
        if self.every_day or day in self.worked:
            return True
        return day not in self.off and day.weekday() < SATURDAY

    def stretches(self, first: date) -> Iterator[tuple[datetime, datetime]]:
        """The shifts from a day on, as moments, one after another."""
        for n in range(FURTHEST):
            day = first + timedelta(n)
            if self.works(day):
                for begins, ends in self.shifts:
                    until = self._moment(day + timedelta(1), time(0)) if ends is None else self._moment(day, ends)
                    yield self._moment(day, begins), until

    def worked_between(self, begin: datetime, end: datetime) -> timedelta:
        """Working time in [begin, end); nothing when the end is not after the beginning."""
        total = timedelta(0)
        if end <= begin:
            return total
        for opens, closes in self.stretches(begin.astimezone(self.zone).date()):
            if opens >= end:
                break
            total += max(min(closes, end) - max(opens, begin), timedelta(0))
        return total

    def after_work(self, begin: datetime, amount: timedelta) -> datetime:
        """The moment at which so much working time has passed since the beginning.

        Raises: InternalError when the calendar has none in five years.
        """
        left = amount
        for opens, closes in self.stretches(begin.astimezone(self.zone).date()):
            begins = max(opens, begin)
            if closes <= begins:
                continue
            if closes - begins >= left:
                return begins.astimezone(UTC) + left
            left -= closes - begins
        raise InternalError("a calendar without working time")

    def after_days(self, begin: datetime, days: int) -> datetime:
        """The end of the last shift of the n-th working day after the day of the beginning."""
        day, left = begin.astimezone(self.zone).date(), days
        for _ in range(FURTHEST):
            day += timedelta(1)
            left -= self.works(day)
            if not left:
                ends = self.shifts[-1][1]
                return self._moment(day + timedelta(1), time(0)) if ends is None else self._moment(day, ends)
        raise InternalError("a calendar without working days")

    def due(self, begin: datetime, limit: TimeLimit) -> datetime:
        """When a limit that began then is over."""
        if limit.hours is not None:
            return begin.astimezone(UTC) + timedelta(hours=float(limit.hours))
        if limit.working_hours is not None:
            return self.after_work(begin, timedelta(hours=float(limit.working_hours)))
        assert limit.working_days is not None
        return self.after_days(begin, limit.working_days)

    def _moment(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.zone).astimezone(UTC)


def _time(text: str) -> time:
    return time.fromisoformat(text)


def _end(text: str) -> time | None:
    """None for the end of the day."""
    return None if text == "24:00" else time.fromisoformat(text)
