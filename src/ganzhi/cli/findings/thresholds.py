"""`ganzhi findings thresholds list`, `approve`, `reject`, `restore`, `export` and `import`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from ganzhi.cli.command import Call, Group, common, option
from ganzhi.cli.findings.group import FORM, SHORT, actor, findings, print_table

if TYPE_CHECKING:
    from ganzhi.warn.limits.desk import ThresholdDesk
    from ganzhi.wiring import Workspace


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
    _decide(call, identity, note, "approve")


@thresholds.command("reject", help="thresholds_reject")
@click.argument("identity", metavar="ID")
@option("--note", default="", metavar="TEXT", help="thresholds_note")
@common
@click.pass_obj
def reject(call: Call, identity: str, note: str) -> None:
    """Turn a version down."""
    _decide(call, identity, note, "reject")


@thresholds.command("restore", help="thresholds_restore")
@click.argument("identity", metavar="ID")
@option("--note", default="", metavar="TEXT", help="thresholds_note")
@common
@click.pass_obj
def restore(call: Call, identity: str, note: str) -> None:
    """Put an approved version in force again from today on."""
    _decide(call, identity, note, "restore")


def _decide(call: Call, identity: str, note: str, what: Literal["approve", "reject", "restore"]) -> None:
    from ganzhi.wiring import opened

    with opened(call.root) as workspace:
        done = _desk(workspace).decide(identity, what, by=actor(), note=note)
    state = call.text(f"findings.threshold.{done.state}")
    call.say("findings.threshold_decided", rule=done.rule, number=done.number, state=state)


def _desk(workspace: Workspace) -> ThresholdDesk:
    from ganzhi.measure.open import open_states
    from ganzhi.warn.limits.desk import ThresholdDesk

    return ThresholdDesk(workspace.workplace, lambda: open_states(workspace.workplace))


@thresholds.command("export", help="thresholds_export")
@click.argument("rules", nargs=-1, metavar="[RULE]...")
@option("--format", "form", type=click.Choice(["json", "csv", "xlsx"]), default="json", help="format")
@option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="thresholds_out")
@common
@click.pass_obj
def export(call: Call, rules: tuple[str, ...], form: str, out: Path | None) -> None:
    """Write what is in force: a document for another platform, or a table to edit."""
    from ganzhi.wiring import opened

    with opened(call.root) as workspace:
        if form == "json":
            content = workspace.workplace.store.thresholds.export(rules or None).encode()
        else:
            content = _desk(workspace).table(rules, "xlsx" if form == "xlsx" else "csv")
    if out is None:
        sys.stdout.buffer.write(content)
    else:
        out.write_bytes(content)


@thresholds.command("import", help="thresholds_import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True), metavar="FILE")
@common
@click.pass_obj
def take_in(call: Call, file: Path) -> None:
    """Propose what a file says."""
    from ganzhi.wiring import opened

    with opened(call.root) as workspace:
        made = _desk(workspace).take_in(file.name, file.read_bytes(), by=actor())
    call.say("findings.thresholds_proposed", count=len(made))
