"""What the pages of warnings ask for: lists, single findings, acts. Everything is one viewer's, within their reach."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from ganzhi.access.rights import Viewer
from ganzhi.base.errors import InputError, Issue
from ganzhi.improve.daily import reports_made
from ganzhi.improve.findings import Findings, Person
from ganzhi.improve.pages.listing import Sight, alerts_page, all_rows, waiting
from ganzhi.improve.pages.one import alert_page, drawn, role_for
from ganzhi.improve.pages.report import report_page
from ganzhi.improve.pages.reportviews import Noted, ReportPage, SamplePage
from ganzhi.improve.pages.views import AlertPage, AlertRow, AlertsPage, AlertsQuery, Asked
from ganzhi.measure.open import States
from ganzhi.store.findings.records import Finding, FindingChangedError
from ganzhi.warehouse.workplace import Workplace

PER_PART = 25
"""Records of a sample on one page."""
HOURS: tuple[int, ...] = (4, 24, 72, 168)
"""How long a silence may be asked for on a page; longer ones are made by `ganzhi findings silence`."""

Opens = Callable[[], States]


class ChangedError(InputError):
    """Somebody else changed the finding meanwhile. now: what it has become, as the viewer sees it; seen: its version then."""

    def __init__(self, now: AlertRow, seen: int) -> None:
        params = {"seen": str(seen), "now": f"{now.state} ({now.version})"}
        super().__init__(Issue("FND102", now.id, params=params))
        self.now = now
        self.seen = seen


@dataclass(frozen=True, slots=True)
class AlertDesk:
    """Findings of a workplace. findings: with whoever is to be told; opens: the states that charts are drawn from.
    telling: kinds of channels on which notices go out."""

    workplace: Workplace
    findings: Findings
    opens: Opens
    telling: tuple[str, ...] = ()

    def list(self, viewer: Viewer, query: AlertsQuery) -> AlertsPage:
        """The list under conditions."""
        return alerts_page(Sight(self.workplace, viewer), query, self.telling)

    def rows(self, viewer: Viewer, query: AlertsQuery) -> Iterable[AlertRow]:
        """Every finding under the conditions, for files."""
        return all_rows(Sight(self.workplace, viewer), query)

    def waiting(self, viewer: Viewer, unit: str | None, most: int) -> tuple[tuple[AlertRow, ...], int]:
        """The first findings in which somebody has to act, and how many there are."""
        return waiting(Sight(self.workplace, viewer), unit, most)

    def page(self, viewer: Viewer, given: str) -> AlertPage:
        """One finding."""
        sight = Sight(self.workplace, viewer)
        sight.find(given)
        with self.opens() as reading:
            return alert_page(sight, self.findings, given, reading, self.telling)

    def act(self, viewer: Viewer, given: str, asked: Asked) -> None:
        """Do what somebody asks for about the finding they saw.

        Raises: AccessError without the right; InputError FND001 out of reach, FND003 to FND014 for what is not possible;
        ChangedError when somebody was quicker.
        """
        viewer.require("act")
        sight = Sight(self.workplace, viewer)
        now = sight.find(given)
        if asked.version > now.version:
            raise InputError(Issue("POR003", "version", params={"value": str(asked.version), "most": str(now.version)}))
        if asked.version < now.version:
            raise ChangedError(sight.row(now), asked.version)
        if asked.act == "silence":
            self._silence(viewer, now, asked)
            return
        parent = sight.find(asked.parent).id if asked.act == "merge" else ""
        wanted = self.findings.rules.step(now.rule, now.grade)
        role = role_for(viewer, None if wanted is None else wanted.approval)
        try:
            self.findings.act(
                now,
                asked.act,
                Person(viewer.login, role),
                reason=asked.reason,
                until=asked.until,
                owner=asked.owner,
                parent=parent,
                feedback=asked.feedback,
                despite=asked.despite,
                step_number=asked.step,
            )
        except FindingChangedError as error:
            raise ChangedError(sight.row(error.now), asked.version) from None

    # -- samples -----------------------------------------------------------------------------------

    def sample(self, viewer: Viewer, given: str, part: int) -> SamplePage:
        """A part of the latest sample of a finding, parts counted from 1.

        Raises: AccessError without list depth; InputError FND001 out of reach, FND020 where none was drawn.
        """
        viewer.require("list")
        sight = Sight(self.workplace, viewer)
        finding = sight.find(given)
        samples = sight.store.samples.of(finding.id)
        if not samples:
            raise InputError(Issue("FND020", finding.id))
        last, row = samples[-1], sight.row(finding, brief=True)
        view = drawn(sight, row, last)
        parts = max(1, -(-len(view.rows) // PER_PART))
        part = min(max(part, 1), parts)
        records = tuple(
            Noted(load, line, last.phenomena.get(f"{load}:{line}", ""), last.causes.get(f"{load}:{line}", ""))
            for load, line in view.rows[(part - 1) * PER_PART : part * PER_PART]
        )
        may = viewer.may("act") and finding.open
        return SamplePage(row, view, part, parts, records, view.phenomena, view.shares, may, last.version)

    def code(self, viewer: Viewer, given: str, version: int, found: Mapping[str, tuple[str, str]]) -> None:
        """Note phenomenon and cause of records (`load:line`) of the sample whose version the viewer saw (S003-019).

        Raises: AccessError without the rights; InputError FND001, FND020, FND010 for a record that is not in the
        sample, STO005 when somebody noted something meanwhile.
        """
        viewer.require("list")
        viewer.require("act")
        finding = Sight(self.workplace, viewer).find(given)
        samples = self.workplace.store.samples.of(finding.id)
        if not samples:
            raise InputError(Issue("FND020", finding.id))
        if samples[-1].version != version:
            raise InputError(Issue("STO005", samples[-1].id))
        causes = {row: cause for row, (_, cause) in found.items()}
        phenomena = {row: phenomenon for row, (phenomenon, _) in found.items()}
        self.workplace.store.samples.code(samples[-1], causes, viewer.login, phenomena)

    # -- daily reports -----------------------------------------------------------------------------

    def latest_report(self, viewer: Viewer, level: str) -> date:
        """The day of the latest report of a level that was made; today where none was."""
        sight = Sight(self.workplace, viewer)
        made = [each.day for each in reports_made(sight.store) if each.level == level]
        return max(made, default=sight.now.astimezone(self.workplace.zone).date())

    def report(self, viewer: Viewer, day: date, level: str) -> ReportPage:
        """The daily report of a day and level."""
        sight = Sight(self.workplace, viewer)
        with self.opens() as reading:
            return report_page(sight, day, level, reading)

    def _silence(self, viewer: Viewer, now: Finding, asked: Asked) -> None:
        """Keep what this series says from being told for some hours; it stays on the pages."""
        if asked.hours not in HOURS:
            known = ", ".join(map(str, HOURS))
            raise InputError(Issue("POR001", "hours", params={"value": str(asked.hours), "known": known}))
        starts = self.workplace.clock.now()
        self.workplace.store.silences.add(
            kind="maintenance" if asked.kind == "maintenance" else "silence",
            owner=viewer.login,
            reason=asked.reason,
            starts_at=starts,
            ends_at=starts + timedelta(hours=asked.hours),
            rule=now.rule,
            unit=now.unit,
            slice_text=now.slice if now.slice != "{}" else "",
        )
