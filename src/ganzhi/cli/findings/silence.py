"""`ganzhi findings silence add`, `list` and `end`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from ganzhi.cli.command import Call, Group, common, option
from ganzhi.cli.findings.group import FORM, SHORT, actor, findings, instant, print_table, time_text

if TYPE_CHECKING:
    from ganzhi.cli.show.formats import Record
    from ganzhi.store.findings.records import Silence

COLUMNS = ("id", "kind", "rule", "unit", "from", "to", "owner", "reason")


@findings.group("silence", cls=Group, help="findings_silence")
def silence() -> None:
    """Silences."""


@silence.command("add", help="silence_add")
@option("--rule", default="", metavar="RULE", help="findings_rule")
@option("--unit", default="", metavar="UNIT", help="silence_unit")
@option("--from", "first", metavar="TIME", help="silence_from")
@option("--until", required=True, metavar="TIME", help="silence_until")
@option("--reason", required=True, metavar="TEXT", help="findings_reason")
@option("--maintenance", is_flag=True, help="silence_maintenance")
@common
@click.pass_obj
def add(call: Call, rule: str, unit: str, first: str | None, until: str, reason: str, maintenance: bool) -> None:
    """Make a silence."""
    from ganzhi.wiring import opened

    with opened(call.root) as workspace:
        place = workspace.workplace
        ends_at = instant(until, place.zone, "until")
        assert ends_at is not None
        made = place.store.silences.add(
            kind="maintenance" if maintenance else "silence",
            owner=actor(),
            reason=reason,
            starts_at=instant(first, place.zone, "from") or place.clock.now(),
            ends_at=ends_at,
            rule=rule,
            unit=unit,
        )
        call.say("findings.silence_made", id=made.id[-SHORT:], to=time_text(made.ends_at, place.zone))


@silence.command("list", help="silence_list")
@option("--over", is_flag=True, help="silence_over")
@option("--format", "form", type=FORM, default="table", help="format")
@common
@click.pass_obj
def listed(call: Call, over: bool, form: str) -> None:
    """List silences."""
    from ganzhi.wiring import opened

    with opened(call.root) as workspace:
        zone = workspace.workplace.zone
        found = workspace.workplace.store.silences.list(over=over)
    rows = [
        [
            each.id[-SHORT:], call.text(f"findings.silence.{each.kind}"), each.rule or "*", each.unit or "*",
            time_text(each.starts_at, zone), time_text(each.ends_at, zone), each.owner, each.reason,
        ]
        for each in found
    ]  # fmt: skip
    print_table(call, form, COLUMNS, rows, [_record(each) for each in found])


def _record(each: Silence) -> Record:
    found = {name: getattr(each, name) for name in type(each).__slots__}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in found.items()}


@silence.command("end", help="silence_end")
@click.argument("identity", metavar="ID")
@option("--reason", required=True, metavar="TEXT", help="findings_reason")
@common
@click.pass_obj
def end(call: Call, identity: str, reason: str) -> None:
    """End a silence now."""
    from ganzhi.wiring import opened

    with opened(call.root) as workspace:
        silences = workspace.workplace.store.silences
        done = silences.end(silences.get(identity), actor(), reason)
    call.say("findings.silence_ended", id=done.id[-SHORT:])
