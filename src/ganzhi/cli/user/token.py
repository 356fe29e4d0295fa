"""`ganzhi user token add`, `list` and `revoke`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ganzhi.cli.command import Call, Command, Group, common, option
from ganzhi.cli.user.group import FORM, accounts_of, local, print_records

if TYPE_CHECKING:
    from ganzhi.access.rights import Right

RIGHTS: tuple[Right, ...] = ("macro", "dynamic", "list", "unmask", "query", "act", "import", "accounts", "audit")
"""As `access.rights.RIGHTS`, which help need not load; a test holds them equal."""

COLUMNS = ("prefix", "login", "name", "rights", "units", "created", "expires", "used", "revoked")


@click.group("token", cls=Group, help="user_token")
def token() -> None:
    """API tokens."""


@token.command("add", cls=Command, help="user_token_add")
@click.argument("login", metavar="LOGIN")
@option("--name", required=True, metavar="TEXT", help="token_name")
@option("--right", "rights", type=click.Choice(RIGHTS), multiple=True, required=True, help="token_right")
@option("--unit", "units", multiple=True, metavar="CODE", help="token_unit")
@option("--days", type=int, default=90, show_default=True, help="token_days")
@common
@click.pass_obj
def add(call: Call, login: str, name: str, rights: tuple[Right, ...], units: tuple[str, ...], days: int) -> None:
    """Issue a token."""
    with accounts_of(call) as desk:
        owner, catalogue = desk.access.accounts.find(login), desk.workspace.workplace.catalogue
        made = desk.access.tokens.issue(catalogue, owner, name, set(rights), units, days=days, by=desk.by)
        click.echo(made.text)
        call.say("cli.user.token_added", login=owner.login, at=local(desk, made.token.expires_at))


@token.command("list", cls=Command, help="user_token_list")
@click.argument("login", required=False, metavar="LOGIN")
@option("--format", "form", type=FORM, default="table", help="format")
@common
@click.pass_obj
def listed(call: Call, login: str | None, form: str) -> None:
    """List tokens."""
    with accounts_of(call) as desk:
        owner = None if login is None else desk.access.accounts.find(login).login
        records: list[dict[str, object]] = [
            {
                "prefix": each.prefix,
                "login": each.login,
                "name": each.name,
                "rights": list(each.rights),
                "units": list(each.units) or (None if form == "json" else call.text("cli.user.as_owner")),
                "created": local(desk, each.created_at),
                "expires": local(desk, each.expires_at),
                "used": local(desk, each.used_at),
                "revoked": local(desk, each.revoked_at),
            }
            for each in desk.access.tokens.list(owner)
        ]
    print_records(call, form, COLUMNS, records, "no_tokens")


@token.command("revoke", cls=Command, help="user_token_revoke")
@click.argument("prefix", metavar="PREFIX")
@option("--reason", default="", metavar="TEXT", help="token_reason")
@common
@click.pass_obj
def revoke(call: Call, prefix: str, reason: str) -> None:
    """End a token."""
    with accounts_of(call) as desk:
        done = desk.access.tokens.revoke(prefix, by=desk.by, reason=reason)
    call.say("cli.user.token_revoked", prefix=done.prefix, login=done.login)
