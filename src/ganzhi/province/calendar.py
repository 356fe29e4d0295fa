"""Days as an operator's customers live them: weekdays, month starts, billing, holidays with swapped
working days, Spring Festival, growth.

The state's yearly arrangements (days off, and weekend days worked for them) are those of the notices of the General
Office of the State Council: 国办发明电〔2009〕27号 of 7 December 2009 for 2010, 〔2010〕40号 of 9 December 2010 for 2011,
〔2011〕45号 of 5 December 2011 for 2012, 〔2012〕33号 of 8 December 2012 for 2013, 〔2024〕12号 of 12 November 2024 for
2025, and the notice of 4 November 2025 for 2026. Years without one here have weekends, fixed holidays and Spring
Festival by the rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache
from typing import Literal

DayKind = Literal["work", "weekend", "holiday", "festival"]
Activity = Literal["recharge", "hotline", "hall", "electronic", "usage", "order", "network"]
EPOCH = date(1970, 1, 1)
DAY_S = 86_400

SPRING_FESTIVAL: dict[int, date] = {
    day.year: day
    for day in (
        date(2010, 2, 14), date(2011, 2, 3), date(2012, 1, 23), date(2013, 2, 10), date(2014, 1, 31),
        date(2015, 2, 19), date(2016, 2, 8), date(2017, 1, 28), date(2018, 2, 16), date(2019, 2, 5),
        date(2020, 1, 25), date(2021, 2, 12), date(2022, 2, 1), date(2023, 1, 22), date(2024, 2, 10),
        date(2025, 1, 29), date(2026, 2, 17), date(2027, 2, 6), date(2028, 1, 26), date(2029, 2, 13),
        date(2030, 2, 3),
    )
}  # fmt: skip
"""First day of the lunar year."""

_OFF: tuple[tuple[date, date], ...] = (
    (date(2010, 1, 1), date(2010, 1, 3)), (date(2010, 2, 13), date(2010, 2, 19)), (date(2010, 4, 3), date(2010, 4, 5)),
    (date(2010, 5, 1), date(2010, 5, 3)), (date(2010, 6, 14), date(2010, 6, 16)), (date(2010, 9, 22), date(2010, 9, 24)),
    (date(2010, 10, 1), date(2010, 10, 7)),
    (date(2011, 1, 1), date(2011, 1, 3)), (date(2011, 2, 2), date(2011, 2, 8)), (date(2011, 4, 3), date(2011, 4, 5)),
    (date(2011, 4, 30), date(2011, 5, 2)), (date(2011, 6, 4), date(2011, 6, 6)), (date(2011, 9, 10), date(2011, 9, 12)),
    (date(2011, 10, 1), date(2011, 10, 7)),
    (date(2012, 1, 1), date(2012, 1, 3)), (date(2012, 1, 22), date(2012, 1, 28)), (date(2012, 4, 2), date(2012, 4, 4)),
    (date(2012, 4, 29), date(2012, 5, 1)), (date(2012, 6, 22), date(2012, 6, 24)), (date(2012, 9, 30), date(2012, 10, 7)),
    (date(2013, 1, 1), date(2013, 1, 3)), (date(2013, 2, 9), date(2013, 2, 15)), (date(2013, 4, 4), date(2013, 4, 6)),
    (date(2013, 4, 29), date(2013, 5, 1)), (date(2013, 6, 10), date(2013, 6, 12)), (date(2013, 9, 19), date(2013, 9, 21)),
    (date(2013, 10, 1), date(2013, 10, 7)),
    (date(2025, 1, 1), date(2025, 1, 1)), (date(2025, 1, 28), date(2025, 2, 4)), (date(2025, 4, 4), date(2025, 4, 6)),
    (date(2025, 5, 1), date(2025, 5, 5)), (date(2025, 5, 31), date(2025, 6, 2)), (date(2025, 10, 1), date(2025, 10, 8)),
    (date(2026, 1, 1), date(2026, 1, 3)), (date(2026, 2, 15), date(2026, 2, 23)), (date(2026, 4, 4), date(2026, 4, 6)),
    (date(2026, 5, 1), date(2026, 5, 5)), (date(2026, 6, 19), date(2026, 6, 21)), (date(2026, 9, 25), date(2026, 9, 27)),
    (date(2026, 10, 1), date(2026, 10, 7)),
)  # fmt: skip
_WORKED: frozenset[date] = frozenset(
    (
        date(2010, 2, 20), date(2010, 2, 21), date(2010, 6, 12), date(2010, 6, 13), date(2010, 9, 19), date(2010, 9, 25),
        date(2010, 9, 26), date(2010, 10, 9), date(2011, 1, 30), date(2011, 2, 12), date(2011, 4, 2), date(2011, 10, 8),
        date(2011, 10, 9),
        date(2011, 12, 31), date(2012, 1, 21), date(2012, 1, 29), date(2012, 3, 31), date(2012, 4, 1), date(2012, 4, 28),
        date(2012, 9, 29), date(2013, 1, 5), date(2013, 1, 6), date(2013, 2, 16), date(2013, 2, 17), date(2013, 4, 7),
        date(2013, 4, 27), date(2013, 4, 28), date(2013, 6, 8), date(2013, 6, 9), date(2013, 9, 22), date(2013, 9, 29),
        date(2013, 10, 12), date(2025, 1, 26), date(2025, 2, 8), date(2025, 4, 27), date(2025, 9, 28), date(2025, 10, 11),
        date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28), date(2026, 5, 9), date(2026, 9, 20), date(2026, 10, 10),
    )
)  # fmt: skip
_ARRANGED = frozenset(first.year for first, _ in _OFF)

_WEEKDAY: dict[Activity, tuple[float, ...]] = {
    "recharge": (1.06, 1.02, 1.00, 1.00, 1.04, 0.98, 0.90),
    "hotline": (1.18, 1.06, 1.00, 1.00, 1.04, 0.74, 0.60),
    "hall": (1.06, 1.00, 0.98, 0.98, 1.02, 1.04, 0.92),
    "electronic": (1.02, 1.01, 1.00, 1.00, 1.02, 0.99, 0.96),
    "usage": (1.00, 1.00, 1.00, 1.00, 1.03, 1.00, 0.97),
    "order": (1.05, 1.02, 1.00, 1.00, 1.02, 0.98, 0.93),
    "network": (1.02, 1.01, 1.01, 1.01, 1.03, 0.97, 0.95),
}
"""Monday to Sunday. Hotline: a bank's calls on 164 work days of 2003, Saturday and Sunday from an emergency centre's
administrative lines of 2025 (docs/background/province-calibration.md); the others are ours."""
_KIND: dict[Activity, dict[DayKind, float]] = {
    "recharge": {"holiday": 0.95, "festival": 0.72},
    "hotline": {"holiday": 0.67, "festival": 0.55},
    "hall": {"holiday": 0.90, "festival": 0.30},
    "electronic": {"holiday": 1.02, "festival": 0.90},
    "usage": {"holiday": 1.08, "festival": 1.20},
    "order": {"holiday": 0.85, "festival": 0.40},
    "network": {"holiday": 1.05, "festival": 1.18},
}
"""Against a plain work day, whatever the weekday. Hotline, holiday: the emergency centre's 11 November 2025; the others
are ours."""
_MONTH_START: dict[Activity, tuple[float, ...]] = {
    "recharge": (1.45, 1.30, 1.18, 1.10, 1.05),
    "hotline": (1.42, 1.30, 1.20, 1.10, 1.05),
    "hall": (1.38, 1.28, 1.18, 1.10, 1.05),
    "electronic": (1.30, 1.18, 1.10, 1.05, 1.02),
    "order": (1.20, 1.10, 1.05, 1.02, 1.00),
}
"""The first five days of a month: plan-effective day, bills, suspensions; shapes are ours."""
BEFORE_FESTIVAL: dict[Activity, float] = {"recharge": 1.35, "hall": 1.25, "hotline": 1.10, "usage": 1.15}
"""The seven days before Spring Festival, when everybody makes ready to go home."""


@dataclass(frozen=True, slots=True)
class Growth:
    """Yearly growth of the customer base, as a factor."""

    yearly: float = 1.08

    def at(self, day: date, origin: date) -> float:
        """Size on a day relative to the origin."""
        return float(self.yearly ** ((day - origin).days / 365.25))


@dataclass(frozen=True)
class Today:
    """One simulated day. index: days since the simulation's first."""

    day: date
    index: int

    @cached_property
    def start(self) -> int:
        """Its first second, local wall clock since 1970."""
        return self.number * DAY_S

    @cached_property
    def number(self) -> int:
        """Days since 1970."""
        return (self.day - EPOCH).days

    @cached_property
    def kind(self) -> DayKind:
        """What sort of day it is."""
        return day_kind(self.day)

    @property
    def works(self) -> bool:
        """Whether offices work."""
        return self.kind == "work"

    @property
    def month(self) -> str:
        """The month as YYYY-MM."""
        return f"{self.day:%Y-%m}"

    @property
    def plan_effective(self) -> bool:
        """The first of a month: plan changes, monthly fees and returned prepayments take effect."""
        return self.day.day == 1

    @property
    def billing(self) -> bool:
        """The day bills are issued."""
        return self.day.day == 2

    def factor(self, activity: Activity) -> float:
        """How much busier than a plain Wednesday the day is in this activity, growth apart."""
        return day_factor(self.day, activity)


@lru_cache(maxsize=4096)
def day_kind(day: date) -> DayKind:
    """Work day, weekend, holiday, or one of the seven days of Spring Festival."""
    festival = SPRING_FESTIVAL.get(day.year)
    if festival is not None and -1 <= (day - festival).days <= 5:
        return "festival"
    if day.year in _ARRANGED or day in _WORKED:
        if any(first <= day <= last for first, last in _OFF):
            return "holiday"
        if day in _WORKED:
            return "work"
    elif (day.month, day.day) in {(1, 1), (5, 1)} or (day.month == 10 and day.day <= 7):
        return "holiday"
    return "weekend" if day.weekday() >= 5 else "work"


@lru_cache(maxsize=4096)
def day_factor(day: date, activity: Activity) -> float:
    """Weekday or kind of day × month start × the week before Spring Festival. A weekend day that is worked goes like a
    Wednesday; on a holiday the weekday does not matter."""
    kind = day_kind(day)
    plain = kind in {"holiday", "festival"} or (kind == "work" and day.weekday() >= 5)
    weekday = _WEEKDAY[activity][2 if plain else day.weekday()]
    factor = weekday * _KIND[activity].get(kind, 1.0)
    starts = _MONTH_START.get(activity, ())
    if day.day <= len(starts):
        factor *= starts[day.day - 1]
    if any(0 < (festival - day).days - 1 <= 7 for festival in SPRING_FESTIVAL.values()):
        factor *= BEFORE_FESTIVAL.get(activity, 1.0)
    return factor


def days_of(first: date, days: int) -> list[Today]:
    """The simulated days in order."""
    return [Today(first + timedelta(days=n), n) for n in range(days)]
