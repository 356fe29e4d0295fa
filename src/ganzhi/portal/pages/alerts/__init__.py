"""Pages of warnings: the list, one warning with what may be done about it."""

from __future__ import annotations

from ganzhi.portal.page import Download, Page
from ganzhi.portal.pages.alerts.daily import DAILY, REPORT
from ganzhi.portal.pages.alerts.listing import ALERTS
from ganzhi.portal.pages.alerts.one import ALERT
from ganzhi.portal.pages.alerts.sample import SAMPLE
from ganzhi.portal.pages.alerts.thresholds import TABLES, THRESHOLDS
from ganzhi.portal.pages.alerts.version import VERSION

ALERT_PAGES: tuple[Page, ...] = (ALERTS, THRESHOLDS, VERSION, DAILY, REPORT, SAMPLE, ALERT)
ALERT_FILES: tuple[Download, ...] = TABLES
