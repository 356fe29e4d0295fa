"""The indicator page: value, trend, breakdowns, hierarchy, definition, records preview."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ganzhi.base.errors import Issue
from ganzhi.base.periods import Grain, Period
from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.views.closed import ReportedOtherwise
from ganzhi.measure.views.occasions import Occurs
from ganzhi.measure.views.parts import Change, Contribution, Reading, Scope, ScoreNow, Subject
from ganzhi.measure.views.records import RecordsPage


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One period of the trend; `smooth` is the value over the seven days that end with it, formed
    from merged numerators, None where fewer than seven days are known."""

    period: Period
    reading: Reading
    smooth: float | None


@dataclass(frozen=True, slots=True)
class Trend:
    """The indicator over time at one grain, oldest first; missing periods are present and unknown.
    occasions: of the calendar, within it."""

    grain: Grain
    grains: tuple[Grain, ...]
    points: tuple[TrendPoint, ...]
    year_before: tuple[TrendPoint, ...]
    occasions: tuple[Occurs, ...] = ()


@dataclass(frozen=True, slots=True)
class BreakdownRow:
    """One value of a dimension (or one child unit); share: its part of the whole, for counts only."""

    key: str
    name: Text
    reading: Reading
    before: Reading | None
    change: Change
    share: float | None


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The indicator by one dimension; `ordered` dimensions keep their order (hours), others are
    sorted worst first, or largest first without direction. withheld: the viewer may see none of the parts."""

    dimension: str
    name: Text
    ordered: bool
    rows: tuple[BreakdownRow, ...]
    withheld: bool = False


HOUR_WEEKDAY: Final = "hour_weekday"
"""What cuts a number by hour of the day and day of the week at once."""


@dataclass(frozen=True, slots=True)
class HourHeat:
    """The indicator by hour of the day and day of the week. period: of which. hours: per hour from 0 the readings of
    Monday to Sunday. withheld: the viewer may see none of them."""

    period: Period
    days: tuple[Text, ...]
    hours: tuple[tuple[Reading, ...], ...]
    withheld: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Position in the tree: `depth` 0 is the top; `here` marks the page's own indicator."""

    score: ScoreNow
    reading: Reading | None
    weight: float | None
    depth: int
    here: bool


@dataclass(frozen=True, slots=True)
class Definition:
    """How the number is made, for readers: formula in words and as expressions."""

    formula: Text
    numerator_sql: str | None
    denominator_sql: str | None
    feed: str | None
    feed_name: Text | None
    source: Text | None
    owner: Text | None
    error_bound: float | None
    file: str
    targets: tuple[tuple[str, Subject], ...]


@dataclass(frozen=True, slots=True)
class IndicatorPage:
    """All of one indicator. For a score without a measure, `trend` and `breakdowns` hold scores of
    its children instead: `contributions` is filled and `records` is None. topic: code and name of
    the topic that lists it, for the way back. reported: what was reported of a closed period where
    it differs from what is known now. records_gone: why the records of a number can no longer be shown.
    heat: instead of a breakdown, where `dimension` is `HOUR_WEEKDAY`."""

    scope: Scope
    subject: Subject
    now: Reading
    before: Reading | None
    change: Change
    year_change: Change
    target_change: Change
    todate: Reading | None
    score: ScoreNow | None
    trend: Trend
    dimension: str | None
    dimensions: tuple[tuple[str, Text], ...]
    breakdown: Breakdown | None
    peers: Breakdown | None
    hierarchy: tuple[Place, ...]
    contributions: tuple[Contribution, ...]
    definition: Definition
    records: RecordsPage | None
    topic: tuple[str, Text] | None = None
    reported: ReportedOtherwise | None = None
    records_gone: Issue | None = None
    heat: HourHeat | None = None
