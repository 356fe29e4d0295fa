"""`ganzhi catalogue proposals`, `show`, `approve` and `reject`: what is proposed and what becomes of it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, get_args

import click

from ganzhi.base.periods import parse_day
from ganzhi.cli.catalogue.group import print_records
from ganzhi.cli.command import Call, Command, common, option
from ganzhi.cli.show.formats import as_json
from ganzhi.cli.show.issues import as_text

if TYPE_CHECKING:
    from ganzhi.store.revisions.desk import Judged
    from ganzhi.store.revisions.proposals import Proposal

FORM = click.Choice(["table", "json"])
STATES = click.Choice(["proposed", "approved", "rejected", "withdrawn"])
LIST_COLUMNS = ("id", "state", "author", "reason", "source", "created")
DIFF_COLUMNS = ("kind", "code", "how", "effect", "field", "old", "new")


def as_record(proposal: Proposal) -> dict[str, object]:
    """A proposal without its content."""
    return {
        "id": proposal.id,
        "state": proposal.state,
        "author": proposal.author,
        "reason": proposal.reason,
        "source": proposal.source,
        "created": proposal.created_at.isoformat(timespec="seconds"),
        "base_version": proposal.base_version,
        "decided_by": proposal.decided_by,
        "decided": None if proposal.decided_at is None else proposal.decided_at.isoformat(timespec="seconds"),
        "note": proposal.note,
        "resulting_version": proposal.resulting_version,
    }


def show_judged(call: Call, judged: Judged, form: str) -> None:
    """The difference a proposal makes, and what to know about it."""
    from ganzhi.catalogue.exchange.difference import as_records

    found, proposal = judged.difference, judged.proposal
    if form == "json":
        whole = {**as_record(proposal), "meanings": list(found.meanings), "changes": as_records(found)}
        sys.stdout.write(as_json([whole]))
    else:
        print_records(call, form, DIFF_COLUMNS, as_records(found))
    if judged.rebased_from is not None:
        call.say("cli.catalogue.rebased", base=judged.rebased_from, current=found.old)
    if judged.warnings:
        of_mine = [issue for issue in judged.warnings if issue.at is None or not issue.at.file.startswith("pack/")]
        if of_mine:
            click.echo(as_text(call.lang, of_mine), err=True)
    if found.meanings:
        call.say("cli.catalogue.meanings", codes=", ".join(found.meanings))
    if proposal.state == "proposed":
        call.say(
            "cli.catalogue.proposed",
            id=proposal.id,
            added=found.count("added"),
            changed=found.count("changed"),
            removed=found.count("removed"),
        )


@click.command("proposals", cls=Command, help="catalogue_proposals")
@option("--state", type=STATES, help="proposal_state")
@option("--format", "form", type=FORM, default="table", help="format")
@common
@click.pass_obj
def proposals(call: Call, state: str | None, form: str) -> None:
    """List proposals."""
    from ganzhi.store.revisions.proposals import ProposalState
    from ganzhi.wiring import opened

    wanted: ProposalState | None = next((each for each in get_args(ProposalState) if each == state), None)
    with opened(call.root) as workspace:
        found = workspace.workplace.store.proposals.list(wanted)
    print_records(call, form, LIST_COLUMNS, [as_record(each) for each in found])


@click.command("show", cls=Command, help="catalogue_show")
@click.argument("identity", metavar="ID")
@option("--format", "form", type=FORM, default="table", help="format")
@common
@click.pass_obj
def show(call: Call, identity: str, form: str) -> None:
    """Show one proposal."""
    from ganzhi.wiring import desk, opened

    with opened(call.root) as workspace:
        proposal = workspace.workplace.store.proposals.get(identity)
        if form == "table":
            click.echo(_head(call, proposal))
        show_judged(call, desk(workspace).judge(proposal), form)


def _head(call: Call, proposal: Proposal) -> str:
    decided = "–"
    if proposal.decided_at is not None:
        decided = " · ".join(
            part for part in (proposal.decided_by, f"{proposal.decided_at:%Y-%m-%d %H:%M} UTC", proposal.note) if part
        )
    return call.text(
        "cli.catalogue.head",
        id=proposal.id,
        state=call.text(f"cli.catalogue.word.state_{proposal.state}"),
        base=proposal.base_version,
        author=proposal.author,
        reason=proposal.reason,
        source=proposal.source,
        created=f"{proposal.created_at:%Y-%m-%d %H:%M} UTC",
        decided=decided,
        result=proposal.resulting_version or "–",
    )


@click.command("approve", cls=Command, help="catalogue_approve")
@click.argument("identity", metavar="ID")
@option("--by", required=True, metavar="NAME", help="decided_by")
@option("--note", default="", metavar="TEXT", help="decision_note")
@option("--valid-from", metavar="DAY", help="valid_from")
@option("--format", "form", type=FORM, default="table", help="format")
@common
@click.pass_obj
def approve(call: Call, identity: str, by: str, note: str, valid_from: str | None, form: str) -> None:
    """Put a proposal in force."""
    from ganzhi.wiring import desk, opened

    day = parse_day(valid_from, "valid-from") if valid_from else None
    with opened(call.root) as workspace:
        proposal = workspace.workplace.store.proposals.get(identity)
        judged = desk(workspace).approve(proposal, by=by, note=note, valid_from=day)
        history = workspace.workplace.store.catalogues.history()
    show_judged(call, judged, form)
    version = next(each for each in history if each.version == judged.result.version)
    call.say("cli.catalogue.approved", by=by, version=version.version, day=version.valid_from)


@click.command("reject", cls=Command, help="catalogue_reject")
@click.argument("identity", metavar="ID")
@option("--by", required=True, metavar="NAME", help="decided_by")
@option("--note", default="", metavar="TEXT", help="decision_note")
@option("--withdraw", is_flag=True, help="withdraw")
@common
@click.pass_obj
def reject(call: Call, identity: str, by: str, note: str, withdraw: bool) -> None:
    """End a proposal without effect."""
    from ganzhi.wiring import opened

    with opened(call.root) as workspace:
        store = workspace.workplace.store.proposals
        done = store.close(store.get(identity), "withdrawn" if withdraw else "rejected", by=by, note=note)
    call.say("cli.catalogue.rejected", id=done.id, state=call.text(f"cli.catalogue.word.state_{done.state}"))
