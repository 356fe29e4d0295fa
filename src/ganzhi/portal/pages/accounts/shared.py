"""What the pages of accounts share: their ports, where a visit may go on to, and what is wrong in words."""

from __future__ import annotations

from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException

from ganzhi.access.refused import NotSignedInError
from ganzhi.access.rights import ROLES, RoleName, Viewer
from ganzhi.access.signin import Started
from ganzhi.base.errors import InputError, Issue
from ganzhi.base.messages import LANGS, Lang
from ganzhi.portal.forms import Form
from ganzhi.portal.gate.cookies import ENTRY, LANG, SESSION
from ganzhi.portal.page import Go
from ganzhi.portal.ports.accounts import AccountPorts
from ganzhi.portal.refusal import Said, said_of
from ganzhi.portal.visit import Visit
from ganzhi.store.accounts.accounts import read_units, written_units
from ganzhi.store.accounts.records import Account

LONGEST_NEXT: Final = 2_000
LONGEST_PASSWORD: Final = 2_000
"""Characters of a password that are looked at; longer ones are refused anyway."""

_WAYS_IN: Final = ("/sign-in", "/sign-out", "/welcome", "/demo")


def ports_of(visit: Visit) -> AccountPorts:
    """The ports; a portal without any answers 404."""
    if visit.context.accounts is None:
        raise HTTPException(404)
    return visit.context.accounts


def own_path(given: str) -> str | None:
    r"""The address within this portal that a visit may go on to; None for anything that might lead elsewhere.

    >>> own_path("/overview?region=LJ"), own_path("//evil.example"), own_path("/\\evil.example"), own_path("https:/x")
    ('/overview?region=LJ', None, None, None)
    """
    if not given.startswith("/") or given.startswith("//") or len(given) > LONGEST_NEXT:
        return None
    if "\\" in given or not given.isprintable():
        return None
    try:
        parts = urlsplit(given)
    except ValueError:
        return None
    if parts.scheme or parts.netloc or any(parts.path == way or parts.path.startswith(f"{way}/") for way in _WAYS_IN):
        return None
    return given


def landing(viewer: Viewer) -> str:
    """Where a visit of somebody begins."""
    return ROLES[viewer.role].landing


def come_in(visit: Visit, started: Started, onward: str | None) -> Go:
    """Let somebody in: the new session's cookie in place of whatever there was, their language where none was chosen."""
    former = visit.visitor
    if former.session is not None:
        ports_of(visit).entry.end(former.viewer.login, former.session)
    cookies: dict[str, str | None] = {SESSION: started.secret, ENTRY: None}
    if LANG not in visit.cookies:
        cookies[LANG] = started.session.locale
    return Go(onward or landing(started.session.viewer), cookies)


def complaints(visit: Visit, error: InputError | NotSignedInError) -> tuple[Said, ...]:
    """What is wrong, in the reader's words."""
    issues = error.issues if isinstance(error, InputError) else (error.issue,)
    return tuple(said_of(visit, issue) for issue in issues)


def password_in(form: Form, name: str) -> str:
    """A password field as it was typed, blanks included."""
    return form.values.get(name, "")[: LONGEST_PASSWORD + 1]


def new_password(form: Form, name: str) -> str:
    """A new password, typed twice; InputError POR047 when the two differ."""
    password = password_in(form, name)
    if password != password_in(form, "again"):
        raise InputError(Issue("POR047", name))
    return password


def lang_in(form: Form) -> Lang:
    """The language chosen in a form."""
    return next((lang for lang in LANGS if lang == form.text("locale")), "zh")


def role_in(form: Form) -> RoleName:
    """The role chosen in a form, as it was given: whether it exists is for the port to say."""
    return form.text("role", 40)  # type: ignore[return-value]


def units_in(form: Form) -> tuple[str, ...]:
    """The units typed in a form for a new account, empty for the whole organisation; InputError POR046 for neither."""
    units = tuple(dict.fromkeys(form.text("units", 2_000).split()))
    whole = form.text("reach") == "whole"
    if not whole and not units:
        raise InputError(Issue("POR046", "units"))
    return () if whole else units


def seen_in(form: Form, now: Account) -> Account:
    """The account as the form's page showed it, so that a change by somebody else meanwhile is noticed."""
    version = form.text("version", 9)
    if not (version.isascii() and version.isdigit()) or int(version) > now.version:
        raise InputError(Issue("POR003", "version", params={"value": version[:9], "most": str(now.version)}))
    if int(version) == now.version:
        return now
    # An older state, for the page that shows both: what the trail says a change was made from never comes from a form.
    return replace(
        now,
        version=int(version),
        role=form.text("seen_role", 40) or now.role,
        units=read_units(form.text("seen_units", 20_000) or written_units(now.units)),
        name=form.text("seen_name") or now.name,
        state="disabled" if form.text("seen_state") == "disabled" else "active",
    )
