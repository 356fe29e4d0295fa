"""`ganzhi catalogue versions`, `diff` and `codes`: what there is, what differs, what is mapped."""

from __future__ import annotations

import click

from ganzhi.cli.catalogue.decisions import DIFF_COLUMNS
from ganzhi.cli.catalogue.group import print_records
from ganzhi.cli.command import Call, Command, common, option

FORM = click.Choice(["table", "json"])
VERSION_COLUMNS = ("version", "remembered", "author", "reason", "valid_from", "superseded")
CODE_COLUMNS = ("system", "kind", "code", "name", "external")


@click.command("versions", cls=Command, help="catalogue_versions")
@option("--format", "form", type=FORM, default="table", help="format")
@common
@click.pass_obj
def versions(call: Call, form: str) -> None:
    """List the versions."""
    from ganzhi.wiring import opened

    with opened(call.root) as workspace:
        history = workspace.workplace.store.catalogues.history()
    records: list[dict[str, object]] = [
        {
            "version": each.version,
            "remembered": each.remembered_at.isoformat(timespec="seconds"),
            "author": each.author,
            "reason": each.reason,
            "valid_from": None if each.valid_from is None else each.valid_from.isoformat(),
            "superseded": None if each.superseded_at is None else each.superseded_at.isoformat(timespec="seconds"),
        }
        for each in history
    ]
    print_records(call, form, VERSION_COLUMNS, records)


@click.command("diff", cls=Command, help="catalogue_diff")
@click.argument("old", metavar="A")
@click.argument("new", metavar="B")
@option("--format", "form", type=FORM, default="table", help="format")
@common
@click.pass_obj
def diff(call: Call, old: str, new: str, form: str) -> None:
    """Show what differs between two catalogues."""
    from ganzhi.catalogue.exchange.difference import as_records, difference
    from ganzhi.wiring import find_catalogue, opened

    with opened(call.root) as workspace:
        found = difference(find_catalogue(workspace, old), find_catalogue(workspace, new))
    if form == "table" and not found:
        call.say("cli.catalogue.same")
        return
    print_records(call, form, DIFF_COLUMNS, as_records(found))
    if found.meanings:
        call.say("cli.catalogue.meanings", codes=", ".join(found.meanings))


@click.command("codes", cls=Command, help="catalogue_codes")
@option("--system", "systems", multiple=True, metavar="SYSTEM", help="system")
@option("--unmapped", is_flag=True, help="unmapped")
@option("--format", "form", type=FORM, default="table", help="format")
@common
@click.pass_obj
def codes(call: Call, systems: tuple[str, ...], unmapped: bool, form: str) -> None:
    """Report the mapping to external codes."""
    from ganzhi.catalogue.exchange.external import code_reports
    from ganzhi.wiring import opened

    with opened(call.root) as workspace:
        reports = code_reports(workspace.workplace.catalogue, systems)
    records: list[dict[str, object]] = [
        {
            "system": report.code,
            "kind": each.kind,
            "code": each.code,
            "name": each.name.in_(call.lang),
            "external": each.external,
        }
        for report in reports
        for each in (report.unmapped if unmapped else report.entries)
    ]
    print_records(call, form, CODE_COLUMNS, records)
    for report in reports:
        name = report.system.name.in_(call.lang)
        call.say("cli.catalogue.codes_counts", name=name, mapped=len(report.mapped), total=len(report.entries))
