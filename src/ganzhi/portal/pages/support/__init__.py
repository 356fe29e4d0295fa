"""Pages of reports: which were made, and the monthly one on support services."""

from __future__ import annotations

from ganzhi.portal.page import Page
from ganzhi.portal.pages.support.listing import REPORT_LIST
from ganzhi.portal.pages.support.report import LATEST, SUPPORT

SUPPORT_PAGES: tuple[Page, ...] = (REPORT_LIST, LATEST, SUPPORT)
