"""The dynamic brief and the complaint hot spots: what the latest days say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ganzhi.base.periods import Period
from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.views.parts import Reading, Subject


@dataclass(frozen=True, slots=True)
class BriefRow:
    """An indicator on its latest day, against the same weekday of the weeks before.

    usual: of all those days together (of a ratio from merged parts, of a count their mean). low, high: the range of
    single days. outside: whether the day lies outside it; better: whether that is good, None without a direction.
    """

    subject: Subject
    day: date
    now: Reading
    usual: float
    low: float
    high: float
    days: int
    outside: bool
    better: bool | None


@dataclass(frozen=True, slots=True)
class Brief:
    """The latest day of what is watched within the day (S002-116): rows outside their range first.

    asked: how many indicators were looked at; unknown: those without enough days to compare with."""

    rows: tuple[BriefRow, ...]
    asked: int
    unknown: int

    @property
    def outside(self) -> int:
        """How many lie outside the range of such days."""
        return sum(row.outside for row in self.rows)


@dataclass(frozen=True, slots=True)
class HotSpot:
    """A reason or a place with many complaints.

    kind: `unit`, or the dimension. before: mean of the periods before, None where it is withheld or unknown.
    grown: highest of the periods shown. share: of all complaints of the period. spark: oldest first.
    unit, where: what the records behind it are asked with.
    """

    kind: str
    key: str
    name: Text
    count: int
    before: float | None
    share: float
    grown: bool
    spark: tuple[float | None, ...]
    unit: str
    where: Mapping[str, str]

    @property
    def growth(self) -> float | None:
        """Complaints more than in the mean period before."""
        return None if self.before is None else self.count - self.before

    @property
    def ratio(self) -> float | None:
        """Growth over the mean before; None without one."""
        return None if not self.before else (self.count - self.before) / self.before


@dataclass(frozen=True, slots=True)
class HotSpots:
    """Complaints of a period by reason and place (S002-012); those that grew most first.

    subject: the indicator counted. earlier: how many periods before the mean is over. smallest: counts below it are
    no hot spot. feed: where its records are.
    """

    subject: Subject
    feed: str
    period: Period
    earlier: int
    smallest: int
    total: int
    before: float | None
    reasons: tuple[HotSpot, ...]
    places: tuple[HotSpot, ...]
