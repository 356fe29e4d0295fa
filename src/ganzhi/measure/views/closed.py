"""What was reported of closed periods, for the pages that show what is known now, and closing itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from ganzhi.base.periods import Grain, Period
from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.views.parts import Reading


@dataclass(frozen=True, slots=True)
class ReportedOtherwise:
    """A number of a closed period that is not known now as it was reported. then, now: without level.
    difference: now − then, None where either is unknown. reasons: `late`, `correction`, `catalogue` or
    `other`. files: what has arrived since."""

    then: Reading
    now: Reading
    difference: float | None
    edition: int
    closed_at: datetime
    closed_by: str
    reasons: tuple[str, ...]
    files: tuple[str, ...]


# --- the page on which periods are closed -------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ClosedRow:
    """A closing. newest: whether no later edition of its period exists."""

    period: Period
    edition: int
    closed_at: datetime
    closed_by: str
    catalogue_version: str
    note: str
    newest: bool


@dataclass(frozen=True, slots=True)
class FeedKnown:
    """How many of a period's days are known of a feed. waiting: days that arrived and are not computed, which stand in
    the way of closing."""

    code: str
    name: Text
    known: int
    days: int
    waiting: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class ToClose:
    """What would be kept of a period. edition: the number it would have; before: its editions so far, newest first.
    values, scores, shares: rows that would be copied, None where they would be formed first; feeds: of which anything
    is known, those with missing days first."""

    period: Period
    edition: int
    before: tuple[ClosedRow, ...]
    values: int | None
    scores: int | None
    shares: int | None
    feeds: tuple[FeedKnown, ...]
    catalogue_version: str

    @property
    def waits(self) -> bool:
        """Whether something has to be computed first."""
        return any(feed.waiting for feed in self.feeds)


@dataclass(frozen=True, slots=True)
class ClosingsPage:
    """Closed periods, newest first. may: whether the viewer closes periods; choices: those that are over and of which
    anything is known, newest first within each grain. rules: after how many days periods are closed by themselves."""

    rows: tuple[ClosedRow, ...]
    may: bool
    choices: tuple[tuple[Grain, tuple[Period, ...]], ...]
    rules: tuple[tuple[Grain, int], ...]
