"""`ganzhi ingest`: load files into a feed, or print the template of one."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ganzhi.base.errors import InputError, Issue
from ganzhi.cli.command import Call, Command, common, option
from ganzhi.cli.show.formats import as_json, write_out
from ganzhi.cli.show.issues import as_records, as_text
from ganzhi.cli.show.progress import Progress
from ganzhi.cli.show.table import Column, table

if TYPE_CHECKING:
    from ganzhi.ingest.report import LoadReport
    from ganzhi.wiring import Workspace

COUNTS = ("read", "accepted", "duplicate", "replaced", "rejected", "filtered")
FILE_CELLS = 40
REJECTED = 3


def load_each(
    call: Call, workspace: Workspace, feed: str, files: Sequence[Path], mapping: str | None, wait_s: float
) -> tuple[list[LoadReport], bool]:
    """Load one file after the other; one that is refused is told at once and does not stop the others.

    Returns: the reports, and whether any file was refused.
    """
    from ganzhi.ingest.load import load
    from ganzhi.ingest.report import RefusedError

    reports: list[LoadReport] = []
    refused = False
    with Progress() as progress:
        for done, file in enumerate(files, start=1):
            try:
                reports += load(workspace.workplace, feed, [file], mapping=mapping, wait_s=wait_s)
            except RefusedError as error:
                refused = True
                call.say("cli.ingest.refused", file=file)
                click.echo(as_text(call.lang, error.issues), err=True)
            progress.at(file.name, done, len(files))
    return reports, refused


def _as_table(call: Call, reports: Sequence[LoadReport]) -> str:
    columns = [
        Column(call.text("cli.ingest.file"), at_most=FILE_CELLS),
        Column(call.text("cli.ingest.state")),
        *(Column(call.text(f"cli.ingest.{name}"), "right") for name in COUNTS),
        Column(call.text("cli.ingest.load")),
    ]
    rows = [
        [
            Path(each.file).name,
            call.text(f"cli.ingest.state_{each.state}"),
            *(f"{getattr(each.tally, name):,}" for name in COUNTS),
            each.load_id,
        ]
        for each in reports
    ]
    return table(columns, rows)


def _as_record(call: Call, report: LoadReport) -> dict[str, object]:
    return {
        "file": report.file,
        "feed": report.feed,
        "mapping": report.mapping,
        "state": report.state,
        "load": report.load_id,
        **{name: getattr(report.tally, name) for name in (*COUNTS, "blanked", "noted", "skipped")},
        "reasons": dict(report.reasons),
        "breaches": dict(report.breaches),
        "unknown_codes": {column: dict(codes) for column, codes in report.unknown_codes.items()},
        "days": [day.isoformat() for day in report.days],
        "replay_of": report.replay_of,
        "issues": as_records(call.lang, report.issues),
    }


def show_reports(call: Call, reports: Sequence[LoadReport], form: str) -> None:
    """Print what came of each file; what needs attention goes to standard error."""
    if form == "json":
        sys.stdout.write(as_json([_as_record(call, each) for each in reports]))
    elif reports:
        click.echo(_as_table(call, reports))
    for each in reports:
        if each.issues and form != "json":
            click.echo(as_text(call.lang, each.issues), err=True)
        if each.blanked or each.noted:
            call.say("cli.ingest.remarks", blanked=f"{each.blanked:,}", noted=f"{each.noted:,}")
    rejected = sum(each.rejected for each in reports)
    if rejected:
        call.say("cli.ingest.quarantined", rows=f"{rejected:,}")


def _print_template(call: Call, workspace: Workspace, feed: str, mapping: str | None, out: Path | None) -> None:
    from ganzhi.ingest.template import template_csv, template_xlsx

    catalogue = workspace.workplace.catalogue
    excel = out is not None and out.suffix.lower() == ".xlsx"
    content = template_xlsx(catalogue, feed, mapping, call.lang) if excel else template_csv(catalogue, feed, mapping)
    write_out(content, out, sys.stdout.buffer)


@click.command("ingest", cls=Command, help="ingest")
@click.argument("feed", metavar="FEED")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="FILE...")
@option("--mapping", metavar="NAME", help="mapping")
@option("--wait", "wait_s", type=click.FloatRange(min=0), default=60.0, metavar="SECONDS", help="wait")
@option("--format", "form", type=click.Choice(["table", "json"]), default="table", help="format")
@option("--template", is_flag=True, help="template")
@option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="out")
@common
@click.pass_obj
def ingest(
    call: Call,
    feed: str,
    files: tuple[Path, ...],
    mapping: str | None,
    wait_s: float,
    form: str,
    template: bool,
    out: Path | None,
) -> int:
    """Load the files; 3 when one of them was refused."""
    from ganzhi.wiring import opened

    with opened(call.root) as workspace:
        if template:
            _print_template(call, workspace, feed, mapping, out)
            return 0
        if not files:
            raise InputError(Issue("CLI003", "FILE"))
        reports, refused = load_each(call, workspace, feed, files, mapping, wait_s)
    show_reports(call, reports, form)
    return REJECTED if refused or any(each.state == "rejected" for each in reports) else 0
