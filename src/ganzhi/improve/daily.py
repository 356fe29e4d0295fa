"""What a daily report has to repeat: every finding that is not closed, and what was closed since the last report.

A finding leaves the report only by being closed, and stands in it once more then (S003-015). What is kept back is
counted with its reasons, not hidden. A report that was made says the same whenever it is looked at: findings stand in
it as their histories say they stood when it was made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, cast

from ganzhi.improve.cycle import KEPT_BACK, WORKED_ON
from ganzhi.improve.findings import MOST_OPEN
from ganzhi.store.findings.records import STATES, Entry, Finding, State
from ganzhi.store.open import Store

REPORT_ACT: Final = "warning.report"
"""The act by which the audit trail knows when a report was made; its subject is level and day."""


@dataclass(frozen=True, slots=True)
class Repeated:
    """A finding with what was done about it last, and whether a deadline has passed. why: of one that is kept back."""

    finding: Finding
    last: Entry
    new: bool
    overdue: bool
    why: str = ""


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


def daily(
    store: Store, since: datetime, until: datetime | None = None, keep: Callable[[Finding], bool] | None = None
) -> Daily:
    """What a report repeats. since: when the last report was made; until: when this one was, by default now. keep: the
    findings it is about, by default all."""
    now = until or store.clock.now()
    wanted = [
        each
        for each in store.findings.list(states=STATES, limit=MOST_OPEN)
        if each.raised_at <= now
        and (each.closed_at is None or each.closed_at >= since)
        and (keep is None or keep(each))
    ]
    histories = store.findings.histories([each.id for each in wanted])
    found = [_stood(each, histories[each.id], since, now) for each in wanted]
    kept = tuple(each for each in found if each.finding.state in KEPT_BACK)
    closed = [each for each in found if each.finding.state == "closed"]
    return Daily(
        working=tuple(each for each in found if each.finding.state in WORKED_ON),
        waiting=tuple(each for each in found if each.finding.state == "raised"),
        kept_back=kept,
        closed=tuple(sorted(closed, key=lambda each: (each.last.at, each.finding.id))),
        reasons=dict(Counter(each.why for each in kept).most_common()),
    )


def _stood(finding: Finding, history: Sequence[Entry], since: datetime, now: datetime) -> Repeated:
    """A finding as its history says it stood."""
    past = [entry for entry in history if entry.at <= now] or history[:1]
    last = past[-1]
    state = cast("State", last.after)
    if len(past) == len(history):
        stood = finding
        late = finding.open and (finding.escalations > 0 or (finding.due is not None and finding.due <= now))
    else:
        stood = replace(finding, state=state, grade=last.grade, due=None, closed_at=None, version=last.number)
        late = state != "closed" and _escalated(past)
    why = next((f"{e.act}:{e.reason}" for e in reversed(past) if e.after == state and e.before != e.after), state)
    return Repeated(stood, last, finding.raised_at >= since, late, why if state in KEPT_BACK else "")


def _escalated(past: Sequence[Entry]) -> bool:
    """Whether a deadline had passed since somebody last moved it on."""
    moved = max((place for place, e in enumerate(past) if e.before != e.after), default=0)
    return any(entry.act == "escalate" for entry in past[moved:])


@dataclass(frozen=True, slots=True)
class Made:
    """That a report was made. made_at: when; its findings stand in it as they stood then."""

    level: str
    day: date
    made_at: datetime


def reports_made(store: Store) -> tuple[Made, ...]:
    """All reports there are, in the order of their making."""
    found = []
    for entry in store.audit.of(REPORT_ACT):
        level, _, day = entry.subject.partition(" ")
        found.append(Made(level, date.fromisoformat(day), entry.at))
    return tuple(found)


def make_report(store: Store, level: str, day: date, by: str = "warn") -> Made | None:
    """Note that the report of a level and day was made now; None when it had been made already."""
    if any((each.level, each.day) == (level, day) for each in reports_made(store)):
        return None
    entry = store.audit.append(by, REPORT_ACT, f"{level} {day.isoformat()}", {"level": level, "day": day.isoformat()})
    return Made(level, day, entry.at)
