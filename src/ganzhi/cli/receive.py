"""`ganzhi receive`: load a whole delivery folder, several feeds at the same time."""

from __future__ import annotations

import atexit
import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ganzhi.cli.command import Call, Command, common, option
from ganzhi.cli.ingest import COUNTS, REJECTED
from ganzhi.cli.show.issues import as_text
from ganzhi.cli.show.progress import Progress
from ganzhi.cli.show.table import Column, table

if TYPE_CHECKING:
    from ganzhi.ingest.receive import FeedTally, Parcel
    from ganzhi.wiring import Workspace

MOST_JOBS = 64


@cache
def _workspace(root: Path) -> Workspace:
    """In a loading process: the workspace, opened once and closed with the process."""
    from ganzhi.wiring import open_workspace

    workspace = open_workspace(root)
    atexit.register(workspace.close)
    return workspace


def _load_feed(root: Path, parcels: Sequence[Parcel]) -> FeedTally:
    """In a process of its own: load a feed's files in order."""
    from ganzhi.ingest.receive import load_parcels

    return load_parcels(_workspace(root).workplace, parcels)


def _load_all(call: Call, feeds: Sequence[Sequence[Parcel]], jobs: int) -> Iterator[FeedTally]:
    """Load the feeds, `jobs` at a time, the largest first, showing each as it is done."""
    total, finished = sum(map(len, feeds)), 0
    with Progress() as progress, ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        for future in as_completed([pool.submit(_load_feed, call.root, parcels) for parcels in feeds]):
            tally = future.result()
            finished += tally.files
            progress.at(call.text("cli.receive.step", feed=tally.feed), finished, total)
            yield tally


def receive_folders(call: Call, folders: Sequence[Path], jobs: int) -> list[FeedTally]:
    """Load the files of these folders and say what no mapping knows; tallies by feed, in catalogue order."""
    from ganzhi.ingest.receive import by_feed, sort_delivery
    from ganzhi.wiring import opened

    with opened(call.root) as workspace:
        catalogue = workspace.workplace.catalogue
        delivery = sort_delivery(catalogue, *folders)
    if delivery.unknown:
        call.say("cli.receive.unknown", count=len(delivery.unknown), example=delivery.unknown[0].name)
    feeds = by_feed(delivery.parcels)
    tallies = list(_load_all(call, feeds, min(jobs, len(feeds)))) if feeds else []
    order = list(catalogue.feeds)
    return sorted(tallies, key=lambda tally: order.index(tally.feed))


def show_tallies(call: Call, tallies: Sequence[FeedTally]) -> None:
    """A line for each feed; refused files with their issues on standard error."""
    columns = [
        Column(call.text("cli.receive.feed")),
        Column(call.text("cli.receive.files"), "right"),
        Column(call.text("cli.ingest.state_already"), "right"),
        *(Column(call.text(f"cli.ingest.{name}"), "right") for name in COUNTS),
    ]
    rows = [
        [t.feed, f"{t.files:,}", f"{t.already:,}", *(f"{getattr(t.rows, name):,}" for name in COUNTS)] for t in tallies
    ]
    if rows:
        click.echo(table(columns, rows))
    for tally in tallies:
        if tally.refused:
            call.say(
                "cli.receive.refused",
                feed=tally.feed,
                count=len({issue.at.file for issue in tally.refused if issue.at}),
            )
            click.echo(as_text(call.lang, tally.refused), err=True)


@click.command("receive", cls=Command, help="receive")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False), metavar="FOLDER")
@option("--jobs", type=click.IntRange(1, MOST_JOBS), default=None, metavar="N", help="jobs")
@common
@click.pass_obj
def receive(call: Call, folder: Path, jobs: int | None) -> int:
    """Load the folder; 3 when a file was refused."""
    tallies = receive_folders(call, [folder], jobs or os.cpu_count() or 1)
    show_tallies(call, tallies)
    return REJECTED if any(tally.refused for tally in tallies) else 0
