"""Crisis plans followed up: which steps are due since when, which were carried out by whom, which are overdue (S000-100).

A plan comes into force when a finding of its grade is made known, and stays so until the finding is closed, whatever
becomes of the grade. What was carried out stands in the history; nothing else is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.model.parts import Text
from ganzhi.improve.cycle import WORKED_ON
from ganzhi.improve.heard import rank
from ganzhi.improve.rules import Rules
from ganzhi.store.findings.records import Entry, Finding


@dataclass(frozen=True, slots=True)
class PlanStep:
    """A step as it stands. number: from 1. due: by when; done_at, done_by, note: of the first time it was carried out."""

    number: int
    action: Text
    role: str
    due: datetime
    done_at: datetime | None
    done_by: str
    note: str
    overdue: bool


def plan_steps(rules: Rules, finding: Finding, history: Sequence[Entry], now: datetime) -> tuple[PlanStep, ...]:
    """The steps of the plan that is in force for a finding; empty where none is."""
    publication = rules.publication(finding.rule)
    plan = None if publication is None else publication.crisis
    if plan is None:
        return ()
    since = next((e.at for e in history if e.grade >= rank(plan.grade) and e.after in WORKED_ON), None)
    if since is None:
        return ()
    done: dict[int, Entry] = {}
    for entry in history:
        number = entry.detail.get("step")
        if entry.act == "carry_out" and isinstance(number, int):
            done.setdefault(number, entry)
    found = []
    for number, step in enumerate(plan.steps, start=1):
        due, did = since + timedelta(minutes=step.within_min), done.get(number)
        found.append(
            PlanStep(
                number,
                step.action,
                step.role,
                due,
                None if did is None else did.at,
                "" if did is None else did.actor,
                "" if did is None else did.reason,
                overdue=(finding.open and due <= now) if did is None else did.at > due,
            )
        )
    return tuple(found)


def carried_out(rules: Rules, finding: Finding, history: Sequence[Entry], number: int) -> int:
    """The number of a step that is being carried out; InputError FND018 where there is no such step left to do."""
    steps = plan_steps(rules, finding, history, history[-1].at)
    left = [step.number for step in steps if step.done_at is None]
    if number not in left:
        raise InputError(Issue("FND018", str(number), params={"left": ", ".join(map(str, left)) or "–"}))
    return number
