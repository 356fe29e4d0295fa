"""`ganzhi report support`: the monthly report on support services, computed, kept and shown."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ganzhi.access.rights import LOCAL
from ganzhi.cli.command import Call, Group, common, option
from ganzhi.cli.findings.group import FORM, actor
from ganzhi.cli.show.formats import as_json, write_out
from ganzhi.cli.show.table import Column, table

if TYPE_CHECKING:
    from ganzhi.complaints.reports.document import Report
    from ganzhi.complaints.reports.document import Table as ReportTable

RIGHT = ("count", "number", "change", "share", "chance", "reading")


@click.group("report", cls=Group, help="report")
def report() -> None:
    """Reports."""


@report.command("support", help="report_support")
@option("--unit", metavar="UNIT", help="unit")
@option("--period", metavar="PERIOD", help="report_month")
@option("--edition", type=click.IntRange(1), metavar="N", help="complaints_edition")
@option("--keep", is_flag=True, help="complaints_keep")
@option("--format", "form", type=FORM, default="table", help="format")
@option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="out")
@common
@click.pass_obj
def support(
    call: Call, unit: str | None, period: str | None, edition: int | None, keep: bool, form: str, out: Path | None
) -> None:
    """Show the report, as it was kept or as it comes out now; with --keep an edition is made of what comes out now."""
    from ganzhi.complaints.reports.document import to_json
    from ganzhi.complaints.reports.wording import remark_text, title
    from ganzhi.measure.build.scope import Reader
    from ganzhi.measure.open import open_states
    from ganzhi.report.support.due import make
    from ganzhi.report.support.view import latest_month, support_view
    from ganzhi.wiring import opened

    with opened(call.root) as workspace, open_states(workspace.workplace) as states:
        place = workspace.workplace
        reader = Reader(place, states, LOCAL)
        asked = period or latest_month(reader).key
        view = support_view(reader, unit, asked, edition)
        if keep:
            made = make(place, states, view.report.unit, view.period, lambda *_: (), by=actor())
            view = support_view(reader, unit, asked, None)
            number = view.editions[-1].number
            call.say("cli.complaints.report_kept" if made else "cli.complaints.report_same", number=number)
    if form == "json":
        write_out(as_json([to_json(view.report)]).encode(), out, sys.stdout.buffer)
        return
    lines = [title(call.lang, "support", view.period), remark_text(call.lang, view.report.headline), ""]
    lines += _sections(call, view.report)
    write_out("\n".join(lines).encode() + b"\n", out, sys.stdout.buffer)


def _sections(call: Call, found: Report) -> list[str]:
    from ganzhi.complaints.reports.wording import remark_text

    lines: list[str] = []
    for section in found.sections if found.known else ():
        lines += [f"# {call.text(f'creport.section.support.{section.key}')}"]
        lines += [remark_text(call.lang, each) for each in section.remarks]
        for each in section.tables:
            lines += [call.text(f"creport.table.{each.key}")] if len(section.tables) > 1 else []
            lines += [_table(call, each) if each.rows else call.text(f"creport.none.{each.key}"), ""]
    return lines


def _table(call: Call, found: ReportTable) -> str:
    from ganzhi.base.messages import catalogue
    from ganzhi.complaints.reports.wording import plain_text

    known = catalogue(call.lang)
    columns = [
        Column(call.text(f"creport.column.{c.key}"), "right" if c.form in RIGHT else "left", 40) for c in found.columns
    ]
    rows = [
        [
            known.get(f"creport.standing.{value}", str(value)) if c.form == "level" and value else plain_text(call.lang, c, value)
            for c, value in zip(found.columns, row.cells, strict=True)
        ]
        for row in found.rows
    ]  # fmt: skip
    return table(columns, rows)
