"""Choosing units level by level, without a script: what is chosen, and what lies below one unit or fits a search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ganzhi.access.rights import Ground
from ganzhi.base.errors import InputError
from ganzhi.portal.forms import Form
from ganzhi.portal.links import url
from ganzhi.portal.present import Words
from ganzhi.portal.visit import Visit
from ganzhi.store.accounts.records import Account

MOST: Final = 100
"""Units listed at once."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A unit to tick. below: the page that lists the units below it, None when there are none."""

    code: str
    name: str
    chosen: bool
    below: str | None = None


@dataclass(frozen=True, slots=True)
class Picker:
    """chosen: the account's units. offered: what else may be ticked. at: the unit whose children they are, None for
    what fits `q`. up: the page one level higher. more: how many are not listed."""

    whole: bool
    chosen: tuple[Choice, ...]
    offered: tuple[Choice, ...]
    at: Choice | None
    q: str
    up: str | None
    more: int


def picker(ground: Ground, account: Account, visit: Visit, words: Words) -> Picker:
    """The picker of an account's page; `at` and `q` in its address say where it stands."""
    path, q = visit.path, visit.text("q") or ""
    asked = visit.text("at") or ground.top
    try:
        place = ground.unit(asked)
    except InputError:
        asked = ground.top
        place = ground.unit(asked)

    def choice(code: str) -> Choice:
        below = url(path, {"at": code}) + "#units" if ground.children(code) else None
        name = words.text(ground.units[code].name) if code in ground.units else code
        return Choice(code, name, code in account.units, below)

    if q:
        sought = q.casefold()
        names = ((code, f"{code} {unit.name.zh} {unit.name.en}".casefold()) for code, unit in ground.units.items())
        codes = [code for code, text in names if sought in text]
    else:
        tops = [code for code in visit.visitor.viewer.units or (ground.top,) if code in ground.units]
        codes = [*(tops if asked == ground.top else []), *ground.children(asked)]
    offered = [code for code in codes if code not in account.units]
    parent = place.parent if place.parent is not None and ground.within(place.parent) else None
    return Picker(
        whole=not account.units,
        chosen=tuple(Choice(code, choice(code).name, True) for code in account.units),
        offered=tuple(choice(code) for code in offered[:MOST]),
        at=None if q else choice(asked),
        q=q,
        up=None if q or parent is None else url(path, {"at": parent}) + "#units",
        more=max(0, len(offered) - MOST),
    )


def picked(form: Form) -> tuple[str, ...] | None:
    """The units a picker's form chose; empty for the whole organisation, None when nothing was chosen."""
    if form.text("reach") == "whole":
        return ()
    return tuple(dict.fromkeys(form.lists.get("units", ()))) or None
