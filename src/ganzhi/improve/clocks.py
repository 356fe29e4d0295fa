"""The clocks of findings: deadlines that pass, reminders that are due, silences that are over.

One call does what is due now and nothing twice; killed in the middle, the next call does the rest. A deadline that
passes is an escalation to the next role of the rule, again and again until somebody acts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ganzhi.improve.cycle import WORKED_ON, step
from ganzhi.improve.decide import PROGRAM, Circumstances, awaits_approval, published
from ganzhi.improve.findings import MOST_OPEN, Findings
from ganzhi.improve.rules import Rules, acknowledge_within, remind_after
from ganzhi.store.findings.records import Change, Entry, Finding, Move, Silence

SHORTEST: Final = timedelta(minutes=5)
"""Between two escalations of one finding."""


@dataclass(frozen=True, slots=True)
class Ticked:
    """What was done: how many findings were escalated, told again, made known, let go, sampled."""

    escalated: int
    reminded: int
    published: int
    let_go: int
    sampled: int


def tick(findings: Findings) -> Ticked:
    """Do what is due."""
    store = findings.store
    now = store.clock.now()
    silences = store.silences.at(now)
    counted = {"escalate": 0, "remind": 0, "publish": 0}
    everything = store.findings.list(limit=MOST_OPEN)
    for each in everything:
        moves = due_moves(each, findings.rules, findings.rules.silence(each, silences), now)
        if moves and _do(findings, each, silences, now):
            for move in moves:
                if move.act in counted:
                    counted[move.act] += 1
    orphans = store.findings.orphans()
    for child in orphans:
        findings.let_go(child, store.findings.get(child.parent or ""))
    sampled = findings.draw_samples(everything)
    return Ticked(counted["escalate"], counted["remind"], counted["publish"], len(orphans), sampled)


def due_moves(finding: Finding, rules: Rules, silence: Silence | None, now: datetime) -> tuple[Move, ...]:
    """What the clock asks for of one finding; a silence holds back reminders and escalations, not deadlines."""
    if finding.state == "suppressed" and silence is None and finding.grade:
        after = step("suppressed", "resurface", by="program", reason="silence_over")
        around = Circumstances(rules, now)
        due = now + acknowledge_within(rules.step(finding.rule, finding.grade))
        back = Move("resurface", after, "silence_over", {}, {"due": due})
        return (back, *published(_raised(finding), around, "silence_over"))
    if finding.state not in ("raised", *WORKED_ON) or silence is not None:
        return ()
    if finding.state == "raised" and finding.grade and not awaits_approval(rules, finding.rule, finding.grade):
        return tuple(published(finding, Circumstances(rules, now), "due"))
    if finding.due is not None and finding.due <= now:
        return (_escalate(finding, rules, now),)
    if finding.remind_at is not None and finding.remind_at <= now and finding.state == "published":
        again = remind_after(rules.step(finding.rule, finding.grade), now)
        after = step(finding.state, "remind", by="program", reason="unanswered")
        return (Move("remind", after, "unanswered", {}, {"remind_at": again}),)
    return ()


def _escalate(finding: Finding, rules: Rules, now: datetime) -> Move:
    wanted = rules.step(finding.rule, finding.grade or finding.highest)
    roles = () if wanted is None else wanted.escalate
    role = roles[min(finding.escalations, len(roles) - 1)] if roles else ""
    again = now + max(acknowledge_within(wanted), SHORTEST)
    after = step(finding.state, "escalate", by="program", reason="overdue")
    detail: dict[str, object] = {"role": role, "due": None if finding.due is None else finding.due.isoformat()}
    later = remind_after(wanted, now) if finding.state == "published" else None
    values: dict[str, object] = {"due": again, "remind_at": later, "escalations": finding.escalations + 1}
    return Move("escalate", after, "overdue", detail, values)


def _raised(finding: Finding) -> Finding:
    """A finding as it is right after it surfaced."""
    values = {name: getattr(finding, name) for name in Finding.__slots__}
    return Finding(**{**values, "state": "raised"})


def _do(findings: Findings, seen: Finding, silences: tuple[Silence, ...], now: datetime) -> bool:
    """What is due, decided again inside the transaction; False when somebody has acted meanwhile."""
    done = False

    def decide(found: Finding | None, _since: Entry | None) -> Change | None:
        nonlocal done
        if found is None or found.id != seen.id or found.version != seen.version:
            return None
        moves = due_moves(found, findings.rules, findings.rules.silence(found, silences), now)
        done = bool(moves)
        return Change(moves) if moves else None

    _take(findings, seen, decide)
    return done


def _take(
    findings: Findings, seen: Finding, decide: Callable[[Finding | None, Entry | None], Change | None]
) -> Finding | None:
    return findings.store.findings.take(seen.series, PROGRAM, decide, findings.announce)
