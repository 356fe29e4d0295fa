"""Signing in and out, one's own account, the accounts of others, the audit trail, a demonstration's front page."""

from __future__ import annotations

from ganzhi.portal.page import Page
from ganzhi.portal.pages.accounts.demo import DEMO
from ganzhi.portal.pages.accounts.listing import ACCOUNTS
from ganzhi.portal.pages.accounts.one import ACCOUNT
from ganzhi.portal.pages.accounts.own import OWN
from ganzhi.portal.pages.accounts.second import SECOND
from ganzhi.portal.pages.accounts.sign_in import ARRIVE, DEPART, SIGN_IN, SIGN_OUT
from ganzhi.portal.pages.accounts.trail import AUDIT
from ganzhi.portal.pages.accounts.welcome import WELCOME

ACCOUNT_PAGES: tuple[Page, ...] = (
    SIGN_IN,
    DEPART,
    ARRIVE,
    SIGN_OUT,
    WELCOME,
    OWN,
    SECOND,
    ACCOUNTS,
    ACCOUNT,
    AUDIT,
    DEMO,
)
