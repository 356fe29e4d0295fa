"""The overview and the topic page: scorecards, headline, weak spots, places by topic."""

from __future__ import annotations

from dataclasses import dataclass

from ganzhi.catalogue.model.indicators import Topic
from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.views.parts import Contribution, Reading, Scope, ScorecardRow, ScoreNow, Subject, Weak

LISTED = 2
"""Indicators of a topic that the overview lists under it."""


@dataclass(frozen=True, slots=True)
class TopicBlock:
    """A topic with its score and its scorecard rows, worst first.

    groups: scores of the upper indicators the rows are listed under, worst first; rows whose
    `group` is None or not among them come last. spark: the score over the last periods, oldest
    first. indicators: how many the topic's page lists.
    """

    code: str
    topic: Topic
    score: ScoreNow
    rows: tuple[ScorecardRow, ...]
    contributions: tuple[Contribution, ...]
    groups: tuple[ScoreNow, ...] = ()
    spark: tuple[float | None, ...] = ()
    indicators: int = 0

    @property
    def known(self) -> int:
        """How many of the rows have a value."""
        return sum(row.now.value is not None for row in self.rows)

    @property
    def in_alert(self) -> int:
        """How many of the rows have a level."""
        return sum(row.now.level is not None for row in self.rows)

    @property
    def worst(self) -> tuple[ScorecardRow, ...]:
        """The rows that the overview lists."""
        return tuple(row for row in self.rows if row.now.value is not None)[:LISTED]


@dataclass(frozen=True, slots=True)
class Headline:
    """The facts of the one sentence on top; whatever is None is not said.

    cause: the child that explains most of the change in its direction. place: the child unit with
    the lowest score. in_alert / in_alert_before: indicators with a level.
    """

    score: ScoreNow
    difference: float | None
    cause: Contribution | None
    place: Text | None
    indicators: int
    in_alert: int
    in_alert_before: int | None


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A child unit's scores, each under its topic's code and name; rank 1 is best, None when unknown."""

    unit: str
    name: Text
    total: float | None
    rank: int | None
    rank_before: int | None
    scores: tuple[ScoreNow, ...]


@dataclass(frozen=True, slots=True)
class SourceState:
    """How a source stands on the overview: `on_time`, `late`, `short`, `never` (nothing ever arrived)."""

    code: str
    name: Text
    state: str
    last_day: str | None
    share: float | None


@dataclass(frozen=True, slots=True)
class Overview:
    """The whole overview page. topics: worst first, those of which nothing is known last. weak: every
    indicator in alert, worst first. sources: what is late or short first."""

    scope: Scope
    headline: Headline | None
    topics: tuple[TopicBlock, ...]
    weak: tuple[Weak, ...]
    places: tuple[PlaceRow, ...]
    sources: tuple[SourceState, ...]


@dataclass(frozen=True, slots=True)
class IntervalRow:
    """One interval of the day with its readings in the order of `IntervalTable.subjects`."""

    label: str
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class IntervalTable:
    """Requests and connection by interval of the day (S004-004): rows are hours 0–23."""

    subjects: tuple[Subject, ...]
    rows: tuple[IntervalRow, ...]


@dataclass(frozen=True, slots=True)
class TopicPage:
    """A topic: its block, and its indicators by hour of day."""

    scope: Scope
    block: TopicBlock
    intervals: IntervalTable | None
    places: tuple[PlaceRow, ...]
