"""`ganzhi cases approve`, `reject`, `retire`, `restore` and `undo`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from ganzhi.cli.cases.group import cases, desk_of
from ganzhi.cli.command import Call, common, option
from ganzhi.cli.findings.group import actor

if TYPE_CHECKING:
    from ganzhi.complaints.cases.desk import CaseAct

NAMED = click.argument("given", metavar="NUMBER")
MANUAL = option("--manual", is_flag=True, help="cases_manual")
NOTE = option("--note", default="", metavar="TEXT", help="cases_note")


def _act(call: Call, given: str, act: CaseAct, *, manual: bool, note: str = "", number: int = 0) -> None:
    """Do something about a case or a manual as it is now."""
    from ganzhi.access.rights import LOCAL
    from ganzhi.base.errors import InputError, Issue
    from ganzhi.complaints.cases.desk import Asked

    viewer = replace(LOCAL, login=actor())
    with desk_of(call) as desk:
        store = desk.library.place.store.cases
        held = store.manual(given) if manual else store.numbered("case", int(given)) if given.isdecimal() else None
        if held is None:
            raise InputError(Issue("CAS002", given[:64]))
        asked = Asked(act, held.entry.version, note, number)
        if manual:
            desk.act_manual(viewer, given, asked)
        else:
            desk.act_case(viewer, held.entry.number, asked)
    call.say("cli.cases.done", number=given, act=call.text(f"portal.cases.act.{act}"))


@cases.command("approve", help="cases_approve")
@NAMED
@MANUAL
@NOTE
@common
@click.pass_obj
def approve(call: Call, given: str, manual: bool, note: str) -> None:
    """Approve the version that waits."""
    _act(call, given, "approve", manual=manual, note=note)


@cases.command("reject", help="cases_reject")
@NAMED
@MANUAL
@NOTE
@common
@click.pass_obj
def reject(call: Call, given: str, manual: bool, note: str) -> None:
    """Send the version that waits back."""
    _act(call, given, "reject", manual=manual, note=note)


@cases.command("retire", help="cases_retire")
@NAMED
@MANUAL
@NOTE
@common
@click.pass_obj
def retire(call: Call, given: str, manual: bool, note: str) -> None:
    """Retire."""
    _act(call, given, "retire", manual=manual, note=note)


@cases.command("restore", help="cases_restore")
@NAMED
@option("--version", type=click.IntRange(1), required=True, metavar="N", help="cases_version")
@MANUAL
@NOTE
@common
@click.pass_obj
def restore(call: Call, given: str, version: int, manual: bool, note: str) -> None:
    """Put a version in force again."""
    _act(call, given, "restore", manual=manual, note=note, number=version)


@cases.command("undo", help="cases_undo")
@NAMED
@MANUAL
@common
@click.pass_obj
def undo(call: Call, given: str, manual: bool) -> None:
    """Undo one's own last act."""
    _act(call, given, "undo", manual=manual)
