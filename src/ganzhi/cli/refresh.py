"""`ganzhi refresh` and `ganzhi publish`: compute what changed, and what is shown of it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click

from ganzhi.base.periods import parse_day
from ganzhi.base.wording import grain_name
from ganzhi.cli.command import Call, Command, common, option
from ganzhi.cli.show.progress import Progress

if TYPE_CHECKING:
    from ganzhi.measure.publish.publish import PublishStep
    from ganzhi.measure.refresh import FeedRefresh, RefreshStep
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
        if feed.touched:
            call.say("cli.refresh.feed", **_figures(feed))
    for live in report.live:
        left = [f"{reason} {rows:,}" for reason, rows in sorted(live.left_out.items())]
        if left:
            call.say("cli.refresh.left_out", feed=live.feed, reasons="; ".join(left))
    call.say("cli.refresh.done", seconds=f"{report.took.total_seconds():.1f}")


def preview(call: Call, workspace: Workspace, first: date | None, last: date | None) -> None:
    """Say per feed what a refresh would read and compute, and compute nothing."""
    from ganzhi.measure.refresh import preview as look_ahead

    due = [feed for feed in look_ahead(workspace.workplace, first, last) if feed.touched]
    if not due:
        call.say("cli.refresh.nothing")
    for feed in due:
        call.say("cli.refresh.would", **_figures(feed))


def _figures(feed: FeedRefresh) -> dict[str, str | int]:
    return {
        "feed": feed.feed,
        "computed": len(feed.computed),
        "added": len(feed.added),
        "rolled": len(feed.rolled),
        "retired": len(feed.retired),
        "months": len(feed.months),
        "unchanged": feed.unchanged,
        "rows": f"{feed.rows:,}",
        "indicators": feed.indicators,
        "measures": feed.measures,
        "scans": feed.scans,
    }


@click.command("refresh", cls=Command, help="refresh")
@option("--from", "first", metavar="DAY", help="refresh_from")
@option("--to", "last", metavar="DAY", help="refresh_to")
@option("--dry-run", "dry", is_flag=True, help="refresh_dry")
@common
@click.pass_obj
def refresh(call: Call, first: str | None, last: str | None, dry: bool) -> None:
    """Compute stale days and say how many there were."""
    from ganzhi.wiring import opened

    begin = parse_day(first, "from") if first else None
    end = parse_day(last, "to") if last else None
    with opened(call.root) as workspace:
        (preview if dry else compute)(call, workspace, begin, end)


@click.command("publish", cls=Command, help="publish")
@option("--from", "first", metavar="DAY", help="refresh_from")
@option("--to", "last", metavar="DAY", help="refresh_to")
@common
@click.pass_obj
def publish(call: Call, first: str | None, last: str | None) -> None:
    """Publish stale periods and say how many there were."""
    from ganzhi.measure.publish.publish import publish as publish_stale
    from ganzhi.wiring import opened

    begin = parse_day(first, "from") if first else None
    end = parse_day(last, "to") if last else None
    with opened(call.root) as workspace, Progress() as progress:

        def on_step(step: PublishStep) -> None:
            progress.at(call.text("cli.publish.step", grain=grain_name(call.lang, step.grain)), step.done, step.total)

        report = publish_stale(workspace.workplace, begin, end, on_step)
    call.say(
        "cli.publish.done",
        periods=len(report.published),
        retired=len(report.retired),
        values=f"{report.rows['observed']:,}",
        scores=f"{report.rows['scored']:,}",
        seconds=f"{report.took.total_seconds():.1f}",
    )
