"""`ganzhi cases …`: the case library."""

from __future__ import annotations

from ganzhi.cli.cases.decide import approve, reject, restore, retire, undo
from ganzhi.cli.cases.exchange import give, take_in
from ganzhi.cli.cases.group import cases
from ganzhi.cli.cases.look import find, listed, show, tidy

__all__ = [
    "approve",
    "cases",
    "find",
    "give",
    "listed",
    "reject",
    "restore",
    "retire",
    "show",
    "take_in",
    "tidy",
    "undo",
]
"""The group, and the commands that its modules hang into it."""
