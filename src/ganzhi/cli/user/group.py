"""The group itself, who acts, and how its tables look."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import click

from ganzhi.base.errors import InputError, Issue
from ganzhi.cli.command import Call, Group
from ganzhi.cli.show.formats import as_json
from ganzhi.cli.show.table import Column, table

if TYPE_CHECKING:
    from ganzhi.access.open import Access
    from ganzhi.wiring import Workspace

FORM = click.Choice(["table", "json"])


@click.group("user", cls=Group, help="user")
def user() -> None:
    """Accounts."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where accounts are changed. by: who acts, in the audit trail; no login can be called so."""

    access: Access
    workspace: Workspace
    by: str


@contextmanager
def accounts_of(call: Call) -> Iterator[Desk]:
    """The accounts of the call's workspace, which is closed again."""
    from ganzhi.access.open import open_access
    from ganzhi.wiring import opened

    with opened(call.root) as workspace:
        access = open_access(workspace.workplace.store, workspace.settings)
        yield Desk(access, workspace, f"console:{getpass.getuser()}")


def chosen_units(units: Sequence[str], whole: bool) -> tuple[str, ...]:
    """The units of `--unit`, or none for `--whole`; InputError ACC044 for neither or both, so nobody sees all by a slip."""
    if bool(units) == whole:
        raise InputError(Issue("ACC044"))
    return tuple(dict.fromkeys(units))


def new_password(call: Call) -> str:
    """A password from the terminal, twice, or one line of standard input; InputError ACC045."""
    if sys.stdin.isatty():
        first, again = (
            click.prompt(call.text(f"cli.user.{key}"), hide_input=True, default="", show_default=False, err=True)
            for key in ("ask_password", "ask_again")
        )
    else:
        first = again = sys.stdin.readline().rstrip("\r\n")
    if first != again or not first:
        raise InputError(Issue("ACC045"))
    return str(first)


def local(desk: Desk, at: datetime | None) -> str | None:
    """An instant in the workspace's zone."""
    return None if at is None else at.astimezone(desk.workspace.settings.zone).isoformat(timespec="seconds")


def print_records(
    call: Call, form: str, columns: Sequence[str], records: Sequence[dict[str, object]], none_key: str
) -> None:
    """Records as a table for people or as JSON for programs; none at all is said."""
    if form == "json":
        sys.stdout.write(as_json(records))
    elif not records:
        call.say(f"cli.user.{none_key}")
    else:
        heads = [Column(call.text(f"cli.user.column.{name}")) for name in columns]
        click.echo(table(heads, [[_cell(call, name, record[name]) for name in columns] for record in records]))


def _cell(call: Call, name: str, value: object) -> str:
    if name == "state":
        return call.text(f"cli.user.word.{value}")
    if name == "password":
        return call.text(f"cli.user.word.{'set' if value else 'unset'}")
    if isinstance(value, list):
        return ", ".join(map(str, value)) or call.text("cli.user.whole")
    return "–" if value is None else str(value)


def shown_units(call: Call, units: Sequence[str]) -> str:
    """Units for a sentence."""
    return ", ".join(units) or call.text("cli.user.whole")
