"""`ganzhi complaints hotspots` and `phrases`: where complaints gather and grow, and what is suddenly being said."""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING

import click

from ganzhi.access.rights import LOCAL
from ganzhi.cli.command import Call, common, option
from ganzhi.cli.complaints.group import complaints
from ganzhi.cli.findings.group import FORM
from ganzhi.cli.observe import number
from ganzhi.cli.show.formats import Record, as_json, write_out
from ganzhi.cli.show.table import Column, table

if TYPE_CHECKING:
    from ganzhi.base.periods import Period
    from ganzhi.complaints.hotspots import Cell
    from ganzhi.measure.build.scope import Reader


def _asked(reader: Reader, unit: str | None, period: str | None) -> tuple[str, Period]:
    from ganzhi.base.periods import Grain, parse_period
    from ganzhi.measure.build.scope import default_period

    place = reader.workplace
    asked = parse_period(period, place.zone) if period else default_period(reader, Grain.WEEK)
    return unit or place.catalogue.root_unit, asked


@complaints.command("hotspots", help="complaints_hotspots")
@option("--unit", metavar="UNIT", help="unit")
@option("--period", metavar="PERIOD", help="complaints_period")
@option("--quality", is_flag=True, help="complaints_quality")
@option("--format", "form", type=FORM, default="table", help="format")
@common
@click.pass_obj
def hotspots(call: Call, unit: str | None, period: str | None, quality: bool, form: str) -> None:
    """List hot spots."""
    from ganzhi.complaints.hotspots import hot_spots
    from ganzhi.measure.build.scope import Reader
    from ganzhi.measure.open import open_states
    from ganzhi.wiring import opened

    with opened(call.root) as workspace, open_states(workspace.workplace) as states:
        reader = Reader(workspace.workplace, states, LOCAL)
        found = hot_spots(reader, *_asked(reader, unit, period), quality=quality)
    if form == "json":
        write_out(as_json([_record(each) for each in found.cells]).encode(), None, sys.stdout.buffer)
        return
    call.say(
        "cli.complaints.spots_about",
        period=found.period.key,
        total=found.total,
        looked=found.looked_at,
        known=found.known,
    )
    names = ("where", "count", "share", "expected", "times", "chance", "why")
    columns = [Column(call.text(f"cli.complaints.{n}"), "left" if n in ("where", "why") else "right") for n in names]
    rows = [_row(call, each) for each in found.cells]
    text = table(columns, rows) if rows else call.text("cli.complaints.no_spots")
    write_out(f"{text}\n".encode(), None, sys.stdout.buffer)


def _row(call: Call, each: Cell) -> list[str]:
    why = [call.text(f"cli.complaints.{word}") for word in ("grown", "large") if getattr(each, word)]
    known = not math.isnan(each.expected)
    return [
        " × ".join(name.in_(call.lang) for name in each.names),
        str(each.count) if each.span == 1 else call.text("cli.complaints.in_two", count=each.count, both=each.recent),
        f"{each.share:.1%}",
        number(each.expected if known else None, 1),
        number(each.times if known else None, 1),
        f"{each.adjusted:.2g}" if known else "–",
        " ".join(why),
    ]


def _record(each: Cell) -> Record:
    known = not math.isnan(each.expected)
    return {
        "sides": list(each.sides),
        "keys": list(each.keys),
        "unit": each.unit,
        "where": dict(each.where),
        "count": each.count,
        "share": each.share,
        "span": each.span,
        "recent": each.recent,
        "expected": each.expected if known else None,
        "adjusted": each.adjusted if known else None,
        "large": each.large,
        "grown": each.grown,
        "mostly": [[name.zh for name in names] for names in each.mostly],
        "spread": [name.zh for name in each.spread],
        "counts": list(each.spark),
    }


@complaints.command("phrases", help="complaints_phrases")
@option("--unit", metavar="UNIT", help="unit")
@option("--period", metavar="PERIOD", help="complaints_period")
@option("--format", "form", type=FORM, default="table", help="format")
@common
@click.pass_obj
def phrases(call: Call, unit: str | None, period: str | None, form: str) -> None:
    """List phrases that are new."""
    from ganzhi.complaints.phrases import emerging_phrases
    from ganzhi.measure.build.scope import Reader
    from ganzhi.measure.open import open_states
    from ganzhi.wiring import opened

    with opened(call.root) as workspace, open_states(workspace.workplace) as states:
        reader = Reader(workspace.workplace, states, LOCAL)
        found = emerging_phrases(reader, *_asked(reader, unit, period))
    if form == "json":
        records = [
            {"text": p.text, "count": p.count, "before": p.before, "expected": p.expected, "z": p.z, "complaints": list(p.complaints)}
            for p in found.phrases
        ]  # fmt: skip
        write_out(as_json(records).encode(), None, sys.stdout.buffer)
        return
    call.say("cli.complaints.phrases_about", period=found.period.key, now=found.now, before=found.before)
    names = ("phrase", "count", "expected", "z")
    columns = [Column(call.text(f"cli.complaints.{n}"), "left" if n == "phrase" else "right") for n in names]
    rows = [[p.text, str(p.count), number(p.expected, 1), number(p.z, 1)] for p in found.phrases]
    text = table(columns, rows) if rows else call.text("cli.complaints.no_phrases")
    write_out(f"{text}\n".encode(), None, sys.stdout.buffer)
