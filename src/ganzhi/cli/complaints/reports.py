"""`ganzhi complaints report` and `reports`: the daily, weekly and monthly reports, computed, kept and listed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from ganzhi.access.rights import LOCAL
from ganzhi.cli.command import Call, common, option
from ganzhi.cli.complaints.group import complaints
from ganzhi.cli.findings.group import FORM, actor
from ganzhi.cli.report.shown import show_report
from ganzhi.cli.show.formats import as_json, write_out
from ganzhi.cli.show.table import Column, table

if TYPE_CHECKING:
    from ganzhi.complaints.reports.document import Kind

KIND_NAMES = ("situation", "intake", "weekly", "monthly")
KIND = click.Choice(KIND_NAMES)


@complaints.command("report", help="complaints_report")
@click.argument("kind", type=KIND, metavar=f"[{'|'.join(KIND_NAMES)}]")
@option("--unit", metavar="UNIT", help="unit")
@option("--period", metavar="PERIOD", help="complaints_report_period")
@option("--edition", type=click.IntRange(1), metavar="N", help="complaints_edition")
@option("--keep", is_flag=True, help="complaints_keep")
@option("--format", "form", type=FORM, default="table", help="format")
@option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="out")
@common
@click.pass_obj
def report(
    call: Call,
    kind: str,
    unit: str | None,
    period: str | None,
    edition: int | None,
    keep: bool,
    form: str,
    out: Path | None,
) -> None:
    """Show a report, as it was kept or as it comes out now; with --keep an edition is made of what comes out now."""
    from ganzhi.complaints.reports.due import Due, make, state_of
    from ganzhi.complaints.reports.view import latest_period, report_view
    from ganzhi.measure.build.scope import Reader
    from ganzhi.measure.open import open_states
    from ganzhi.wiring import opened

    which = cast("Kind", kind)
    with opened(call.root) as workspace, open_states(workspace.workplace) as states:
        place = workspace.workplace
        reader = Reader(place, states, LOCAL)
        asked = period or latest_period(reader, which).key
        view = report_view(reader, which, unit, asked, edition)
        if keep:
            due = Due(which, view.report.unit, view.period, state_of(place, states, view.period))
            made = make(place, states, due, lambda *_: (), by=actor())
            view = report_view(reader, which, unit, asked, None)
            number = view.editions[-1].number
            call.say("cli.complaints.report_kept" if made else "cli.complaints.report_same", number=number)
    show_report(call, view.report, view.period, form, out)


@complaints.command("reports", help="complaints_reports")
@option("--unit", metavar="UNIT", help="unit")
@option("--format", "form", type=FORM, default="table", help="format")
@common
@click.pass_obj
def reports(call: Call, unit: str | None, form: str) -> None:
    """List the editions that were kept."""
    from ganzhi.wiring import opened

    with opened(call.root) as workspace:
        place = workspace.workplace
        at = unit or place.catalogue.root_unit
        place.catalogue.unit(at)
        heads = [each for kind in KIND_NAMES for each in place.store.editions.list(kind, at)]
    if form == "json":
        records = [
            {"kind": h.kind, "unit": h.unit, "period": h.period, "edition": h.number, "made_at": h.made_at.isoformat(), "made_by": h.made_by}
            for h in heads
        ]  # fmt: skip
        write_out(as_json(records).encode(), None, sys.stdout.buffer)
        return
    names = ("report_kind", "report_period", "report_edition", "made_at", "made_by")
    columns = [Column(call.text(f"cli.complaints.{name}")) for name in names]
    rows = [[h.kind, h.period, str(h.number), h.made_at.isoformat(timespec="minutes"), h.made_by] for h in heads]
    text = table(columns, rows) if rows else call.text("cli.complaints.no_reports")
    write_out(f"{text}\n".encode(), None, sys.stdout.buffer)
