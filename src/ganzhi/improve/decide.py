"""What becomes of a finding when an evaluation is heard: decided from values alone, so that it can be tested alone.

The same rule, unit and slice has one open finding: what is heard again updates its evidence and its grade. What
a program kept back surfaces when the reason is gone; what a person kept back, only when it is graver than then.
What was closed is not raised again by the same period, unless it turns out graver.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from ganzhi.base.ids import new_id
from ganzhi.catalogue.model.warning import PublicationStep
from ganzhi.improve.cycle import WORKED_ON, step
from ganzhi.improve.heard import Heard
from ganzhi.improve.rules import Rules, acknowledge_within, feedback_within, remind_after
from ganzhi.store.findings.records import Change, Entry, Finding, Move, NewEvidence, Silence, State

PROGRAM: Final = "warn"
"""Who acts, in history and trail, where no person does."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is known besides. silence: the one that the series is under. parent: the open finding it would be part of."""

    rules: Rules
    now: datetime
    silence: Silence | None = None
    parent: Finding | None = None


def decide(found: Finding | None, since: Entry | None, heard: Heard, around: Circumstances) -> Change | None:
    """What an evaluation changes; None for nothing. since: the line of history that led to the present state."""
    evidence = NewEvidence(heard.period, heard.grade, heard.content)
    facts = {name: heard.content.get(name) for name in ("value", "expected")}
    if found is None or not found.open:
        dealt_with = found is not None and heard.period <= found.last_period and heard.grade <= found.highest
        if dealt_with or not heard.grade or heard.verdict not in ("warned", "withheld"):
            return None
        new = _new(heard, around.rules, around.now)
        course = _Course(new, None, facts)
        earlier: dict[str, object] = {} if found is None else {"earlier": found.id}
        course.do("raise", heard.why, {"reasons": list(heard.reasons), "period": heard.period, **earlier})
        _place(course, heard, around)
        return Change(tuple(course.moves), new, evidence)
    course = _Course(found, found.state, facts)
    if heard.verdict != "unknown" and heard.period >= found.last_period:
        _regrade(course, heard, around)
        _reconsider(course, since, heard, around, graver=since is not None and heard.grade > since.grade)
    return Change(tuple(course.moves), None, evidence)


def published(finding: Finding, around: Circumstances, why: str) -> list[Move]:
    """The moves of a raised finding towards those who are to know: made known at once, or held for approval."""
    course = _Course(finding, finding.state)
    _publish(course, around, why)
    return course.moves


@dataclass(slots=True)
class _Course:
    """A finding on its way through several acts. state: None before it is there. facts: what notices say of the value."""

    finding: Finding
    state: State | None
    moves: list[Move]
    facts: dict[str, object]

    def __init__(self, finding: Finding, state: State | None, facts: dict[str, object] | None = None) -> None:
        self.finding, self.state, self.moves, self.facts = finding, state, [], facts or {}

    def do(self, act: str, reason: str = "", detail: dict[str, object] | None = None, **values: object) -> None:
        """One act of the program."""
        self.state = step(self.state, act, by="program", reason=reason)
        self.finding = replace(self.finding, **values, state=self.state)  # type: ignore[arg-type]
        told = {"facts": self.facts} if self.facts else {}
        self.moves.append(Move(act, self.state, reason, {**(detail or {}), **told}, values))


def _new(heard: Heard, rules: Rules, now: datetime) -> Finding:
    series = heard.series
    return Finding(
        id=new_id(), kind="warning", rule=series.rule, indicator=heard.indicator, unit=series.unit, slice=series.slice,
        first_period=heard.period, last_period=heard.period, grade=heard.grade, highest=heard.grade, told=0,
        state="raised", owner=rules.owner(series.rule), parent=None,
        due=now + acknowledge_within(rules.step(series.rule, heard.grade)), remind_at=None, escalations=0,
        raised_at=now, closed_at=None, catalogue_version=heard.catalogue_version, version=0,
    )  # fmt: skip


def _place(course: _Course, heard: Heard, around: Circumstances) -> None:
    """Where a raised finding goes: under a silence, into its parent, kept back, or made known."""
    if around.silence is not None:
        detail: dict[str, object] = {"silence": around.silence.id, "reason": around.silence.reason}
        course.do("suppress", around.silence.kind, detail, due=None, remind_at=None)
    elif heard.verdict == "withheld" and heard.reason("in_parent") is not None and around.parent is not None:
        _merge(course, around.parent, "in_parent")
    elif heard.verdict == "withheld":
        course.do("withhold", heard.why, {"reasons": list(heard.reasons)}, due=None, remind_at=None)
    else:
        _publish(course, around, heard.why)


def _merge(course: _Course, parent: Finding, why: str) -> None:
    course.do("merge", why, {"parent": parent.id, "unit": parent.unit}, parent=parent.id, due=None, remind_at=None)


def _publish(course: _Course, around: Circumstances, why: str) -> None:
    finding = course.finding
    wanted = around.rules.step(finding.rule, finding.grade)
    if wanted is not None and wanted.approval is not None:
        return
    course.do("publish", why, _told(wanted), **made_known(finding, wanted, around.now))


def _told(wanted: PublicationStep | None) -> dict[str, object]:
    return {"roles": list(wanted.roles)} if wanted is not None else {"roles": [], "told": "no_step"}


def made_known(finding: Finding, wanted: PublicationStep | None, now: datetime) -> dict[str, object]:
    """The fields that change when a finding is made known."""
    return {"told": finding.grade, "due": now + acknowledge_within(wanted), "remind_at": remind_after(wanted, now)}


def _regrade(course: _Course, heard: Heard, around: Circumstances) -> None:
    """Upgrade, downgrade or stand-down, recorded; after an upgrade the clocks of the graver grade hold."""
    finding, grade = course.finding, heard.grade
    if grade == finding.grade:
        return
    detail: dict[str, object] = {"from": finding.grade, "to": grade, "period": heard.period}
    if heard.reasons:
        detail["reasons"] = list(heard.reasons)
    if grade == 0:
        course.do("stand_down", heard.why, detail, grade=0, remind_at=None)
    elif grade < finding.grade:
        course.do("downgrade", heard.why, detail, grade=grade)
    else:
        values: dict[str, object] = {"grade": grade, "highest": max(finding.highest, grade)}
        if course.state in (*WORKED_ON, "raised"):
            values |= _sooner(finding, course.state, around.rules.step(finding.rule, grade), around.now)
            if course.state in WORKED_ON and not awaits_approval(around.rules, finding.rule, grade):
                values["told"] = grade
        course.do("upgrade", heard.why, detail, **values)


def _sooner(finding: Finding, state: State | None, wanted: PublicationStep | None, now: datetime) -> dict[str, object]:
    within = acknowledge_within(wanted) if state in ("raised", "published") else feedback_within(wanted)
    sooner = now + within if finding.due is None else min(finding.due, now + within)
    again = remind_after(wanted, now) if state == "published" else None
    return {"due": sooner, "remind_at": again}


def awaits_approval(rules: Rules, rule: str, grade: int) -> bool:
    """Whether a grade may be made known only once somebody approved it."""
    wanted = rules.step(rule, grade)
    return wanted is not None and wanted.approval is not None


def _reconsider(course: _Course, since: Entry | None, heard: Heard, around: Circumstances, *, graver: bool) -> None:
    """Whether what was kept back surfaces, or what was raised is kept back."""
    ours = since is None or since.actor == PROGRAM
    match course.state:
        case "suppressed" | "withheld" if not heard.grade:
            course.do("lapse", "over", {"period": heard.period})
        case "suppressed" if around.silence is None:
            course.do("resurface", "silence_over", due=_anew(course, around))
            _place(course, heard, around)
        case "withheld" if heard.verdict == "warned" and around.silence is None and (ours or graver):
            course.do(
                "release", heard.why if ours else "graver", {"reasons": list(heard.reasons)}, due=_anew(course, around)
            )
            _place(course, heard, around)
        case "withheld" if around.parent is not None and heard.reason("in_parent") is not None and ours:
            _merge(course, around.parent, "in_parent")
        case "merged" if heard.verdict == "warned" and heard.grade and (ours or graver):
            course.do("split", "by_itself", {"from": course.finding.parent}, parent=None, due=_anew(course, around))
            _place(course, heard, around)
        case "raised" if ours and heard.grade and (around.silence is not None or heard.verdict == "withheld"):
            _place(course, heard, around)
        case "published" if heard.reason("in_parent") is not None and around.parent is not None:
            _merge(course, around.parent, "in_parent")
        case "raised" if heard.grade and not awaits_approval(around.rules, course.finding.rule, heard.grade):
            _publish(course, around, heard.why)
        case _:
            pass


def _anew(course: _Course, around: Circumstances) -> datetime:
    """The deadline of what surfaces again."""
    return around.now + acknowledge_within(around.rules.step(course.finding.rule, course.finding.grade))
