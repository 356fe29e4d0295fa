"""What a daily report has to repeat: every finding that is not closed, and what was closed since the last report.

A finding leaves the report only by being closed, and stands in it once more then (S003-015). What is kept back is
counted with its reasons, not hidden.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ganzhi.improve.cycle import KEPT_BACK, WORKED_ON
from ganzhi.improve.findings import MOST_OPEN
from ganzhi.store.findings.records import Entry, Finding
from ganzhi.store.open import Store


@dataclass(frozen=True, slots=True)
class Repeated:
    """A finding with what was done about it last, and whether a deadline has passed."""

    finding: Finding
    last: Entry
    new: bool
    overdue: bool


@dataclass(frozen=True, slots=True)
class Daily:
    """working: to be repeated, gravest first. waiting: raised, and not yet made known. kept_back: with the reason, by
    finding. closed: since the last report, oldest first. reasons: how many are kept back why."""

    working: tuple[Repeated, ...]
    waiting: tuple[Repeated, ...]
    kept_back: tuple[Repeated, ...]
    closed: tuple[Repeated, ...]
    reasons: Mapping[str, int]

    @property
    def all(self) -> tuple[Repeated, ...]:
        """Everything that is in the report."""
        return (*self.working, *self.waiting, *self.kept_back, *self.closed)


def daily(store: Store, since: datetime) -> Daily:
    """What the report of today repeats. since: when the last report was made."""
    now = store.clock.now()

    def of(finding: Finding) -> Repeated:
        last = store.findings.history(finding.id)[-1]
        overdue = finding.open and (finding.escalations > 0 or (finding.due is not None and finding.due <= now))
        return Repeated(finding, last, finding.raised_at >= since, overdue)

    found = [of(each) for each in store.findings.list(limit=MOST_OPEN)]
    kept = tuple(each for each in found if each.finding.state in KEPT_BACK)
    why = Counter(_why(store, each.finding) for each in kept)
    return Daily(
        working=tuple(each for each in found if each.finding.state in WORKED_ON),
        waiting=tuple(each for each in found if each.finding.state == "raised"),
        kept_back=kept,
        closed=tuple(of(each) for each in store.findings.closed_since(since)),
        reasons=dict(why.most_common()),
    )


def _why(store: Store, finding: Finding) -> str:
    """The reason of the act that kept a finding back."""
    for entry in reversed(store.findings.history(finding.id)):
        if entry.after == finding.state and entry.before != entry.after:
            return f"{entry.act}:{entry.reason}"
    return finding.state
