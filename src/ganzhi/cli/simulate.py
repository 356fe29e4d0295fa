"""`ganzhi simulate`: a province of records with known truth."""

from __future__ import annotations

import re
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import parse_day
from ganzhi.cli.command import Call, Command, common, option
from ganzhi.cli.show.progress import Progress
from ganzhi.cli.show.table import Column, table

if TYPE_CHECKING:
    from ganzhi.province.calendar import Today
    from ganzhi.province.incidents import Incident
    from ganzhi.province.simulate import Report, Request

MOST_DAYS: Final = 3_660


def parse_incident(text: str) -> tuple[str, date | None]:
    """An incident as NAME or NAME@DAY; InputError CLI010 when nobody knows it."""
    from ganzhi.province.incidents import INCIDENTS

    name, at, day = text.partition("@")
    if name not in INCIDENTS:
        raise InputError(Issue("CLI010", name[:64], params={"known": ", ".join(INCIDENTS)}))
    return name, parse_day(day, "incident") if at else None


def make_province(call: Call, folder: Path, request: Request) -> Report:
    """Simulate into a new or empty folder, showing the days as they pass."""
    from ganzhi.province.simulate import simulate as run

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(Issue("CLI009", str(folder)))
    began = time.monotonic()
    with Progress() as progress:

        def on_day(today: Today, days: int) -> None:
            progress.at(call.text("cli.simulate.day", day=today.day.isoformat()), today.index + 1, days)

        report = run(folder, request, on_day)
    for incident in report.incidents:
        _tell(call, incident)
    call.say(
        "cli.simulate.done",
        files=f"{report.files:,}",
        rows=f"{sum(report.rows.values()):,}",
        feeds=len(report.rows),
        seconds=f"{time.monotonic() - began:.1f}",
    )
    call.say("cli.simulate.units", file=folder / "catalogue" / "units.yaml")
    return report


def _tell(call: Call, incident: Incident) -> None:
    from ganzhi.province.incidents import INCIDENTS
    from ganzhi.province.simulate import iso

    kind = INCIDENTS[incident.name]
    call.say(
        "cli.simulate.incident",
        name=incident.name,
        what=getattr(kind, call.lang),
        first=re.sub("T", " ", iso(incident.first)),
        last=re.sub("T", " ", iso(incident.last)),
        running=call.text("cli.simulate.running") if incident.running else "",
    )


def _list_incidents(call: Call) -> None:
    from ganzhi.province.incidents import INCIDENTS

    columns = [Column(call.text(f"cli.simulate.{name}")) for name in ("name", "what", "when")]
    rows = [
        [
            name,
            kind.zh if call.lang == "zh" else kind.en,
            kind.day.isoformat() if kind.day else call.text("cli.simulate.own", days=kind.days_before_end),
        ]
        for name, kind in INCIDENTS.items()
    ]
    click.echo(table(columns, rows))


@click.command("simulate", cls=Command, help="simulate")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", required=False)
@option("--scale", type=float, default=0.01, metavar="S", help="scale")
@option("--days", type=click.IntRange(1, MOST_DAYS), default=60, metavar="N", help="days")
@option("--seed", type=click.IntRange(0, 2**63 - 1), default=1, metavar="K", help="seed")
@option("--incident", "incidents", multiple=True, metavar="NAME", help="incident")
@option("--start", metavar="DAY", help="start")
@option("--clean", is_flag=True, help="clean")
@option("--incidents", "listing", is_flag=True, help="incidents")
@common
@click.pass_obj
def simulate(
    call: Call,
    folder: Path | None,
    scale: float,
    days: int,
    seed: int,
    incidents: tuple[str, ...],
    start: str | None,
    clean: bool,
    listing: bool,
) -> None:
    """Write the province's files."""
    from ganzhi.province.delivery.dirt import Dirt
    from ganzhi.province.simulate import FIRST, Request

    if listing:
        _list_incidents(call)
        return
    if folder is None:
        raise InputError(Issue("CLI003", "DIR"))
    if not 0.0001 <= scale <= 10:
        raise InputError(Issue("CLI011", f"--scale {scale:g}", params={"allowed": "0.0001 – 10"}))
    first = parse_day(start, "start") if start else FIRST
    if not date(2010, 1, 1) <= first <= date(2035, 1, 1):
        raise InputError(Issue("CLI011", f"--start {first}", params={"allowed": "2010-01-01 – 2035-01-01"}))
    named = tuple(parse_incident(each) for each in incidents)
    dirt = Dirt.none() if clean else Dirt()
    make_province(call, folder, Request(scale, days, seed, first, named, dirt))
