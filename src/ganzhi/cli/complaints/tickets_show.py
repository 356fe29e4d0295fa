"""What the commands about tickets share: the span they are asked for, and records written as asked."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar

import click

from ganzhi.access.rights import LOCAL
from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import midnight, parse_day
from ganzhi.cli.command import Call, common, option
from ganzhi.cli.show.formats import FORMATS, Record, as_csv, as_json, as_parquet, write_out
from ganzhi.cli.show.table import Column, table

if TYPE_CHECKING:
    from ganzhi.complaints.tickets.read import Ticket
    from ganzhi.measure.build.scope import Reader

P = ParamSpec("P")
R = TypeVar("R")
DAYS: Final = 30
"""Days looked at where none are named."""
SHOWN: Final = "_shown"
SAID: Final = 40
"""Characters of a text in a table for people."""
NUMBERS: Final = frozenset(
    ("times", "days", "tickets", "customers", "expected", "chance", "contacts", "missing", "replied", "closed", "likeness", "earlier",
     "complaint", "trouble", "need", "total", "repeats", "recorded")
)  # fmt: skip

CATEGORIES: Final = {"complaint": "complaint_categories", "trouble": "trouble_causes", "need": "businesses"}
"""The list that names the categories of each kind."""

WRITTEN = (
    option("--format", "form", type=click.Choice(FORMATS), default="table", help="format"),
    option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="out"),
)
SPAN = (
    option("--unit", metavar="UNIT", help="unit"),
    option("--from", "first", metavar="DAY", help="tickets_from"),
    option("--to", "last", metavar="DAY", help="tickets_to"),
    *WRITTEN,
)


def spanned(function: Callable[P, R]) -> Callable[P, R]:
    """Add unit, days, format and file, and what every command has."""
    found = common(function)
    for decorate in reversed(SPAN):
        found = decorate(found)
    return found


def written(function: Callable[P, R]) -> Callable[P, R]:
    """Add format and file, and what every command has."""
    found = common(function)
    for decorate in reversed(WRITTEN):
        found = decorate(found)
    return found


@contextmanager
def reading(call: Call) -> Iterator[Reader]:
    """A reader of the workspace for whoever sits at the machine."""
    from ganzhi.measure.build.scope import Reader
    from ganzhi.measure.open import open_states
    from ganzhi.wiring import opened

    with opened(call.root) as workspace, open_states(workspace.workplace) as states:
        yield Reader(workspace.workplace, states, LOCAL)


def asked_of(reader: Reader, given: Mapping[str, Any]) -> tuple[str, date, date]:
    """The unit and the days asked for: the last thirty of which complaints are known, where none are named."""
    from ganzhi.complaints.tickets.read import known_until

    place = reader.workplace
    until = (known_until(reader) - timedelta(microseconds=1)).astimezone(place.zone).date()
    last = parse_day(given["last"], "to") if given["last"] else until
    first = parse_day(given["first"], "from") if given["first"] else last - timedelta(days=DAYS - 1)
    if last < first:
        raise InputError(Issue("MEA002", "to", params={"first": first.isoformat(), "last": last.isoformat()}))
    return given["unit"] or place.catalogue.root_unit, first, last


def span_of(reader: Reader, given: Mapping[str, Any]) -> tuple[str, datetime, datetime]:
    """The same as a unit and a half-open span of moments."""
    unit, first, last = asked_of(reader, given)
    zone = reader.workplace.zone
    return unit, midnight(first, zone), midnight(last + timedelta(days=1), zone)


def write(call: Call, names: Sequence[str], records: Sequence[Record], given: Mapping[str, Any]) -> None:
    """Records as asked; for people a table with headings, in which `<name>_shown` stands for `<name>`."""
    form = given["form"]
    if form == "json":
        data = as_json([{key: each[key] for key in each if not key.endswith(SHOWN)} for each in records]).encode()
    elif form == "csv":
        data = as_csv(names, records)
    elif form == "parquet":
        data = as_parquet(names, records)
    elif not records:
        data = f"{call.text('cli.tickets.none')}\n".encode()
    else:
        columns = [Column(call.text(f"cli.tickets.{name}"), "right" if name in NUMBERS else "left") for name in names]
        rows = [[shown(call, record.get(f"{name}{SHOWN}", record.get(name))) for name in names] for record in records]
        data = f"{table(columns, rows)}\n".encode()
    write_out(data, given["out"], sys.stdout.buffer)


def shown(call: Call, value: object) -> str:
    """A value for people."""
    match value:
        case None:
            return "–"
        case bool():
            return call.text("cli.complaints.yes") if value else ""
        case float():
            return f"{value:.3g}"
        case datetime():
            return f"{value:%Y-%m-%d %H:%M}"
        case list() | tuple():
            return " ".join(str(each) for each in value)
        case Mapping():
            return " ".join(f"{name}×{number}" for name, number in value.items())
        case str() if len(value) > SAID:
            return value[: SAID - 1] + "…"
        case _:
            return str(value)


def ticket_record(call: Call, reader: Reader, of: Ticket) -> dict[str, object]:
    """What is told of a ticket, with its customer masked and its numbers covered."""
    return {
        "ticket": of.id,
        "kind": of.kind,
        "received_at": local(reader, of.received_at),
        "unit": of.unit,
        "customer": of.customer,
        "category": of.category,
        "category_shown": listed(call, reader, CATEGORIES[of.kind], of.category),
        "product": of.product,
        "product_shown": listed(call, reader, "products", of.product),
        "state": of.state,
        "state_shown": call.text(f"cli.tickets.state_{of.state}"),
        "content": of.content,
    }


def listed(call: Call, reader: Reader, name: str, code: str | None) -> str | None:
    """A code by its name in a list; the code itself when it stands there no longer."""
    entries = reader.workplace.catalogue.code_lists.get(name)
    found = None if entries is None else next((each for each in entries.entries if str(each.to) == code), None)
    return code if found is None or found.name is None else found.name.in_(call.lang)


def local(reader: Reader, at: datetime | None) -> datetime | None:
    """A moment in the workspace's time zone."""
    return None if at is None else at.astimezone(reader.workplace.zone)
