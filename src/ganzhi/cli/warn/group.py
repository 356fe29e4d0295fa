"""The group itself, and its options in common."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import click

from ganzhi.base.periods import parse_day
from ganzhi.cli.command import Call, Group
from ganzhi.cli.show.formats import Record, as_json
from ganzhi.cli.show.table import Column, table

if TYPE_CHECKING:
    from ganzhi.warehouse.workplace import Workplace
    from ganzhi.warn.signal import Reason

FORM = click.Choice(["table", "json"])
UNKNOWN = "–"


@click.group("warn", cls=Group, help="warn")
def warn() -> None:
    """Early warning."""


def day_of(workplace: Workplace, codes: Sequence[str], given: str | None, field: str) -> date:
    """A day that was given, or the last one on which anything arrived for the indicators."""
    from ganzhi.cli.asking import days

    return parse_day(given, field) if given else days(workplace, codes, None, None)[1]


def reason_text(call: Call, reason: Reason) -> str:
    """A reason as a sentence."""
    words = {key: call.text(f"warn.grade.{value}") if key == "grade" else value for key, value in reason.params.items()}
    return call.text(f"warn.reason.{reason.code}", **words)


def slice_text(cut: object) -> str:
    """A slice as `dimension=value`."""
    return " ".join(f"{key}={value}" for key, value in cut.items()) if isinstance(cut, dict) else ""


def short(value: float | None, digits: int = 1) -> str:
    """A number for a table; unknown as a dash."""
    if value is None:
        return UNKNOWN
    return f"{value:,.0f}" if value == int(value) else f"{value:,.{digits}f}"


def print_table(
    call: Call, form: str, keys: Sequence[str], rows: Sequence[Sequence[str]], records: Sequence[Record]
) -> None:
    """Rows under the headings `warn.column.<key>`, or the records as JSON. Numbers stand to the right."""
    if form == "json":
        sys.stdout.write(as_json(records))
        return
    numbers = {"value", "expected", "limit", "chance", "drift", "daily", "daily_most", "monthly", "before_daily",
               "before_monthly", "growth", "count", "kept", "alarms", "before_alarms"}  # fmt: skip
    columns = [Column(call.text(f"warn.column.{key}"), "right" if key in numbers else "left") for key in keys]
    click.echo(table(columns, rows) if rows else call.text("warn.none"))
