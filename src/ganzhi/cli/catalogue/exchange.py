"""`ganzhi catalogue export`, `import` and `import-list`: workbooks and lists, out and in."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ganzhi.base.errors import InputError, Issue
from ganzhi.cli.asking import conditions
from ganzhi.cli.catalogue.decisions import show_judged
from ganzhi.cli.catalogue.group import print_records
from ganzhi.cli.command import Call, Command, common, option
from ganzhi.cli.show.formats import write_out
from ganzhi.cli.show.issues import as_text

if TYPE_CHECKING:
    from ganzhi.catalogue.exchange.listing import Listing

FILE = click.Path(path_type=Path, dir_okay=False)
FORM = click.Choice(["table", "json"])
LIST_COLUMNS = ("row", "item", "name", "code", "verdict", "of", "why", "score")


@click.command("export", cls=Command, help="catalogue_export")
@click.argument("file", type=FILE, metavar="FILE.xlsx")
@common
@click.pass_obj
def export(call: Call, file: Path) -> None:
    """Write the workbook."""
    from ganzhi.catalogue.exchange.shapes import shapes
    from ganzhi.catalogue.exchange.write import workbook
    from ganzhi.wiring import opened

    with opened(call.root) as workspace:
        place = workspace.workplace
        data = workbook(place.catalogue, place.clock.now().astimezone(place.zone))
    write_out(data, file, sys.stdout.buffer)
    call.say("cli.catalogue.done", version=place.catalogue.version, file=file, sheets=len(shapes()))


@click.command("import", cls=Command, help="catalogue_import")
@click.argument("file", type=FILE, metavar="FILE.xlsx")
@option("--author", required=True, metavar="NAME", help="author")
@option("--reason", required=True, metavar="TEXT", help="change_reason")
@option("--format", "form", type=FORM, default="table", help="format")
@common
@click.pass_obj
def import_book(call: Call, file: Path, author: str, reason: str, form: str) -> None:
    """Propose what the workbook changes."""
    from ganzhi.catalogue.exchange.read import read_book, read_change
    from ganzhi.wiring import desk, opened

    book = read_book(file)
    with opened(call.root) as workspace:
        at = desk(workspace)
        if not book.version:
            call.say("cli.catalogue.unnamed")
        base = at.base(book.version or at.current.version)
        reading = read_change(book, base)
        if reading.notes:
            click.echo(as_text(call.lang, reading.notes), err=True)
        if not reading.change:
            call.say("cli.catalogue.nothing")
            return
        judged = at.propose(
            reading.change, author=author, reason=reason, source=file.name, base=base.version, places=reading.places
        )
    show_judged(call, judged, form)


def _rows_said(texts: Sequence[str]) -> dict[int, str]:
    pairs = conditions(texts)
    wrong = [Issue("CLI002", "same", params={"value": number[:60]}) for number in pairs if not number.isdigit()]
    if wrong:
        raise InputError(wrong)
    return {int(number): code for number, code in pairs.items()}


@click.command("import-list", cls=Command, help="catalogue_import_list")
@click.argument("file", type=FILE, metavar="FILE")
@option("--column", "columns", multiple=True, metavar="FIELD=HEADING", help="column")
@option("--same", multiple=True, metavar="ROW=CODE", help="same")
@option("--new", "new", multiple=True, type=int, metavar="ROW", help="new_row")
@option("--author", metavar="NAME", help="author")
@option("--reason", metavar="TEXT", help="change_reason")
@option("--format", "form", type=FORM, default="table", help="format")
@common
@click.pass_obj
def import_list(
    call: Call,
    file: Path,
    columns: tuple[str, ...],
    same: tuple[str, ...],
    new: tuple[int, ...],
    author: str | None,
    reason: str | None,
    form: str,
) -> None:
    """Judge the rows of a list and propose them."""
    from ganzhi.catalogue.exchange.listing import numbered, read_listing
    from ganzhi.wiring import desk, opened

    if (author is None) != (reason is None):
        raise InputError(Issue("CLI003", "--reason" if reason is None else "--author"))
    with opened(call.root) as workspace:
        current = workspace.workplace.catalogue
        listing = read_listing(file, current, conditions(columns), same=_rows_said(same), new=new)
        print_records(call, form, LIST_COLUMNS, numbered(listing))
        _say_counts(call, listing)
        if author is None or reason is None:
            call.say("cli.catalogue.list_only")
            return
        judged = desk(workspace).propose(listing.change, author=author, reason=reason, source=file.name)
    found = judged.difference
    call.say(
        "cli.catalogue.proposed",
        id=judged.proposal.id,
        added=found.count("added"),
        changed=found.count("changed"),
        removed=found.count("removed"),
    )


def _say_counts(call: Call, listing: Listing) -> None:
    if listing.notes:
        click.echo(as_text(call.lang, listing.notes), err=True)
    verdicts = [row.verdict for row in listing.rows]
    call.say(
        "cli.catalogue.list_counts",
        new=verdicts.count("new"),
        duplicate=verdicts.count("duplicate"),
        unclear=verdicts.count("unclear"),
    )
