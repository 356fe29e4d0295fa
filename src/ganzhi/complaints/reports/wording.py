"""The words of reports: remarks as sentences, values of a closed set as words. Keys stand under `creport`."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from ganzhi.base import wording
from ganzhi.base.messages import Lang, catalogue, say
from ganzhi.base.periods import Period, parse_period
from ganzhi.catalogue.model.parts import Text
from ganzhi.complaints.reports.document import Column, Kind, Remark, Value

CHANGES = ("before", "week", "change")
SHARES = ("again",)
MINUS = "−"


def per_cent(share: float, decimals: int = 1) -> str:
    """A share as a per cent.

    >>> per_cent(0.125), per_cent(0)
    ('12.5%', '0.0%')
    """
    return f"{wording.grouped(wording.rounded(100 * share, decimals))}%"


def signed_per_cent(change: float) -> str:
    """A change with its sign.

    >>> signed_per_cent(0.5), signed_per_cent(-0.034483), signed_per_cent(0.0)
    ('+50.0%', '−3.4%', '±0.0%')
    """
    number = wording.rounded(abs(100 * change), 1)
    sign = "±" if not number else "+" if change > 0 else MINUS
    return f"{sign}{wording.grouped(number)}%"


def remark_text(lang: Lang, remark: Remark) -> str:
    """A remark as a sentence."""
    return say(
        lang, f"creport.remark.{remark.key}", **{key: _param(lang, key, value) for key, value in remark.params.items()}
    )


def _param(lang: Lang, key: str, value: int | float | Text | str) -> str:
    if isinstance(value, Text):
        return value.in_(lang)
    if key in CHANGES and isinstance(value, (int, float)):
        return signed_per_cent(value)
    if key in SHARES and isinstance(value, (int, float)):
        return per_cent(value)
    return wording.grouped(value) if isinstance(value, int) else str(value)


def word(lang: Lang, column: str, key: str) -> str:
    """A value of a closed set, of a column, as a word; the value itself where it has none, such as a code of tomorrow's."""
    return catalogue(lang).get(f"creport.word.{column}.{key}", key)


def title(lang: Lang, kind: Kind, period: Period) -> str:
    """The name of a report with its period."""
    return say(lang, f"creport.title.{kind}", period=wording.period_name(lang, period))


def level(lang: Lang, value: str) -> str:
    """How a value stands: a grade, or that it is on or below its target."""
    return catalogue(lang).get(f"creport.standing.{value}") or wording.level_name(lang, value)


def plain_text(lang: Lang, column: Column, value: Value, zone: ZoneInfo) -> str:
    """A cell without a page around it. zone: of the workspace."""
    if value in (None, ""):
        return "–"
    if isinstance(value, Text):
        return value.in_(lang)
    if isinstance(value, str):
        if column.form == "period":
            return wording.period_name(lang, parse_period(value, zone))
        if column.form == "level":
            return level(lang, value)
        if column.key == "value_unit":
            return wording.unit_word(lang, value)
        return word(lang, column.key, value) if column.form == "word" or column.key == "group" else value
    if column.form == "change":
        return signed_per_cent(value)
    if column.form == "share":
        return per_cent(value)
    if column.form == "chance":
        return f"{value:.2g}"
    return str(value) if isinstance(value, int) else wording.exact_text(wording.rounded(value, 2))
