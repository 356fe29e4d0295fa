"""`ganzhi cases export` and `import`."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import click

from ganzhi.cli.cases.group import cases, desk_of
from ganzhi.cli.command import Call, common, option
from ganzhi.cli.findings.group import actor
from ganzhi.cli.show.formats import write_out

EXPORTS = click.Choice(["json", "xlsx"])


@cases.command("export", help="cases_export")
@option("--format", "form", type=EXPORTS, default="json", help="format")
@option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="out")
@common
@click.pass_obj
def give(call: Call, form: str, out: Path | None) -> None:
    """Export the cases that may be shared."""
    from ganzhi.access.rights import LOCAL
    from ganzhi.complaints.cases.exchange import shared

    with desk_of(call) as desk:
        data = desk.give(replace(LOCAL, login=actor()), "xlsx" if form == "xlsx" else "json")
        n = len(shared(desk.library, desk.library.today()))
    write_out(data, out, sys.stdout.buffer)
    call.say("cli.cases.exported", n=n)


@cases.command("import", help="cases_import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="FILE")
@common
@click.pass_obj
def take_in(call: Call, file: Path) -> None:
    """Import a file of cases as drafts."""
    from ganzhi.access.rights import LOCAL

    with desk_of(call) as desk:
        taken = desk.take_in(replace(LOCAL, login=actor()), file.name, file.read_bytes())
    fates = Counter(each.fate for each in taken)
    counts = {fate: fates[fate] for fate in ("new", "changed", "same", "similar")}
    call.say("cli.cases.imported", n=len(taken), **counts)
    for each in taken:
        near = "" if each.near is None else f" {each.near}"
        click.echo(f"{each.number}\t{call.text(f'portal.exchange.fates.{each.fate}')}{near}\t{each.title}", err=True)
