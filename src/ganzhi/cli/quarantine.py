"""`ganzhi quarantine`: rejected rows, why they were rejected, and loading them again after a fix."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ganzhi.base.errors import Issue, Location
from ganzhi.base.messages import cause, remedy
from ganzhi.cli.asking import check_target, output
from ganzhi.cli.command import Call, Command, Group, common, option
from ganzhi.cli.ingest import show_reports
from ganzhi.cli.show.formats import Format, as_csv, as_json, as_parquet, write_out
from ganzhi.cli.show.table import Column, table

if TYPE_CHECKING:
    from ganzhi.ingest.quarantine import ReasonCount, Rejected
    from ganzhi.warehouse.workplace import Workplace

REJECTED = 3
CELL = 32
LIST_COLUMNS = ("load_id", "feed", "mapping", "file", "reason", "rows")
SHOW_COLUMNS = ("load_id", "file", "line", "field", "value", "reason", "meaning", "raw")


@click.group("quarantine", cls=Group, help="quarantine")
def quarantine() -> None:
    """Rejected rows."""


def _list_record(each: ReasonCount) -> dict[str, object]:
    values = (each.load_id, each.feed, each.mapping, each.file, each.reason, each.rows)
    return dict(zip(LIST_COLUMNS, values, strict=True))


def _encode(form: Format, columns: Sequence[str], records: Sequence[dict[str, object]]) -> bytes:
    match form:
        case "csv":
            return as_csv(columns, records)
        case "parquet":
            return as_parquet(columns, records)
        case _:
            return as_json(records).encode()


def _as_table(call: Call, columns: Sequence[str], records: Sequence[dict[str, object]]) -> str:
    heads = [
        Column(call.text(f"cli.quarantine.{name}"), "right" if name in ("rows", "line") else "left", at_most=CELL * 2)
        for name in columns
    ]
    return table(
        heads, [["–" if record[name] is None else str(record[name]) for name in columns] for record in records]
    )


@quarantine.command("list", cls=Command, help="quarantine_list")
@option("--feed", metavar="FEED", help="feed")
@option("--load", metavar="LOAD", help="load")
@output
@common
@click.pass_obj
def list_reasons(call: Call, feed: str | None, load: str | None, form: Format, out: Path | None) -> None:
    """Count rejected rows by load and reason."""
    from ganzhi.ingest.quarantine import reasons
    from ganzhi.wiring import opened

    check_target(form, out)
    with opened(call.root) as workspace:
        if feed is not None:
            workspace.workplace.catalogue.feed(feed)
        found = [_list_record(each) for each in reasons(workspace.workplace, feed=feed, load=load)]
    if form != "table":
        write_out(_encode(form, LIST_COLUMNS, found), out, sys.stdout.buffer)
    elif found:
        shown = [{**each, "file": Path(str(each["file"])).name} for each in found]
        write_out(f"{_as_table(call, LIST_COLUMNS, shown)}\n".encode(), out, sys.stdout.buffer)
    else:
        call.say("cli.quarantine.none")


def _show_record(call: Call, workplace: Workplace, each: Rejected, *, raw: bool) -> dict[str, object]:
    """A row for people: the reason in words, personal values masked."""
    from ganzhi.access.shown.masking import mask

    issue = Issue(each.reason, each.field, Location(each.shown, each.line), each.params)
    feed = workplace.catalogue.feeds.get(each.feed)
    column = feed.columns.get(each.field) if feed is not None else None
    return {
        "load_id": each.load_id,
        "file": each.shown,
        "line": each.line,
        "field": each.field,
        "value": mask(each.value, column.protection) if column is not None else each.value,
        "reason": each.reason,
        "meaning": f"{cause(call.lang, issue)} {remedy(call.lang, issue)}",
        "raw": each.raw if raw else None,
    }


@quarantine.command("show", cls=Command, help="quarantine_show")
@click.argument("load", metavar="LOAD")
@option("--limit", type=click.IntRange(min=1), default=50, metavar="N", help="limit")
@option("--raw", is_flag=True, help="raw")
@output
@common
@click.pass_obj
def show(call: Call, load: str, limit: int, raw: bool, form: Format, out: Path | None) -> None:
    """List rejected rows of a load."""
    from ganzhi.ingest.quarantine import rejected_of
    from ganzhi.wiring import opened

    check_target(form, out)
    with opened(call.root) as workspace:
        found, total = rejected_of(workspace.workplace, load, limit=limit)
        records = [_show_record(call, workspace.workplace, each, raw=raw) for each in found]
    if form != "table":
        write_out(_encode(form, SHOW_COLUMNS, records), out, sys.stdout.buffer)
    elif records:
        columns = ("line", "field", "value", "reason", "meaning", *(("raw",) if raw else ()))
        write_out(f"{_as_table(call, columns, records)}\n".encode(), out, sys.stdout.buffer)
    else:
        call.say("cli.quarantine.none")
    if total > len(found):
        call.say("cli.quarantine.more", shown=len(found), total=total)


@quarantine.command("replay", cls=Command, help="quarantine_replay")
@option("--feed", metavar="FEED", help="feed")
@option("--load", metavar="LOAD", help="load")
@option("--reason", metavar="CODE", help="reason")
@option("--corrected", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="corrected")
@option("--wait", "wait_s", type=click.FloatRange(min=0), default=60.0, metavar="SECONDS", help="wait")
@option("--format", "form", type=click.Choice(["table", "json"]), default="table", help="format")
@common
@click.pass_obj
def replay(
    call: Call,
    feed: str | None,
    load: str | None,
    reason: str | None,
    corrected: Path | None,
    wait_s: float,
    form: str,
) -> int:
    """Load rejected rows again; 3 when a load was refused as a whole."""
    from ganzhi.ingest.replay import replay as load_again
    from ganzhi.wiring import opened

    with opened(call.root) as workspace:
        reports = load_again(
            workspace.workplace, feed=feed, load=load, reason=reason, corrected=corrected, wait_s=wait_s
        )
    if not reports:
        call.say("cli.quarantine.none")
    show_reports(call, reports, form)
    return REJECTED if any(each.state == "rejected" for each in reports) else 0
