"""Ports of what surrounds warnings, over two made-up versions of thresholds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.warning import Grade
from ganzhi.portal.ports.watch import ThresholdPorts, WatchPorts
from ganzhi.store.findings.records import Threshold
from ganzhi.warn.limits.desk import Decision
from ganzhi.warn.limits.views import LineRow, RuleRow, Skipped, ThresholdsPage, VersionPage, VersionRow
from tests.portal import numbers as n

WAITING, HOLDING = (f"019b0000-0000-7000-8000-0000000001{place:02}" for place in (1, 2))
LIMITS: dict[Grade, float] = {"blue": 262.0, "yellow": 281.0, "orange": 300.0, "red": 318.0}


class Watch:
    """Answers the ports in a variant of the fake house."""

    def __init__(self, variant: str, named: Callable[[Text], Text]) -> None:
        self.variant, self._named = variant, named
        self.done: list[tuple[str, ...]] = []

    def ports(self) -> WatchPorts:
        return WatchPorts(ThresholdPorts(self.page, self.version, self.propose, self.decide, self.take_in, self.table))

    def _row(self, identity: str) -> VersionRow:
        waiting = identity == WAITING
        return VersionRow(
            id=identity,
            rule="complaints.volume",
            rule_name=self._named(n.text("投诉量", "Complaint volume")),
            number=2 if waiting else 1,
            state="proposed" if waiting else "approved",
            first=date(1999, 2 if waiting else 1, 1),
            holds=not waiting,
            later=False,
            lines=2,
            proposed_by="warn" if waiting else "ann",
            decided_by=None if waiting else "bob",
            decided_at=None if waiting else n.NOW,
            made_at=n.NOW,
            reason="month 1999-02",
            source="month 1999-02",
            note="",
            version=1,
            grade="yellow",
            new=(12, 3, 1) if waiting else (7, None, None),
            old=(15, 8, 2) if waiting else None,
        )

    def page(self) -> ThresholdsPage:
        empty = self.variant == "empty"
        holding = self._row(HOLDING)
        rules = (
            RuleRow("complaints.volume", holding.rule_name, None if empty else holding, proposable=True),
            RuleRow("hall.wait", self._named(n.text("等候", "Waits")), None, proposable=False),
        )
        waiting = () if empty else (self._row(WAITING),)
        return ThresholdsPage(rules, waiting, () if empty else (holding,), ("1999-01", "1999-02"), may=True)

    def version(self, given: str) -> VersionPage:
        if given not in (WAITING, HOLDING):
            raise InputError(Issue("FND014", given[:64]))
        basis = {
            "how": "model", "days": 700, "mean_daily": 240.5, "mean_monthly": 7215.0, "growth": 0.031, "before": 1,
            "old_daily": LIMITS, "old_monthly": {},
            "tried": {"grade": "yellow", "days": 365, "told": 4, "new": {"alarms": 12, "false": 3, "missed": 1}, "old": None},
        }  # fmt: skip
        cut = ((n.text("来电类型", "Call type"), self._named(n.text("个人业务", "Private"))),)
        place = self._named(n.UNITS["AB"])
        more = {grade: limit * 30 for grade, limit in LIMITS.items()}
        lines = (
            LineRow("AB", place, (), LIMITS, {g: v + 40 for g, v in LIMITS.items()}, more, basis),
            LineRow("AB", place, cut, LIMITS, {}, {}, basis | {"how": "recent", "days": 40, "growth": None}),
        )
        skipped = (Skipped(place, cut, "too_little_history", {"days": "9", "needed": "28"}),)
        acts = ("approve", "reject") if given == WAITING else ()
        empty = self.variant == "empty"
        return VersionPage(
            self._row(given), "count", 0, (1, 26), () if empty else lines, () if empty else skipped, 3, acts
        )

    def _kept(self, what: str, identity: str) -> Threshold:
        self.done.append((what, identity))
        return Threshold(identity, "complaints.volume", 2, {}, "proposed", "warn", "x", "", n.NOW, None, None, "", 1)

    def propose(self, code: str, month: date, grade: Grade) -> Threshold:
        if code != "complaints.volume":
            raise InputError(Issue("WRN037", code[:64]))
        return self._kept(f"propose {month} {grade}", WAITING)

    def decide(self, given: str, what: Decision, seen: int, note: str) -> Threshold:
        if seen != self.version(given).row.version:
            raise InputError(Issue("FND015", given, params={"state": "approved", "by": "bob"}))
        return replace(self._kept(what, given), note=note)

    def take_in(self, name: str, content: bytes) -> tuple[Threshold, ...]:
        if not content.startswith(b"rule,"):
            raise InputError(Issue("WRN038", name[:64], params={"lacking": "rule", "strange": "x"}))
        return (self._kept("import", WAITING),)

    def table(self, form: str) -> bytes:
        return b"rule,from\r\n" if form == "csv" else b"PK"
