"""Pages of reports: which were made, and the monthly one on support services."""

from __future__ import annotations

from ganzhi.portal.page import Download, Page
from ganzhi.portal.pages.support.earlier import EARLIER_FILE, EARLIER_REPORTS
from ganzhi.portal.pages.support.listing import REPORT_LIST
from ganzhi.portal.pages.support.report import LATEST, SUPPORT

SUPPORT_PAGES: tuple[Page, ...] = (REPORT_LIST, EARLIER_REPORTS, LATEST, SUPPORT)
SUPPORT_FILES: tuple[Download, ...] = (EARLIER_FILE,)
