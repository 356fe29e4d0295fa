"""Observations and scores, field by field those of `ganzhi observe` and `ganzhi score`; findings; records; arrival."""

from __future__ import annotations

from datetime import date, datetime

from ganzhi.api.shapes.catalogue import LimitsShape
from ganzhi.api.shapes.parts import Both, Listed, Shape

Figure = int | float
Cell = bool | int | str | None


class ReportedShape(Shape):
    """What was reported of a number, and how the present one differs. reasons: none where it does not. n is null where
    the part is withheld."""

    numerator: Figure | None
    denominator: Figure | None
    n: int | None
    value: Figure | None
    completeness: float
    catalogue_version: str
    edition: int
    closed_at: datetime
    closed_by: str
    difference: Figure | None
    reasons: list[str]
    files: list[str]


class ObservationShape(Shape):
    """An observation: the object of `ganzhi observe --format json`. value is null when unknown, never 0 for that; n is
    null where the part is withheld. edition, closed_at, closed_by: with as=reported; reported: with as=both."""

    code: str
    unit: str
    grain: str
    period_start: str
    period_end: str
    slice: dict[str, str]
    numerator: Figure | None
    denominator: Figure | None
    n: int | None
    value: Figure | None
    unit_of_value: str
    completeness: float
    catalogue_version: str
    estimated: bool
    edition: int | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    reported: ReportedShape | None = None


class ContributionShape(Shape):
    """What a child gives its parent's score; points add up to the score."""

    code: str
    weight: float
    share: float | None
    points: float | None
    at_risk: float | None


class ReportedScoreShape(Shape):
    """What was reported of a score, and how the present one differs."""

    score: float | None
    unclipped: float | None
    level: str | None
    reason: str
    coverage: float | None
    n: int | None
    catalogue_version: str
    edition: int
    closed_at: datetime
    closed_by: str
    difference: Figure | None
    reasons: list[str]
    files: list[str]


class ScoreShape(Shape):
    """A score: the object of `ganzhi score --format json`. n to closed_by: with as=reported, which tells no observation;
    reported: with as=both."""

    code: str
    unit: str
    grain: str
    period: str
    use: str
    score: float | None
    unclipped: float | None
    level: str | None
    reason: str
    coverage: float | None
    observation: ObservationShape | None
    contributions: list[ContributionShape]
    n: int | None = None
    catalogue_version: str | None = None
    edition: int | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    reported: ReportedScoreShape | None = None


class SubjectShape(Shape):
    """What a finding is about: which indicator, where, when."""

    indicator: str
    name: Both
    unit: str
    unit_name: Both
    period: str


class EvidenceShape(Shape):
    """The numbers that a finding rests on. difference: to the period before."""

    value: float | None
    unit_of_value: str
    numerator: Figure | None
    denominator: Figure | None
    n: int | None
    completeness: float
    limits: LimitsShape | None
    difference: float | None
    better: bool | None


class FindingShape(Shape):
    """Something that needs somebody. Found anew with each request: nothing is kept of it yet, so id, clock and
    state are null."""

    id: str | None
    kind: str
    grade: str
    subject: SubjectShape
    evidence: EvidenceShape
    owner: Both | None
    clock: datetime | None
    state: str | None


class RecordColumnShape(Shape):
    """A column of the records. masked: its values are shown in part or not at all."""

    name: str
    title: Both
    type: str
    protection: str
    masked: bool


class RecordShape(Shape):
    """A record: values in the order of the columns, and where it came from."""

    values: list[Cell]
    load: str
    file: str | None
    line: int | None


class RecordsShape(Listed[RecordShape]):
    """A page of the records behind a number; total is the count in the number."""

    feed: str
    columns: list[RecordColumnShape]
    observation: ObservationShape
    commit: int


class DayShape(Shape):
    """A day of a source. rows is null when nothing arrived; usual: of a normal such day, null when not known yet."""

    day: date
    rows: int | None
    usual: float | None
    short: bool


class SourceShape(Shape):
    """A source and what arrived of it. rows and days are counts of the whole organisation: null for those who see a
    part of it."""

    code: str
    name: Both
    owner: Both | None
    state: str
    expected: str
    late_after_hours: int
    last_day: date | None
    last_load: datetime | None
    missing_days: list[date]
    rows: int | None
    days: list[DayShape] | None
