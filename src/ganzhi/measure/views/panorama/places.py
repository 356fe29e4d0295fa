"""A place among its peers, and the halls."""

from __future__ import annotations

from dataclasses import dataclass

from ganzhi.base.periods import Period
from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.views.journeys.parts import Named
from ganzhi.measure.views.overview import Overview
from ganzhi.measure.views.parts import Level, Reading, Scope, ScoreNow, Subject

PEERS_AT_LEAST = 3
"""Fewer peers than this are told neither a median nor a best to a viewer who does not see them."""


@dataclass(frozen=True, slots=True)
class Versus:
    """A topic of a place, or its total (which has no name), against its peers.

    above: the score of the unit above. median, best: of the peers, None where they are too few to be told of.
    rank 1 is best.
    """

    code: str
    name: Text | None
    score: float | None
    before: float | None
    level: Level | None
    above: float | None
    median: float | None
    best: float | None
    rank: int | None
    rank_before: int | None
    ranked: int


@dataclass(frozen=True, slots=True)
class Peer:
    """A sibling that the viewer may see."""

    unit: str
    name: Text
    total: float | None
    rank: int | None


@dataclass(frozen=True, slots=True)
class PlacePage:
    """A place: its overview, and its standing. alerts: counts of indicators by level, worst first. total: over the
    topics that every peer has; None without any. peers: None where they are out of reach. above: the unit above,
    None where it is out of reach or there is none; its scores are told all the same."""

    overview: Overview
    level: str
    path: tuple[Named, ...]
    above: Text | None
    alerts: tuple[tuple[Level, int], ...]
    total: Versus | None
    topics: tuple[Versus, ...]
    peers: tuple[Peer, ...] | None


@dataclass(frozen=True, slots=True)
class HallRow:
    """A hall with its topic score and one reading for each of `HallsPage.subjects`."""

    unit: str
    name: Text
    county: Text | None
    score: ScoreNow | None
    rank: int | None
    rank_before: int | None
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class HallsPage:
    """Halls of a unit, lowest first. subjects: what is shown of each; promotion: those of them that are about the
    promotion and use of electronic channels (S002-082). whole: the same readings of the unit itself.
    total: all halls within reach; page counts from 1."""

    scope: Scope
    headline: Named | None
    subjects: tuple[Subject, ...]
    promotion: tuple[str, ...]
    whole: tuple[Reading, ...]
    rows: tuple[HallRow, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class PromotionRow:
    """An indicator of promotion: on the day, and since the month began."""

    subject: Subject
    day: Reading
    month: Reading


@dataclass(frozen=True, slots=True)
class HallPromotion:
    """How a hall promotes electronic channels, and whether those who were won use them (S002-082). day: as far as rows
    have come. counted, feed: the indicator behind whose number the promotions stand, and where from. made, accepted: of
    the day, None where withheld. score: of the rate since the month began, as it counts in the assessment of the hall."""

    unit: str
    day: Period
    rows: tuple[PromotionRow, ...]
    counted: str
    feed: str
    made: int | None
    accepted: int | None
    score: ScoreNow
