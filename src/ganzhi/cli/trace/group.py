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
    if not report.days:
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
    share = f"{day.links.get('exact', 0) / linked:.1%}" if linked else UNKNOWN
    return {
        "trace": day.trace,
        "day": day.day,
        "chains": f"{day.chains:,}",
        "states": states,
        "exact": share,
        "ambiguous": f"{day.ambiguous:,}",
        "left": f"{sum(tally.unmatched for tally in day.steps.values()):,}",
    }


@trace.command("states", cls=Command, help="trace_states")
@click.argument("code", metavar="MACHINE", default="suspension")
@option("--from", "first", metavar="DAY", help="trace_from")
@option("--to", "last", metavar="DAY", help="trace_to")
@option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="trace_limit")
@common
@click.pass_obj
def states(call: Call, code: str, first: str | None, last: str | None, limit: int) -> int:
    """Changes of state against a machine; 1 when one is illegal."""
    from ganzhi.access.rights import LOCAL
    from ganzhi.trace.suspension import machine_sheet
    from ganzhi.wiring import opened

    with opened(call.root) as workspace:
        place = workspace.workplace
        found = machine_sheet(place, LOCAL, code, *days(first, last), limit)
        zone = place.zone
    names = ("before", "after", "n", "verdict", "elsewhere")
    rows = [
        [
            row.before.in_(call.lang), row.after.in_(call.lang), f"{row.n:,}",
            call.text(f"cli.trace.wrong.{row.wrong or 'none'}"), f"{row.broken:,}",
        ]
        for row in found.transitions
    ]  # fmt: skip
    click.echo(table([Column(call.text(f"cli.trace.{name}")) for name in names], rows))
    call.say(
        "cli.trace.states", name=found.name.in_(call.lang), changes=f"{found.changes:,}", illegal=f"{found.illegal:,}"
    )
    for each in found.rows:
        call.say(
            "cli.trace.illegal",
            at=f"{each.at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
            record=each.record,
            unit=each.unit,
            before=each.before.in_(call.lang),
            after=each.after.in_(call.lang),
            ended=UNKNOWN if each.ended is None else each.ended.in_(call.lang),
            why=call.text(f"cli.trace.wrong.{each.wrong}"),
        )
    return 1 if found.illegal else 0
