"""`ganzhi init` and `ganzhi check`: a new workspace, and whether its catalogue is sound."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ganzhi.cli.command import Call, Command, common, option
from ganzhi.cli.show.formats import as_json
from ganzhi.cli.show.issues import as_records, as_text


@click.command("init", cls=Command, help="init")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
@option("--pack", default="telecom", help="pack")
@option("--name", default="", help="name")
@option("--timezone", default="Asia/Shanghai", help="timezone")
@common
@click.pass_obj
def init(call: Call, folder: Path, pack: str, name: str, timezone: str) -> None:
    """Make a new workspace."""
    from ganzhi.wiring import init_workspace

    init_workspace(folder, pack=pack, name=name, timezone=timezone)
    call.say("cli.init.done", folder=folder)


@click.command("check", cls=Command, help="check")
@option("--format", "form", type=click.Choice(["table", "json"]), default="table", help="format")
@common
@click.pass_obj
def check(call: Call, form: str) -> int:
    """Report every issue of the settings and the catalogue; 1 when there is an error among them."""
    from ganzhi.wiring import check_catalogue

    catalogue, issues = check_catalogue(call.root)
    if form == "json":
        sys.stdout.write(as_json(as_records(call.lang, issues)))
    elif issues:
        click.echo(as_text(call.lang, issues), err=True)
    if catalogue is not None:
        call.say(
            "cli.check.content",
            version=catalogue.version,
            feeds=len(catalogue.feeds),
            mappings=len(catalogue.mappings),
            indicators=len(catalogue.indicators),
            units=len(catalogue.units),
        )
    errors = sum(issue.severity == "error" for issue in issues)
    call.say("cli.check.done", errors=errors, warnings=len(issues) - errors)
    return 1 if errors else 0
