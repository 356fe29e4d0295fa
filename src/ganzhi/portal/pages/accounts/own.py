"""One's own account: name and language, password, sessions, API tokens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ganzhi.access.rights import RIGHTS
from ganzhi.access.tokens import Issued
from ganzhi.base.errors import InputError
from ganzhi.portal.forms import Form
from ganzhi.portal.gate.cookies import LANG
from ganzhi.portal.links import Links
from ganzhi.portal.page import Go, Html, Page
from ganzhi.portal.pages.accounts.shared import complaints, lang_in, new_password, password_in, ports_of, seen_in
from ganzhi.portal.present import Words
from ganzhi.portal.refusal import Said
from ganzhi.portal.visit import Visit
from ganzhi.store.accounts.accounts import DEMO
from ganzhi.store.accounts.records import AccountChangedError

PATH: Final = "/account"
USUAL_DAYS: Final = 90


def _page(
    visit: Visit,
    words: Words,
    *,
    done: str | None = None,
    wrong: tuple[Said, ...] = (),
    at: str = "",
    issued: Issued | None = None,
    status: int = 200,
) -> Html:
    """done: what was done, in words. at: id of the form that `wrong` belongs to. issued: a token to show once."""
    own = ports_of(visit).own
    title = words.t("own.title")
    if visit.visitor.session is None:
        return Html("accounts/none.html", title, Links(), {})
    account = own.account
    model = {
        "account": account,
        "ground": own.ground,
        "factor": own.second.of(account.login),
        "sessions": own.sessions,
        "tokens": own.tokens,
        "may_issue": account.issuer != DEMO,
        "rights": tuple(right for right in RIGHTS if visit.visitor.viewer.may(right)),
        "now": visit.context.clock.now(),
        "done": done,
        "wrong": wrong,
        "at": at,
        "issued": issued,
        "usual_days": USUAL_DAYS,
    }
    return Html("accounts/own.html", title, Links(), model, status=status)


def show(visit: Visit, words: Words) -> Html:
    """The page."""
    done = {"saved": "own.saved", "password": "own.password_saved", "revoked": "own.revoked"}
    key = done.get(visit.query.get("done", ""))
    return _page(visit, words, done=words.t(key) if key else None)


def _rename(visit: Visit, words: Words, form: Form) -> Html | Go:
    own = ports_of(visit).own
    locale = lang_in(form)
    own.rename(seen_in(form, own.account), form.text("name"), locale)
    return Go(f"{PATH}?done=saved", {LANG: locale})


def _password(visit: Visit, words: Words, form: Form) -> Html | Go:
    ports = ports_of(visit)
    ports.limits.take("password", visit.visitor.viewer.login)
    new, own = new_password(form, "new"), ports.own
    own.change_password(own.account, password_in(form, "old"), new, visit.visitor.session or "")
    return Go(f"{PATH}?done=password")


def _end(visit: Visit, words: Words, form: Form) -> Html | Go:
    ports_of(visit).own.end_session(form.text("session"))
    return Go(f"{PATH}#sessions")


def _end_others(visit: Visit, words: Words, form: Form) -> Html | Go:
    ended = ports_of(visit).own.end_others(visit.visitor.session or "")
    return _page(visit, words, done=words.t("own.ended", n=ended))


def _issue(visit: Visit, words: Words, form: Form) -> Html | Go:
    days = form.text("days", 9)
    rights = [right for right in RIGHTS if right in form.lists.get("rights", ())]
    units = tuple(dict.fromkeys(form.text("units", 2_000).split()))
    own = ports_of(visit).own
    issued = own.issue(form.text("name"), rights, units, int(days) if days.isascii() and days.isdigit() else 0)
    return _page(visit, words, issued=issued)


def _revoke(visit: Visit, words: Words, form: Form) -> Html | Go:
    ports_of(visit).own.revoke(form.text("prefix"))
    return Go(f"{PATH}?done=revoked")


_ACTS: Final[dict[str, Callable[[Visit, Words, Form], Html | Go]]] = {
    "about": _rename,
    "password": _password,
    "end": _end,
    "end_others": _end_others,
    "issue": _issue,
    "revoke": _revoke,
}


def act(visit: Visit, words: Words, form: Form) -> Html | Go:
    """Do what the form asks for; the page again with what is wrong."""
    asked = form.text("do")
    if visit.visitor.session is None or asked not in _ACTS:
        return _page(visit, words)
    try:
        return _ACTS[asked](visit, words, form)
    except AccountChangedError as error:
        return _page(visit, words, wrong=complaints(visit, error), at=asked, status=409)
    except InputError as error:
        return _page(visit, words, wrong=complaints(visit, error), at=asked, status=400)


OWN = Page("account", PATH, show, act=act, private=True)
