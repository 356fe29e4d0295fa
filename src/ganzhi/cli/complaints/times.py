"""`ganzhi complaints times` and `enquiries`: how long ticket steps took, and what the hotline is asked about."""

from __future__ import annotations

import sys

import click

from ganzhi.access.rights import LOCAL
from ganzhi.cli.command import Call, common, option
from ganzhi.cli.complaints.group import complaints
from ganzhi.cli.complaints.spots import _asked
from ganzhi.cli.findings.group import FORM
from ganzhi.cli.observe import number
from ganzhi.cli.show.formats import as_json, write_out
from ganzhi.cli.show.table import Column, table

CUT = click.Choice(["unit", "department", "business", "flow_step"])


@complaints.command("times", help="complaints_times")
@option("--unit", metavar="UNIT", help="unit")
@option("--period", metavar="PERIOD", help="complaints_period")
@option("--by", type=CUT, multiple=True, default=("department",), help="complaints_times_by")
@option("--list", "listed", is_flag=True, help="complaints_times_list")
@option("--format", "form", type=FORM, default="table", help="format")
@common
@click.pass_obj
def times(call: Call, unit: str | None, period: str | None, by: tuple[str, ...], listed: bool, form: str) -> None:
    """List handling times."""
    from ganzhi.complaints.times import CUTS, step_times, summed
    from ganzhi.measure.build.scope import Reader
    from ganzhi.measure.open import open_states
    from ganzhi.wiring import opened

    with opened(call.root) as workspace, open_states(workspace.workplace) as states:
        reader = Reader(workspace.workplace, states, LOCAL)
        steps = step_times(reader, *_asked(reader, unit, period))
    cuts = tuple(cut for cut in CUTS if cut in by)
    records: list[dict[str, object]]
    if listed:
        records = [
            {
                "step": each.step,
                "complaint": each.complaint,
                **{cut: each.keys[cut] for cut in CUTS},
                "assigned_at": each.assigned_at.isoformat(),
                "finished_at": each.finished_at.isoformat(),
                "elapsed_s": each.elapsed_s,
                "working_s": each.working_s,
            }
            for each in steps
        ]
    else:
        records = [
            {
                **dict(zip(cuts, each.keys, strict=True)),
                "steps": each.count,
                "elapsed_h": each.elapsed_h,
                "working_h": each.working_h,
            }
            for each in summed(steps, cuts)
        ]
    _shown(call, records, form)


@complaints.command("enquiries", help="complaints_enquiries")
@option("--unit", metavar="UNIT", help="unit")
@option("--period", metavar="PERIOD", help="complaints_period")
@option("--format", "form", type=FORM, default="table", help="format")
@common
@click.pass_obj
def enquiries(call: Call, unit: str | None, period: str | None, form: str) -> None:
    """List topics of enquiry."""
    from ganzhi.complaints.enquiries import enquiry_topics
    from ganzhi.measure.build.scope import Reader
    from ganzhi.measure.open import open_states
    from ganzhi.wiring import opened

    with opened(call.root) as workspace, open_states(workspace.workplace) as states:
        reader = Reader(workspace.workplace, states, LOCAL)
        found = enquiry_topics(reader, *_asked(reader, unit, period))
    records: list[dict[str, object]] = [
        {
            "topic": each.code,
            "name": each.name.in_(call.lang),
            "enquiries": each.count,
            "share": each.share,
            "expected": each.expected,
            "chance": each.chance,
            "rising": each.rising,
        }
        for each in found.topics
    ]
    _shown(call, records, form)


def _shown(call: Call, records: list[dict[str, object]], form: str) -> None:
    if form == "json":
        write_out(as_json(records).encode(), None, sys.stdout.buffer)
        return
    if not records:
        call.say("cli.complaints.times_none")
        return
    columns = [
        Column(call.text(f"cli.complaints.times_{name}"), "left" if isinstance(value, str) else "right")
        for name, value in records[0].items()
    ]
    rows = [[_cell(call, value) for value in each.values()] for each in records]
    write_out(f"{table(columns, rows)}\n".encode(), None, sys.stdout.buffer)


def _cell(call: Call, value: object) -> str:
    if isinstance(value, bool):
        return call.text("cli.complaints.yes") if value else ""
    if isinstance(value, int):
        return str(value)
    return number(value, 2) if isinstance(value, float) or value is None else str(value) or "–"
