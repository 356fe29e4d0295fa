"""`ganzhi user add`, `role`, `units`, `password`, `link`, `disable` and `enable`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ganzhi.base.errors import InputError
from ganzhi.base.messages import LANGS, Lang
from ganzhi.cli.command import Call, Command, common, option
from ganzhi.cli.user.group import Desk, accounts_of, chosen_units, local, new_password, shown_units

if TYPE_CHECKING:
    from ganzhi.access.rights import RoleName
    from ganzhi.store.accounts.records import Account

ROLES: tuple[RoleName, ...] = (
    "leader",
    "analyst",
    "manager",
    "handler",
    "owner",
    "support",
    "operations",
    "administrator",
)
"""As `access.rights.ROLES`, which help need not load; a test holds them equal."""

ROLE = click.Choice(ROLES)


@click.command("add", cls=Command, help="user_add")
@click.argument("login", metavar="LOGIN")
@option("--name", required=True, metavar="NAME", help="user_name")
@option("--role", "wanted", type=ROLE, required=True, help="user_role")
@option("--unit", "codes", multiple=True, metavar="CODE", help="user_unit")
@option("--whole", is_flag=True, help="user_whole")
@option("--locale", type=click.Choice(LANGS), default="zh", help="user_locale")
@option("--password", "ask", is_flag=True, help="user_password")
@common
@click.pass_obj
def add(
    call: Call, login: str, name: str, wanted: RoleName, codes: tuple[str, ...], whole: bool, locale: Lang, ask: bool
) -> None:
    """Add an account; print its link unless a password is given."""
    from ganzhi.access.accounts import normal_login
    from ganzhi.access.passwords import objections

    units = chosen_units(codes, whole)
    given = new_password(call) if ask else ""
    if ask and (issues := objections(given, normal_login(login))):
        raise InputError(issues)
    with accounts_of(call) as desk:
        catalogue = desk.workspace.workplace.catalogue
        made = desk.access.accounts.add(catalogue, login, name, wanted, units, by=desk.by, locale=locale)
        call.say("cli.user.added", login=made.login, role=made.role)
        if ask:
            desk.access.accounts.set_password(made, given, by=desk.by)
            call.say("cli.user.password_set", login=made.login)
        else:
            _print_link(call, desk, made)


def _print_link(call: Call, desk: Desk, owner: Account) -> None:
    made = desk.access.accounts.issue_link(owner, by=desk.by)
    click.echo(made.path)
    call.say("cli.user.link", login=owner.login, at=local(desk, made.ends_at))


@click.command("role", cls=Command, help="user_role")
@click.argument("login", metavar="LOGIN")
@click.argument("wanted", type=ROLE, metavar="ROLE")
@common
@click.pass_obj
def role(call: Call, login: str, wanted: RoleName) -> None:
    """Give another role."""
    with accounts_of(call) as desk:
        done = desk.access.accounts.set_role(desk.access.accounts.find(login), wanted, by=desk.by)
    call.say("cli.user.role_set", login=done.login, role=done.role)


@click.command("units", cls=Command, help="user_units")
@click.argument("login", metavar="LOGIN")
@option("--unit", "codes", multiple=True, metavar="CODE", help="user_unit")
@option("--whole", is_flag=True, help="user_whole")
@common
@click.pass_obj
def units(call: Call, login: str, codes: tuple[str, ...], whole: bool) -> None:
    """Change the units that are seen."""
    wanted = chosen_units(codes, whole)
    with accounts_of(call) as desk:
        seen = desk.access.accounts.find(login)
        done = desk.access.accounts.set_units(desk.workspace.workplace.catalogue, seen, wanted, by=desk.by)
    call.say("cli.user.units_set", login=done.login, units=shown_units(call, done.units))


@click.command("password", cls=Command, help="user_password")
@click.argument("login", metavar="LOGIN")
@common
@click.pass_obj
def password(call: Call, login: str) -> None:
    """Set a password."""
    with accounts_of(call) as desk:
        seen = desk.access.accounts.find(login)
        done = desk.access.accounts.set_password(seen, new_password(call), by=desk.by)
    call.say("cli.user.password_set", login=done.login)


@click.command("link", cls=Command, help="user_link")
@click.argument("login", metavar="LOGIN")
@common
@click.pass_obj
def link(call: Call, login: str) -> None:
    """Print a link to set a password."""
    with accounts_of(call) as desk:
        _print_link(call, desk, desk.access.accounts.find(login))


@click.command("reset-factor", cls=Command, help="user_reset_factor")
@click.argument("login", metavar="LOGIN")
@common
@click.pass_obj
def reset_factor(call: Call, login: str) -> None:
    """Take a second factor away."""
    with accounts_of(call) as desk:
        seen = desk.access.accounts.find(login)
        gone = desk.access.signin.second.reset(seen.login, by=desk.by)
    call.say(f"cli.user.factor_{'reset' if gone else 'none'}", login=seen.login)


@click.command("disable", cls=Command, help="user_disable")
@click.argument("login", metavar="LOGIN")
@common
@click.pass_obj
def disable(call: Call, login: str) -> None:
    """Shut somebody out."""
    with accounts_of(call) as desk:
        done = desk.access.accounts.disable(desk.access.accounts.find(login), by=desk.by)
    call.say("cli.user.disabled", login=done.login)


@click.command("enable", cls=Command, help="user_enable")
@click.argument("login", metavar="LOGIN")
@common
@click.pass_obj
def enable(call: Call, login: str) -> None:
    """Let somebody in again."""
    with accounts_of(call) as desk:
        done = desk.access.accounts.enable(desk.access.accounts.find(login), by=desk.by)
    call.say("cli.user.enabled", login=done.login)
