"""Behind a one-time link: set a password, and be signed in. Looking does not spend the link."""

from __future__ import annotations

from ganzhi.access.refused import NotSignedInError
from ganzhi.base.errors import InputError
from ganzhi.portal.door import SIGN_IN
from ganzhi.portal.forms import Form
from ganzhi.portal.links import Links
from ganzhi.portal.page import Go, Html, Page
from ganzhi.portal.pages.accounts.shared import come_in, complaints, new_password, ports_of
from ganzhi.portal.present import Words
from ganzhi.portal.refusal import Said
from ganzhi.portal.visit import Visit


def _form(visit: Visit, words: Words, wrong: tuple[Said, ...] = (), status: int = 200) -> Html:
    ports = ports_of(visit)
    ports.limits.take("link", visit.address)
    owner = ports.entry.invited(visit.codes["secret"])
    if owner is None:
        return Html("accounts/spent.html", words.t("welcome.spent"), Links(), {}, status=404)
    model = {"owner": owner, "wrong": wrong}
    return Html("accounts/welcome.html", words.t("welcome.title"), Links(), model, status=status)


def show(visit: Visit, words: Words) -> Html:
    """The form, or that the link is over."""
    return _form(visit, words)


def set_password(visit: Visit, words: Words, form: Form) -> Html | Go:
    """Set the password and let its owner in."""
    try:
        password = new_password(form, "password")
        started = ports_of(visit).entry.set_first_password(visit.codes["secret"], password, visit.agent)
    except (InputError, NotSignedInError) as error:
        return _form(visit, words, complaints(visit, error), 400)
    return Go(SIGN_IN) if started is None else come_in(visit, started, None)


WELCOME = Page("welcome", "/welcome/{secret}", show, act=set_password, private=True, public=True)
