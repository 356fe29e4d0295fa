"""`ganzhi close`: freeze what is shown of a period, or list what was closed."""

from __future__ import annotations

import getpass
import sys
from typing import TYPE_CHECKING

import click

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import Period, parse_grain, parse_period, period_of_day
from ganzhi.cli.command import Call, Command, common, option
from ganzhi.cli.show.formats import as_json
from ganzhi.cli.show.table import Column, table

if TYPE_CHECKING:
    from ganzhi.store.closings import Closing
    from ganzhi.wiring import Workspace

COLUMNS = ("grain", "period", "edition", "closed_at", "actor", "catalogue", "note")


def _record(workspace: Workspace, each: Closing) -> dict[str, object]:
    period = period_of_day(parse_grain(each.grain), each.first_day, workspace.workplace.zone)
    return {
        "grain": each.grain,
        "period": period.key,
        "edition": each.edition,
        "closed_at": each.closed_at.isoformat(timespec="seconds"),
        "actor": each.actor,
        "catalogue": each.catalogue_version,
        "note": each.note,
    }


def _list(call: Call, workspace: Workspace, form: str) -> None:
    records = [_record(workspace, each) for each in workspace.workplace.store.closings.all()]
    if form == "json":
        sys.stdout.write(as_json(records))
    elif records:
        columns = [Column(call.text(f"cli.close.{name}")) for name in COLUMNS]
        sys.stdout.write(table(columns, [[str(record[name]) for name in COLUMNS] for record in records]) + "\n")
    else:
        call.say("cli.close.none")


def _period(workspace: Workspace, grain: str, text: str) -> Period:
    wanted, zone = parse_grain(grain), workspace.workplace.zone
    period = parse_period(text, zone)
    if period.grain is not wanted:
        example = period_of_day(wanted, period.first_day, zone).key if wanted.minutes is None else grain
        raise InputError(Issue("MEA025", text[:40], params={"grain": grain, "example": example}))
    return period


@click.command("close", cls=Command, help="close")
@click.argument("grain", required=False, metavar="GRAIN")
@click.argument("period", required=False, metavar="PERIOD")
@option("--note", default="", metavar="TEXT", help="close_note")
@option("--author", metavar="NAME", help="close_actor")
@option("--list", "listing", is_flag=True, help="close_list")
@option("--format", "form", type=click.Choice(["table", "json"]), default="table", help="format")
@common
@click.pass_context
def close(
    ctx: click.Context, grain: str | None, period: str | None, note: str, author: str | None, listing: bool, form: str
) -> None:
    """Close a period, or list the closed ones."""
    from ganzhi.measure.reported.close import close as close_period
    from ganzhi.wiring import opened

    call: Call = ctx.obj
    if not listing:
        for name, given in (("grain", grain), ("period", period)):
            if given is None:
                param = next(each for each in ctx.command.params if each.name == name)
                raise click.MissingParameter(ctx=ctx, param=param)
    with opened(call.root) as workspace:
        if listing or grain is None or period is None:
            _list(call, workspace, form)
            return
        wanted = _period(workspace, grain, period)
        made = close_period(workspace.workplace, wanted, actor=author or getpass.getuser(), note=note)
    at = made.closed_at.astimezone(wanted.zone).isoformat(timespec="minutes")
    call.say("cli.close.done", period=wanted.key, edition=made.edition, at=at)
