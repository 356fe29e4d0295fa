"""Reports as data: goal, function, audience, indicators, presentation (S004-001, S004-002)."""

from __future__ import annotations

from dataclasses import dataclass

from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.views.journeys.parts import Named
from ganzhi.measure.views.parts import Subject


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A report in the list. codes: name of the standard and number in it. arrived: indicators that have data."""

    code: str
    name: Text
    number: str | None
    goal: Text
    rhythm: str
    codes: tuple[tuple[Text, str], ...]
    indicators: int
    arrived: int


@dataclass(frozen=True, slots=True)
class ReportsPage:
    """Reports under the headings of their standard."""

    groups: tuple[tuple[Text, tuple[ReportRow, ...]], ...]
    total: int
    catalogue_version: str


@dataclass(frozen=True, slots=True)
class ReportIndicator:
    """An indicator of a report. formula: how it is computed, in words. cut_by: the report's dimensions it has."""

    subject: Subject
    formula: Text
    feed: Named | None
    cut_by: tuple[Named, ...]
    arrived: bool


@dataclass(frozen=True, slots=True)
class ReportPage:
    """One report's specification."""

    row: ReportRow
    group: Text
    function: Text
    audience: Text
    indicators: tuple[ReportIndicator, ...]
    by: tuple[Named, ...]
    presentation: tuple[str, ...]
    source: Text
    catalogue_version: str
