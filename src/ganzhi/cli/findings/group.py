"""The group itself, who acts, and how findings look on a terminal."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.messages import catalogue, placeholders
from ganzhi.cli.command import Call, Group
from ganzhi.cli.show.formats import Record, as_json
from ganzhi.cli.show.table import Column, table

if TYPE_CHECKING:
    from ganzhi.store.findings.records import Entry, Finding

FORM = click.Choice(["table", "json"])
UNKNOWN = "–"
SHORT = 12


@click.group("findings", cls=Group, help="findings")
def findings() -> None:
    """Findings."""


def actor() -> str:
    """Who acts, in history and trail."""
    return f"console:{getpass.getuser()}"


def grade_text(call: Call, grade: int) -> str:
    """A grade in words."""
    from ganzhi.improve.heard import grade_name

    return call.text(f"findings.grade.{grade_name(grade) if grade else 'none'}")


def reason_text(call: Call, entry: Entry) -> str:
    """Why something was done: a sentence where the reason is a code of ours, otherwise as somebody wrote it."""
    known = catalogue(call.lang)
    if (key := f"findings.reason.{entry.reason}") in known:
        return call.text(key)
    if (key := f"warn.reason.{entry.reason}") in known:
        given: Any = entry.detail.get("reasons") or [{}]
        params = dict(given[-1].get("params") or {})
        words = {
            name: call.text(f"findings.grade.{value}") if name == "grade" else value for name, value in params.items()
        }
        return call.text(key, **words) if placeholders(known[key]) <= set(words) else entry.reason
    return entry.reason


def time_text(at: datetime | None, zone: ZoneInfo) -> str:
    """An instant to the minute, local."""
    return UNKNOWN if at is None else f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def instant(text: str | None, zone: ZoneInfo, field: str) -> datetime | None:
    """A local day or minute, as somebody typed it; REQ003 for anything else."""
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(Issue("REQ003", field, params={"value": text[:64]})) from None
    return at if at.tzinfo is not None else at.replace(tzinfo=zone)


def slice_text(finding: Finding) -> str:
    """The slice as `dimension=value`."""
    return " ".join(f"{name}={value}" for name, value in json.loads(finding.slice).items())


def record(finding: Finding) -> Record:
    """A finding as data."""
    from ganzhi.improve.heard import grade_name

    found: Record = {name: getattr(finding, name) for name in type(finding).__slots__}
    found = {
        **found,
        "grade": grade_name(finding.grade) if finding.grade else None,
        "highest": grade_name(finding.highest),
        "told": grade_name(finding.told) if finding.told else None,
        "slice": json.loads(finding.slice),
    }
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in found.items()}


def print_table(
    call: Call, form: str, keys: Sequence[str], rows: Sequence[Sequence[str]], records: Sequence[Record]
) -> None:
    """Rows under the headings `findings.column.<key>`, or the records as JSON."""
    if form == "json":
        sys.stdout.write(as_json(records))
    elif rows:
        click.echo(table([Column(call.text(f"findings.column.{key}")) for key in keys], rows))
    else:
        call.say("findings.none")
