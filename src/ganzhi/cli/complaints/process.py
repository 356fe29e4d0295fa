"""`ganzhi complaints problems`, `problem`, `faults`, `responsibility`, `classes` and `decisions`: what goes on from the desk."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ganzhi.access.rights import LOCAL
from ganzhi.cli.command import Call, common, option
from ganzhi.cli.complaints.desk import desk_of
from ganzhi.cli.complaints.group import complaints
from ganzhi.cli.complaints.tickets_show import reading, span_of, spanned, ticket_record, write, written
from ganzhi.cli.show.formats import Record

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from ganzhi.complaints.desk.views import FaultRow, ProblemRow
    from ganzhi.complaints.tickets.parties import Evidence

BYS = ("department", "branch", "county")
PROBLEMS = ("id", "title", "mode", "state", "due", "left", "unit", "category", "owner", "links")
PROBLEM = ("at", "actor", "act", "reason")
FAULTS = ("id", "title", "state", "due", "left", "unit", "element", "department", "owner", "opened_for")
TICKETS = ("ticket", "received_at", "unit", "category", "group", "party", "decided", "evidence")
CLASSES = ("value_class", "total", "customers", "repeats", "escalations", "closed", "mean_hours", "kept_share")
WEIGHED = ("ticket", "received_at", "unit", "category", "value_class", "mean_hours", "repeats")


def _at(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone)


def _problem(call: Call, row: ProblemRow, zone: ZoneInfo) -> Record:
    return {
        "id": row.id,
        "title": row.title,
        "mode": row.mode,
        "mode_shown": call.text(f"portal.desk.mode.{row.mode}"),
        "state": row.state,
        "state_shown": call.text(f"portal.desk.problem_state.{row.state}"),
        "reported_at": _at(row.reported_at, zone),
        "due": _at(row.due, zone),
        "left": round(row.left.total_seconds() / 3600, 1),
        "urgency": row.urgency,
        "kept": row.kept,
        "unit": row.unit,
        "category": row.category,
        "owner": row.owner,
        "links": [f"{kind}:{ref}" for kind, ref in row.links],
        "checked": row.checked,
    }


@complaints.command("problems", help="complaints_problems")
@written
@click.pass_obj
def problems(call: Call, /, **given: Any) -> None:
    """List service problems."""
    with desk_of(call) as desk:
        records = [_problem(call, row, desk.workplace.zone) for row in desk.problems(LOCAL).rows]
    write(call, PROBLEMS, records, given)


@complaints.command("problem", help="complaints_problem")
@click.argument("name", metavar="ID")
@written
@click.pass_obj
def problem(call: Call, /, name: str, **given: Any) -> None:
    """Show a problem's history; as JSON with everything about it."""
    with desk_of(call) as desk:
        page, zone = desk.problem(LOCAL, name), desk.workplace.zone
    history: list[Record] = [
        {
            "at": _at(act.at, zone),
            "actor": act.actor,
            "act": act.act,
            "act_shown": call.text(f"portal.desk.act.{act.act}"),
            "reason": str(act.content.get("reason") or act.content.get("title") or ""),
        }
        for act in page.acts
    ]
    if given["form"] == "json":
        found = None if page.reproduced is None else page.reproduced.what
        faults = [_fault(call, each, zone) for each in page.faults]
        one: Record = {"solution": page.solution, "reproduced": found, "faults": faults, "history": history}
        write(call, PROBLEMS, [{**_problem(call, page.row, zone), **one}], given)
        return
    write(call, PROBLEM, history, given)


def _fault(call: Call, row: FaultRow, zone: ZoneInfo) -> Record:
    return {
        "id": row.id,
        "title": row.title,
        "state": row.state,
        "state_shown": call.text(f"portal.desk.fault_state.{row.state}"),
        "opened_at": _at(row.opened_at, zone),
        "due": _at(row.due, zone),
        "left": round(row.left.total_seconds() / 3600, 1),
        "urgency": row.urgency,
        "kept": row.kept,
        "unit": row.unit,
        "element": row.element,
        "department": row.department,
        "department_shown": row.department_name.in_(call.lang),
        "owner": row.owner,
        "opened_for": row.ticket or row.problem,
        "evidence": row.evidence,
        "cause": row.cause,
        "tries": row.tries,
    }


@complaints.command("faults", help="complaints_faults")
@written
@click.pass_obj
def faults(call: Call, /, **given: Any) -> None:
    """List faults."""
    with desk_of(call) as desk:
        records = [_fault(call, row, desk.workplace.zone) for row in desk.fault_desk.faults(LOCAL).rows]
    write(call, FAULTS, records, given)


@complaints.command("responsibility", help="complaints_responsibility")
@option("--by", type=click.Choice(BYS), default="department", help="split_by")
@option("--list", "lists", is_flag=True, help="split_list")
@spanned
@click.pass_obj
def parties(call: Call, /, **given: Any) -> None:
    """Count complaints by whose responsibility they were, or list them with the evidence."""
    from ganzhi.complaints.desk.process.splits import party_names, responsibility

    by = given.pop("by")
    with reading(call) as reader:
        found = responsibility(reader, *span_of(reader, given), by)
        names = {key: text.in_(call.lang) for key, text in party_names(reader, found).items()}
        records: list[Record] = [
            ticket_record(call, reader, each.ticket)
            | {
                "group": each.key,
                "group_shown": _named(call, names, f"key:{each.key}"),
                "party": each.party,
                "party_shown": _named(call, names, f"party:{each.party}"),
                "decided": each.decided,
                "decided_shown": call.text(f"portal.desk.splits.decided.{each.decided}") if each.decided else "",
                "evidence": "; ".join(_evidence(call, names, piece) for piece in each.evidence),
            }
            for each in found.found
        ]
    if given["lists"]:
        write(call, TICKETS, records, given)
        return
    codes = (*found.codes, "none")
    counts: list[Record] = [
        {
            "group": row.key or "all",
            "group_shown": _named(call, names, f"key:{row.key}") if row.key else call.text("portal.desk.splits.all"),
            "total": row.total,
            **{f"party_{code}": row.parties[code] for code in codes},
            "shown": row.shown,
        }
        for row in (*found.rows, found.all)
    ]
    write(call, ("group", "total", *(f"party_{code}" for code in codes), "shown"), counts, given)


def _named(call: Call, names: dict[str, str], key: str) -> str:
    return names.get(key) or call.text("portal.desk.splits.unknown")


def _evidence(call: Call, names: dict[str, str], each: Evidence) -> str:
    if each.kind == "desk":
        return call.text("portal.desk.splits.evidence_desk", text=each.ref, by=each.of)
    return call.text(
        f"portal.desk.splits.evidence_{each.kind}", of=_named(call, names, f"{each.kind}:{each.of}"), ref=each.ref
    )


@complaints.command("classes", help="complaints_classes")
@option("--list", "lists", is_flag=True, help="split_list")
@spanned
@click.pass_obj
def classes(call: Call, /, **given: Any) -> None:
    """Count complaints by class of value, or list them with it."""
    from ganzhi.complaints.tickets.worth import worth

    with reading(call) as reader:
        found = worth(reader, *span_of(reader, given))
        declared = reader.workplace.catalogue.value_classes
        names = {f"key:{code}": each.name.in_(call.lang) for code, each in declared.items()}
        records: list[Record] = [
            ticket_record(call, reader, each.ticket)
            | {
                "value_class": each.key,
                "value_class_shown": _named(call, names, f"key:{each.key}"),
                "mean_hours": None if each.took is None else round(each.took.total_seconds() / 3600, 1),
                "repeats": each.repeated,
            }
            for each in found.found
        ]
    if given["lists"]:
        write(call, WEIGHED, records, given)
        return
    counts: list[Record] = [
        {
            "value_class": row.key or "all",
            "value_class_shown": _named(call, names, f"key:{row.key}")
            if row.key
            else call.text("portal.desk.splits.all"),
            "total": row.total,
            "customers": row.customers,
            "repeats": row.repeats,
            "escalations": row.escalated,
            "closed": row.closed,
            "mean_hours": None if row.hours is None else round(row.hours, 2),
            "kept_share": None if row.kept_share is None else round(row.kept_share, 4),
        }
        for row in (*found.rows, found.all)
    ]
    write(call, CLASSES, counts, given)


@complaints.command("decisions", help="complaints_decisions")
@option(
    "--out",
    "folder",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    required=True,
    metavar="DIR",
    help="decisions_folder",
)
@common
@click.pass_obj
def decisions(call: Call, folder: Path) -> None:
    """Hand decisions over to the ticket system."""
    from ganzhi.complaints.desk.process.outgoing import hand_over
    from ganzhi.wiring import opened

    with opened(call.root) as workspace:
        found = hand_over(workspace.workplace.store, folder, LOCAL.login)
    records: list[Record] = [{"file": each.path.name, "decisions": each.decisions} for each in found]
    if not found:
        call.say("cli.desk.decided_none")
    write(call, ("file", "decisions"), records, {"form": "table", "out": None})
