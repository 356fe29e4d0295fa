"""`ganzhi ivr`: sessions of the voice menu rebuilt from its events, and what they come to."""

from __future__ import annotations

from pathlib import Path

import click

from ganzhi.base.periods import parse_day
from ganzhi.cli.asking import check_target, output
from ganzhi.cli.command import Call, Group, common, option
from ganzhi.cli.flow.look import write
from ganzhi.cli.show.formats import Format, Record
from ganzhi.cli.show.progress import Progress


@click.group("ivr", cls=Group, help="ivr")
def ivr() -> None:
    """The voice menu."""


@ivr.command("run", help="ivr_run")
@option("--from", "first", metavar="DAY", help="from")
@option("--to", "last", metavar="DAY", help="to")
@common
@click.pass_obj
def run(call: Call, first: str | None, last: str | None) -> None:
    """Rebuild what changed."""
    from ganzhi.trace.ivr.run import run as rebuild
    from ganzhi.wiring import opened

    begin = parse_day(first, "from") if first else None
    end = parse_day(last, "to") if last else None
    with opened(call.root) as workspace, Progress() as progress:
        report = rebuild(workspace.workplace, begin, end, progress.at)
    for day, rows in report.days:
        click.echo(call.text("cli.ivr.day", day=day, rows=f"{rows:,}"))
    call.say("cli.ivr.done", days=len(report.days), retired=len(report.retired), unchanged=report.unchanged)


@ivr.command("show", help="ivr_show")
@option("--unit", metavar="UNIT", help="unit")
@option("--period", required=True, metavar="PERIOD", help="period")
@output
@common
@click.pass_obj
def show(call: Call, unit: str | None, period: str, form: Format, out: Path | None) -> None:
    """Print outcomes and readings."""
    from ganzhi.access.rights import LOCAL
    from ganzhi.measure.build.scope import Reader
    from ganzhi.measure.open import open_states
    from ganzhi.measure.views.query import PageQuery
    from ganzhi.trace.ivr.page import ivr_page
    from ganzhi.trace.ivr.views import IvrQuery
    from ganzhi.wiring import opened

    check_target(form, out)
    with opened(call.root) as workspace, open_states(workspace.workplace) as states:
        page = ivr_page(Reader(workspace.workplace, states, LOCAL), PageQuery(unit, period), IvrQuery())
    counts = [(f"outcome.{each.kind}", each.n) for each in page.outcomes]
    counts += [(f"reading.{each.name}", each.part) for each in page.readings]
    total = page.sessions
    records: list[Record] = [
        {"reading": call.text(f"portal.ivr.{key}"), "sessions": n, "share": n / total if total else None}
        for key, n in counts
    ]
    write(call, records, form, out, "ivr")
