"""All accounts, and a new one."""

from __future__ import annotations

from typing import Final

from ganzhi.access.rights import ROLES
from ganzhi.base.errors import InputError
from ganzhi.portal.forms import Form
from ganzhi.portal.links import Links
from ganzhi.portal.page import Crumb, Go, Html, Page
from ganzhi.portal.pages.accounts.shared import complaints, lang_in, ports_of, role_in, units_in
from ganzhi.portal.pages.taken import facts
from ganzhi.portal.ports.accounts import FIRST_ROLE
from ganzhi.portal.present import Words
from ganzhi.portal.refusal import Said
from ganzhi.portal.sheets import Book, Sheet, SheetColumn
from ganzhi.portal.visit import Visit
from ganzhi.store.accounts.accounts import DEMO, written_units
from ganzhi.store.accounts.records import Account

PATH: Final = "/accounts"
_FIELDS: Final = ("login", "name", "role", "reach", "units", "locale")
MOST_SUGGESTED: Final = 200
"""Units offered while a code is typed: the upper levels, as far as this many."""


def way_in(account: Account) -> str:
    """How somebody signs in, as the end of a message key."""
    if account.issuer == DEMO:
        return "by_demo"
    return "by_provider" if account.issuer else "by_password" if account.password else "by_none"


def _suggested(visit: Visit, words: Words) -> list[tuple[str, str]]:
    """Codes and names of units near the top."""
    ground = ports_of(visit).desk.ground
    found: list[tuple[str, str]] = []
    pending = list(visit.visitor.viewer.units) or [ground.top]
    while pending and len(found) < MOST_SUGGESTED:
        below: list[str] = []
        for code in pending:
            found.append((code, words.text(ground.units[code].name)))
            below.extend(ground.children(code))
        pending = below if len(found) + len(below) <= MOST_SUGGESTED else []
    return found


def _page(
    visit: Visit, words: Words, given: Form | None = None, wrong: tuple[Said, ...] = (), status: int = 200
) -> Html:
    """given: a form that could not be acted upon, to be corrected."""
    desk = ports_of(visit).desk
    every = desk.list()
    sought = (visit.text("q") or "").casefold()
    model = {
        "every": every,
        "shown": [a for a in every if sought in a.login.casefold() or sought in a.name.casefold()],
        "q": visit.text("q") or "",
        "first": desk.empty,
        "bounded": desk.bounded,
        "roles": (FIRST_ROLE,) if desk.empty else tuple(ROLES),
        "suggested": _suggested(visit, words),
        "ground": desk.ground,
        "way_in": way_in,
        "given": {key: given.values.get(key, "") if given else "" for key in _FIELDS},
        "wrong": wrong,
    }
    return Html("accounts/listing.html", words.t("accounts.title"), Links(), model, status=status)


def show(visit: Visit, words: Words) -> Html:
    """The accounts and the form for a new one."""
    return _page(visit, words)


def add(visit: Visit, words: Words, form: Form) -> Html | Go:
    """Add an account and show its one-time link, this once."""
    desk = ports_of(visit).desk
    first = desk.empty
    try:
        units = units_in(form)
        made, link = desk.add(form.text("login"), form.text("name"), role_in(form), units, lang_in(form))
    except InputError as error:
        return _page(visit, words, form, complaints(visit, error), 400)
    crumbs = (Crumb(words.t("accounts.title"), PATH), Crumb(made.name))
    model = {"account": made, "address": f"{visit.origin}{link.path}", "until": link.ends_at, "first": first}
    return Html("accounts/given.html", words.t("accounts.given"), Links(), model, crumbs)


def book(visit: Visit, words: Words) -> Book:
    """The accounts as a table."""
    keys = ("login", "name", "role", "units", "state", "how")
    columns = tuple(SheetColumn(key, words.t(f"accounts.{key}")) for key in keys)
    zone = visit.context.zone
    rows = (
        (
            account.login,
            account.name,
            account.role,
            written_units(account.units),
            words.t(f"accounts.{account.state}"),
            words.t(f"accounts.{way_in(account)}"),
            account.created_at.astimezone(zone).replace(tzinfo=None),
        )
        for account in ports_of(visit).desk.list()
    )
    created = SheetColumn("created", words.t("accounts.created"), "instant")
    sheet = Sheet("accounts", words.t("accounts.title"), (*columns, created), rows)
    return Book("accounts", words.t("accounts.title"), facts(visit, words, None), (sheet,), words.t("taken.cut"))


ACCOUNTS = Page("accounts", PATH, show, act=add, book=book, private=True, needs="accounts")
