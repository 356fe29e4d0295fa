"""Which reports there are, of what grain, and for whom (S003-012, S003-016)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from ganzhi.access.rights import LOCAL, RoleName
from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import Grain, Period
from ganzhi.complaints.reports.document import Kind, Report
from ganzhi.complaints.reports.intake import intake
from ganzhi.complaints.reports.monthly import monthly
from ganzhi.complaints.reports.situation import situation
from ganzhi.complaints.reports.weekly import weekly
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.open import States
from ganzhi.warehouse.workplace import Workplace


@dataclass(frozen=True, slots=True)
class ReportKind:
    """A kind of report. readers: roles it is announced to."""

    grain: Grain
    build: Callable[[Reader, str, Period], Report]
    readers: tuple[RoleName, ...]


REPORTS: Final[Mapping[Kind, ReportKind]] = {
    "situation": ReportKind(Grain.DAY, situation, ("handler", "manager", "owner")),
    "intake": ReportKind(Grain.DAY, intake, ("owner",)),
    "weekly": ReportKind(Grain.WEEK, weekly, ("owner", "analyst", "manager")),
    "monthly": ReportKind(Grain.MONTH, monthly, ("owner", "analyst", "manager", "leader")),
}
"""The daily situation goes to the business departments, too; the intake report to all product owners."""


def build(workplace: Workplace, states: States, kind: Kind, unit: str, period: Period) -> Report:
    """A report as it comes out now, with everything in it; what a viewer may see of it is `shown_to`.

    Raises: InputError CRP001 for a period of another grain; REQ012 for an unknown unit.
    """
    made = REPORTS[kind]
    if period.grain is not made.grain:
        raise InputError(Issue("CRP001", period.key, params={"kind": kind, "grain": made.grain.value}))
    reader = Reader(workplace, states, replace(LOCAL, units=()))
    reader.ground.unit(unit)
    return made.build(reader, unit, period)
