"""One's own second factor: set up with a key that is shown once, confirmed by a code, renewed, turned off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ganzhi.access.second.factor import Begun
from ganzhi.base.errors import InputError, Issue
from ganzhi.portal.charts.qr import qr_code
from ganzhi.portal.forms import Form
from ganzhi.portal.gate.cookies import SESSION
from ganzhi.portal.links import Links
from ganzhi.portal.page import Go, Html, Page
from ganzhi.portal.pages.accounts.shared import complaints, landing, password_in, ports_of
from ganzhi.portal.present import Words
from ganzhi.portal.refusal import Said
from ganzhi.portal.visit import Visit

PATH: Final = "/account/second"


def _page(
    visit: Visit,
    words: Words,
    *,
    begun: Begun | None = None,
    codes: tuple[str, ...] = (),
    wrong: tuple[Said, ...] = (),
    at: str = "",
    status: int = 200,
) -> Html:
    """begun, codes: what is shown this once. at: id of the form that `wrong` belongs to."""
    title = words.t("second.title")
    if visit.visitor.session is None:
        return Html("accounts/none.html", title, Links(), {})
    own = ports_of(visit).own
    account, second = own.account, own.second
    factor = second.of(account.login)
    model = {
        "may": second.may(account),
        "must": second.must(account),
        "factor": factor,
        "left": second.codes_left(account.login) if factor else 0,
        "begun": begun,
        "qr": qr_code(begun.address, words.t("second.qr", login=account.login)) if begun else None,
        "confirming": begun is not None or at == "confirm",
        "codes": codes,
        "landing": landing(visit.visitor.viewer),
        "wrong": wrong,
        "at": at,
        "login": account.login,
    }
    return Html("accounts/second.html", title, Links(), model, status=status)


def show(visit: Visit, words: Words) -> Html:
    """The page."""
    return _page(visit, words)


def _begin(visit: Visit, words: Words, form: Form) -> Html | Go:
    ports = ports_of(visit)
    ports.limits.take("password", visit.visitor.viewer.login)
    own = ports.own
    if not own.fits(password_in(form, "password")):
        raise InputError(Issue("POR044", "password"))
    return _page(visit, words, begun=own.second.begin(own.account))


def _confirm(visit: Visit, words: Words, form: Form) -> Html | Go:
    ports = ports_of(visit)
    ports.limits.take("password", visit.visitor.viewer.login)
    codes = ports.own.second.confirm(ports.own.account, form.text("code", 40), keep=visit.visitor.session or "")
    return _page(visit, words, codes=codes)


def _renew(visit: Visit, words: Words, form: Form) -> Html | Go:
    ports = ports_of(visit)
    ports.limits.take("password", visit.visitor.viewer.login)
    return _page(visit, words, codes=ports.own.second.renew_codes(ports.own.account, form.text("code", 40)))


def _give_up(visit: Visit, words: Words, form: Form) -> Html | Go:
    ports = ports_of(visit)
    ports.limits.take("password", visit.visitor.viewer.login)
    account = ports.own.account
    if ports.own.second.must(account):
        raise InputError(Issue("ACC060", account.login))
    ports.own.second.give_up(account, form.text("code", 40))
    return Go("/", {SESSION: None})


_ACTS: Final[dict[str, Callable[[Visit, Words, Form], Html | Go]]] = {
    "begin": _begin,
    "confirm": _confirm,
    "renew": _renew,
    "give_up": _give_up,
}


def act(visit: Visit, words: Words, form: Form) -> Html | Go:
    """Do what the form asks for; the page again with what is wrong."""
    asked = form.text("do")
    if visit.visitor.session is None or asked not in _ACTS:
        return _page(visit, words)
    try:
        return _ACTS[asked](visit, words, form)
    except InputError as error:
        return _page(visit, words, wrong=complaints(visit, error), at=asked, status=400)


SECOND = Page("account_second", PATH, show, act=act, private=True)
