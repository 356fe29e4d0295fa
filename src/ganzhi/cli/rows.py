"""`ganzhi rows` and `ganzhi sql`: what stands behind a number, as records and as the query."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from ganzhi.base.errors import InputError
from ganzhi.base.periods import parse_period
from ganzhi.cli.asking import basis_of, check_target, conditions, days, output, todate
from ganzhi.cli.command import Call, Command, common, option
from ganzhi.cli.show.formats import Format, as_csv, as_json, as_parquet, write_out
from ganzhi.cli.show.table import Column, table

if TYPE_CHECKING:
    from ganzhi.measure.open import States
    from ganzhi.measure.records import RecordsPage, RecordsRequest
    from ganzhi.warehouse.workplace import Workplace

ON_A_TERMINAL = 20
CELL = 24


def _local(value: object, zone: ZoneInfo) -> object:
    """Instants in the workspace's zone; everything else as it is."""
    return value.astimezone(zone) if isinstance(value, datetime) else value


def _records(page: RecordsPage, zone: ZoneInfo) -> Iterator[dict[str, object]]:
    names = [column.name for column in page.columns]
    for record in page.records:
        values = (_local(value, zone) for value in record.values)
        yield {**dict(zip(names, values, strict=True)), "_file": record.file, "_line": record.line}


def _all_pages(workplace: Workplace, reading: States, request: RecordsRequest, most: int) -> Iterator[RecordsPage]:
    """Pages until `most` records, or all of them, have come."""
    from ganzhi.measure.records import MOST_PER_PAGE, records

    offset = 0
    while True:
        page = records(workplace, reading, replace(request, offset=offset, limit=min(MOST_PER_PAGE, most - offset)))
        yield page
        offset += len(page.records)
        if not page.records or offset >= min(most, page.total):
            return


def _as_table(found: Sequence[dict[str, object]]) -> str:
    def text(value: object) -> str:
        if isinstance(value, datetime):
            return f"{value:%m-%d %H:%M:%S}"
        return "–" if value is None else str(value)

    used = [name for name in found[0] if any(record[name] is not None for record in found)]
    return table([Column(name, at_most=CELL) for name in used], [[text(r[name]) for name in used] for r in found])


def _encode(form: Format, columns: Sequence[str], found: Sequence[dict[str, object]]) -> bytes:
    match form:
        case "table":
            return f"{_as_table(found)}\n".encode() if found else b""
        case "csv":
            return as_csv(columns, found)
        case "parquet":
            return as_parquet(columns, found)
        case _:
            return as_json(found).encode()


@click.command("rows", cls=Command, help="rows")
@click.argument("code", metavar="CODE")
@option("--unit", metavar="UNIT", help="unit")
@option("--period", required=True, metavar="PERIOD", help="period")
@option("--part", type=click.Choice(["all", "numerator", "denominator"]), default="all", help="part")
@option("--where", multiple=True, metavar="DIM=VALUE", help="where")
@option("--limit", type=click.IntRange(min=1), help="rows_limit")
@todate
@output
@common
@click.pass_obj
def rows(
    call: Call,
    code: str,
    unit: str | None,
    period: str,
    part: str,
    where: tuple[str, ...],
    limit: int | None,
    todate: bool,
    since: str | None,
    form: Format,
    out: Path | None,
) -> None:
    """List the records; their number is the number's count."""
    from ganzhi.measure.open import open_states
    from ganzhi.measure.records import RecordsRequest
    from ganzhi.wiring import opened

    check_target(form, out)
    with opened(call.root) as workspace:
        place = workspace.workplace
        request = RecordsRequest(
            code,
            unit or place.catalogue.root_unit,
            parse_period(period, place.zone),
            part="numerator" if part == "numerator" else "denominator" if part == "denominator" else "all",
            where=conditions(where),
            basis=basis_of(since, todate=todate),
        )
        most = limit or (ON_A_TERMINAL if form == "table" else sys.maxsize)
        with open_states(place) as reading:
            pages = list(_all_pages(place, reading, request, most))
        found = [record for page in pages for record in _records(page, place.zone)]
    columns = [*(column.name for column in pages[0].columns), "_file", "_line"]
    write_out(_encode(form, columns, found), out, sys.stdout.buffer)
    call.say("cli.rows.total", total=f"{pages[0].total:,}", shown=f"{len(found):,}")


@click.command("sql", cls=Command, help="sql")
@click.argument("codes", nargs=-1, required=True, metavar="CODE...")
@option("--engine", default="duckdb", metavar="ENGINE", help="engine")
@option("--by", multiple=True, metavar="DIM", help="by")
@option("--from", "first", metavar="DAY", help="from")
@option("--to", "last", metavar="DAY", help="to")
@common
@click.pass_obj
def sql(
    call: Call, codes: tuple[str, ...], engine: str, by: tuple[str, ...], first: str | None, last: str | None
) -> None:
    """Print every statement that takes part, each under a comment that says which step it is."""
    from ganzhi.measure.statements import statements
    from ganzhi.wiring import opened

    with opened(call.root) as workspace:
        place = workspace.workplace
        try:
            begin, end = days(place, codes, first, last)
        except InputError as error:
            if [issue.code for issue in error.issues] != ["CLI006"]:
                raise
            begin = end = place.clock.now().astimezone(place.zone).date()
        dimensions = tuple(name.strip() for text in by for name in text.split(",") if name.strip())
        found = statements(place.catalogue, codes, engine=engine, first=begin, last=end, by=dimensions)
    for each in found:
        click.echo(f"-- {each.feed}: {each.step} ({each.kind})\n{each.sql};\n")
