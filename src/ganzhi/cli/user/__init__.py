"""`ganzhi user` and `ganzhi audit`: who may sign in, and what was done."""

from __future__ import annotations

from ganzhi.cli.user.audit import audit
from ganzhi.cli.user.change import add, disable, enable, link, password, reset_factor, role, units
from ganzhi.cli.user.group import user
from ganzhi.cli.user.look import listed, sessions, show, sign_out
from ganzhi.cli.user.token import token

for _command in (
    add,
    listed,
    show,
    role,
    units,
    password,
    link,
    reset_factor,
    disable,
    enable,
    sessions,
    sign_out,
    token,
):
    user.add_command(_command)

__all__ = ["audit", "user"]
