"""`ganzhi findings take`, `act`, `sample` and `send`."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import IO

import click

from ganzhi.base.errors import InputError, Issue
from ganzhi.cli.command import Call, common, option
from ganzhi.cli.findings.group import FORM, SHORT, actor, findings, instant, print_table

ROLES = ("leader", "analyst", "manager", "handler", "owner", "support", "operations", "administrator")
ACTS = (
    "publish", "acknowledge", "analyse", "feedback", "check", "resume", "close", "dismiss", "merge", "split", "suppress",
    "resurface", "withhold", "release", "announce", "carry_out", "assign", "note",
)  # fmt: skip
"""Those of `improve.cycle.ACTS` that a person may do; a test holds them equal."""


@findings.command("take", help="findings_take")
@click.argument("file", type=click.File("r", encoding="utf-8"), metavar="FILE")
@common
@click.pass_obj
def take(call: Call, file: IO[str]) -> None:
    """Take in evaluations, do what is due."""
    from ganzhi.improve.clocks import tick
    from ganzhi.improve.heard import hear_all
    from ganzhi.measure.open import open_states
    from ganzhi.wiring import findings_of, opened

    try:
        heard = hear_all(json.load(file))
    except (ValueError, RecursionError) as error:
        raise InputError(Issue("FND103", file.name, params={"detail": str(error)[:200]})) from None
    with opened(call.root) as workspace, open_states(workspace.workplace) as reading:
        desk = findings_of(workspace, reading)
        found = desk.hear(heard)
        done = tick(desk)
    call.say("findings.taken", heard=len(heard), findings=len(found))
    call.say("findings.ticked", escalated=done.escalated, reminded=done.reminded, sampled=done.sampled)


@findings.command("act", help="findings_act")
@click.argument("identity", metavar="ID")
@click.argument("act", type=click.Choice(ACTS), metavar="ACT")
@option("--reason", default="", metavar="TEXT", help="findings_reason")
@option("--role", type=click.Choice(ROLES), default="administrator", show_default=True, help="findings_role")
@option("--until", metavar="TIME", help="findings_until")
@option("--owner", default="", metavar="NAME", help="findings_owner")
@option("--parent", default="", metavar="ID", help="findings_parent")
@option("--phenomenon", default="", metavar="TEXT", help="findings_phenomenon")
@option("--analysis", default="", metavar="TEXT", help="findings_analysis")
@option("--measures", default="", metavar="TEXT", help="findings_measures")
@option("--despite", is_flag=True, help="findings_despite")
@option("--step", "step_number", type=click.IntRange(1), default=None, metavar="NUMBER", help="findings_step")
@option("--seen", type=click.IntRange(1), metavar="VERSION", help="findings_seen")
@common
@click.pass_obj
def act(
    call: Call,
    identity: str,
    act: str,
    reason: str,
    role: str,
    until: str | None,
    owner: str,
    parent: str,
    phenomenon: str,
    analysis: str,
    measures: str,
    despite: bool,
    step_number: int | None,
    seen: int | None,
) -> None:
    """Do something about a finding."""
    from ganzhi.improve.findings import Person
    from ganzhi.wiring import findings_of, opened

    with opened(call.root) as workspace:
        desk = findings_of(workspace)
        now = desk.store.findings.get(identity)
        done = desk.act(
            now if seen is None else replace(now, version=seen),
            act,
            Person(actor(), role),
            reason=reason,
            until=instant(until, workspace.workplace.zone, "until"),
            owner=owner,
            parent=parent,
            feedback={"phenomenon": phenomenon, "analysis": analysis, "measures": measures},
            despite=despite,
            step_number=step_number or 0,
        )
    call.say(
        "findings.done", id=done.id[-SHORT:], state=call.text(f"findings.state.{done.state}"), version=done.version
    )


@findings.command("sample", help="findings_sample")
@click.argument("identity", metavar="ID")
@option("--cause", "causes", multiple=True, metavar="LOAD:LINE=CAUSE", help="findings_cause")
@option("--format", "form", type=FORM, default="table", help="format")
@common
@click.pass_obj
def sample(call: Call, identity: str, causes: tuple[str, ...], form: str) -> None:
    """List the records of a finding's sample, note causes, show their shares."""
    from ganzhi.improve.sample import shares
    from ganzhi.wiring import opened

    given = dict(each.partition("=")[::2] for each in causes)
    with opened(call.root) as workspace:
        store = workspace.workplace.store
        found = store.samples.of(store.findings.get(identity).id)
        if not found:
            call.say("findings.no_sample")
            return
        last = store.samples.code(found[-1], given, actor()) if given else found[-1]
    rows = [[row, last.causes.get(row, "")] for row in last.rows]
    print_table(call, form, ("row", "cause"), rows, [{"row": row, "cause": cause or None} for row, cause in rows])
    for each in shares(last):
        call.say(
            "findings.share",
            cause=each.cause,
            count=each.count,
            of=each.of,
            low=f"{each.low:.1%}",
            high=f"{each.high:.1%}",
        )


@findings.command("send", help="findings_send")
@common
@click.pass_obj
def send(call: Call) -> int:
    """Do what is due and send the notices that are; 4 when some could not be sent."""
    from ganzhi.improve.clocks import tick
    from ganzhi.wiring import findings_of, opened, send_notices

    with opened(call.root) as workspace:
        done = tick(findings_of(workspace))
        sent = send_notices(workspace)
    call.say("findings.ticked", escalated=done.escalated, reminded=done.reminded, sampled=done.sampled)
    call.say("findings.sent", sent=sent.sent, put_off=sent.put_off, given_up=sent.given_up)
    return 4 if sent.put_off or sent.given_up else 0
