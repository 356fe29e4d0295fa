"""`ganzhi complaints source`: what a complaint leads back to, and what stands near it in time (S001-024)."""

from __future__ import annotations

import dataclasses
import sys
from datetime import datetime
from typing import TYPE_CHECKING

import click

from ganzhi.access.rights import LOCAL
from ganzhi.cli.command import Call, common, option
from ganzhi.cli.complaints.group import complaints
from ganzhi.cli.findings.group import FORM
from ganzhi.cli.observe import number
from ganzhi.cli.show.formats import as_json, write_out
from ganzhi.cli.show.table import Column, table

if TYPE_CHECKING:
    from ganzhi.catalogue.model.parts import Text
    from ganzhi.complaints.analysis.source import Source

NEAREST = 20
"""Records of the customer in the table."""


@complaints.command("source", help="complaints_source")
@click.argument("complaint", metavar="ID")
@option("--format", "form", type=FORM, default="table", help="format")
@common
@click.pass_obj
def source(call: Call, complaint: str, form: str) -> None:
    """Follow a complaint back."""
    from ganzhi.complaints.analysis.source import source_of
    from ganzhi.measure.build.scope import Reader
    from ganzhi.measure.open import open_states
    from ganzhi.wiring import opened

    with opened(call.root) as workspace, open_states(workspace.workplace) as states:
        found = source_of(Reader(workspace.workplace, states, LOCAL), complaint)
    call.say("csource.honest")
    if form == "json":
        write_out(as_json([_plain(each) for each in (found.links, found.standing, found.near, found.evidence)]).encode(), None, sys.stdout.buffer)  # fmt: skip
        return
    write_out(f"{_tables(call, found)}\n".encode(), None, sys.stdout.buffer)


def _plain(found: tuple[object, ...]) -> dict[str, object]:
    """Entries of one kind as JSON, under the name of the kind."""
    name = type(found[0]).__name__.lower() if found else "none"
    return {
        name: [
            _value(dataclasses.asdict(each))
            for each in found
            if dataclasses.is_dataclass(each) and not isinstance(each, type)
        ]
    }


def _value(value: object) -> object:
    from ganzhi.catalogue.model.parts import Text

    if isinstance(value, Text):
        return {"zh": value.zh, "en": value.en}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): _value(each) for key, each in value.items()}
    return [_value(each) for each in value] if isinstance(value, (list, tuple)) else value


def _tables(call: Call, found: Source) -> str:
    def said(text: Text | None) -> str:
        return "" if text is None else text.in_(call.lang)

    def word(key: str) -> str:
        return call.text(f"csource.{key}")

    def columns(*keys: str) -> list[Column]:
        return [Column(word(f"column.{key}")) for key in keys]

    links = [[word(f"kind.{e.kind}"), said(e.name), word(f"how.{e.how}"), said(e.note)] for e in found.links]
    standing = [
        [
            word(f"kind.{e.kind}"),
            said(e.name),
            e.at.isoformat(timespec="minutes"),
            number(e.hours, 1),
            word(f"why.{e.why}"),
        ]
        for e in found.standing
    ]
    near = [
        [
            said(e.feed_name),
            e.at.isoformat(timespec="minutes"),
            number(e.hours, 1),
            " ".join(f"{said(a)}={said(b)}" for a, b in e.told),
        ]
        for e in found.near[:NEAREST]
    ]
    evidence = [
        [word(f"source.{e.source}"), said(e.name), number(e.value), number(e.before), str(e.n)] for e in found.evidence
    ]
    parts = (
        ("links", columns("kind", "name", "how", "owner"), links),
        ("standing", columns("kind", "name", "at", "hours", "why"), standing),
        ("near", columns("feed", "at", "hours", "told"), near),
        ("evidence", columns("source", "name", "value", "before_value", "n"), evidence),
    )
    return "\n\n".join(
        f"# {word(key)}\n{table(heads, rows) if rows else word(f'no_{key}')}" for key, heads, rows in parts
    )
