"""`ganzhi findings thresholds list`, `approve`, `reject`, `export` and `import`."""

from __future__ import annotations

import sys
from typing import IO

import click

from ganzhi.cli.command import Call, Group, common, option
from ganzhi.cli.findings.group import FORM, SHORT, actor, findings, print_table


@findings.group("thresholds", cls=Group, help="findings_thresholds")
def thresholds() -> None:
    """Versions of thresholds."""


@thresholds.command("list", help="thresholds_list")
@option("--rule", metavar="RULE", help="findings_rule")
@option("--format", "form", type=FORM, default="table", help="format")
@common
@click.pass_obj
def listed(call: Call, rule: str | None, form: str) -> None:
    """List versions."""
    from ganzhi.wiring import opened

    with opened(call.root) as workspace:
        found = workspace.workplace.store.thresholds.list(rule)
    rows = [
        [each.id[-SHORT:], each.rule, str(each.number), call.text(f"findings.threshold.{each.state}"), each.proposed_by, each.decided_by or "–", each.reason]
        for each in found
    ]  # fmt: skip
    records = [
        {
            "id": each.id, "rule": each.rule, "number": each.number, "state": each.state, "content": dict(each.content),
            "proposed_by": each.proposed_by, "decided_by": each.decided_by, "reason": each.reason,
        }
        for each in found
    ]  # fmt: skip
    print_table(call, form, ("id", "rule", "number", "state", "actor", "decided", "reason"), rows, records)


@thresholds.command("approve", help="thresholds_approve")
@click.argument("identity", metavar="ID")
@option("--note", default="", metavar="TEXT", help="thresholds_note")
@common
@click.pass_obj
def approve(call: Call, identity: str, note: str) -> None:
    """Put a version in force."""
    _decide(call, identity, note, approved=True)


@thresholds.command("reject", help="thresholds_reject")
@click.argument("identity", metavar="ID")
@option("--note", default="", metavar="TEXT", help="thresholds_note")
@common
@click.pass_obj
def reject(call: Call, identity: str, note: str) -> None:
    """Turn a version down."""
    _decide(call, identity, note, approved=False)


def _decide(call: Call, identity: str, note: str, *, approved: bool) -> None:
    from ganzhi.wiring import opened

    with opened(call.root) as workspace:
        store = workspace.workplace.store.thresholds
        done = store.decide(store.get(identity), "approved" if approved else "rejected", by=actor(), note=note)
    state = call.text(f"findings.threshold.{done.state}")
    call.say("findings.threshold_decided", rule=done.rule, number=done.number, state=state)


@thresholds.command("export", help="thresholds_export")
@click.argument("rules", nargs=-1, metavar="[RULE]...")
@common
@click.pass_obj
def export(call: Call, rules: tuple[str, ...]) -> None:
    """Print what is in force as a document."""
    from ganzhi.wiring import opened

    with opened(call.root) as workspace:
        sys.stdout.write(workspace.workplace.store.thresholds.export(rules or None))


@thresholds.command("import", help="thresholds_import")
@click.argument("file", type=click.File("r", encoding="utf-8"), metavar="FILE")
@common
@click.pass_obj
def take_in(call: Call, file: IO[str]) -> None:
    """Propose what a document says."""
    from ganzhi.wiring import opened

    with opened(call.root) as workspace:
        made = workspace.workplace.store.thresholds.take_in(file.read(), by=actor(), source=f"import {file.name}")
    call.say("findings.thresholds_proposed", count=len(made))
