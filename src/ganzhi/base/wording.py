"""Numbers, dates and durations in words, as ui.md section 7 lays down.

Used by pages, the command line and documents, so that one value reads the same everywhere. Owns
rounding for display: a value is never rounded onto or across a limit that it has not reached.
Takes finite numbers; unknown values have no wording here, their reason is the caller's to give.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from ganzhi.base.messages import Lang, say
from ganzhi.base.periods import Grain, Period

MINUS = "\u2212"

UNIT_KEYS = {"%": "percent", "per 10k": "per_10k", "points": "score", "Mbit/s": "mbps", "MB": "mb", "days": "day"}
"""Units of value as observations write them, to the catalogue's words; the others are the same."""

_UNITLESS = ("count", "ratio")

_STEPS: dict[Lang, tuple[tuple[int, Decimal], ...]] = {
    "zh": ((1, Decimal(10**4)), (2, Decimal(10**8)), (3, Decimal(10**12))),
    "en": ((1, Decimal(10**3)), (2, Decimal(10**6)), (3, Decimal(10**9))),
}
"""Scales of large counts: message key and factor; counts below 10,000 are written out."""

_WRITTEN_OUT = Decimal(10**4)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value in words: number and unit apart, for layouts that set them differently."""

    number: str
    unit: str
    lang: Lang

    def __str__(self) -> str:
        if self.unit == "%":
            return say(self.lang, "wording.percent", number=self.number)
        return say(self.lang, "wording.with_unit", number=self.number, unit=self.unit) if self.unit else self.number


def unit_key(unit_of_value: str) -> str:
    """The catalogue's word for a unit of value written either way."""
    return UNIT_KEYS.get(unit_of_value, unit_of_value)


def unit_word(lang: Lang, unit_of_value: str) -> str:
    """The unit as it stands beside a number; empty where the number stands alone."""
    key = unit_key(unit_of_value)
    return "" if key in _UNITLESS else say(lang, f"wording.unit.{key}")


def _exact(value: float | int | Decimal) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(repr(value))


def rounded(value: float | int | Decimal, decimals: int, limits: Sequence[float] = ()) -> Decimal:
    """`value` to `decimals` places, halves away from zero, but on its own side of every limit.

    A value that is not zero keeps enough places not to read as zero.
    >>> rounded(99.996, 2, [100]), rounded(91.96, 1, [92]), rounded(0.004, 1)
    (Decimal('99.99'), Decimal('91.9'), Decimal('0.004'))
    """
    exact = _exact(value)
    places = decimals
    found = _quantized(exact, places, ROUND_HALF_UP)
    while exact and not found and places < decimals + 12:
        places += 1
        found = _quantized(exact, places, ROUND_HALF_UP)
    edges: list[Decimal] = sorted(_exact(each) for each in limits)
    for limit in edges:
        if exact < limit <= found:
            found = _quantized(exact, places, ROUND_FLOOR)
        elif found <= limit < exact:
            found = _quantized(exact, places, ROUND_CEILING)
    return found


def _quantized(exact: Decimal, places: int, mode: str) -> Decimal:
    found = exact.quantize(Decimal(1).scaleb(-places), rounding=mode) if abs(exact) < 10**20 else exact
    return found or abs(found)


def grouped(value: Decimal | int) -> str:
    """A rounded number with grouped digits and a true minus sign.

    >>> grouped(-4307)
    '−4,307'
    """
    return f"{value:,f}".replace("-", MINUS) if isinstance(value, Decimal) else f"{value:,}".replace("-", MINUS)


def exact_text(value: float | int | Decimal) -> str:
    """All digits that matter, for titles: up to six places, without trailing zeros."""
    text = grouped(rounded(value, 6))
    return text.rstrip("0").rstrip(".") if "." in text else text


def large(lang: Lang, value: float | int | Decimal) -> str:
    """A count: written out below 10,000, then three digits and a scale word.

    >>> large("zh", 4307), large("zh", 612_000), large("en", 612_000), large("zh", 321_000_000)
    ('4,307', '61.2 万', '612k', '3.21 亿')
    """
    exact = _exact(value)
    if abs(exact) < _WRITTEN_OUT:
        return grouped(rounded(exact, 0) if exact == exact.to_integral_value() else rounded(exact, 1))
    for number, (step, factor) in enumerate(_STEPS[lang]):
        scaled = _three_digits(exact / factor)
        last = number == len(_STEPS[lang]) - 1
        if last or abs(scaled) < _STEPS[lang][number + 1][1] / factor:
            return say(lang, f"wording.scale.{step}", number=grouped(scaled))
    raise AssertionError("the last scale takes everything")


def _three_digits(scaled: Decimal) -> Decimal:
    for places in (2, 1):
        found = rounded(scaled, places)
        if abs(found) < 10 ** (3 - places):
            return found
    return rounded(scaled, 0)


def percent_number(value: float | int | Decimal, decimals: int, limits: Sequence[float] = ()) -> str:
    """A per cent without its sign: two places from 99 up, and never a false 100.

    >>> percent_number(86.43, 1), percent_number(99.996, 1), percent_number(100, 1)
    ('86.4', '99.99', '100')
    """
    exact = _exact(value)
    if exact == 100:
        return "100"
    places = max(decimals, 2) if 99 <= exact < 100 else decimals
    return grouped(rounded(exact, places, [*limits, 100]))


def quantity(
    lang: Lang, value: float | int | Decimal, unit_of_value: str, decimals: int, limits: Sequence[float] = ()
) -> Quantity:
    """A value with its unit, in words.

    limits: thresholds of the value, which rounding must not reach or cross.
    """
    key = unit_key(unit_of_value)
    if key == "count":
        number = large(lang, value)
    elif key == "percent":
        number = percent_number(value, decimals, limits)
    else:
        number = grouped(rounded(value, decimals, limits))
    return Quantity(number, unit_word(lang, key), lang)


def limit_number(lang: Lang, value: float | int | Decimal, unit_of_value: str) -> str:
    """A target or threshold: its own digits, no trailing zeros."""
    if unit_key(unit_of_value) == "count" and abs(_exact(value)) >= _WRITTEN_OUT:
        return large(lang, value)
    return exact_text(value)


def difference(lang: Lang, value: float | int | Decimal, unit_of_value: str, decimals: int) -> Quantity:
    """A difference without its sign (a delta shows an arrow); per cents differ by points."""
    key = unit_key(unit_of_value)
    size = abs(_exact(value))
    number = large(lang, size) if key == "count" else grouped(rounded(size, decimals))
    return Quantity(number, say(lang, "wording.point") if key == "percent" else unit_word(lang, key), lang)


def signed_difference(lang: Lang, value: float | int | Decimal, unit_of_value: str, decimals: int) -> str:
    """A difference in running text, with sign and unit.

    >>> signed_difference("zh", -0.5, "percent", 1), signed_difference("en", -0.5, "percent", 1)
    ('−0.5 个百分点', '−0.5 pp')
    """
    shown = difference(lang, value, unit_of_value, decimals)
    sign = MINUS if value < 0 else "+" if value > 0 else ""
    return str(Quantity(sign + shown.number, shown.unit, lang))


def duration(lang: Lang, seconds: float) -> str:
    """A length of time in its two largest units, whole.

    >>> duration("zh", 12_000), duration("en", 12_000)
    ('3 时 20 分', '3 h 20 m')
    """
    whole = int(abs(seconds))
    days, rest = divmod(whole, 86_400)
    hours, rest = divmod(rest, 3600)
    minutes, left = divmod(rest, 60)
    if days:
        return say(lang, "wording.left_dh", d=days, h=hours)
    if hours:
        return say(lang, "wording.left_hm", h=hours, m=minutes)
    return say(lang, "wording.left_m", m=minutes) if minutes else say(lang, "wording.left_s", s=left)


def _month_day(lang: Lang, day: date) -> str:
    return f"{day:%m-%d}" if lang == "zh" else f"{day.day} {month_name(lang, day.month)}"


def month_name(lang: Lang, month: int) -> str:
    """A month on its own, 1 to 12."""
    return say(lang, f"wording.month.{month}")


def weekday_name(lang: Lang, weekday: int) -> str:
    """A weekday, 1 for Monday to 7."""
    return say(lang, f"wording.weekday.{weekday}")


def day_text(lang: Lang, day: date, *, year: bool = False, weekday: bool = True) -> str:
    """A day.

    >>> day_text("zh", date(2026, 11, 15)), day_text("en", date(2026, 11, 15))
    ('11-15（周日）', 'Sun 15 Nov')
    """
    form = ("year" if year else "plain") if weekday else ("bare_year" if year else "bare")
    return say(
        lang,
        f"wording.day.{form}",
        md=_month_day(lang, day),
        yyyy=f"{day.year:04d}",
        weekday=weekday_name(lang, day.isoweekday()),
    )


def range_text(lang: Lang, first: date, last: date) -> str:
    """Days from first to last, both included.

    >>> range_text("zh", date(2026, 11, 9), date(2026, 11, 15)), range_text("en", date(2026, 11, 9), date(2026, 11, 15))
    ('11-09 至 11-15', '9–15 Nov')
    """
    if (first.year, first.month) == (last.year, last.month):
        start = _month_day(lang, first) if lang == "zh" else str(first.day)
        return say(lang, "wording.day.range_same_month", first=start, last=_month_day(lang, last))
    return say(lang, "wording.day.range", first=_month_day(lang, first), last=_month_day(lang, last))


def instant_text(lang: Lang, instant: datetime, zone: ZoneInfo, *, year: bool = False) -> str:
    """An instant to the minute, local in `zone`."""
    local = instant.astimezone(zone)
    return say(
        lang,
        f"wording.instant.{'year' if year else 'plain'}",
        md=_month_day(lang, local.date()),
        yyyy=f"{local.year:04d}",
        time=f"{local:%H:%M}",
    )


def grain_name(lang: Lang, grain: Grain) -> str:
    """A grain on its own."""
    return say(
        lang, f"wording.grain.{'week_from' if grain.is_operator_week else grain.value}", weekday=_weekday(lang, grain)
    )


def period_name(lang: Lang, period: Period) -> str:
    """A period in full, its dates written out.

    >>> from ganzhi.base.periods import parse_period
    >>> period_name("en", parse_period("2026-W46", ZoneInfo("Asia/Shanghai")))
    'week 46, 2026 (9–15 Nov)'
    """
    return _period(lang, period, "period", year=True)


def period_short(lang: Lang, period: Period) -> str:
    """A period where its year is clear from what stands around."""
    return _period(lang, period, "period_short", year=False)


def _period(lang: Lang, period: Period, form: str, *, year: bool) -> str:
    grain, hours = period.grain, ("", "")
    if grain.minutes:
        hours = (f"{period.start:%H:%M}", f"{period.end:%H:%M}")
    return _named(lang, grain, period.first_day, period.last_day, hours, form, year)


@lru_cache(maxsize=16_384)
def _named(lang: Lang, grain: Grain, first: date, last: date, hours: tuple[str, str], form: str, year: bool) -> str:
    """The words of a period; a page names hundreds of them, and the next page nearly the same ones."""
    iso_year, iso_week, _ = first.isocalendar()
    return say(
        lang,
        f"wording.{form}.{_period_key(grain)}",
        yyyy=iso_year if grain is Grain.WEEK else first.year,
        q=(first.month + 2) // 3,
        month=month_name(lang, first.month),
        w=iso_week,
        range=range_text(lang, first, last),
        day=day_text(lang, first, year=year),
        to=hours[1],
        **{"from": hours[0]},
    )


def _period_key(grain: Grain) -> str:
    if grain.is_operator_week:
        return "week_from"
    return "slot" if grain.minutes else grain.value


def _weekday(lang: Lang, grain: Grain) -> str:
    weekday = grain.first_weekday
    return "" if weekday is None else weekday_name(lang, weekday)


def _grain_key(grain: Grain) -> str:
    if grain is Grain.YEAR:
        return "year_grain"
    if grain.is_operator_week:
        return "week"
    return "slot" if grain.rank < Grain.HOUR.rank else grain.value


def now_name(lang: Lang, grain: Grain) -> str:
    """The period asked for, as a column head."""
    return say(lang, f"wording.now.{_grain_key(grain)}")


def this_name(lang: Lang, grain: Grain) -> str:
    """The period asked for, in running text."""
    return say(lang, f"wording.this.{_grain_key(grain)}")


def before_name(lang: Lang, compare: str, grain: Grain) -> str:
    """What the period is compared with: `prev`, `year`, `target` or `peers`."""
    return say(lang, f"wording.before.{_grain_key(grain) if compare == 'prev' else compare}")


def against_name(lang: Lang, compare: str, grain: Grain) -> str:
    """A comparison as a column head."""
    return say(lang, f"wording.against.{_grain_key(grain) if compare == 'prev' else compare}")


def on_name(lang: Lang, compare: str, grain: Grain) -> str:
    """A comparison in running text."""
    return say(lang, f"wording.on.{_grain_key(grain) if compare == 'prev' else compare}")


def level_name(lang: Lang, level: str | None) -> str:
    """A level, or the word for being on target."""
    return say(lang, f"wording.level.{level or 'none'}")


def days_of(lang: Lang, part: int, whole: int) -> str:
    """How many of the days a value rests on."""
    return say(lang, "wording.days_of", part=part, whole=whole)
