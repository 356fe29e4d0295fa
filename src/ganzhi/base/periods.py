"""Grains and periods: half-open intervals of local time in a workspace's zone.

A period starts and ends at local wall-clock boundaries, so a day may have 23 or 25 hours and no
instant belongs to two periods of a grain. `week` is the ISO 8601 week; an operator whose weeks start on
another day has a grain for each (`week-sat` and so on). All zone arithmetic of the
package happens here and in `base.calendar`.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

from ganzhi.base.errors import InputError, Issue


class Grain(enum.StrEnum):
    """Length of a period, finest first. Minutes and five minutes are for warnings as values come; nothing else is kept
    finer than a quarter of an hour."""

    MINUTE = "1min"
    FIVE_MINUTES = "5min"
    QUARTER_HOUR = "15min"
    HALF_HOUR = "30min"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    WEEK_TUE = "week-tue"
    WEEK_WED = "week-wed"
    WEEK_THU = "week-thu"
    WEEK_FRI = "week-fri"
    WEEK_SAT = "week-sat"
    WEEK_SUN = "week-sun"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    @property
    def minutes(self) -> int | None:
        """Length in minutes below a day, None from a day up."""
        return {"1min": 1, "5min": 5, "15min": 15, "30min": 30, "hour": 60}.get(self.value)

    @property
    def first_weekday(self) -> int | None:
        """Of a week the weekday it starts on, 1 Monday to 7 Sunday; None for other lengths."""
        weekdays = ("week", "week-tue", "week-wed", "week-thu", "week-fri", "week-sat", "week-sun")
        return weekdays.index(self.value) + 1 if self.value in weekdays else None

    @property
    def is_operator_week(self) -> bool:
        """Whether it is a week that starts on another day than an ISO week."""
        return self.first_weekday not in (None, 1)

    @property
    def rank(self) -> int:
        """0 for the finest grain, rising with length."""
        return _RANKS[self]


_RANKS: dict[Grain, int] = {grain: rank for rank, grain in enumerate(Grain)}


def _first_day(grain: Grain, day: date) -> date:
    if (weekday := grain.first_weekday) is not None:
        return day - timedelta(days=(day.isoweekday() - weekday) % 7)
    match grain:
        case Grain.MONTH:
            return day.replace(day=1)
        case Grain.QUARTER:
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case Grain.YEAR:
            return day.replace(month=1, day=1)
        case _:
            return day


def _next_first_day(grain: Grain, first: date) -> date:
    if grain.first_weekday is not None:
        return first + timedelta(days=7)
    match grain:
        case Grain.MONTH:
            return _first_day(Grain.MONTH, first + timedelta(days=31))
        case Grain.QUARTER:
            return _first_day(Grain.QUARTER, first + timedelta(days=92))
        case Grain.YEAR:
            return date(first.year + 1, 1, 1)
        case _:
            return first + timedelta(days=1)


@cache
def known_zones() -> frozenset[str]:
    """The names of all time zones of this machine, looked for once: there is a file for each."""
    return frozenset(available_timezones())


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a local day."""
    return datetime.combine(day, time(), zone)


@dataclass(frozen=True, slots=True)
class Period:
    """A half-open interval [start, end) of a grain, both aware and in the workspace's zone."""

    grain: Grain
    start: datetime
    end: datetime

    @property
    def first_day(self) -> date:
        """Local day the period starts on."""
        return self.start.date()

    @property
    def last_day(self) -> date:
        """Local day that holds the last instant of the period."""
        return (self.end - timedelta(microseconds=1)).date()

    @property
    def days(self) -> tuple[date, ...]:
        """Local days the period touches, in order."""
        first = self.first_day
        return tuple(first + timedelta(days=n) for n in range((self.last_day - first).days + 1))

    @property
    def zone(self) -> ZoneInfo:
        """Zone the boundaries are local in."""
        zone = self.start.tzinfo
        assert isinstance(zone, ZoneInfo)
        return zone

    @property
    def key(self) -> str:
        """Text form that `parse_period` reads back: `1999`, `1999-Q1`, `1999-01`, `1999-W04`,
        `1999-01-31/week-sun`, `1999-01-31`, `1999-01-31T09`, `1999-01-31T09:30/30min`, `1999-01-31T09:15/15min`,
        `1999-01-31T09:05/5min`, `1999-01-31T09:01/1min`."""
        first = self.first_day
        if self.grain.is_operator_week:
            return f"{first.isoformat()}/{self.grain.value}"
        match self.grain:
            case Grain.YEAR:
                return f"{first.year:04d}"
            case Grain.QUARTER:
                return f"{first.year:04d}-Q{(first.month + 2) // 3}"
            case Grain.MONTH:
                return f"{first.year:04d}-{first.month:02d}"
            case Grain.WEEK:
                year, week, _ = first.isocalendar()
                return f"{year:04d}-W{week:02d}"
            case Grain.DAY:
                return first.isoformat()
            case Grain.HOUR:
                return f"{self.start:%Y-%m-%dT%H}"
            case _:
                return f"{self.start:%Y-%m-%dT%H:%M}/{self.grain.value}"

    def contains(self, instant: datetime) -> bool:
        """Whether an aware instant lies in the period."""
        return self.start.astimezone(UTC) <= instant.astimezone(UTC) < self.end.astimezone(UTC)

    def previous(self) -> Period:
        """The period of the same grain that ends where this one starts."""
        return period_at(self.grain, _earlier(self.start, timedelta(minutes=1)), self.zone)

    def following(self) -> Period:
        """The period of the same grain that starts where this one ends."""
        return period_at(self.grain, self.end, self.zone)

    def year_before(self) -> Period:
        """The period to compare with one year earlier: same ISO week number (of other weeks, 52 weeks earlier),
        month, quarter, or the same date (28 February for 29 February)."""
        first = self.first_day
        if self.grain.is_operator_week:
            return period_of_day(self.grain, first - timedelta(weeks=52), self.zone)
        if self.grain is Grain.WEEK:
            year, week, _ = first.isocalendar()
            last_week = date(year - 1, 12, 28).isocalendar()[1]
            return period_of_day(Grain.WEEK, date.fromisocalendar(year - 1, min(week, last_week), 1), self.zone)
        day = 28 if (first.month, first.day) == (2, 29) else first.day
        moved = self.start.replace(year=first.year - 1, day=day)
        return period_at(self.grain, moved, self.zone)

    def __str__(self) -> str:
        return self.key


def _earlier(instant: datetime, by: timedelta) -> datetime:
    zone = instant.tzinfo
    return (instant.astimezone(UTC) - by).astimezone(zone)


@lru_cache(maxsize=16_384)
def period_of_day(grain: Grain, day: date, zone: ZoneInfo) -> Period:
    """The period of a grain from a day up that holds a local day."""
    assert grain.minutes is None, grain
    first = _first_day(grain, day)
    return Period(grain, midnight(first, zone), midnight(_next_first_day(grain, first), zone))


def period_at(grain: Grain, instant: datetime, zone: ZoneInfo) -> Period:
    """The period of a grain that holds an aware instant."""
    local = instant.astimezone(zone)
    minutes = grain.minutes
    if minutes is None:
        return period_of_day(grain, local.date(), zone)
    # Zone offsets are multiples of 15 minutes, so local slots are also slots of UTC; counting in
    # UTC keeps the two passes of a repeated hour apart.
    into_hour = local.minute % minutes * 60 + local.second
    start = instant.astimezone(UTC) - timedelta(seconds=into_hour, microseconds=local.microsecond)
    return Period(grain, start.astimezone(zone), (start + timedelta(minutes=minutes)).astimezone(zone))


def periods_between(grain: Grain, first: date, last: date, zone: ZoneInfo) -> Iterator[Period]:
    """All periods of a grain that touch the local days `first` to `last`, both included."""
    stop = midnight(last + timedelta(days=1), zone).astimezone(UTC)
    period = period_at(grain, midnight(first, zone), zone)
    while period.start.astimezone(UTC) < stop:
        yield period
        period = period.following()


_FORMS: tuple[tuple[Grain, str], ...] = (
    (Grain.YEAR, r"(?P<y>\d{4})"),
    (Grain.QUARTER, r"(?P<y>\d{4})-Q(?P<q>[1-4])"),
    (Grain.WEEK, r"(?P<y>\d{4})-W(?P<w>\d{2})"),
    (Grain.MONTH, r"(?P<y>\d{4})-(?P<m>\d{2})"),
    *((g, rf"(?P<y>\d{{4}})-(?P<m>\d{{2}})-(?P<d>\d{{2}})/{g.value}") for g in Grain if g.is_operator_week),
    (Grain.DAY, r"(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})"),
    (Grain.HOUR, r"(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})T(?P<h>\d{2})"),
    (Grain.HALF_HOUR, r"(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})T(?P<h>\d{2}):(?P<min>00|30)/30min"),
    (Grain.QUARTER_HOUR, r"(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})T(?P<h>\d{2}):(?P<min>00|15|30|45)/15min"),
    (Grain.FIVE_MINUTES, r"(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})T(?P<h>\d{2}):(?P<min>[0-5][05])/5min"),
    (Grain.MINUTE, r"(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})T(?P<h>\d{2}):(?P<min>[0-5][0-9])/1min"),
)


def parse_period(text: str, zone: ZoneInfo) -> Period:
    """Read the text form of a period (see `Period.key`).

    Raises: InputError REQ001 when the text is not one of the forms or names no real date.
    """
    for grain, form in _FORMS:
        match = re.fullmatch(form, text)
        if match is None:
            continue
        part = {name: int(value) for name, value in match.groupdict().items()}
        try:
            if grain is Grain.WEEK:
                day = date.fromisocalendar(part["y"], part["w"], 1)
            else:
                day = date(part["y"], part["q"] * 3 - 2 if "q" in part else part.get("m", 1), part.get("d", 1))
            start = datetime.combine(day, time(part.get("h", 0), part.get("min", 0)), zone)
            return period_at(grain, start, zone)
        except (ValueError, OverflowError):  # no such date, or one whose period reaches beyond the calendar
            break
    raise InputError(Issue("REQ001", "period", params={"value": text[:40]}))


def parse_grain(text: str) -> Grain:
    """Read a grain; raises InputError REQ002 naming the known ones."""
    try:
        return Grain(text)
    except ValueError:
        known = ", ".join(g.value for g in Grain)
        raise InputError(Issue("REQ002", "grain", params={"value": text[:40], "known": known})) from None


def parse_day(text: str, field: str) -> date:
    """Read `YYYY-MM-DD`; raises InputError REQ003."""
    refusal = InputError(Issue("REQ003", field, params={"value": text[:40]}))
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) is None:
        raise refusal
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise refusal from None
