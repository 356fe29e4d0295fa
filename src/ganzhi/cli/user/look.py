"""`ganzhi user list`, `show`, `sessions` and `sign-out`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ganzhi.cli.command import Call, Command, common, option
from ganzhi.cli.user.group import FORM, Desk, accounts_of, local, print_records

if TYPE_CHECKING:
    from ganzhi.store.accounts.records import Account

COLUMNS = ("login", "name", "role", "units", "state", "password", "identity", "created")
SESSION_COLUMNS = ("session", "started", "seen", "ends", "agent")
SHOWN_OF_ID = 12


def _record(desk: Desk, account: Account) -> dict[str, object]:
    return {
        "login": account.login,
        "name": account.name,
        "role": account.role,
        "units": list(account.units),
        "state": account.state,
        "password": account.password is not None,
        "identity": account.issuer,
        "locale": account.locale,
        "created": local(desk, account.created_at),
    }


@click.command("list", cls=Command, help="user_list")
@option("--format", "form", type=FORM, default="table", help="format")
@common
@click.pass_obj
def listed(call: Call, form: str) -> None:
    """List accounts."""
    with accounts_of(call) as desk:
        records = [_record(desk, account) for account in desk.access.accounts.list()]
    print_records(call, form, COLUMNS, records, "none")


@click.command("show", cls=Command, help="user_show")
@click.argument("login", metavar="LOGIN")
@option("--format", "form", type=FORM, default="table", help="format")
@common
@click.pass_obj
def show(call: Call, login: str, form: str) -> None:
    """Show an account."""
    with accounts_of(call) as desk:
        record = _record(desk, desk.access.accounts.find(login))
    print_records(call, form, (*COLUMNS, "locale"), [record], "none")


@click.command("sessions", cls=Command, help="user_sessions")
@click.argument("login", metavar="LOGIN")
@option("--format", "form", type=FORM, default="table", help="format")
@common
@click.pass_obj
def sessions(call: Call, login: str, form: str) -> None:
    """List open sessions."""
    with accounts_of(call) as desk:
        found = desk.access.accounts.sessions(desk.access.accounts.find(login).login)
        records: list[dict[str, object]] = [
            {
                "session": each.id[:SHOWN_OF_ID],
                "started": local(desk, each.started_at),
                "seen": local(desk, each.seen_at),
                "ends": local(desk, each.ends_at),
                "agent": each.agent,
            }
            for each in found
        ]
    print_records(call, form, SESSION_COLUMNS, records, "no_sessions")


@click.command("sign-out", cls=Command, help="user_sign_out")
@click.argument("login", metavar="LOGIN")
@option("--session", "beginning", metavar="ID", help="user_session")
@common
@click.pass_obj
def sign_out(call: Call, login: str, beginning: str | None) -> None:
    """End sessions."""
    with accounts_of(call) as desk:
        accounts = desk.access.accounts
        owner = accounts.find(login).login
        if beginning is None:
            count = accounts.end_sessions(owner, by=desk.by)
        else:
            found = [each.id for each in accounts.sessions(owner) if beginning and each.id.startswith(beginning)]
            count = sum(accounts.end_sessions(owner, by=desk.by, session=each) for each in found)
    call.say("cli.user.signed_out", login=owner, count=count)
