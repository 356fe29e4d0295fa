"""The group itself, `ganzhi trace list` and `run`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from ganzhi.base.periods import parse_day
from ganzhi.cli.command import Call, Command, Group, common, option
from ganzhi.cli.show.progress import Progress
from ganzhi.cli.show.table import Column, table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ganzhi.trace.look import Asked
    from ganzhi.trace.run import DayReport, RunReport

UNKNOWN = "–"
STATES = ("done", "open", "stuck", "lost", "impossible")


@click.group("trace", cls=Group, help="trace")
def trace() -> None:
    """Traces."""


def days(first: str | None, last: str | None) -> tuple[date | None, date | None]:
    """The days the options name."""
    return parse_day(first, "from") if first else None, parse_day(last, "to") if last else None


def asked(code: str, first: str | None, last: str | None) -> Asked:
    """What the options ask about."""
    from ganzhi.trace.look import Asked

    return Asked(code, *days(first, last))


@trace.command("list", cls=Command, help="trace_list")
@common
@click.pass_obj
def listed(call: Call) -> None:
    """The traces of the catalogue."""
    from ganzhi.access.rights import LOCAL
    from ganzhi.trace.look import traces
    from ganzhi.wiring import opened

    with opened(call.root) as workspace:
        found = traces(workspace.workplace, LOCAL)
    names = ("code", "name", "steps", "days", "last_day", "stale")
    rows = [
        [
            r.code,
            r.name.in_(call.lang),
            str(r.steps),
            str(r.days),
            UNKNOWN if r.last_day is None else str(r.last_day),
            str(r.stale),
        ]
        for r in found
    ]
    click.echo(table([Column(call.text(f"cli.trace.{name}")) for name in names], rows))


@trace.command("run", cls=Command, help="trace_run")
@click.argument("codes", nargs=-1, metavar="[CODE]…")
@option("--from", "first", metavar="DAY", help="trace_from")
@option("--to", "last", metavar="DAY", help="trace_to")
@common
@click.pass_obj
def run(call: Call, codes: tuple[str, ...], first: str | None, last: str | None) -> None:
    """Link the days whose records changed."""
    from ganzhi.wiring import opened

    with opened(call.root) as workspace:
        report = link_all(call, workspace.workplace, codes, *days(first, last))
    say_report(call, report)


def link_all(call: Call, workplace: Any, codes: Sequence[str], first: date | None, last: date | None) -> RunReport:
    """Link stale days, showing them as they pass."""
    from ganzhi.trace.run import run as link_stale

    with Progress() as progress:

        def on_day(code: str, day: str, number: int, total: int) -> None:
            progress.at(call.text("cli.trace.progress.day", trace=code, day=day), number, total)

        return link_stale(workplace, codes, first, last, on_day)


def say_report(call: Call, report: RunReport) -> None:
    """What a run did, a line for each day."""
    for day in report.days:
        call.say("cli.trace.day", **_figures(call, day))
    if not report.days and not report.retired:
        call.say("cli.trace.nothing")
    call.say(
        "cli.trace.done",
        days=len(report.days),
        unchanged=report.unchanged,
        seconds=f"{report.took.total_seconds():.1f}",
    )


def _figures(call: Call, day: DayReport) -> Mapping[str, str]:
    states = "  ".join(
        f"{call.text(f'cli.trace.state.{state}')} {day.states[state]:,}" for state in STATES if day.states.get(state)
    )
    linked = sum(day.links.get(how, 0) for how in ("exact", "order"))
    share = day.links.get("exact", 0) / linked if linked else 0
    return {
        "trace": day.trace,
        "day": day.day,
        "chains": f"{day.chains:,}",
        "states": states,
        "exact": f"{share:.1%}",
        "ambiguous": f"{day.ambiguous:,}",
        "left": f"{sum(tally.unmatched for tally in day.steps.values()):,}",
    }
