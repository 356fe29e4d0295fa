"""Who is told of what was done about a finding, on which way, and when (S003-011). Pure: from values alone.

Every recipient of the rule ends either in `told` or in `omitted`, with a reason; nobody is passed over silently.
Notices go only to targets of the settings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from ganzhi.base.settings import TargetSettings
from ganzhi.catalogue.model.warning import Publication, PublicationStep, QuietHours
from ganzhi.improve.heard import grade_name
from ganzhi.store.findings.records import Finding

STAND_DOWNS: Final = ("stand_down", "close", "dismiss", "downgrade")
"""Told only to those who were told before."""

TELLING: Final = (
    "raise",
    "publish",
    "announce",
    "upgrade",
    "escalate",
    "remind",
    "resurface",
    "split",
    "release",
    *STAND_DOWNS,
)
"""Acts that somebody may have to know of; the others stand in the history and on the page."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A code (its words are the message `notify.reason.<code>`) and what its sentence needs."""

    code: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """A target that is told. due: when. withheld: why it is not at once."""

    target: str
    channel: str
    role: str
    due: datetime
    withheld: Reason | None


@dataclass(frozen=True, slots=True)
class Omitted:
    """A role on a channel that is not told by a notice, and why."""

    role: str
    channel: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Route:
    """Who is told of an act. why: which step of the rule holds, and whatever else decided. asks: the role whose approval
    is asked for; None where none is needed. repeat_min: told again so often until somebody takes it up."""

    act: str
    told: tuple[Told, ...]
    omitted: tuple[Omitted, ...]
    why: tuple[Reason, ...]
    asks: str | None = None
    repeat_min: int | None = None


@dataclass(frozen=True, slots=True)
class Addressees:
    """Roles and channels of one part of a rule."""

    roles: tuple[str, ...]
    channels: tuple[str, ...]


def route(
    finding: Finding,
    act: str,
    publication: Publication | None,
    *,
    targets: Mapping[str, TargetSettings],
    above: Sequence[str],
    now: datetime,
    zone: ZoneInfo,
    escalate_to: str = "",
) -> Route:
    """Who is told of an act. above: the finding's unit and those above it. escalate_to: the role, for `escalate`."""
    if act not in TELLING:
        return Route(act, (), (), (Reason("act_is_quiet", {"act": act}),))
    if publication is None:
        return Route(act, (), (), (Reason("no_publication"),))
    step, why = _step(finding, act, publication)
    if step is None:
        return Route(act, (), (), why)
    asks = _asks(finding, act, step)
    parts, more = _addressees(act, publication, step, finding, asks, escalate_to)
    if not parts:
        return Route(act, (), (), (*why, *more), asks)
    withheld = _quiet(publication.quiet, finding, act, now, zone)
    due = now if withheld is None else quiet_until(publication.quiet, now, zone)
    told: dict[str, Told] = {}
    omitted: dict[tuple[str, str], Omitted] = {}
    for part in parts:
        for role in part.roles:
            for channel in part.channels:
                found = [] if channel == "portal" else list(_targets(targets, role, channel, above))
                for name in found:
                    told.setdefault(name, Told(name, channel, role, due, withheld))
                if not found:
                    code = "on_page" if channel == "portal" else "no_target"
                    omitted[role, channel] = Omitted(role, channel, Reason(code, {"role": role, "channel": channel}))
    repeat = step.repeat_min if act in ("publish", "announce", "upgrade", "remind") and asks is None else None
    return Route(act, tuple(told.values()), tuple(omitted.values()), (*why, *more), asks, repeat)


def _step(finding: Finding, act: str, publication: Publication) -> tuple[PublicationStep | None, tuple[Reason, ...]]:
    """The step that holds: of the present grade, of stand-downs the one that people were told of."""
    stands_down = act in STAND_DOWNS
    grade = finding.told if stands_down else finding.grade or finding.highest
    if stands_down and not finding.told:
        return None, (Reason("nobody_was_told"),)
    if stands_down and not publication.stand_down:
        return None, (Reason("no_stand_down"),)
    step: PublicationStep | None = getattr(publication, grade_name(grade))
    params = {"grade": grade_name(grade)}
    return step, (Reason("step" if step is not None else "no_step", params),)


def _asks(finding: Finding, act: str, step: PublicationStep) -> str | None:
    """The role whose approval is asked for by this act."""
    waits = act in ("raise", "resurface", "split", "release") or (act == "upgrade" and finding.told < finding.grade)
    return step.approval if waits and finding.state in _BEFORE_APPROVAL else None


_BEFORE_APPROVAL: Final = ("raised", "published", "acknowledged", "analysing", "measured", "checking")


def _addressees(
    act: str, publication: Publication, step: PublicationStep, finding: Finding, asks: str | None, escalate_to: str
) -> tuple[list[Addressees], tuple[Reason, ...]]:
    """Which roles on which channels; the crisis plan's besides, from its grade on."""
    if asks is not None:
        return [Addressees((asks,), step.channels)], (Reason("asks", {"role": asks}),)
    if act in ("raise", "resurface", "split", "release"):
        return [], (Reason("told_when_published"),)
    if act == "upgrade" and finding.state in ("raised", "merged", "suppressed", "withheld"):
        return [], (Reason("not_made_known", {"state": finding.state}),)
    if act in ("downgrade", "stand_down") and finding.state in ("merged", "suppressed", "withheld"):
        return [], (Reason("not_made_known", {"state": finding.state}),)
    if act == "escalate":
        roles = (escalate_to,) if escalate_to else step.roles
        return [Addressees(roles, step.channels)], (Reason("escalated", {"role": ", ".join(roles)}),)
    found = [Addressees(step.roles, step.channels)]
    plan = publication.crisis
    if plan is not None and act in ("publish", "announce", "upgrade") and is_crisis(publication, finding.grade):
        found.append(Addressees(plan.roles, plan.channels))
        return found, (Reason("crisis", {"grade": plan.grade}),)
    return found, ()


def is_crisis(publication: Publication, grade: int) -> bool:
    """Whether the crisis plan is in force at a grade (S000-100)."""
    names = ("blue", "yellow", "orange", "red")
    return publication.crisis is not None and grade > names.index(publication.crisis.grade)


def _targets(targets: Mapping[str, TargetSettings], role: str, channel: str, above: Sequence[str]) -> Iterator[str]:
    """Targets of a role on a channel that a unit concerns, by name."""
    for name, target in sorted(targets.items()):
        concerned = not target.units or any(unit in above for unit in target.units)
        if target.channel == channel and role in target.roles and concerned:
            yield name


def _quiet(quiet: QuietHours | None, finding: Finding, act: str, now: datetime, zone: ZoneInfo) -> Reason | None:
    """Why a notice waits: quiet hours, of its grade. After an upgrade the new grade counts."""
    grade = finding.told if act in STAND_DOWNS else finding.grade or finding.highest
    if quiet is None or grade_name(grade) not in quiet.grades or not _within(quiet, now.astimezone(zone).time()):
        return None
    return Reason("quiet_hours", {"first": quiet.first, "last": quiet.last})


def _within(quiet: QuietHours, at: time) -> bool:
    first, last = time.fromisoformat(quiet.first), time.fromisoformat(quiet.last)
    return first <= at < last if first <= last else at >= first or at < last


def quiet_until(quiet: QuietHours | None, now: datetime, zone: ZoneInfo) -> datetime:
    """When quiet hours that hold now are over; now where there are none."""
    if quiet is None:
        return now
    local = now.astimezone(zone)
    end = local.replace(hour=int(quiet.last[:2]), minute=int(quiet.last[3:]), second=0, microsecond=0)
    if end <= local:
        end = (local.replace(tzinfo=None) + timedelta(days=1)).replace(
            hour=end.hour, minute=end.minute, second=0, microsecond=0, tzinfo=zone
        )  # fmt: skip
    return end.astimezone(now.tzinfo)
