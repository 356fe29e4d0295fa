"""`ganzhi cases find`, `list`, `show` and `tidy`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ganzhi.cli.cases.group import cases, desk_of, path_text, record, state_text
from ganzhi.cli.command import Call, common, option
from ganzhi.cli.findings.group import FORM
from ganzhi.cli.show.formats import Record, as_json, write_out
from ganzhi.cli.show.table import Column, table

if TYPE_CHECKING:
    from ganzhi.complaints.cases.views import CasePage, CaseRow, TidyPage

LISTS = ("usable", "waiting", "drafts", "retired", "all")
TIDY = ("waiting", "overdue", "expiring", "unhelpful", "unused", "homeless")


def show_rows(call: Call, rows: Sequence[CaseRow], form: str, out: Path | None) -> None:
    """Cases as a table or as data."""
    if form == "json":
        write_out(as_json([record(row) for row in rows]).encode(), out, sys.stdout.buffer)
    elif rows:
        names = ("number", "title", "category", "state", "review_on", "used")
        columns = [
            Column(call.text(f"portal.cases.field.{name}"), "right" if name in ("number", "used") else "left", 48)
            for name in names
        ]
        lines = [
            [str(row.number), row.title, path_text(call, row), state_text(call, row), row.review_on.isoformat(), str(row.counts.used)]
            for row in rows
        ]  # fmt: skip
        write_out(f"{table(columns, lines)}\n".encode(), out, sys.stdout.buffer)
    else:
        call.say("cli.cases.none")


@cases.command("find", help="cases_find")
@click.argument("text", nargs=-1, required=True, metavar="TEXT")
@option("--category", metavar="CODE", help="cases_category")
@option("--product", metavar="CODE", help="cases_product")
@option("--most", type=click.IntRange(1, 50), default=5, show_default=True, metavar="N", help="cases_most")
@option("--format", "form", type=FORM, default="table", help="format")
@option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="out")
@common
@click.pass_obj
def find(
    call: Call, text: tuple[str, ...], category: str | None, product: str | None, most: int, form: str, out: Path | None
) -> None:
    """Cases for what a customer said."""
    from ganzhi.access.rights import LOCAL

    with desk_of(call) as desk:
        found = desk.suggest(LOCAL, " ".join(text), category, product, most=most)
    if form == "json":
        data = [
            {**record(each.row), "cause": each.cause, "fix": each.fix, "wording": each.wording} for each in found
        ]  # fmt: skip
        write_out(as_json(data).encode(), out, sys.stdout.buffer)
    elif found:
        names = ("number", "title", "category")
        columns = [Column(call.text(f"portal.cases.field.{name}"), at_most=48) for name in names]
        columns.append(Column(call.text("portal.cases.because"), at_most=32))
        lines = [
            [str(each.row.number), each.row.title, path_text(call, each.row), " ".join(each.row.words)] for each in found
        ]  # fmt: skip
        write_out(f"{table(columns, lines)}\n".encode(), out, sys.stdout.buffer)
    else:
        call.say("cli.cases.none")


@cases.command("list", help="cases_list")
@option("--state", type=click.Choice(LISTS), default="usable", help="cases_state")
@option("--category", metavar="CODE", help="cases_category")
@option("--product", metavar="CODE", help="cases_product")
@option("--format", "form", type=FORM, default="table", help="format")
@option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="out")
@common
@click.pass_obj
def listed(call: Call, state: str, category: str | None, product: str | None, form: str, out: Path | None) -> None:
    """List cases by number."""
    from ganzhi.access.rights import LOCAL
    from ganzhi.complaints.cases.views import CasesQuery

    with desk_of(call) as desk:
        query = CasesQuery(category=category, product=product, listed=state, sort="number")  # type: ignore[arg-type]
        rows = desk.looking(LOCAL).every(query)
    show_rows(call, rows, form, out)


@cases.command("show", help="cases_show")
@click.argument("number", type=click.IntRange(1), metavar="NUMBER")
@option("--version", type=click.IntRange(1), metavar="N", help="cases_version")
@option("--format", "form", type=FORM, default="table", help="format")
@common
@click.pass_obj
def show(call: Call, number: int, version: int | None, form: str) -> None:
    """Show one case."""
    from ganzhi.access.rights import LOCAL

    with desk_of(call) as desk:
        page = desk.looking(LOCAL).page(number, version)
    if form == "json":
        sys.stdout.write(as_json([_record(page)]))
        return
    said = page.content
    click.echo(f"{said.title}\n{path_text(call, page.row)} · {state_text(call, page.row)}")
    for name in ("symptom", "cause", "fix", "wording"):
        click.echo(f"\n{call.text(f'portal.cases.field.{name}')}\n{getattr(said, name)}")
    columns = [Column(call.text(f"portal.cases.{name}")) for name in ("versions", "field.state", "field.note")]
    rows = [
        [str(each.number), call.text(f"portal.cases.version_state.{each.state}"), f"{each.made_by} {each.decided_by or ''} {each.note}".strip()]
        for each in page.versions
    ]  # fmt: skip
    click.echo(f"\n{table(columns, rows)}")


def _record(page: CasePage) -> Record:
    from ganzhi.complaints.cases.content import to_json

    return {
        **record(page.row),
        "content": to_json(page.content),
        "version": page.shown.number,
        "versions": [
            {"number": each.number, "state": each.state, "made_by": each.made_by, "decided_by": each.decided_by} for each in page.versions
        ],
        "history": [{"at": each.at.isoformat(), "actor": each.actor, "act": each.act, "note": each.note} for each in page.history],
    }  # fmt: skip


@cases.command("tidy", help="cases_tidy")
@option("--format", "form", type=FORM, default="table", help="format")
@common
@click.pass_obj
def tidy(call: Call, form: str) -> int:
    """List what wants tidying; 1 when something does."""
    from ganzhi.access.rights import LOCAL

    with desk_of(call) as desk:
        page = desk.looking(LOCAL).tidy()
    if form == "json":
        sys.stdout.write(as_json([{name: [row.number for row in rows] for name, rows in _lists(page)}]))
    else:
        columns = [
            Column(call.text("portal.tidy.title")),
            Column(call.text("portal.cases.field.number"), "right"),
            Column(call.text("portal.cases.field.title"), at_most=60),
        ]
        lines = [
            [call.text(f"portal.tidy.list.{name}"), str(row.number), row.title]
            for name, rows in _lists(page)
            for row in rows
        ]
        if lines:
            click.echo(table(columns, lines))
        else:
            call.say("portal.tidy.headline_none")
    return 1 if page.total else 0


def _lists(page: TidyPage) -> list[tuple[str, Sequence[CaseRow]]]:
    alike = [row for cluster in page.alike or () for row in cluster]
    return [*((name, getattr(page, name)) for name in TIDY), ("alike", alike)]
