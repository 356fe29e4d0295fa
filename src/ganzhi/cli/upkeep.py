"""`ganzhi backup`, `restore` and `doctor`: keeping a workspace, and getting it back."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ganzhi.cli.command import Call, Command, common, option
from ganzhi.cli.show.formats import as_json
from ganzhi.cli.show.issues import as_records, as_text

FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command("backup", cls=Command, help="backup")
@click.argument("to", type=FOLDER, metavar="TO")
@common
@click.pass_obj
def backup(call: Call, to: Path) -> None:
    """Write a backup and say how large it is."""
    from ganzhi.warehouse.upkeep import backup as write_backup
    from ganzhi.wiring import opened

    with opened(call.root) as workspace:
        report = write_backup(workspace.workplace, to)
    size = f"{report.bytes / 1e6:.1f}"
    call.say("cli.backup.done", folder=to, files=len(report.entries), added=report.added, size=size)


@click.command("restore", cls=Command, help="restore")
@click.argument("source", type=FOLDER, metavar="FROM")
@click.argument("to", type=FOLDER, metavar="TO")
@common
@click.pass_obj
def restore(call: Call, source: Path, to: Path) -> None:
    """Make a new workspace of a backup."""
    from ganzhi.wiring import restore_workspace

    restore_workspace(source, to)
    call.say("cli.restore.done", folder=to)


@click.command("doctor", cls=Command, help="doctor")
@option("--deep", is_flag=True, help="deep")
@option("--format", "form", type=click.Choice(["table", "json"]), default="table", help="format")
@common
@click.pass_obj
def doctor(call: Call, deep: bool, form: str) -> int:
    """Report what is wrong with the workspace; 1 when there is an error among it."""
    from ganzhi.warehouse.upkeep import doctor as examine
    from ganzhi.wiring import opened

    with opened(call.root) as workspace:
        issues = examine(workspace.workplace, deep=deep)
    if form == "json":
        sys.stdout.write(as_json(as_records(call.lang, issues)))
    elif issues:
        click.echo(as_text(call.lang, issues), err=True)
    errors = sum(issue.severity == "error" for issue in issues)
    call.say("cli.doctor.done", errors=errors, warnings=len(issues) - errors)
    return 1 if errors else 0


@click.command("expire", cls=Command, help="expire")
@option("--dry-run", "dry", is_flag=True, help="expire_dry")
@common
@click.pass_obj
def expire(call: Call, dry: bool) -> None:
    """Delete rows whose time is up, and say what was deleted and what waits."""
    from ganzhi.measure.states.retention import expire as drop
    from ganzhi.wiring import opened

    with opened(call.root) as workspace:
        found = drop(workspace.workplace, dry=dry)
    for each in found:
        call.say(
            "cli.expire.would" if dry else "cli.expire.feed",
            feed=each.feed,
            days=len(each.days),
            rows=f"{each.rows:,}",
            size=f"{each.bytes / 1e6:.1f}",
            rejected=each.rejected,
            waiting=len(each.waiting),
        )
    if not found:
        call.say("cli.expire.nothing")
