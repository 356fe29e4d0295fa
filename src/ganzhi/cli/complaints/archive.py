"""`ganzhi complaints import-reports`, `old-reports` and `old-report`: reports that were written elsewhere (S000-102)."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from ganzhi.access.rights import LOCAL
from ganzhi.base.errors import InputError
from ganzhi.cli.command import Call, common, option
from ganzhi.cli.complaints.group import complaints
from ganzhi.cli.findings.group import FORM, actor
from ganzhi.cli.knowledge.notes import standing
from ganzhi.cli.show.formats import Record, as_json, write_out
from ganzhi.cli.show.issues import as_text
from ganzhi.cli.show.table import Column, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ganzhi.complaints.archive.desk import ArchiveRow, Brought, Sort

SORTS = ("situation", "intake", "weekly", "monthly", "support", "special")
REJECTED = 3
OUT = click.Path(path_type=Path, dir_okay=False)
NUMBERS = ("number",)


def _write(call: Call, names: Sequence[str], records: Sequence[Record], form: str) -> None:
    if form == "json":
        write_out(as_json(records).encode(), None, sys.stdout.buffer)
    elif records:
        columns = [
            Column(call.text(f"cli.archive.{name}"), "right" if name in NUMBERS else "left", at_most=48)
            for name in names
        ]
        rows = [["–" if record[name] is None else str(record[name]) for name in names] for record in records]
        write_out(f"{table(columns, rows)}\n".encode(), None, sys.stdout.buffer)


@complaints.command("import-reports", help="complaints_import_reports")
@click.argument("source", type=click.Path(path_type=Path, exists=True), metavar="FOLDER|ZIP")
@option("--dry-run", "dry", is_flag=True, help="archive_dry")
@option("--format", "form", type=FORM, default="table", help="format")
@common
@click.pass_obj
def import_reports(call: Call, source: Path, dry: bool, form: str) -> int:
    """Bring reports in, none while anything is wrong; then 3."""
    from ganzhi.complaints.archive.desk import ArchiveDesk
    from ganzhi.complaints.archive.naming import box_of_folder, box_of_zip, given_of
    from ganzhi.wiring import opened

    with opened(call.root) as workspace:
        box = box_of_folder(source) if source.is_dir() else box_of_zip(source.name, source.read_bytes())
        given, issues = given_of(box)
        try:
            made = ArchiveDesk(workspace.workplace).bring_in(replace(LOCAL, login=actor()), given, issues, dry=dry)
        except InputError as error:
            click.echo(as_text(call.lang, error.issues), err=True)
            call.say("cli.archive.refused", n=len(error.issues))
            return REJECTED
    _write(call, ("number", "state", "sort", "unit", "period", "title", "file"), [_brought(call, each, form) for each in made], form)  # fmt: skip
    states = [each.state for each in made]
    unread = sum(not each.readable for each in made)
    call.say("cli.archive.would" if dry else "cli.archive.brought", new=states.count("new"), already=states.count("already"), unread=unread)  # fmt: skip
    return 0


def _brought(call: Call, each: Brought, form: str) -> Record:
    given = each.given
    return {
        "number": each.number,
        "state": each.state if form == "json" else call.text(f"cli.archive.state_{each.state}"),
        "sort": given.kind,
        "unit": given.unit,
        "period": given.period,
        "title": given.title,
        "file": given.file,
        "readable": each.readable,
    }


@complaints.command("old-reports", help="complaints_old_reports")
@option("--search", metavar="TEXT", default="", help="archive_search")
@option("--kind", "sort", type=click.Choice(SORTS), help="archive_sort")
@option("--format", "form", type=FORM, default="table", help="format")
@common
@click.pass_obj
def old_reports(call: Call, search: str, sort: str | None, form: str) -> None:
    """List earlier reports, the latest period first; the table leaves out what was withdrawn."""
    from ganzhi.complaints.archive.desk import ArchiveDesk, ArchiveQuery
    from ganzhi.wiring import opened

    with opened(call.root) as workspace:
        page = ArchiveDesk(workspace.workplace).page(LOCAL, ArchiveQuery(search, cast("Sort | None", sort)))
    rows = page.rows if form == "json" else page.standing
    if not rows and form != "json":
        call.say("cli.archive.none")
    _write(call, ("number", "sort", "unit", "period", "title", "file"), [_record(each) for each in rows], form)


def _record(row: ArchiveRow) -> Record:
    note = row.note
    return {
        "number": note.number,
        "sort": row.head.sort,
        "unit": row.head.unit,
        "period": row.head.period,
        "title": note.title,
        "file": note.file_name,
        "sha256": note.file_digest,
        "readable": row.head.readable,
        "excerpt": row.excerpt or None,
        **standing(note),
    }


@complaints.command("old-report", help="complaints_old_report")
@click.argument("number", type=click.IntRange(1), metavar="N")
@option("--out", type=OUT, metavar="FILE", help="out")
@option("--withdraw", "why", metavar="TEXT", help="archive_withdraw")
@common
@click.pass_obj
def old_report(call: Call, number: int, out: Path | None, why: str | None) -> None:
    """Take the file out; with --withdraw it is withdrawn, after its file was taken where --out says so."""
    from ganzhi.complaints.archive.desk import ArchiveDesk
    from ganzhi.wiring import opened

    who = replace(LOCAL, login=actor())
    with opened(call.root) as workspace:
        desk = ArchiveDesk(workspace.workplace)
        if why is None or out is not None:
            write_out(desk.file(who, number).content, out, sys.stdout.buffer)
        if why is not None:
            desk.withdraw(who, number, why)
            call.say("cli.archive.withdrawn", number=number)
