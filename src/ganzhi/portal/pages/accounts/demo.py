"""A demonstration's front page: the roles, what each sees, and one click to come in as one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.exceptions import HTTPException

from ganzhi.access.rights import RIGHTS, ROLES
from ganzhi.portal.forms import Form
from ganzhi.portal.gate.cookies import LANG
from ganzhi.portal.gate.demo import DEMO_PAGE
from ganzhi.portal.links import Links
from ganzhi.portal.page import Go, Html, Page
from ganzhi.portal.pages.accounts.shared import come_in, own_path, ports_of
from ganzhi.portal.ports.accounts import Entry
from ganzhi.portal.present import Words
from ganzhi.portal.visit import Visit

BEGINS: Final[Mapping[str, str]] = {
    "/overview": "nav.overview",
    "/topics": "nav.topics",
    "/accounts": "me.accounts",
    "/blueprints/panorama": "support_map.title",
    "/traces": "trace.title",
}
"""What the pages are called that a role's visit begins with."""


def _entry(visit: Visit) -> Entry:
    """The way in of a demonstration; 404 anywhere else."""
    entry = ports_of(visit).entry
    if entry.mode != "demo":
        raise HTTPException(404)
    return entry


def show(visit: Visit, words: Words) -> Html:
    """The roles."""
    roles = _entry(visit).demo_roles
    model = {
        "roles": roles,
        "rights": {role.id: tuple(right for right in RIGHTS if right in ROLES[role.role].rights) for role in roles},
        "landing": {role.id: BEGINS[ROLES[role.role].landing] for role in roles},
        "units": ports_of(visit).entry.unit_names,
        "onward": own_path(visit.query.get("next", "")),
    }
    return Html("accounts/demo.html", words.t("demo.title"), Links(), model)


def choose(visit: Visit, words: Words, form: Form) -> Html | Go:
    """Come in as a role."""
    entry, wanted = _entry(visit), form.text("role", 40)
    role = next((role for role in entry.demo_roles if role.id == wanted), None)
    if role is None:
        return show(visit, words)
    onward = own_path(form.values.get("next", ""))
    gone = come_in(visit, entry.as_demo(role, visit.agent, visit.lang), onward)
    # Its accounts are nobody's, and so is their language.
    return Go(gone.to, {**gone.cookies, LANG: visit.lang})


DEMO = Page("demo", DEMO_PAGE, show, act=choose, private=True, public=True)
