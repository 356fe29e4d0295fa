"""Signing in by password or by the identity provider, and signing out.

Whether a login exists shows nowhere: every failure has the same words, status and time. The way to
the provider is a link, because a policy for forms would stop the browser on its way there; a link
that another site put into its own page only leads to the sign-in page.
"""

from __future__ import annotations

from ganzhi.access.refused import NotSignedInError, TooManyAttemptsError
from ganzhi.base.errors import Issue
from ganzhi.portal.forms import Form
from ganzhi.portal.gate.cookies import DEPARTURE, SESSION
from ganzhi.portal.gate.demo import DEMO_PAGE
from ganzhi.portal.links import Links, url
from ganzhi.portal.page import Go, Html, Page
from ganzhi.portal.pages.accounts.shared import come_in, complaints, own_path, password_in, ports_of
from ganzhi.portal.present import Words
from ganzhi.portal.refusal import Said, said_of
from ganzhi.portal.visit import Visit

SIGN_IN_PATH = "/sign-in"
START_PATH = "/sign-in/oidc/start"


def _form(
    visit: Visit,
    words: Words,
    onward: str | None,
    login: str = "",
    wrong: tuple[Said, ...] = (),
    status: int = 200,
    wait_s: int | None = None,
) -> Html:
    entry = ports_of(visit).entry
    model = {
        "mode": entry.mode,
        "login": login,
        "onward": onward,
        "wrong": wrong,
        "provider": entry.provider,
        "start": url(START_PATH, {"next": onward}),
        "demo": url(DEMO_PAGE, {"next": onward}),
    }
    headers = {} if wait_s is None else {"Retry-After": str(wait_s)}
    return Html("accounts/sign_in.html", words.t("sign_in.title"), Links(), model, status=status, headers=headers)


def show(visit: Visit, words: Words) -> Html | Go:
    """The form; who is signed in already goes on."""
    onward = own_path(visit.query.get("next", ""))
    if visit.visitor.signed_in:
        return Go(onward or "/")
    failed = visit.query.get("failed") == "provider" and ports_of(visit).entry.provider is not None
    wrong = (said_of(visit, Issue("ACC023")),) if failed else ()
    return _form(visit, words, onward, wrong=wrong)


def sign_in(visit: Visit, words: Words, form: Form) -> Html | Go:
    """Sign in by password; the form again with what is wrong."""
    onward = own_path(form.values.get("next", ""))
    login = form.values.get("login", "").strip()[:200]
    try:
        entry, password = ports_of(visit).entry, password_in(form, "password")
        started = entry.by_password(login, password, visit.address, visit.agent, form.values.get("code", ""))
    except TooManyAttemptsError as error:
        return _form(visit, words, onward, login, complaints(visit, error), 429, error.wait_s)
    except NotSignedInError as error:
        return _form(visit, words, onward, login, complaints(visit, error), 401)
    return come_in(visit, started, onward)


def depart(visit: Visit, words: Words) -> Html | Go:
    """To the identity provider."""
    ports = ports_of(visit)
    onward = own_path(visit.query.get("next", ""))
    if ports.entry.provider is None or visit.cross_site:
        return Go(url(SIGN_IN_PATH, {"next": onward}))
    ports.limits.take("departure", visit.address)
    departure = ports.entry.depart(onward or "/")
    return Go(departure.address, {DEPARTURE: departure.secret})


def arrive(visit: Visit, words: Words) -> Html | Go:
    """Back from the identity provider."""
    entry = ports_of(visit).entry
    try:
        started, back_to = entry.arrive(visit.query, visit.cookies.get(DEPARTURE, ""), visit.agent)
    except NotSignedInError:
        # To a page of its own, so that what the provider sent stands in no address that is loaded again or passed on.
        return Go(url(SIGN_IN_PATH, {"failed": "provider"}), {DEPARTURE: None})
    onward = own_path(back_to)
    gone = come_in(visit, started, onward if onward != "/" else None)
    return Go(gone.to, {**gone.cookies, DEPARTURE: None})


def sure(visit: Visit, words: Words) -> Html:
    """Whether to sign out, for who comes here without the menu's button."""
    return Html("accounts/sign_out.html", words.t("sign_out.title"), Links(), {})


def sign_out(visit: Visit, words: Words, form: Form) -> Html | Go:
    """End this session."""
    if visit.visitor.session is not None:
        ports_of(visit).entry.end(visit.visitor.viewer.login, visit.visitor.session)
    return Go("/", {SESSION: None})


SIGN_IN = Page("sign_in", SIGN_IN_PATH, show, act=sign_in, private=True, public=True)
DEPART = Page("sign_in_departure", START_PATH, depart, private=True, public=True)
ARRIVE = Page("sign_in_arrival", "/sign-in/oidc", arrive, private=True, public=True)
SIGN_OUT = Page("sign_out", "/sign-out", sure, act=sign_out, private=True)
