"""`ganzhi findings list`, `show` and `route`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from ganzhi.cli.command import Call, common, option
from ganzhi.cli.findings.group import (
    FORM,
    SHORT,
    findings,
    grade_text,
    instant,
    print_table,
    reason_text,
    record,
    slice_text,
    time_text,
)
from ganzhi.cli.show.formats import Record, as_json

if TYPE_CHECKING:
    from datetime import datetime

    from ganzhi.notify.route import Route
    from ganzhi.store.findings.records import Finding
    from ganzhi.wiring import Workspace

STATES = (
    "raised", "published", "acknowledged", "analysing", "measured", "checking", "closed", "merged", "suppressed", "withheld",
)  # fmt: skip
"""As `store.findings.records.STATES`, which help need not load; a test holds them equal."""

COLUMNS = ("id", "grade", "state", "rule", "unit", "slice", "period", "owner", "due")


@findings.command("list", help="findings_list")
@option("--state", "states", type=click.Choice(STATES), multiple=True, help="findings_state")
@option("--rule", metavar="RULE", help="findings_rule")
@option("--unit", metavar="UNIT", help="findings_unit")
@option("--due", is_flag=True, help="findings_due")
@option("--limit", type=click.IntRange(1, 10_000), default=200, show_default=True, help="findings_limit")
@option("--format", "form", type=FORM, default="table", help="format")
@common
@click.pass_obj
def listed(
    call: Call, states: tuple[Any, ...], rule: str | None, unit: str | None, due: bool, limit: int, form: str
) -> int:
    """List findings; with --due, 1 when a deadline has passed."""
    from ganzhi.wiring import opened

    with opened(call.root) as workspace:
        place = workspace.workplace
        now = place.clock.now()
        found = place.store.findings.list(
            states=states or None, rule=rule, units=None if unit is None else [unit], limit=limit
        )
        if due:
            found = tuple(each for each in found if each.due is not None and each.due <= now)
        rows = [_row(call, workspace, each) for each in found]
    print_table(call, form, COLUMNS, rows, [record(each) for each in found])
    return 1 if due and found else 0


def _row(call: Call, workspace: Workspace, each: Finding) -> list[str]:
    return [
        each.id[-SHORT:],
        grade_text(call, each.grade),
        call.text(f"findings.state.{each.state}"),
        each.rule,
        each.unit,
        slice_text(each),
        each.last_period,
        each.owner,
        time_text(each.due, workspace.workplace.zone),
    ]


@findings.command("show", help="findings_show")
@click.argument("identity", metavar="ID")
@option("--format", "form", type=FORM, default="table", help="format")
@common
@click.pass_obj
def show(call: Call, identity: str, form: str) -> None:
    """Show a finding with everything that belongs to it."""
    from ganzhi.improve.cycle import possible
    from ganzhi.improve.sample import shares
    from ganzhi.wiring import findings_of, opened

    with opened(call.root) as workspace:
        store, zone = workspace.workplace.store, workspace.workplace.zone
        seen = store.findings.get(identity)
        history = store.findings.history(seen.id)
        samples = store.samples.of(seen.id)
        acts = [act.name for act in possible(seen.state, "person")]
        effect = findings_of(workspace).effect(seen).as_json()
        document: Record = {
            **record(seen),
            "possible": acts,
            "effect": effect,
            "history": [{**asdict(e), "at": e.at.isoformat()} for e in history],
            "evidence": [{**asdict(e), "at": e.at.isoformat()} for e in store.findings.evidence(seen.id)],
            "feedback": [{**asdict(e), "at": e.at.isoformat()} for e in store.findings.feedback(seen.id)],
            "samples": [
                {**asdict(s), "drawn_at": s.drawn_at.isoformat(), "shares": [asdict(x) for x in shares(s)]}
                for s in samples
            ],
            "notices": [
                {"channel": n.channel, "change": n.change, "state": n.state, "due": n.due.isoformat(), "error": n.error}
                for n in store.outbox.notices(seen.id)
            ],
        }
        if form == "json":
            sys.stdout.write(as_json([document]))
            return
        print_table(call, form, COLUMNS, [_row(call, workspace, seen)], ())
        rows = [
            [
                str(e.number), time_text(e.at, zone), e.actor, e.act, call.text(f"findings.state.{e.after}"),
                grade_text(call, e.grade), reason_text(call, e),
            ]
            for e in history
        ]  # fmt: skip
        print_table(call, form, ("number", "at", "actor", "act", "state", "grade", "reason"), rows, ())
        for sample in samples:
            call.say("findings.sample", size=len(sample.rows), of=sample.population, coded=len(sample.causes))
    call.say("findings.possible", acts=", ".join(acts) or "–")


@findings.command("route", help="findings_route")
@click.argument("identity", metavar="ID")
@option("--act", "act", default="publish", show_default=True, metavar="ACT", help="findings_route_act")
@option("--at", "at", metavar="TIME", help="findings_route_at")
@option("--format", "form", type=FORM, default="table", help="format")
@common
@click.pass_obj
def route(call: Call, identity: str, act: str, at: str | None, form: str) -> None:
    """Show who would be told of an act, on which way, when, and why."""
    from ganzhi.improve.cycle import BY_NAME
    from ganzhi.wiring import opened

    if act not in BY_NAME:
        raise click.BadParameter(act, param_hint="--act")
    with opened(call.root) as workspace:
        place = workspace.workplace
        seen = place.store.findings.get(identity)
        print_route(call, workspace, seen, act, instant(at, place.zone, "at") or place.clock.now(), form)


def print_route(call: Call, workspace: Workspace, seen: Finding, act: str, now: datetime, form: str) -> None:
    """Print who is told of an act about a finding, who is not, and why."""
    from ganzhi.improve.rules import Rules
    from ganzhi.notify.route import route as find_route

    zone, rules = workspace.workplace.zone, Rules(workspace.workplace.catalogue)
    step = rules.step(seen.rule, seen.grade or seen.highest)
    roles = () if step is None else step.escalate
    way = find_route(
        seen,
        act,
        rules.publication(seen.rule),
        targets=workspace.settings.notify.targets,
        above=rules.above(seen.unit),
        now=now,
        zone=zone,
        escalate_to=roles[min(seen.escalations, len(roles) - 1)] if roles else "",
    )
    told = [
        [each.target, each.channel, each.role, time_text(each.due, zone), _why(call, each.withheld)]
        for each in way.told
    ]
    omitted = [
        [call.text("findings.nobody"), each.channel, each.role, "–", _why(call, each.reason)] for each in way.omitted
    ]
    print_table(call, form, ("target", "channel", "role", "at", "reason"), told + omitted, list(_records(way)))
    for reason in way.why:
        call.say("findings.because", reason=_why(call, reason))
    if way.repeat_min is not None:
        call.say("findings.repeat", minutes=way.repeat_min)


def _why(call: Call, reason: Any) -> str:
    return "" if reason is None else call.text(f"notify.reason.{reason.code}", **_worded(call, reason.params))


def _worded(call: Call, params: dict[str, str]) -> dict[str, str]:
    words = {"grade": "findings.grade", "state": "findings.state"}
    return {key: call.text(f"{words[key]}.{value}") if key in words else value for key, value in params.items()}


def _records(way: Route) -> Iterator[Record]:
    for each in way.told:
        why = None if each.withheld is None else each.withheld.code
        yield {
            "target": each.target, "channel": each.channel, "role": each.role, "due": each.due.isoformat(), "reason": why
        }  # fmt: skip
    for left in way.omitted:
        yield {"target": None, "channel": left.channel, "role": left.role, "due": None, "reason": left.reason.code}
