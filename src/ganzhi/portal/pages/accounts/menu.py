"""The menu under a visitor's name."""

from __future__ import annotations

from functools import cache
from typing import Final

from ganzhi.portal.gate.demo import DEMO_PAGE
from ganzhi.portal.page import MY_PAGES
from ganzhi.portal.ports.accounts import Mode
from ganzhi.portal.present import Words
from ganzhi.portal.visit import Visit

_OF_ACCOUNTS: Final = ("/account", "/accounts", "/audit", DEMO_PAGE)


def _mode(visit: Visit) -> Mode | None:
    if visit.context.accounts is None:
        return None
    if visit.visitor.signed_in and visit.visitor.session is None:
        return "local"  # the gate lets nobody else in without a session
    return visit.context.accounts.entry.mode


@cache
def _paths() -> frozenset[str]:
    from ganzhi.portal.pages import PAGES  # noqa: PLC0415 - the list holds the pages that show this menu

    return frozenset(page.path for page in PAGES)


def my_pages(visit: Visit) -> list[tuple[str, str]]:
    """Name and path of each page in the visitor's menu."""
    there, mode = _paths(), _mode(visit)
    return [
        (name, path)
        for name, path, right in MY_PAGES
        if path in there
        and (right is None or visit.visitor.viewer.may(right))
        and (path not in _OF_ACCOUNTS or mode is not None)
        and (path != DEMO_PAGE or mode == "demo")
        and (path != "/audit" or not visit.visitor.viewer.units)
    ]


def who(visit: Visit, words: Words) -> str:
    """What the visitor is called: a demonstration's roles, which are nobody, in the language of the page."""
    viewer, ports = visit.visitor.viewer, visit.context.accounts
    if ports is not None and visit.visitor.session is None:
        return words.t("me.local")
    if ports is not None and ports.entry.mode == "demo":
        for role in ports.entry.demo_roles:
            if viewer.login == f"demo-{role.id}":
                return words.t(f"demo.role.{role.id}")
    return viewer.name
