"""`ganzhi report support`: the monthly report on support services, computed, kept and shown."""

from __future__ import annotations

from pathlib import Path

import click

from ganzhi.access.rights import LOCAL
from ganzhi.cli.command import Call, Group, common, option
from ganzhi.cli.findings.group import FORM, actor
from ganzhi.cli.report.shown import show_report


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
    show_report(call, view.report, view.period, form, out)
