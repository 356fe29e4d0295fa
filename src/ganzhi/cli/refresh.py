"""`ganzhi refresh`: compute what changed."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click

from ganzhi.base.periods import parse_day
from ganzhi.cli.command import Call, Command, common, option
from ganzhi.cli.show.progress import Progress

if TYPE_CHECKING:
    from ganzhi.measure.refresh import RefreshStep
    from ganzhi.wiring import Workspace


def compute(call: Call, workspace: Workspace, first: date | None, last: date | None) -> None:
    """Compute stale days, showing progress, and say per feed what was done."""
    from ganzhi.measure.refresh import refresh as compute_stale

    with Progress() as progress:

        def on_step(step: RefreshStep) -> None:
            progress.at(call.text("cli.refresh.step", feed=step.feed), step.done, step.total)

        report = compute_stale(workspace.workplace, first, last, on_step)
    if not report.changed:
        call.say("cli.refresh.nothing")
    for feed in report.feeds:
        if feed.computed or feed.retired:
            call.say(
                "cli.refresh.feed",
                feed=feed.feed,
                computed=len(feed.computed),
                retired=len(feed.retired),
                unchanged=feed.unchanged,
                indicators=feed.indicators,
                measures=feed.measures,
            )
    call.say("cli.refresh.done", seconds=f"{report.took.total_seconds():.1f}")


@click.command("refresh", cls=Command, help="refresh")
@option("--from", "first", metavar="DAY", help="refresh_from")
@option("--to", "last", metavar="DAY", help="refresh_to")
@common
@click.pass_obj
def refresh(call: Call, first: str | None, last: str | None) -> None:
    """Compute stale days and say how many there were."""
    from ganzhi.wiring import opened

    begin = parse_day(first, "from") if first else None
    end = parse_day(last, "to") if last else None
    with opened(call.root) as workspace:
        compute(call, workspace, begin, end)
