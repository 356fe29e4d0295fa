"""What may be asked: the parameters of each operation, strictly.

A parameter that is not declared is refused, a number is digits, a flag is `true` or `false`, and a day is
`YYYY-MM-DD`. What a code or a unit means is judged where the answer is built.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.ids import CODE_PATTERN, UNIT_PATTERN
from ganzhi.base.messages import Lang
from ganzhi.base.periods import Grain
from ganzhi.catalogue.model.indicators import Layer
from ganzhi.compile.records import Part
from ganzhi.measure.observation import Basis
from ganzhi.measure.score import Use

MOST_ITEMS = 1_000
MOST_CODES = 50
MOST_CELLS = 20_000
"""Indicators × units × periods of one question; of scores, the indicators they are made of."""

FIRST_YEAR, LAST_YEAR = 1990, 2200
LIST_PARAMETERS = frozenset({"code", "by", "where"})
"""Parameters that may be given several times, in the operations that declare them so."""

_LENGTHS = {Grain.DAY: 1, Grain.MONTH: 28, Grain.QUARTER: 90, Grain.YEAR: 365}


def _whole(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{1,9}", value):
        raise PydanticCustomError("form", "digits")
    return value


def _flag(value: object) -> object:
    if isinstance(value, str) and value not in ("true", "false"):
        raise PydanticCustomError("form", "true, false")
    return value == "true" if isinstance(value, str) else value


def _day(value: object) -> object:
    if isinstance(value, str):
        try:
            if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
                found = date.fromisoformat(value)
                if FIRST_YEAR <= found.year <= LAST_YEAR:
                    return found
        except ValueError:
            pass
        raise PydanticCustomError("form", "YYYY-MM-DD, 1990–2200")
    return value


Flag = Annotated[bool, BeforeValidator(_flag)]
Day = Annotated[date, BeforeValidator(_day)]
CodeText = Annotated[str, Field(pattern=f"^{CODE_PATTERN}$", max_length=64)]
UnitText = Annotated[str, Field(pattern=f"^{UNIT_PATTERN}$", max_length=64)]
NameText = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Condition = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}=[^\x00-\x1f\x7f]{0,200}$")]
PeriodText = Annotated[str, Field(min_length=4, max_length=40)]
GrainName = Literal[
    "15min", "30min", "hour", "day", "week", "week-tue", "week-wed", "week-thu", "week-fri", "week-sat", "week-sun",
    "month", "quarter", "year",
]  # fmt: skip
Stale = Literal["show", "refuse"]
Shown = Literal["now", "reported", "both"]


class Plain(BaseModel):
    """What every operation takes. lang: of what is said in words; else the header Accept-Language decides."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=False)

    lang: Lang | None = None


class Paged(Plain):
    """A page of a list."""

    limit: Annotated[int, Field(ge=1, le=MOST_ITEMS), BeforeValidator(_whole)] = 100
    cursor: Annotated[str, Field(min_length=1, max_length=200)] | None = None


class IndicatorsAsked(Paged):
    """Which indicators."""

    layer: Layer | None = None
    feed: CodeText | None = None
    topic: CodeText | None = None


class UnitsAsked(Paged):
    """Which units."""

    parent: UnitText | None = None


class ObservationsAsked(Paged):
    """Which observations: fields as in `ganzhi observe`."""

    code: Annotated[list[CodeText], Field(min_length=1, max_length=MOST_CODES)]
    unit: UnitText | None = None
    grain: GrainName = "day"
    first: Annotated[Day, Field(alias="from")]
    last: Annotated[Day, Field(alias="to")]
    by: Annotated[list[NameText], Field(max_length=4)] = []
    where: Annotated[list[Condition], Field(max_length=8)] = []
    basis: Basis = "period"
    children: Flag = False
    stale: Stale = "show"
    shown: Annotated[Shown, Field(alias="as")] = "now"


class ScoresAsked(Paged):
    """Which scores: fields as in `ganzhi score`."""

    code: Annotated[list[CodeText], Field(min_length=1, max_length=MOST_CODES)]
    unit: UnitText | None = None
    grain: GrainName = "day"
    first: Annotated[Day, Field(alias="from")]
    last: Annotated[Day, Field(alias="to")]
    where: Annotated[list[Condition], Field(max_length=8)] = []
    use: Use = "management"
    basis: Basis = "period"
    children: Flag = False
    stale: Stale = "show"
    shown: Annotated[Shown, Field(alias="as")] = "now"


class FindingsAsked(Paged):
    """Which findings: of a unit and a period, by default where the pages begin."""

    unit: UnitText | None = None
    period: PeriodText | None = None
    basis: Basis = "period"


class RecordsAsked(Paged):
    """Which records: those behind one indicator's number."""

    code: CodeText
    period: PeriodText
    unit: UnitText | None = None
    part: Part | None = None
    where: Annotated[list[Condition], Field(max_length=8)] = []
    basis: Basis = "period"
    sort: Annotated[str, Field(pattern=r"^-?[a-z][a-z0-9_]{0,62}$")] | None = None


def conditions(texts: Sequence[str]) -> dict[str, str]:
    """`dimension=value` texts as a mapping; InputError MEA003 for a dimension given twice.

    >>> conditions(["call_type=PS", "channel="])
    {'call_type': 'PS', 'channel': ''}
    """
    pairs = [text.partition("=") for text in texts]
    found = {name: value for name, _, value in pairs}
    if len(found) != len(pairs):
        raise InputError(Issue("MEA003", next(n for n in found if sum(p[0] == n for p in pairs) > 1)))
    return found


def check_size(indicators: int, units: int, grain: Grain, first: date, last: date) -> None:
    """Refuse a question of too many cells (API007) before any of it is worked on."""
    days = max((last - first).days + 1, 1)
    periods = days * 1440 // grain.minutes if grain.minutes else days // _LENGTHS.get(grain, 7) + 1
    cells = indicators * units * periods
    if cells > MOST_CELLS:
        raise InputError(Issue("API007", "from", params={"cells": f"{cells:,}", "most": f"{MOST_CELLS:,}"}))
