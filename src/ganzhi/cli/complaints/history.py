"""`ganzhi complaints history check|load|list|undo`: tickets of an earlier system (S000-102)."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ganzhi.base.errors import InputError
from ganzhi.cli.command import Call, Group, common, option
from ganzhi.cli.complaints.group import complaints
from ganzhi.cli.findings.group import FORM, actor
from ganzhi.cli.show.formats import Record, as_json, write_out
from ganzhi.cli.show.issues import as_records, as_text
from ganzhi.cli.show.progress import Progress
from ganzhi.cli.show.table import Column, table

if TYPE_CHECKING:
    from ganzhi.base.errors import Issue
    from ganzhi.complaints.archive.history import Looked
    from ganzhi.ingest.report import LoadReport
    from ganzhi.store.ledger import LoadRecord

REJECTED = 3
PATHS = click.Path(path_type=Path, exists=True)
COUNTS = ("read", "accepted", "duplicate", "replaced", "rejected")
LOOKED = ("file", "feed", "mapping", *COUNTS, "first_day", "last_day")
LISTED = ("load", "state", *LOOKED)


@complaints.group("history", cls=Group, help="complaints_history")
def history() -> None:
    """Tickets of an earlier system."""


def _write(call: Call, names: Sequence[str], records: Sequence[Record], form: str) -> None:
    if form == "json":
        write_out(as_json(records).encode(), None, sys.stdout.buffer)
    elif records:
        columns = [
            Column(call.text(f"cli.history.{name}"), "right" if name in COUNTS else "left", at_most=40)
            for name in names
        ]
        rows = [[_cell(record[name]) for name in names] for record in records]
        write_out(f"{table(columns, rows)}\n".encode(), None, sys.stdout.buffer)


def _cell(value: object) -> str:
    return "–" if value is None else f"{value:,}" if isinstance(value, int) else str(value)


def _record(call: Call, each: Looked, report: LoadReport | None) -> Record:
    days = () if report is None else report.days
    return {
        "file": each.path.name,
        "feed": each.feed or None,
        "mapping": each.mapping,
        **{name: None if report is None else getattr(report.tally, name) for name in COUNTS},
        "first_day": min(days).isoformat() if days else None,
        "last_day": max(days).isoformat() if days else None,
        "load": None if report is None else report.load_id,
        "state": None if report is None else report.state,
        "unknown_codes": {}
        if report is None
        else {column: dict(codes) for column, codes in report.unknown_codes.items()},
        "reasons": {} if report is None else dict(report.reasons),
        "issues": as_records(call.lang, each.issues),
    }


def _tell(call: Call, issues: Iterable[Issue], form: str) -> None:
    found = list(issues)
    if found and form != "json":
        click.echo(as_text(call.lang, found), err=True)


@history.command("check", help="complaints_history_check")
@click.argument("paths", nargs=-1, required=True, type=PATHS, metavar="PATH...")
@option("--mapping", "mappings", multiple=True, metavar="NAME", help="history_mapping")
@option("--format", "form", type=FORM, default="table", help="format")
@common
@click.pass_obj
def check(call: Call, paths: tuple[Path, ...], mappings: tuple[str, ...], form: str) -> int:
    """Say what would come of the files; 3 when one cannot be read."""
    from ganzhi.complaints.archive.history import look_at, mappings_of
    from ganzhi.wiring import opened

    with opened(call.root) as workspace:
        place = workspace.workplace
        looked = list(look_at(place, paths, mappings_of(place, mappings)))
    records = [_record(call, each, each.report) for each in looked]
    _write(call, LOOKED, records, form)
    _tell(call, (issue for each in looked for issue in each.issues), form)
    sums = {name: sum(int(str(record[name] or 0)) for record in records) for name in COUNTS[1:]}
    call.say("cli.history.would", **{name: f"{count:,}" for name, count in sums.items()})
    return REJECTED if any(not each.readable for each in looked) else 0


@history.command("load", help="complaints_history_load")
@click.argument("paths", nargs=-1, required=True, type=PATHS, metavar="PATH...")
@option("--mapping", "mappings", multiple=True, metavar="NAME", help="history_mapping")
@option("--format", "form", type=FORM, default="table", help="format")
@common
@click.pass_obj
def load(call: Call, paths: tuple[Path, ...], mappings: tuple[str, ...], form: str) -> int:
    """Load the files; one that cannot be read is told and stops no other; 3 when there was one."""
    from ganzhi.complaints.archive.history import bring_in, files_of, look_at, mappings_of
    from ganzhi.wiring import opened

    records: list[Record] = []
    issues: list[Issue] = []
    refused = 0
    with opened(call.root) as workspace, Progress() as progress:
        place = workspace.workplace
        total = len(files_of(paths))
        for done, each in enumerate(look_at(place, paths, mappings_of(place, mappings)), start=1):
            try:
                report = bring_in(place, each)
                records.append(_record(call, each, report))
                issues += each.issues
            except InputError as error:
                refused += 1
                issues += error.issues
            progress.at(each.path.name, done, total)
    _write(call, ("load", *LOOKED), records, form)
    _tell(call, issues, form)
    rejected = sum(int(str(record["rejected"])) for record in records)
    if rejected:
        call.say("cli.history.quarantined", n=f"{rejected:,}")
    if refused:
        call.say("cli.history.refused_files", n=refused)
    return REJECTED if refused else 0


@history.command("list", help="complaints_history_list")
@option("--format", "form", type=FORM, default="table", help="format")
@common
@click.pass_obj
def listed(call: Call, form: str) -> None:
    """The loads of times past, newest first."""
    from ganzhi.complaints.archive.history import brought
    from ganzhi.wiring import opened

    with opened(call.root) as workspace:
        records = [_load_record(call, each, form) for each in brought(workspace.workplace)]
    if not records and form != "json":
        call.say("cli.history.none")
    _write(call, LISTED, records, form)


def _load_record(call: Call, each: LoadRecord, form: str) -> Record:
    from ganzhi.complaints.archive.history import state_of

    state = state_of(each)
    return {
        "load": each.id,
        "state": state if form == "json" else call.text(f"cli.history.state_{state}"),
        "file": each.file,
        "feed": each.feed,
        "mapping": each.mapping,
        **{name: getattr(each, name) for name in COUNTS},
        "first_day": None if each.first_day is None else each.first_day.isoformat(),
        "last_day": None if each.last_day is None else each.last_day.isoformat(),
        "replay_of": each.replay_of,
        "finished_at": each.finished_at.isoformat(),
    }


@history.command("undo", help="complaints_history_undo")
@click.argument("loads", nargs=-1, metavar="LOAD...")
@option("--all", "every", is_flag=True, help="history_all")
@option("--replaced", is_flag=True, help="history_replaced")
@common
@click.pass_obj
def undo(call: Call, loads: tuple[str, ...], every: bool, replaced: bool) -> None:
    """Take loads back."""
    from ganzhi.complaints.archive.history import brought, state_of
    from ganzhi.ingest.undo import undo as take_back
    from ganzhi.wiring import opened

    with opened(call.root) as workspace:
        place = workspace.workplace
        standing = [each.id for each in brought(place) if state_of(each) == "accepted" and each.replay_of is None]
        done = take_back(place, standing if every else loads, by=actor(), replaced=replaced)
    if not done:
        call.say("cli.history.none")
    for each in done:
        call.say("cli.history.undone", loads=len(each.loads), rows=f"{each.rows:,}", days=len(each.days))
