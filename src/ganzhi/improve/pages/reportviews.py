"""What the pages of samples and daily reports show, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.warning import Grade
from ganzhi.improve.crisis import PlanStep
from ganzhi.improve.pages.views import AlertRow, Drawn, Why
from ganzhi.improve.sample import Share
from ganzhi.measure.views.parts import Subject


@dataclass(frozen=True, slots=True)
class Noted:
    """A record of a sample, with what was noted of it; empty where nothing was."""

    load: str
    line: int
    phenomenon: str
    cause: str


@dataclass(frozen=True, slots=True)
class SamplePage:
    """A part of a finding's sample. records: of this part; phenomena, causes: shares of what was found so far in the
    whole sample. may: whether the viewer may note something. version: of the sample."""

    row: AlertRow
    drawn: Drawn
    part: int
    parts: int
    records: tuple[Noted, ...]
    phenomena: tuple[Share, ...]
    causes: tuple[Share, ...]
    may: bool
    version: int


@dataclass(frozen=True, slots=True)
class Line:
    """A finding in a daily report, as it stood then. last: act, who and when; why: of one that is kept back."""

    row: AlertRow
    new: bool
    act: str
    actor: str
    at: datetime
    why: Why | None


@dataclass(frozen=True, slots=True)
class Volume:
    """What was counted of a rule's indicator on the day, beside the day before and the same weekday a week before.

    cut: names of dimension and value; hidden: too few to be shown to the viewer. grade: of the warning of that day.
    """

    rule: str
    subject: Subject
    cut: tuple[tuple[Text, Text], ...]
    value: float | None
    before: float | None
    week: float | None
    hidden: bool
    grade: Grade | None
    finding: str | None


@dataclass(frozen=True, slots=True)
class CrisisLine:
    """A crisis plan that is in force: its finding and steps."""

    row: AlertRow
    steps: tuple[PlanStep, ...]


@dataclass(frozen=True, slots=True)
class ReportPage:
    """The daily report of a level.

    made_at: when it was made; None for one that was not made yet and shows how things stand now. new, repeated:
    made known and not closed; waiting: raised only; closed: since the report before; kept: kept back, each with why;
    reasons: how many why. earlier, later: days with a report beside it.
    """

    day: date
    level: str
    made_at: datetime | None
    unit_name: Text
    new: tuple[Line, ...]
    repeated: tuple[Line, ...]
    waiting: tuple[Line, ...]
    closed: tuple[Line, ...]
    kept: tuple[Line, ...]
    reasons: tuple[tuple[Why, int], ...]
    grades: Mapping[Grade, int]
    volumes: tuple[Volume, ...]
    crises: tuple[CrisisLine, ...]
    earlier: date | None
    later: date | None
