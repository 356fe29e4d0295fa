"""The group itself, and how its tables look."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from ganzhi.cli.command import Call, Group
from ganzhi.cli.show.formats import as_json
from ganzhi.cli.show.table import Column, table

RIGHT = ("row", "score", "rows")


@click.group("catalogue", cls=Group, help="catalogue")
def catalogue() -> None:
    """The catalogue."""


def print_records(call: Call, form: str, columns: Sequence[str], records: Sequence[dict[str, object]]) -> None:
    """Records as a table for people or as JSON for programs; none at all is said."""
    if form == "json":
        sys.stdout.write(as_json(records))
    elif not records:
        call.say("cli.catalogue.none")
    else:
        heads = [
            Column(call.text(f"cli.catalogue.column.{name}"), "right" if name in RIGHT else "left") for name in columns
        ]
        click.echo(table(heads, [[_cell(call, name, record[name]) for name in columns] for record in records]))


def _cell(call: Call, name: str, value: object) -> str:
    from ganzhi.catalogue.exchange.difference import shown

    if name in ("state", "how", "effect", "verdict", "why") and value:
        return call.text(f"cli.catalogue.word.{name}_{value}")
    return f"{value:.2f}" if isinstance(value, float) else shown(value)
