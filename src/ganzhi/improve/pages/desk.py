"""What the pages of warnings ask for: lists, single findings, acts. Everything is one viewer's, within their reach."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from ganzhi.access.rights import Viewer
from ganzhi.base.errors import InputError, Issue
from ganzhi.improve.findings import Findings, Person
from ganzhi.improve.pages.listing import Sight, alerts_page, all_rows, waiting
from ganzhi.improve.pages.one import alert_page, role_for
from ganzhi.improve.pages.views import AlertPage, AlertRow, AlertsPage, AlertsQuery, Asked
from ganzhi.measure.open import States
from ganzhi.store.findings.records import Finding, FindingChangedError
from ganzhi.warehouse.workplace import Workplace

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
            )
        except FindingChangedError as error:
            raise ChangedError(sight.row(error.now), asked.version) from None

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
