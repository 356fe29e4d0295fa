"""One account: name, role, units, state, one-time link, sessions, tokens; and the conflict of two edits at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ganzhi.access.rights import ROLES
from ganzhi.base.errors import InputError, Issue
from ganzhi.portal.forms import Form
from ganzhi.portal.links import Links, url
from ganzhi.portal.page import Crumb, Go, Html, Page
from ganzhi.portal.pages.accounts.listing import PATH as LIST_PATH
from ganzhi.portal.pages.accounts.listing import way_in
from ganzhi.portal.pages.accounts.picker import picked, picker
from ganzhi.portal.pages.accounts.shared import complaints, lang_in, ports_of, role_in, seen_in
from ganzhi.portal.present import Words
from ganzhi.portal.refusal import Said
from ganzhi.portal.visit import Visit
from ganzhi.store.accounts.accounts import DEMO
from ganzhi.store.accounts.records import Account, AccountChangedError


def path_of(login: str) -> str:
    """The page of an account."""
    return f"{LIST_PATH}/{login}"


def _crumbs(words: Words, account: Account, *more: Crumb) -> tuple[Crumb, ...]:
    own = Crumb(account.name, path_of(account.login) if more else None)
    return (Crumb(words.t("accounts.title"), LIST_PATH), own, *more)


def _page(
    visit: Visit,
    words: Words,
    *,
    done: str | None = None,
    wrong: tuple[Said, ...] = (),
    at: str = "",
    status: int = 200,
) -> Html:
    desk = ports_of(visit).desk
    account = desk.find(visit.codes["login"])
    model = {
        "account": account,
        "ground": desk.ground,
        "roles": tuple(ROLES),
        "bounded": desk.bounded,
        "picker": picker(desk.ground, account, visit, words),
        "sessions": desk.sessions(account),
        "tokens": desk.tokens(account),
        "now": visit.context.clock.now(),
        "how": way_in(account),
        "ruled": bool(account.issuer) and account.issuer != DEMO,
        "itself": account.login == visit.visitor.viewer.login,
        "done": done,
        "wrong": wrong,
        "at": at,
    }
    return Html(
        "accounts/one.html",
        f"{account.name} · {words.t('accounts.title')}",
        Links(),
        model,
        _crumbs(words, account),
        status=status,
    )


def show(visit: Visit, words: Words) -> Html:
    """The account."""
    return _page(visit, words, done=words.t("accounts.saved") if visit.query.get("done") == "saved" else None)


def _back(visit: Visit, **more: str | None) -> Go:
    return Go(url(path_of(visit.codes["login"]), {"done": "saved", **more}))


def _rename(visit: Visit, words: Words, form: Form, seen: Account) -> Html | Go:
    ports_of(visit).desk.rename(seen, form.text("name"), lang_in(form))
    return _back(visit)


def _role(visit: Visit, words: Words, form: Form, seen: Account) -> Html | Go:
    ports_of(visit).desk.set_role(seen, role_in(form))
    return _back(visit)


def _units(visit: Visit, words: Words, form: Form, seen: Account) -> Html | Go:
    desk = ports_of(visit).desk
    units = picked(form)
    if units is None:
        raise InputError(Issue("POR046", "units"))
    desk.set_units(seen, units)
    return _back(visit, at=form.text("at_unit", 64))


def _disable(visit: Visit, words: Words, form: Form, seen: Account) -> Html | Go:
    ports_of(visit).desk.set_state(seen, active=False)
    return _back(visit)


def _enable(visit: Visit, words: Words, form: Form, seen: Account) -> Html | Go:
    ports_of(visit).desk.set_state(seen, active=True)
    return _back(visit)


def _link(visit: Visit, words: Words, form: Form, seen: Account) -> Html | Go:
    link = ports_of(visit).desk.link(seen)
    model = {"account": seen, "address": f"{visit.origin}{link.path}", "until": link.ends_at, "first": False}
    title = words.t("accounts.given")
    return Html("accounts/given.html", title, Links(), model, _crumbs(words, seen, Crumb(title)))


def _end(visit: Visit, words: Words, form: Form, seen: Account) -> Html | Go:
    ended = ports_of(visit).desk.end_sessions(seen, form.text("session"))
    return _page(visit, words, done=words.t("own.ended", n=ended))


def _revoke(visit: Visit, words: Words, form: Form, seen: Account) -> Html | Go:
    ports_of(visit).desk.revoke(seen, form.text("prefix"))
    return _page(visit, words, done=words.t("own.revoked"))


_ACTS: Final[dict[str, Callable[[Visit, Words, Form, Account], Html | Go]]] = {
    "about": _rename,
    "role": _role,
    "units": _units,
    "disable": _disable,
    "enable": _enable,
    "link": _link,
    "end": _end,
    "revoke": _revoke,
}


def act(visit: Visit, words: Words, form: Form) -> Html | Go:
    """Do what the form asks for; the page again with what is wrong, or both states when somebody was quicker."""
    now = ports_of(visit).desk.find(visit.codes["login"])
    asked = form.text("do")
    if asked not in _ACTS:
        return _page(visit, words)
    try:
        return _ACTS[asked](visit, words, form, seen_in(form, now))
    except AccountChangedError as error:
        return _conflict(visit, words, form, error)
    except InputError as error:
        return _page(visit, words, wrong=complaints(visit, error), at=asked, status=400)


def _conflict(visit: Visit, words: Words, form: Form, error: AccountChangedError) -> Html:
    """What was seen, what was wanted, and what stands there now."""
    wanted: dict[str, object] = {}
    match form.text("do"):
        case "about":
            wanted = {"name": form.text("name")}
        case "role":
            wanted = {"role": role_in(form)}
        case "units":
            wanted = {"units": picked(form) or ()}
        case "disable":
            wanted = {"state": "disabled"}
        case "enable":
            wanted = {"state": "active"}
    title = words.t("conflict.title")
    model = {"seen": error.seen, "now": error.now, "wanted": wanted, "ground": ports_of(visit).desk.ground}
    crumbs = _crumbs(words, error.now, Crumb(title))
    return Html("accounts/conflict.html", title, Links(), model, crumbs, status=409)


ACCOUNT = Page("account_of", "/accounts/{login}", show, act=act, private=True, needs="accounts")
