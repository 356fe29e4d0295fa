"""Free questions: ask, see what runs, keep and share."""

from __future__ import annotations

from ganzhi.portal.page import Page
from ganzhi.portal.pages.ask.query import QUERY
from ganzhi.portal.pages.ask.running import RUNNING
from ganzhi.portal.pages.ask.saved import SAVED

ASK_PAGES: tuple[Page, ...] = (QUERY, SAVED, RUNNING)
