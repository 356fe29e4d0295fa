"""The seven modules and the three layers (S002-111, S002-114)."""

from __future__ import annotations

from dataclasses import dataclass

from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.views.journeys.parts import Named
from ganzhi.measure.views.panorama.brief import Brief
from ganzhi.measure.views.parts import Contribution, Level, Scope, ScorecardRow, ScoreNow

LAYERS = ("macro", "analysis", "mining")
"""宏观服务指标、专业服务分析、数据挖掘: three views of the same numbers."""


@dataclass(frozen=True, slots=True)
class ModuleSummary:
    """A module in one row. scores: of its leading indicators. indicators, known, in_alert: of those it judges.

    declared: how many indicators the catalogue has for it, measured yet or not.
    """

    code: str
    scores: tuple[ScoreNow, ...]
    declared: int
    indicators: int
    known: int
    alerts: tuple[tuple[Level, int], ...]
    worst: tuple[ScorecardRow, ...]
    contributions: tuple[Contribution, ...]

    @property
    def in_alert(self) -> int:
        """How many indicators have a level."""
        return sum(count for _, count in self.alerts)


@dataclass(frozen=True, slots=True)
class ModulesPage:
    """All modules in one layer."""

    scope: Scope
    layer: str
    modules: tuple[ModuleSummary, ...]


@dataclass(frozen=True, slots=True)
class Behind:
    """An indicator whose records can be opened: how many stand behind its number."""

    code: str
    name: Text
    feed: str
    part: str | None
    rows: int


@dataclass(frozen=True, slots=True)
class ModulePage:
    """A module in three dimensions: what it is worth, what happened last, which records are behind.

    rows: judged indicators, worst first, as many as are shown. missing: feeds it waits for. lists: None for a viewer
    without list depth.
    """

    scope: Scope
    summary: ModuleSummary
    rows: tuple[ScorecardRow, ...]
    brief: Brief
    lists: tuple[Behind, ...] | None
    topics: tuple[Named, ...]
    reports: tuple[Named, ...]
    missing: tuple[Named, ...]
    others: tuple[str, ...]
