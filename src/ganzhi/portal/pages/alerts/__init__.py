"""Pages of warnings: the list, one warning with what may be done about it."""

from __future__ import annotations

from ganzhi.portal.page import Page
from ganzhi.portal.pages.alerts.listing import ALERTS
from ganzhi.portal.pages.alerts.one import ALERT

ALERT_PAGES: tuple[Page, ...] = (ALERTS, ALERT)
