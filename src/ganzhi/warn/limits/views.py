"""What the pages of thresholds show, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.warning import Grade
from ganzhi.store.findings.records import ThresholdState


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version in a list. holds: it is in force today; later: it will be. lines: series it limits. alarms, false, missed: of the
    grade that was tried, over all series, in the past year; the old limits' beside them; None where unknown."""

    id: str
    rule: str
    rule_name: Text
    number: int
    state: ThresholdState
    first: date
    holds: bool
    later: bool
    lines: int
    proposed_by: str
    decided_by: str | None
    decided_at: datetime | None
    made_at: datetime
    reason: str
    source: str
    note: str
    version: int
    grade: Grade | None
    new: tuple[int, int | None, int | None] | None
    old: tuple[int, int | None, int | None] | None


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule with the version that holds today. proposable: whether limits can be computed for it;
    declared: it judges by limits it declares itself."""

    code: str
    name: Text
    holds: VersionRow | None
    proposable: bool
    declared: bool


@dataclass(frozen=True, slots=True)
class ThresholdsPage:
    """All rules, and the versions, those that wait for a decision first. may: whether the viewer may decide and propose."""

    rules: tuple[RuleRow, ...]
    waiting: tuple[VersionRow, ...]
    decided: tuple[VersionRow, ...]
    months: tuple[str, ...]
    may: bool


@dataclass(frozen=True, slots=True)
class LineRow:
    """Limits of one series beside the old ones. basis: see `warn.thresholds.Basis`; empty for typed limits."""

    unit: str
    unit_name: Text
    cut: tuple[tuple[Text, Text], ...]
    daily: Mapping[Grade, float]
    busy: Mapping[Grade, float]
    monthly: Mapping[Grade, float]
    basis: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Skipped:
    """A series that nothing could be proposed for, and why."""

    unit_name: Text
    cut: tuple[tuple[Text, Text], ...]
    code: str
    params: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class VersionPage:
    """One version. hidden: lines of units out of the viewer's reach. decimals: of the limits. acts: `approve`, `reject`, `restore`."""

    row: VersionRow
    unit_of_value: str
    decimals: int
    busy_days: tuple[int, ...]
    lines: tuple[LineRow, ...]
    skipped: tuple[Skipped, ...]
    hidden: int
    acts: tuple[str, ...]
